// Package mail sends mail by SMTP, in text and HTML.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail. The same ID makes the same mail: who gets it twice may see that.
type Message struct {
	ID      string
	To      []string
	Subject string
	Plain   string
	HTML    string
	Date    time.Time
}

// Server is a mail server.
type Server struct {
	host     string
	port     int
	user     string
	password string
	// secure begins with TLS, else policy says whether it comes later.
	secure bool
	policy gomail.TLSPolicy
}

const (
	smtpPort  = 587
	smtpsPort = 465
)

// policies are what the parameter tls of an address may say.
var policies = map[string]gomail.TLSPolicy{
	"":         gomail.TLSMandatory,
	"required": gomail.TLSMandatory,
	"possible": gomail.TLSOpportunistic,
	"none":     gomail.NoTLS,
}

// ParseServer reads smtp://USER:PASSWORD@HOST:PORT, which goes on in TLS once it is connected, or smtps://, which begins
// in TLS. With ?tls=possible or ?tls=none it does without where there is none, or at all.
func ParseServer(address string) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		// What was wrong is not repeated: it has the password in it.
		return nil, errors.New("must be an address such as smtp://user:password@mail.example.com:587")
	}
	s := &Server{host: u.Hostname(), port: smtpPort, user: u.User.Username(), secure: u.Scheme == "smtps"}
	s.password, _ = u.User.Password()
	if s.secure {
		s.port = smtpsPort
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("has a port that is no number")
		}
	}
	policy, known := policies[u.Query().Get("tls")]
	if !known {
		return nil, errors.New("may say tls=required, tls=possible or tls=none")
	}
	s.policy = policy
	return s, nil
}

// CheckAddress reports whether an address can be written to. It is one address without a name.
func CheckAddress(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address && len(address) <= 254 && strings.Contains(address[strings.LastIndex(address, "@"):], ".")
}

// Sender sends mail.
type Sender struct {
	// Server is nil where there is none: mail is then only told of in the log.
	Server *Server
	// From is the sender's address, with or without a name.
	From string
	// Folder is where mail is written to where there is no server; empty is nowhere.
	Folder string
	Log    *slog.Logger
}

// Error is why a mail was not sent. It has no address in it.
type Error struct {
	// Unsure says that the server may have taken it all the same.
	Unsure bool
	// Lasting says that another try is of no use.
	Lasting bool
	reason  string
}

// Error implements error.
func (e *Error) Error() string { return "send mail: " + e.reason }

const timeout = 15 * time.Second

// Send hands the mail to the server. Its errors are of the type Error.
func (s *Sender) Send(ctx context.Context, m *Message) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	if s.Server == nil {
		return s.keep(m, message)
	}
	client, err := s.Server.client()
	if err != nil {
		return &Error{Lasting: true, reason: err.Error()}
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() {
		return nil
	}
	return toError(err)
}

func (s *Server) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(s.port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(s.policy)}
	if s.secure {
		options = append(options, gomail.WithSSL())
	}
	if s.user != "" {
		kind := gomail.SMTPAuthAutoDiscover
		if s.policy == gomail.NoTLS && !s.secure {
			kind = gomail.SMTPAuthPlainNoEnc // as the address says
		}
		options = append(options, gomail.WithSMTPAuth(kind), gomail.WithUsername(s.user), gomail.WithPassword(s.password))
	}
	return gomail.NewClient(s.host, options...)
}

func toError(err error) *Error {
	failure := &Error{reason: "the mail server cannot be reached"}
	if refused, ok := errors.AsType[*gomail.SendError](err); ok {
		failure.reason = fmt.Sprintf("%s (code %d)", refused.Reason, refused.ErrorCode())
		failure.Lasting = refused.ErrorCode() >= 500
		failure.Unsure = refused.Reason == gomail.ErrSMTPDataClose && refused.ErrorCode() == 0
	} else if _, ok := errors.AsType[net.Error](err); !ok {
		failure.reason = "the mail server did not let us in, or speaks no TLS"
	}
	return failure
}

// message builds the mail. Answers that a machine writes to it, such as those of who is away, are asked not to come.
func (s *Sender) message(m *Message) (*gomail.Msg, error) {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.From(s.From); err != nil {
		return nil, &Error{Lasting: true, reason: "the sender's address is not right"}
	}
	if err := message.To(m.To...); err != nil {
		return nil, &Error{Lasting: true, reason: "an address is not right"}
	}
	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID + "@" + s.domain())
	message.SetDateWithValue(m.Date)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.Plain)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return message, nil
}

// domain is what comes after the @ of the sender.
func (s *Sender) domain() string {
	parsed, err := mail.ParseAddress(s.From)
	if err != nil {
		return "localhost"
	}
	return parsed.Address[strings.LastIndex(parsed.Address, "@")+1:]
}

// keep is for a demo and for who has no mail server: the mail is written to the folder, and the log says so. A line of
// the log has no address in it.
func (s *Sender) keep(m *Message, message *gomail.Msg) error {
	if s.Folder == "" {
		s.Log.Warn("mail not sent: SMTP_URL is not set", "mail", m.ID, "subject", m.Subject, "recipients", len(m.To))
		return nil
	}
	if err := os.MkdirAll(s.Folder, 0o700); err != nil {
		return &Error{reason: err.Error()}
	}
	path := filepath.Join(s.Folder, m.Date.UTC().Format("2006-01-02T15-04-05")+"-"+m.ID)
	if err := message.WriteToFile(path + ".eml"); err != nil {
		return &Error{reason: err.Error()}
	}
	if err := os.WriteFile(path+".html", []byte(m.HTML), 0o600); err != nil {
		return &Error{reason: err.Error()}
	}
	s.Log.Warn("mail written to a file: there is no mail server", "subject", m.Subject, "recipients", len(m.To), "file", path+".html")
	return nil
}

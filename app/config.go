package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/shops"
)

// Config is every setting. Each comes from the environment; the table in the README says what it means.
type Config struct {
	Listen        string `env:"LISTEN" envDefault:":8080"`
	MetricsListen string `env:"METRICS_LISTEN"`
	AppURL        string `env:"APP_URL"`
	DatabaseURL   string `env:"DATABASE_URL" envDefault:"sqlite:data/tagtrail.db" secret:"true"`
	RedisURL      string `env:"REDIS_URL" secret:"true"`
	RedisPrefix   string `env:"REDIS_PREFIX" envDefault:"tagtrail"`
	FilesURL      string `env:"FILES_URL" envDefault:"file:data/files"`
	SMTPURL       string `env:"SMTP_URL" secret:"true"`
	MailFrom      string `env:"MAIL_FROM" envDefault:"Tagtrail <tagtrail@localhost>"`

	ShopifyClientID     string `env:"SHOPIFY_CLIENT_ID"`
	ShopifyClientSecret string `env:"SHOPIFY_CLIENT_SECRET" secret:"true"`
	ShopifyOldSecret    string `env:"SHOPIFY_OLD_SECRET" secret:"true"`
	ShopifyURL          string `env:"SHOPIFY_URL" envDefault:"https://{shop}"`
	ShopifyAdminURL     string `env:"SHOPIFY_ADMIN_URL" envDefault:"https://admin.shopify.com/store/{handle}"`
	AppBridgeURL        string `env:"APP_BRIDGE_URL" envDefault:"https://cdn.shopify.com/shopifycloud/app-bridge.js"`
	PolarisURL          string `env:"POLARIS_URL" envDefault:"https://cdn.shopify.com/shopifycloud/polaris-1.js"`
	FrameAncestors      string `env:"FRAME_ANCESTORS"`

	EncryptionKeys string `env:"ENCRYPTION_KEYS" secret:"true"`
	Billing        string `env:"BILLING" envDefault:"none"`

	WorkerConcurrency   int   `env:"WORKER_CONCURRENCY" envDefault:"16"`
	WebhookRetrySeconds []int `env:"WEBHOOK_RETRY_SECONDS" envDefault:"10,30,60,180,480,1080,1800"`
	StopSeconds         int   `env:"STOP_SECONDS" envDefault:"20"`

	StreamsAllowPrivate bool `env:"STREAMS_ALLOW_PRIVATE" envDefault:"false"`
	StreamsGiveUpHours  int  `env:"STREAMS_GIVE_UP_HOURS" envDefault:"72"`

	Environment string `env:"ENVIRONMENT" envDefault:"production"`
	LogLevel    string `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat   string `env:"LOG_FORMAT" envDefault:"text"`

	// sealer is made of EncryptionKeys by check.
	sealer *shops.Sealer
	// mailServer is SMTPURL, read by check.
	mailServer *mail.Server
	// mailFolder is where the demo writes mail to.
	mailFolder string
}

// ReadConfig reads the settings from the environment and names every problem at once.
func ReadConfig() (*Config, error) { return parseConfig(env.ToMap(os.Environ())) }

func parseConfig(environment map[string]string) (*Config, error) {
	c := &Config{}
	var problems []error
	if err := env.ParseWithOptions(c, env.Options{Environment: environment}); err != nil {
		var all env.AggregateError
		if !errors.As(err, &all) {
			all.Errors = []error{err}
		}
		problems = append(problems, all.Errors...)
	}
	problems = append(problems, c.check()...)
	if len(problems) == 0 {
		return c, nil
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = "  - " + strings.TrimPrefix(p.Error(), "env: ")
	}
	return nil, fmt.Errorf("the settings are not right:\n%s", strings.Join(lines, "\n"))
}

// check names what is wrong with the settings taken together.
func (c *Config) check() []error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	required := []struct{ name, value, what string }{
		{"APP_URL", c.AppURL, "the https address at which Shopify reaches this server"},
		{"SHOPIFY_CLIENT_ID", c.ShopifyClientID, "the app's client id, from the Dev Dashboard"},
		{"SHOPIFY_CLIENT_SECRET", c.ShopifyClientSecret, "the app's client secret, from the Dev Dashboard"},
		{"ENCRYPTION_KEYS", c.EncryptionKeys, "a key for the tokens at rest: echo \"1:$(openssl rand -base64 32)\""},
	}
	for _, r := range required {
		if r.value == "" {
			wrong("%s is not set: give %s", r.name, r.what)
		}
	}
	if c.AppURL != "" {
		if u, err := url.Parse(c.AppURL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			wrong("APP_URL must be an address such as https://tagtrail.example.com")
		}
	}
	if c.EncryptionKeys != "" {
		sealer, err := shops.ParseKeys(c.EncryptionKeys)
		if err != nil {
			wrong("ENCRYPTION_KEYS: %w", err)
		}
		c.sealer = sealer
	}
	if !strings.HasPrefix(c.DatabaseURL, "sqlite:") && !strings.HasPrefix(c.DatabaseURL, "postgres") {
		wrong("DATABASE_URL must begin with postgres:// or sqlite:")
	}
	problems = append(problems, c.checkMail()...)
	if b := shops.Billing(c.Billing); b != shops.BillingNone && b != shops.BillingShopify {
		wrong("BILLING must be none or shopify, not %q", c.Billing)
	}
	if c.Environment != "production" && c.Environment != "development" {
		wrong("ENVIRONMENT must be production or development, not %q", c.Environment)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		wrong("LOG_FORMAT must be text or json, not %q", c.LogFormat)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		wrong("LOG_LEVEL must be debug, info, warn or error, not %q", c.LogLevel)
	}
	if c.WorkerConcurrency < 1 || c.WorkerConcurrency > 1000 {
		wrong("WORKER_CONCURRENCY must be between 1 and 1000")
	}
	if len(c.WebhookRetrySeconds) == 0 || len(c.WebhookRetrySeconds) > 50 {
		wrong("WEBHOOK_RETRY_SECONDS must name between 1 and 50 pauses")
	}
	for _, seconds := range c.WebhookRetrySeconds {
		if seconds < 0 {
			wrong("WEBHOOK_RETRY_SECONDS must not be negative")
		}
	}
	if c.StreamsGiveUpHours < 1 {
		wrong("STREAMS_GIVE_UP_HOURS must be at least 1")
	}
	if c.StopSeconds < 1 {
		wrong("STOP_SECONDS must be at least 1")
	}
	return problems
}

// checkMail reads where mail is handed in, and names what is wrong with it.
func (c *Config) checkMail() []error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.SMTPURL != "" {
		server, err := mail.ParseServer(c.SMTPURL)
		if err != nil {
			wrong("SMTP_URL %w", err)
		}
		c.mailServer = server
	}
	if _, err := netmail.ParseAddress(c.MailFrom); err != nil {
		wrong("MAIL_FROM must be an address such as Tagtrail <tagtrail@example.com>")
	}
	return problems
}

func (c *Config) waits() []time.Duration {
	waits := make([]time.Duration, len(c.WebhookRetrySeconds))
	for i, seconds := range c.WebhookRetrySeconds {
		waits[i] = time.Duration(seconds) * time.Second
	}
	return waits
}

// LogValue shows the settings with secrets reduced to "set".
func (c *Config) LogValue() slog.Value {
	var attrs []slog.Attr
	c.each(func(name, shown string) { attrs = append(attrs, slog.String(name, shown)) })
	return slog.GroupValue(attrs...)
}

// shown returns the settings likewise.
func (c *Config) shown() map[string]string {
	settings := map[string]string{}
	c.each(func(name, shown string) { settings[name] = shown })
	return settings
}

func (c *Config) each(show func(name, shown string)) {
	value := reflect.ValueOf(*c)
	for i := range value.NumField() {
		field := value.Type().Field(i)
		name := field.Tag.Get("env")
		if name == "" {
			continue
		}
		shown := fmt.Sprint(value.Field(i).Interface())
		if field.Tag.Get("secret") == "true" && shown != "" {
			shown = "set"
		}
		show(name, shown)
	}
}

// NewLogger returns the program's own log.
func (c *Config) NewLogger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // check has refused it already
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func (c *Config) embedded() bool { return c.RedisURL == "" }

func (c *Config) stopAfter() time.Duration { return time.Duration(c.StopSeconds) * time.Second }

// fileKey signs links to files. It follows from the client secret, so that all processes have the same, and a link ends
// when the secret is replaced.
func (c *Config) fileKey() []byte {
	mac := hmac.New(sha256.New, []byte(c.ShopifyClientSecret))
	mac.Write([]byte("tagtrail links to files"))
	return mac.Sum(nil)
}

// webhookURL is where Shopify is told to deliver.
func (c *Config) webhookURL() string { return strings.TrimSuffix(c.AppURL, "/") + "/webhooks/shopify" }

// sourcesURL is where senders other than Shopify are told to send, each with its id behind it.
func (c *Config) sourcesURL() string { return strings.TrimSuffix(c.AppURL, "/") + "/webhooks/sources" }

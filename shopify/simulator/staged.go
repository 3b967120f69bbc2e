package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The storage is another host to Shopify's clients; here it is two folders that take no access token.
const (
	storagePath = "/__storage/"
	uploadPath  = storagePath + "uploads/"
	resultPath  = storagePath + "results/"
)

// stagedFile is a place that was made for an upload, and what arrived there.
type stagedFile struct {
	parameters [][2]string
	put        bool
	arrived    bool
	size       int64
	body       []byte
}

func signatureOf(parts ...string) string {
	return hex.EncodeToString(macOf([]byte(strings.Join(parts, "\n")), "storage"))
}

func stagedUploadsCreate(c *call) (any, error) {
	ins, _ := c.args["input"].([]any)
	targets := []any{}
	for _, v := range ins {
		in := input(v.(map[string]any))
		if in.str("resource") != "BULK_MUTATION_VARIABLES" {
			return nil, &gqlError{
				message: "The simulator does not support staged uploads of the resource '" + in.str("resource") + "' yet",
				code:    "SIMULATOR_UNSUPPORTED",
			}
		}
		targets = append(targets, c.stage(in))
	}
	return payload("stagedTargets", targets), nil
}

func (c *call) stage(in input) value {
	key := fmt.Sprintf("tmp/%d/bulk/%s/%s", c.st.id, uuid.NewString(), in.str("filename"))
	date := c.x.now().Format("20060102T150405Z")
	credential := "simulator/" + date[:8] + "/auto/storage/goog4_request"
	policy := base64.StdEncoding.EncodeToString([]byte(`{"conditions":[{"key":"` + key + `"}]}`))
	f := &stagedFile{put: in.str("httpMethod") != "POST"}
	address := c.x.base + uploadPath
	if f.put {
		query := url.Values{
			"X-Goog-Algorithm":     {"GOOG4-RSA-SHA256"},
			"X-Goog-Credential":    {credential},
			"X-Goog-Date":          {date},
			"X-Goog-Expires":       {"604800"},
			"X-Goog-SignedHeaders": {"host"},
			"X-Goog-Signature":     {signatureOf(key, date)},
		}
		address += key + "?" + query.Encode()
		f.parameters = [][2]string{{"content_type", in.str("mimeType")}, {"acl", "private"}}
	} else {
		f.parameters = [][2]string{
			{"Content-Type", in.str("mimeType")},
			{"success_action_status", "201"},
			{"acl", "private"},
			{"key", key},
			{"x-goog-date", date},
			{"x-goog-credential", credential},
			{"x-goog-algorithm", "GOOG4-RSA-SHA256"},
			{"x-goog-signature", signatureOf(key, date)},
			{"policy", policy},
		}
	}
	c.st.uploads[key] = f
	var list []any
	for _, p := range f.parameters {
		list = append(list, value{data: map[string]any{"name": p[0], "value": p[1]}})
	}
	return value{data: map[string]any{"url": address, "resourceUrl": address, "parameters": list}}
}

// serveStorage takes uploads and gives out result files.
func (s *Simulator) serveStorage(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	status := s.storage(w, r)
	s.requests.add(LogEntry{
		At:         began.UTC(),
		Kind:       "storage",
		Operation:  r.Method,
		Status:     status,
		DurationMS: float64(time.Since(began).Microseconds()) / 1000,
	})
}

// storage answers and returns the status; 0 is an answer that broke off.
func (s *Simulator) storage(w http.ResponseWriter, r *http.Request) int {
	switch {
	case r.Header.Get("X-Shopify-Access-Token") != "" || r.Header.Get("Authorization") != "":
		// Shopify's storage is another company's: a token that goes there has leaked.
		return storageError(w, http.StatusBadRequest, "InvalidArgument", "A credential of the Admin API was sent to the storage")
	case r.Method == http.MethodPost && r.URL.Path == uploadPath:
		return s.takeForm(w, r)
	case r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, uploadPath):
		return s.takeFile(w, r, strings.TrimPrefix(r.URL.Path, uploadPath))
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, resultPath):
		return s.serveResult(w, r, strings.TrimPrefix(r.URL.Path, resultPath))
	}
	return storageError(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
}

func storageError(w http.ResponseWriter, status int, code, message string) int {
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	return status
}

// staged finds the place of an upload in whichever shop made it.
func (s *Simulator) staged(key string) (*store, *stagedFile) {
	for _, st := range s.shops {
		st.mu.RLock()
		f := st.uploads[key]
		st.mu.RUnlock()
		if f != nil {
			return st, f
		}
	}
	return nil, nil
}

// takeForm is an upload by POST: every parameter as it was given, and then the file.
func (s *Simulator) takeForm(w http.ResponseWriter, r *http.Request) int {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return storageError(w, http.StatusPreconditionFailed, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data")
	}
	if r.ContentLength < 0 {
		return storageError(w, http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	form := multipart.NewReader(r.Body, params["boundary"])
	given := map[string]string{}
	for {
		part, err := form.NextPart()
		if err != nil {
			return storageError(w, http.StatusBadRequest, "InvalidArgument", "The form has no file")
		}
		if part.FormName() == "file" {
			return s.takePart(w, part, r.ContentLength, given)
		}
		text, err := io.ReadAll(io.LimitReader(part, 64<<10))
		if err != nil {
			return storageError(w, http.StatusBadRequest, "IncompleteBody", "The form broke off")
		}
		given[part.FormName()] = string(text)
	}
}

func (s *Simulator) takePart(w http.ResponseWriter, part io.Reader, announced int64, given map[string]string) int {
	key := given["key"]
	st, f := s.staged(key)
	if f == nil || f.put {
		return storageError(w, http.StatusForbidden, "AccessDenied", "The form has no key that was signed before its file")
	}
	for _, p := range f.parameters {
		if given[p[0]] != p[1] {
			return storageError(w, http.StatusForbidden, "AccessDenied", "The field "+p[0]+" was not sent as it was signed")
		}
	}
	sum, err := s.keep(st, f, part, announced)
	if err != nil {
		return storageError(w, err.status, err.code, err.message)
	}
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, "<?xml version='1.0' encoding='UTF-8'?><PostResponse><Location>https://storage.googleapis.com/shopify-staged-uploads/%s</Location><Bucket>shopify-staged-uploads</Bucket><Key>%s</Key><ETag>\"%s\"</ETag></PostResponse>", key, key, sum)
	return http.StatusCreated
}

// takeFile is an upload by PUT: the body is the file, the address holds what was signed.
func (s *Simulator) takeFile(w http.ResponseWriter, r *http.Request, key string) int {
	st, f := s.staged(key)
	q := r.URL.Query()
	if f == nil || !f.put || q.Get("X-Goog-Signature") != signatureOf(key, q.Get("X-Goog-Date")) {
		return storageError(w, http.StatusForbidden, "SignatureDoesNotMatch", "Access denied.")
	}
	if _, err := s.keep(st, f, r.Body, r.ContentLength); err != nil {
		return storageError(w, err.status, err.code, err.message)
	}
	w.WriteHeader(http.StatusOK)
	return http.StatusOK
}

type storageTrouble struct {
	status        int
	code, message string
}

// maxFrame is the most bytes of a form around its file.
const maxFrame = 64 << 10

// keep reads a file to its end. Of one that is much too large only its size is kept.
func (s *Simulator) keep(st *store, f *stagedFile, from io.Reader, announced int64) (sum string, trouble *storageTrouble) {
	if s.faults.strikes("upload_refused", st.Domain, "stagedUploadsCreate", "bulkOperationRunMutation") {
		return "", &storageTrouble{http.StatusServiceUnavailable, "ServiceUnavailable", "Backend error. Please try again."}
	}
	hash := sha256.New()
	var body bytes.Buffer
	into := io.MultiWriter(hash, &body)
	if announced > maxBulkFile+maxFrame {
		into = hash
	} else {
		body.Grow(int(max(announced, 0)) + bytes.MinRead)
	}
	size, err := io.Copy(into, from)
	if err != nil {
		return "", &storageTrouble{http.StatusBadRequest, "IncompleteBody", "The body broke off"}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	f.arrived, f.size, f.body = true, size, body.Bytes()
	return hex.EncodeToString(hash.Sum(nil)[:16]), nil
}

var errNoResult = errors.New("no such result")

// resultFile finds a result by the name of its file.
func (s *Simulator) resultFile(key string) (*bulkOperation, []byte, error) {
	for _, st := range s.shops {
		st.mu.RLock()
		for _, b := range st.bulks.list {
			if b.key == key && b.ended() {
				raw := b.result.Bytes() // nobody writes to it any more
				st.mu.RUnlock()
				return b, raw, nil
			}
		}
		st.mu.RUnlock()
	}
	return nil, nil, errNoResult
}

func (s *Simulator) serveResult(w http.ResponseWriter, r *http.Request, key string) int {
	b, raw, err := s.resultFile(key)
	if err != nil {
		return storageError(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	expires := r.URL.Query().Get("Expires")
	shop, field := b.st.Domain, b.rootField()
	switch {
	case r.URL.Query().Get("Signature") != signatureOf(key, expires):
		return storageError(w, http.StatusForbidden, "SignatureDoesNotMatch", "Access denied.")
	case time.Now().Unix() >= atoi(expires) || s.faults.strikes("bulk_result_expired", shop, field):
		return storageError(w, http.StatusBadRequest, "ExpiredToken", "Invalid argument.")
	case s.faults.strikes("bulk_result_unreachable", shop, field):
		return storageError(w, http.StatusServiceUnavailable, "ServiceUnavailable", "Backend error. Please try again.")
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Length", itoa(int64(len(raw))))
	if s.faults.strikes("bulk_result_cut", shop, field) {
		_, _ = w.Write(raw[:len(raw)/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		hangUp(w)
		return 0
	}
	_, _ = w.Write(raw)
	return http.StatusOK
}

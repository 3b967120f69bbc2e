package shopify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
)

// MaxBulkFile is the most bytes that Shopify takes in a file for a bulk mutation.
const MaxBulkFile = 100 << 20

type stagedUploadInput struct {
	Resource   string `json:"resource"`
	Filename   string `json:"filename"`
	MimeType   string `json:"mimeType"`
	HTTPMethod string `json:"httpMethod"`
	FileSize   string `json:"fileSize"`
}

type stagedUploadVars struct {
	Input []stagedUploadInput `json:"input,omitempty"`
}

type stagedTargetWire struct {
	URL        string `json:"url"`
	Parameters []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"parameters"`
}

type stagedUploadData struct {
	Payload *struct {
		Targets    []stagedTargetWire `json:"stagedTargets"`
		UserErrors []userErrorWire    `json:"userErrors"`
	} `json:"stagedUploadsCreate"`
}

var stagedUploadOperation = operation[stagedUploadVars, stagedUploadData]{name: "StagedUpload", cost: 11}

func bulkFile(name string, size int64) stagedUploadInput {
	return stagedUploadInput{
		Resource:   "BULK_MUTATION_VARIABLES",
		Filename:   name,
		MimeType:   "text/jsonl",
		HTTPMethod: http.MethodPost,
		FileSize:   strconv.FormatInt(size, 10),
	}
}

// Upload stages a file of variables for a bulk mutation and returns its path, for BulkTags. body has size bytes, at most
// MaxBulkFile, and is streamed. After an error nothing is kept: upload again, from the top.
func (c *Client) Upload(ctx context.Context, name string, size int64, body io.Reader) (string, Cost, error) {
	if size < 1 || size > MaxBulkFile {
		return "", Cost{}, &Error{Kind: Invalid, Operation: stagedUploadOperation.name, Shop: c.shop, Message: "a file must have 1 byte to 100 MB"}
	}
	data, cost, err := stagedUploadOperation.run(ctx, c, stagedUploadVars{Input: []stagedUploadInput{bulkFile(name, size)}})
	if err != nil {
		return "", cost, err
	}
	if data.Payload == nil {
		return "", cost, c.lacks(stagedUploadOperation.name, "the place for the file")
	}
	if err := c.userErrors(stagedUploadOperation.name, data.Payload.UserErrors); err != nil {
		return "", cost, err
	}
	if len(data.Payload.Targets) != 1 {
		return "", cost, c.lacks(stagedUploadOperation.name, "the place for the file")
	}
	target := data.Payload.Targets[0]
	path := ""
	for _, p := range target.Parameters {
		if p.Name == "key" {
			path = p.Value
		}
	}
	if path == "" {
		return "", cost, c.lacks(stagedUploadOperation.name, "the path of the file")
	}
	err = label(c.app.upload(ctx, target, name, size, body), stagedUploadOperation.name, c.shop)
	if err != nil {
		return "", cost, err
	}
	return path, cost, nil
}

// upload posts a form: every parameter as it was given, and the file last, which is how the storage wants it.
func (a *App) upload(ctx context.Context, target stagedTargetWire, name string, size int64, body io.Reader) error {
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	for _, p := range target.Parameters {
		if err := form.WriteField(p.Name, p.Value); err != nil {
			return fmt.Errorf("write the form: %w", err)
		}
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", multipart.FileContentDisposition("file", name))
	h.Set("Content-Type", "text/jsonl")
	if _, err := form.CreatePart(h); err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	head := frame.Len()
	if err := form.Close(); err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	before, after := frame.Bytes()[:head], frame.Bytes()[head:]

	ctx, t := a.transfer(ctx)
	defer t.end()
	file := &exactly{from: body, left: size}
	whole := io.MultiReader(bytes.NewReader(before), file, bytes.NewReader(after))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, outgoing{t, whole})
	if err != nil {
		return &Error{Kind: Protocol, Message: "address of the storage"}
	}
	req.ContentLength = int64(frame.Len()) + size
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := a.storage(ctx, t, req)
	if bad := file.stop(); bad != nil {
		if err == nil {
			_ = resp.Body.Close() // what it answered means nothing
		}
		return bad
	}
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// outgoing is what is uploaded: the other side has to take it quickly, while our own may take its time to read it.
type outgoing struct {
	*transfer
	from io.Reader
}

func (o outgoing) Read(p []byte) (int, error) {
	o.pauses()
	n, err := o.from.Read(p)
	o.moves()
	return n, err
}

var errSize = errors.New("the file has another size than was said")

// exactly reads as many bytes as were promised and fails where there are fewer or more. Why it failed is the caller's own
// trouble, and not the network's.
type exactly struct {
	from io.Reader

	mu   sync.Mutex
	left int64
	bad  error
}

// stop returns what was wrong. The connection may go on reading when its call is over: from now on it gets nothing.
func (e *exactly) stop() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	bad := e.bad
	e.bad = cmp.Or(e.bad, io.ErrClosedPipe)
	return bad
}

func (e *exactly) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.bad != nil {
		return 0, e.bad
	}
	if e.left == 0 {
		return 0, e.atEnd()
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.from.Read(p)
	e.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && e.left > 0:
		e.bad = errSize
	case errors.Is(err, io.EOF):
		return n, nil // the next call finds the end
	case err != nil:
		e.bad = fmt.Errorf("read the file: %w", err)
	}
	return n, e.bad
}

func (e *exactly) atEnd() error {
	var one [1]byte
	n, err := io.ReadFull(e.from, one[:])
	switch {
	case n > 0:
		e.bad = errSize
	case !errors.Is(err, io.EOF):
		e.bad = fmt.Errorf("read the file: %w", err)
	default:
		return io.EOF
	}
	return e.bad
}

// TagsLine writes one line of a file for BulkTags, with its line break.
func TagsLine(id string, tags []string) []byte {
	var out strings.Builder
	out.WriteString(`{"id":` + graphString(id) + `,"tags":[`)
	for i, t := range tags {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(graphString(t))
	}
	out.WriteString("]}\n")
	return []byte(out.String())
}

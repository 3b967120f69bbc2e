package server

import (
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/fault"
)

// exportFile answers with the file of an export. The link is signed: it cannot carry a session.
func (s *Server) exportFile(w http.ResponseWriter, r *http.Request) {
	file, err := s.Exports.Open(r.Context(), r.PathValue("id"), r.URL.Query())
	if f, ok := fault.As(err); ok {
		status := http.StatusNotFound
		if f.Code == fault.Gone {
			status = http.StatusGone
		}
		tell(w, status, f.Message)
		return
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "export not opened", "export", r.PathValue("id"), "err", err)
		tell(w, http.StatusServiceUnavailable, "Something went wrong. Try again in a minute.")
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.Type)
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file.Name))
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	if file.Bytes >= 0 {
		header.Set("Content-Length", strconv.Itoa(file.Bytes))
	}
	if r.Method == http.MethodHead {
		return
	}
	if err := file.Download(r.Context(), r.UserAgent(), &patient{w, http.NewResponseController(w)}); err != nil {
		if r.Context().Err() == nil {
			s.Log.ErrorContext(r.Context(), "export broke off", "export", r.PathValue("id"), "err", err)
		}
		panic(http.ErrAbortHandler) // the reader must not take it for whole
	}
}

// readerPause is how long a reader may take nothing before they count as gone: the log is held open for them.
const readerPause = 30 * time.Second

type patient struct {
	w          io.Writer
	controller *http.ResponseController
}

// Write implements io.Writer.
func (p *patient) Write(b []byte) (int, error) {
	_ = p.controller.SetWriteDeadline(time.Now().Add(readerPause)) // where there is none, the server has its own
	return p.w.Write(b)
}

// tell answers a person who followed a link.
func tell(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = told.Execute(w, text)
}

var told = template.Must(template.New("told").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tagtrail</title>
<style>body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f1f1f1;color:#303030;font:16px/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:1rem;padding:1.5rem 1.75rem;background:#fff;border:1px solid #e3e3e3;border-radius:12px}h1{margin:0 0 .5rem;font-size:1.15rem}p{margin:0}</style></head>
<body><main><h1>No file here</h1><p>{{.}}</p></main></body></html>
`))

package server

import (
	"net/http"

	"github.com/tagtrail/tagtrail/fault"
)

// failedItems answers with the failed items of an operation as a file. The link is signed: it cannot carry a session.
func (s *Server) failedItems(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	shop, err := s.OpenFailed(r.Context(), id, r.URL.Query())
	if f, ok := fault.As(err); ok {
		status := http.StatusNotFound
		if f.Code == fault.Forbidden {
			status = http.StatusForbidden
		}
		reply(w, status, f.Message)
		return
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "file of failed items not opened", "operation", id, "err", err)
		reply(w, http.StatusServiceUnavailable, "Something went wrong. Try again.")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="failed-items.csv"`)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if err := s.WriteFailed(r.Context(), shop, id, w); err != nil {
		s.Log.ErrorContext(r.Context(), "file of failed items broke off", "operation", id, "err", err)
		panic(http.ErrAbortHandler) // the reader must not take it for whole
	}
}

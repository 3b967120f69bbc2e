package app

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func listening(t *testing.T, status int, text string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestHealthcheckPassesOnAServerThatIsReady(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := askReady(t.Context(), listening(t, http.StatusOK, "ready\n"), &out); err != nil || out.String() != "ready\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestHealthcheckFailsOnAServerWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := askReady(t.Context(), listening(t, http.StatusServiceUnavailable, "The database does not answer."), &out)
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "database") {
		t.Errorf("got %v", err)
	}
}

func TestHealthcheckAsksThisMachineWhereTheServerListensEverywhere(t *testing.T) {
	t.Parallel()
	_, port, _ := strings.Cut(listening(t, http.StatusOK, "ready\n"), ":")
	for _, listen := range []string{":" + port, "0.0.0.0:" + port} {
		var out bytes.Buffer
		if err := askReady(t.Context(), listen, &out); err != nil {
			t.Errorf("LISTEN=%s: %v", listen, err)
		}
	}
}

func TestHealthcheckFailsWhereNothingListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	server.Close()
	var out bytes.Buffer
	if err := askReady(t.Context(), address, &out); err == nil {
		t.Error("a server that is gone was called ready")
	}
}

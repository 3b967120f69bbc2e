package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/caarlos0/env/v11"
)

// healthPatience is longer than the server takes to find out that its database does not answer.
const healthPatience = 5 * time.Second

// Healthcheck asks the server that listens on this machine, at LISTEN, whether it is ready. It is for a container that
// has no other program in it. It needs no other setting.
func Healthcheck(ctx context.Context, out io.Writer) error {
	var c struct {
		Listen string `env:"LISTEN" envDefault:":8080"`
	}
	if err := env.Parse(&c); err != nil {
		return fmt.Errorf("read LISTEN: %w", err)
	}
	return askReady(ctx, c.Listen, out)
}

func askReady(ctx context.Context, listen string, out io.Writer) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("read LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost" // it listens everywhere
	}
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	text, readErr := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err := errors.Join(readErr, answer.Body.Close()); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s: %s", answer.Status, text)
	}
	_, err = out.Write(text)
	return err
}

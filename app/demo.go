package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/tagtrail/tagtrail/shopify/simulator"
)

// Demo is how the demo runs.
type Demo struct {
	Addr    string `default:"127.0.0.1:8080" help:"Where the app listens."`
	SimAddr string `default:"127.0.0.1:9292" help:"Where the simulated Shopify listens."`
	Data    string `help:"Folder to keep the database in. Without it everything is gone at the end." type:"path"`
	Traffic string `default:"on" enum:"on,off" help:"Whether things happen in the shops by themselves."`
}

// demoClient is the app's id at the simulated Shopify.
const demoClient = "tagtrail-demo"

// Run runs the app beside a simulated Shopify with two shops, until ctx ends. out gets the addresses to open.
func (d Demo) Run(ctx context.Context, out io.Writer) error {
	data, cleanUp, err := d.folder()
	if err != nil {
		return err
	}
	defer cleanUp()
	appListener, err := net.Listen("tcp", d.Addr)
	if err != nil {
		return fmt.Errorf("listen for the app: %w", err)
	}
	simListener, err := net.Listen("tcp", d.SimAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the simulator: %w", err), appListener.Close())
	}
	appURL, simURL := "http://"+appListener.Addr().String(), "http://"+simListener.Addr().String()
	config, err := demoConfig(appURL, simURL, data)
	if err != nil {
		return err
	}
	config.mailFolder = filepath.Join(data, "mail")
	log := config.NewLogger(os.Stderr)
	sim := simulator.New(simulator.Options{
		Shops:        demoShops(),
		ClientID:     config.ShopifyClientID,
		ClientSecret: config.ShopifyClientSecret,
		AppURL:       appURL,
		Log:          log,
	})
	defer sim.Close()
	simServer := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	defer simServer.Close()
	go func() { _ = simServer.Serve(simListener) }()
	a, err := New(ctx, config, log)
	if err != nil {
		return err
	}
	defer a.Close()
	serving := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { serving <- a.Serve(ctx, appListener) }()
	if err := d.open(ctx, a, sim); err != nil {
		cancel()
		return errors.Join(err, <-serving)
	}
	fmt.Fprintf(out, "\nTagtrail, in a simulated Shopify admin:  %s\nThe app's own address:                   %s\nThe simulator's controls:                %s/__sim/shops\n\nPress Ctrl-C to stop.\n", simURL, appURL, simURL)
	return <-serving
}

// open installs the app in every shop, as opening it there for the first time does, and lets things happen.
func (d Demo) open(ctx context.Context, a *App, sim *simulator.Simulator) error {
	for _, shop := range demoShops() {
		token, err := sim.SessionToken(shop.Domain, "")
		if err != nil {
			return fmt.Errorf("open the app in %s: %w", shop.Domain, err)
		}
		installed, err := a.Shops.Install(ctx, token)
		if err != nil {
			return fmt.Errorf("install in %s: %w", shop.Domain, err)
		}
		if d.Traffic == "on" {
			if err := a.exampleRules(ctx, installed); err != nil {
				return err
			}
		}
	}
	sim.SetTraffic(d.Traffic == "on")
	return nil
}

func (d Demo) folder() (string, func(), error) {
	if d.Data != "" {
		return d.Data, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "tagtrail-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// demoConfig is the embedded shape with the simulator in Shopify's place.
func demoConfig(appURL, simURL, data string) (*Config, error) {
	key, err := demoKey(data)
	if err != nil {
		return nil, err
	}
	return parseConfig(map[string]string{
		"APP_URL":               appURL,
		"DATABASE_URL":          "sqlite:" + filepath.Join(data, "tagtrail.db"),
		"FILES_URL":             "file:" + filepath.Join(data, "files"),
		"SHOPIFY_CLIENT_ID":     demoClient,
		"SHOPIFY_CLIENT_SECRET": rand.Text(),
		"SHOPIFY_URL":           simURL + "/{shop}",
		"SHOPIFY_ADMIN_URL":     simURL + "/{shop}/admin",
		"APP_BRIDGE_URL":        simURL + "/__sim/assets/app-bridge.js",
		"POLARIS_URL":           simURL + "/__sim/assets/polaris.js",
		"FRAME_ANCESTORS":       simURL,
		"ENCRYPTION_KEYS":       "demo:" + key,
		"BILLING":               "shopify",
		"WEBHOOK_RETRY_SECONDS": "1,2,4,8,15,30,60",
		"STREAMS_ALLOW_PRIVATE": "true",
		"ENVIRONMENT":           "development",
		"LOG_LEVEL":             "warn",
	})
}

// demoKey keeps the key beside the database, so that a demo that is started again can read its tokens.
func demoKey(data string) (string, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(data, "key")
	if kept, err := os.ReadFile(path); err == nil {
		return string(kept), nil
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	key := base64.StdEncoding.EncodeToString(raw)
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		return "", fmt.Errorf("keep the key: %w", err)
	}
	return key, nil
}

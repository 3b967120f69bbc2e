package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
	"gorm.io/gorm"
)

// Verify holds the log against its chain.
type Verify struct {
	Shop       string   `help:"Only this shop, by its myshopify.com name."`
	Since      string   `help:"Only entries from this day on: 2026-11-20."`
	Checkpoint []string `type:"existingfile" help:"A checkpoint that you kept, besides those in the store of files."`
}

var errTampered = errors.New("the log is not as Tagtrail wrote it")

// couldNot is an error that says nothing about the log.
type couldNot struct{ error }

// ExitCode tells it from a log that was tampered with.
func (couldNot) ExitCode() int { return 2 }

// Run prints a line for each finding and a summary for each shop. It returns an error where the log was tampered with,
// and one that says so where that could not be found out.
func (v Verify) Run(ctx context.Context, out io.Writer) error {
	tampered := false
	err := v.each(ctx, func(s *chain.Service, shop *models.Shop, o chain.Options) error {
		report, err := s.Verify(ctx, shop, o, func(f chain.Finding) {
			fmt.Fprintf(out, "%s: %s  %s\n", shop.Domain, f.At.UTC().Format("2006-01-02 15:04:05"), sentence(f))
		})
		if err != nil {
			return err
		}
		tampered = tampered || report.Findings > 0
		fmt.Fprintf(out, "%s: %s\n", shop.Domain, summary(report))
		return nil
	})
	switch {
	case err != nil:
		return couldNot{err}
	case tampered:
		return errTampered
	}
	return nil
}

func sentence(f chain.Finding) string {
	if f.ID == "" {
		return f.Text
	}
	return "entry " + f.ID + ": " + f.Text
}

func summary(r *chain.Report) string {
	text := "intact"
	if r.Findings > 0 {
		text = fmt.Sprintf("NOT INTACT, %d findings", r.Findings)
	}
	text += fmt.Sprintf("; %d entries", r.Entries)
	if r.Entries > 0 {
		text += fmt.Sprintf(" from %s to %s", r.From.Format(time.DateOnly), r.To.Format(time.DateOnly))
	}
	text += fmt.Sprintf(", %d blocks with %d links, %d checkpoints; %d redactions, %d entries left when their time was over",
		r.Blocks, r.Links, r.Checkpoints, r.Redacted, r.Left)
	if r.NotCovered > 0 {
		text += fmt.Sprintf("; %d entries are older than the chain and not covered by it", r.NotCovered)
	}
	return text
}

func (v Verify) each(ctx context.Context, do func(s *chain.Service, shop *models.Shop, o chain.Options) error) error {
	o, err := v.options()
	if err != nil {
		return err
	}
	var c struct {
		FilesURL string `env:"FILES_URL" envDefault:"file:data/files"`
	}
	if err := env.Parse(&c); err != nil {
		return fmt.Errorf("read FILES_URL: %w", err)
	}
	return withMigrated(ctx, func(db *gorm.DB) error {
		key, err := chainKey(ctx, db)
		if err != nil {
			return err
		}
		files, err := blob.Open(ctx, c.FilesURL)
		if err != nil {
			return err
		}
		defer files.Close()
		found, err := shopsNamed(ctx, db, v.Shop)
		if err != nil {
			return err
		}
		for _, shop := range found {
			if err := do(&chain.Service{DB: db, Key: key, Files: files}, shop, o); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v Verify) options() (chain.Options, error) {
	var o chain.Options
	if v.Since != "" {
		since, err := time.Parse(time.DateOnly, v.Since)
		if err != nil {
			return o, fmt.Errorf("--since %s is not a day such as 2026-11-20", v.Since)
		}
		o.Since = since
	}
	for _, name := range v.Checkpoint {
		raw, err := os.ReadFile(name)
		if err != nil {
			return o, fmt.Errorf("read a checkpoint: %w", err)
		}
		kept, err := chain.ParseCheckpoint(name, raw)
		if err != nil {
			return o, err
		}
		o.Checkpoints = append(o.Checkpoints, *kept)
	}
	return o, nil
}

// chainKey opens the key of the log's chain with what ENCRYPTION_KEYS has. Who writes to the log needs it.
func chainKey(ctx context.Context, db *gorm.DB) (*activity.Key, error) {
	var c struct {
		EncryptionKeys string `env:"ENCRYPTION_KEYS"`
	}
	if err := env.Parse(&c); err != nil {
		return nil, fmt.Errorf("read ENCRYPTION_KEYS: %w", err)
	}
	if c.EncryptionKeys == "" {
		return nil, errors.New("ENCRYPTION_KEYS is not set: the key of the log's chain is sealed with it; give what the server has")
	}
	sealer, err := shops.ParseKeys(c.EncryptionKeys)
	if err != nil {
		return nil, fmt.Errorf("ENCRYPTION_KEYS: %w", err)
	}
	return chain.OpenKey(ctx, db, sealer)
}

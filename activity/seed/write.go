package seed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/tagtrail/tagtrail/models"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
)

const (
	// chunk is how many entries are committed at once.
	chunk = 10_000
	// writers is how many connections write at once on Postgres. SQLite has one writer.
	writers = 2
)

// Write makes the entries up and writes them. Postgres gets the partitions that they need.
func (l *Log) Write(ctx context.Context, db *gorm.DB) error {
	write, parallel := l.writeSQLite, 1
	if models.IsPostgres(db) {
		write, parallel = l.writePostgres, writers
		for day := range l.Days + 1 {
			if err := models.EnsurePartitions(ctx, db, l.Until.AddDate(0, 0, -day)); err != nil {
				return err
			}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	chunks := make(chan []*models.Activity)
	for range parallel {
		group.Go(func() error {
			for entries := range chunks {
				if err := write(ctx, db, entries); err != nil {
					return fmt.Errorf("write entries: %w", err)
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(chunks)
		entries := make([]*models.Activity, 0, chunk)
		send := func() error {
			select {
			case chunks <- entries:
				entries = make([]*models.Activity, 0, chunk)
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		for e := range l.Entries() {
			if entries = append(entries, e); len(entries) == chunk {
				if err := send(); err != nil {
					return err
				}
			}
		}
		return send()
	})
	return group.Wait()
}

// pending are the links of entries, ready for the chains of their shops.
func (l *Log) pending(entries []*models.Activity) ([]*models.ChainPending, error) {
	links, err := l.Key.LinksOf(entries)
	if err != nil {
		return nil, err
	}
	var pending []*models.ChainPending
	for _, shop := range l.Shops {
		if some := links[shop.ID]; len(some) > 0 {
			pending = append(pending, l.Key.Pending(shop.ID, some))
		}
	}
	return pending, nil
}

func (l *Log) writeSQLite(ctx context.Context, db *gorm.DB, entries []*models.Activity) error {
	pending, err := l.pending(entries)
	if err != nil || len(entries) == 0 {
		return err
	}
	return models.InTx(ctx, db, func(tx *gorm.DB) error {
		if err := tx.CreateInBatches(entries, 200).Error; err != nil {
			return err
		}
		if err := tx.CreateInBatches(pending, 50).Error; err != nil {
			return err
		}
		if tags := tagsOf(entries); len(tags) > 0 {
			return tx.CreateInBatches(tags, 1000).Error
		}
		return nil
	})
}

// Columns are the log's, in the order of Row.
var Columns = []string{
	"id", "shop_id", "retention_class", "occurred_at", "updated_at", "type", "action", "categories", "status", "summary",
	"actor_type", "actor_id", "actor_name", "entity_type", "entity_id", "entity_title", "entity_url", "rule_id",
	"rule_version", "cause_id", "operation_id", "changes", "evaluations", "history", "metadata", "error_code",
	"error_message", "error_stack", "attempts",
}

// Row is an entry as Postgres's COPY takes it.
func Row(e *models.Activity) ([]any, error) {
	changes, err1 := json.Marshal(e.Changes)
	evaluations, err2 := json.Marshal(e.Evaluations)
	history, err3 := json.Marshal(e.History)
	id, err4 := uuid.Parse(e.ID)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	return []any{
		id, e.ShopID, e.RetentionClass, e.OccurredAt, e.UpdatedAt, string(e.Type), e.Action, e.Categories, string(e.Status), e.Summary,
		string(e.ActorType), e.ActorID, e.ActorName, e.EntityType, e.EntityID, e.EntityTitle, e.EntityURL, idOf(e.RuleID),
		e.RuleVersion, idOf(e.CauseID), idOf(e.OperationID), changes, evaluations, history, []byte(e.Metadata), e.ErrorCode,
		e.ErrorMessage, e.ErrorStack, e.Attempts,
	}, nil
}

func idOf(text *string) *uuid.UUID {
	if text == nil {
		return nil
	}
	id := uuid.MustParse(*text) // made by models.DerivedID
	return &id
}

func (l *Log) writePostgres(ctx context.Context, db *gorm.DB, entries []*models.Activity) error {
	pending, err := l.pending(entries)
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		raw, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T", driver)
		}
		return pgx.BeginFunc(ctx, raw.Conn(), func(tx pgx.Tx) error {
			source := pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) { return Row(entries[i]) })
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{"activities"}, Columns, source); err != nil {
				return err
			}
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"chain_pending"}, []string{"shop_id", "at", "links", "mac"},
				pgx.CopyFromSlice(len(pending), func(i int) ([]any, error) {
					p := pending[i]
					return []any{p.ShopID, p.At, p.Links, p.MAC}, nil
				}))
			if err != nil {
				return err
			}
			tags := tagsOf(entries)
			_, err = tx.CopyFrom(ctx, pgx.Identifier{"activity_tags"}, []string{"shop_id", "tag_key", "occurred_at", "activity_id"},
				pgx.CopyFromSlice(len(tags), func(i int) ([]any, error) {
					t := tags[i]
					return []any{t.ShopID, t.TagKey, t.OccurredAt, idOf(&t.ActivityID)}, nil
				}))
			return err
		})
	})
	if translator, ok := db.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return translator.Translate(err)
	}
	return err
}

// tagsOf says which tags the entries put on or took off.
func tagsOf(entries []*models.Activity) []models.ActivityTag {
	var found []models.ActivityTag
	for _, e := range entries {
		for _, change := range e.Changes {
			if change.Field != "tags" {
				continue
			}
			var before, after models.Tags
			if errors.Join(json.Unmarshal(change.Before, &before), json.Unmarshal(change.After, &after)) != nil {
				continue // ours are always lists
			}
			for _, tag := range append(before.Without(after...), after.Without(before...)...) {
				found = append(found, models.ActivityTag{
					ShopID:     e.ShopID,
					TagKey:     models.TagKey(tag),
					OccurredAt: e.OccurredAt,
					ActivityID: e.ID,
				})
			}
		}
	}
	return found
}

// Until is the time up to which a log goes that is made up now: the hour that has begun, so that what is made up twice
// within an hour is the same.
func Until() time.Time { return models.Now().Truncate(time.Hour) }

package export

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// graceForDirect is how long whoever may have a file at once has to ask for it, before a worker makes it.
const graceForDirect = time.Minute

// Start writes an export down. A small one can be had at once, under its URL; of others a worker makes the file.
func (s *Service) Start(ctx context.Context, shop *models.Shop, actor models.Actor, in Input) (*Export, error) {
	if in.Filter == nil {
		in.Filter = &activity.Filter{}
	}
	row, err := s.check(in)
	if err != nil {
		return nil, err
	}
	if err := s.count(ctx, shop, in.Filter, row); err != nil {
		return nil, err
	}
	now := models.Now()
	// Its id carries its entry's time. What is written down from now on is not in it.
	row.ID = models.NewID(now)
	row.ShopID, row.Status, row.CreatedAt, row.DueAt = shop.ID, models.ExportQueued, now, now
	row.ActorType, row.ActorID, row.ActorName = actor.Type, actor.ID, actor.Name
	row.Parts = []models.ExportPart{}
	if row.Direct {
		expires := now.Add(linkLife)
		row.ExpiresAt = &expires
		if row.Email == nil {
			row.DueAt = now.Add(graceForDirect)
		}
	}
	err = s.Activity.Commit(ctx, shop, func(tx *activity.Tx) error {
		if err := room(tx.DB, shop); err != nil {
			return err
		}
		if err := tx.DB.Create(row).Error; err != nil {
			return fmt.Errorf("write export down: %w", err)
		}
		return tx.Record(entryOf(shop, row))
	})
	if err != nil {
		return nil, err
	}
	s.publish(row)
	if !row.DueAt.After(now) {
		s.nudge(row, time.Time{})
	}
	return s.shown(shop, row, actor), nil
}

// room refuses one more export where a shop has enough under way. Those who start at once take turns.
func room(tx *gorm.DB, shop *models.Shop) error {
	query := tx.Select("id")
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
	}
	if err := query.Where("id = ?", shop.ID).Take(&models.Shop{}).Error; err != nil {
		return fmt.Errorf("lock shop: %w", err)
	}
	var running int64
	err := tx.Model(&models.Export{}).Where("shop_id = ? AND finished_at IS NULL", shop.ID).Count(&running).Error
	if err != nil {
		return fmt.Errorf("count exports: %w", err)
	}
	if running >= mostAtOnce {
		return fault.New(fault.Invalid, "%d exports are under way already. Wait for one of them, or cancel one.", running)
	}
	return nil
}

// check returns what is asked for as a row, or what is wrong with it.
func (s *Service) check(in Input) (*models.Export, error) {
	var problems []fault.Problem
	wrong := func(field, format string, args ...any) {
		problems = append(problems, fault.Problem{Field: []string{field}, Code: string(fault.Invalid), Message: fmt.Sprintf(format, args...)})
	}
	row := &models.Export{Format: in.Format, Columns: in.Columns, BOM: in.BOM != nil && *in.BOM}
	if row.Format == "" {
		row.Format = models.ExportCSV
	}
	if row.BOM && row.Format != models.ExportCSV {
		wrong("bom", "A byte order mark is for CSV; JSON has none.")
	}
	for i, name := range in.Columns {
		if activity.ColumnNamed(name) == nil {
			wrong("columns", "There is no column %q. There are %s.", name, strings.Join(columnNames(nil), ", "))
		} else if slices.Contains(in.Columns[:i], name) {
			wrong("columns", "The column %s is named twice.", name)
		}
	}
	if len(row.Columns) == 0 {
		row.Columns = columnNames(func(c *activity.Column) bool { return c.Preset })
	}
	if in.Email != nil && strings.TrimSpace(*in.Email) != "" {
		email := strings.TrimSpace(*in.Email)
		if row.Email = &email; !mail.CheckAddress(email) {
			wrong("email", "This is not an e-mail address.")
		}
	}
	if err := fault.Problems(problems); err != nil {
		return nil, err
	}
	var err error
	if row.Filter, err = json.Marshal(in.Filter); err != nil {
		return nil, fmt.Errorf("encode filter: %w", err)
	}
	return row, nil
}

func columnNames(wanted func(*activity.Column) bool) []string {
	var names []string
	for _, c := range activity.Columns() {
		if wanted == nil || wanted(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// count decides how the file is made, by how many rows it has.
func (s *Service) count(ctx context.Context, shop *models.Shop, filter *activity.Filter, row *models.Export) error {
	one := 1
	list, err := s.Activity.List(ctx, shop, filter, models.Page{First: &one})
	if err != nil {
		return err
	}
	if len(list.Problems) > 0 {
		for i := range list.Problems {
			list.Problems[i].Field = append([]string{"filter"}, list.Problems[i].Field...)
		}
		return fault.Problems(list.Problems)
	}
	count, err := list.Count(ctx)
	if err != nil {
		return err
	}
	total := count.Count
	if row.Direct = !count.Capped; row.Direct {
		row.TotalRows = &total
		return nil
	}
	exact, known, err := list.Exact(ctx)
	if err != nil {
		return fmt.Errorf("count what is exported: %w", err)
	}
	if total = int(exact); known {
		row.TotalRows = &total
	}
	return nil
}

// entryOf is the export's own entry.
func entryOf(shop *models.Shop, row *models.Export) *models.Activity {
	metadata, _ := json.Marshal(map[string]any{ //nolint:errchkjson // texts and lists of them
		"exportId": row.ID,
		"format":   row.Format,
		"columns":  row.Columns,
		"filter":   row.Filter,
		"mailed":   row.Email != nil,
	})
	return &models.Activity{
		ID:         row.ID,
		OccurredAt: row.CreatedAt,
		Type:       models.UserAction,
		Action:     activity.Exported,
		Status:     models.Pending,
		Summary:    fmt.Sprintf("Export of the log as %s: %s", formatName(row.Format), selected(row.Filter, shop.Zone())),
		ActorType:  row.ActorType,
		ActorID:    row.ActorID,
		ActorName:  row.ActorName,
		Metadata:   metadata,
	}
}

func (s *Service) shown(shop *models.Shop, row *models.Export, viewer models.Actor) *Export {
	return &Export{Export: *row, s: s, viewer: viewer, zone: shop.Zone()}
}

func (s *Service) publish(row *models.Export) {
	s.Live.Publish(row.ShopID, live.Message{Kind: Kind, ID: row.ID})
}

func (s *Service) nudge(row *models.Export, at time.Time) {
	s.Queue.NudgeAt(queue.WorkOnExport{ID: row.ID, Step: row.Steps, Shop: row.ShopID}, at)
}

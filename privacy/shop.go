package privacy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/retention"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// errInstalled says that the shop has the app again.
var errInstalled = errors.New("the shop has installed the app again")

// shopRows and shopEntries are how many rows leave in one step, and shopFiles how many files.
const (
	shopRows    = 500
	shopEntries = 200
	shopFiles   = 50
)

// shopTables are all that is kept of a shop but its entries, what refers to others before those, by what tells rows
// apart. A test holds the list complete.
var shopTables = []struct{ name, keys string }{
	{"activity_tags", "tag_key, occurred_at, activity_id"},
	{"activity_deltas", "id"},
	{"activity_kinds", "number"},
	{"activity_buckets", "grain, at"},
	{"activity_rollups", "shop_id"},
	{"stream_items", "stream_id, id"},
	{"stream_messages", "id"},
	{"streams", "id"},
	{"snapshots", "id"},
	{"tag_owners", "resource_id, tag_key"},
	{"scanned_tags", "operation_id, tag"},
	{"operation_bulks", "id"},
	{"operations", "id"},
	{"retry_jobs", "id"},
	{"deliveries", "id"},
	{"resources", "id"},
	{"sources", "id"},
	{"recorded_keys", "key"},
	{"rule_versions", "rule_id, version"},
	{"rules", "id"},
	{"saved_views", "id"},
	{"exports", "id"},
	{"archive_parts", "day, part"},
	{"mails", "id"},
	{"failure_marks", "id"},
	{"failure_notices", "code"},
	{"api_keys", "id"},
	{"staff", "id"},
	{"clean_ups", "shop_id"},
	{"locks", "name"},
	{"chain_pending", "id"},
	{"chain_blocks", "number"},
	{"chains", "shop_id"},
}

// shopPhases come in this order: files cannot be found any more once nothing notes them down. Checkpoints are written as
// long as there is a chain.
func shopPhases() []phase {
	return []phase{
		{"files", (*run).removeKept},
		{"shop's entries", (*run).removeEntries},
		{"tables", (*run).removeTables},
		{"checkpoints", (*run).removeCheckpoints},
		{"shop", (*run).removeShop},
	}
}

// commitGone is commit for a shop that is to go. It ends the request where the shop has come back.
func (r *run) commitGone(ctx context.Context, step func(tx *activity.Tx, row *models.PrivacyRequest) error) error {
	err := r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		query := tx.DB.Select("id", "uninstalled_at")
		if models.IsPostgres(tx.DB) {
			query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
		}
		var shop models.Shop
		if err := query.Where("id = ?", row.ShopID).Take(&shop).Error; err != nil {
			return fmt.Errorf("lock shop: %w", err)
		}
		if shop.UninstalledAt == nil {
			return errInstalled
		}
		return step(tx, row)
	})
	if errors.Is(err, errInstalled) {
		return r.refuse(ctx)
	}
	return err
}

// refuse ends the request with an entry: a shop that has the app keeps its log.
func (r *run) refuse(ctx context.Context) error {
	return r.commit(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		return r.end(tx, row, func(e *models.Activity) {
			code, message := activity.CodeInstalledAgain, "The shop has installed Tagtrail again, so nothing more of it is erased. Uninstall it to have Shopify ask again."
			e.Status, e.Summary, e.ErrorCode, e.ErrorMessage = models.Warning, "Shop data not erased", &code, &message
			e.Metadata = withValues(e.Metadata, map[string]any{"erased": row.Counts})
		})
	})
}

// ended reports whether the request has ended, and so has its shop's erasure.
func (r *run) ended() bool { return r.row.FinishedAt != nil }

// removeKept removes the files of exports and of the archive.
func (r *run) removeKept(ctx context.Context) (bool, error) {
	return r.removeFiles(ctx, fmt.Sprintf("exports/%d/", r.row.ShopID), retention.Folder(r.shop))
}

// removeCheckpoints removes those of the chain, which is gone by then.
func (r *run) removeCheckpoints(ctx context.Context) (bool, error) {
	return r.removeFiles(ctx, chain.Folder(r.shop.Domain))
}

func (r *run) removeFiles(ctx context.Context, folders ...string) (bool, error) {
	if err := r.commitGone(ctx, func(*activity.Tx, *models.PrivacyRequest) error { return nil }); err != nil || r.ended() {
		return false, err
	}
	removed := int64(0)
	for _, folder := range folders {
		files := r.Files.List(&blob.ListOptions{Prefix: folder})
		for removed < shopFiles {
			file, err := files.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return false, fmt.Errorf("list files: %w", err)
			}
			if err := r.Files.Delete(ctx, file.Key); err != nil && !blob.IsMissing(err) {
				return false, fmt.Errorf("remove file: %w", err)
			}
			removed++
		}
	}
	if removed == 0 {
		return false, nil
	}
	return true, r.commitGone(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Counts["files"] += removed
		return nil
	})
}

// removeEntries removes the log.
func (r *run) removeEntries(ctx context.Context) (more bool, err error) {
	err = r.commitGone(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		end := r.now().AddDate(100, 0, 0)
		gone, err := r.Activity.Remove(tx.DB, activity.Over{Shop: row.ShopID, To: end, OpenTo: end}, r.batch(shopEntries))
		if err != nil {
			return err
		}
		if more = gone.Count > 0; more {
			row.Counts["activities"] += gone.Count
		}
		return nil
	})
	return more, err
}

// removeTables empties one table after the other. Its cursor is the number of the table.
func (r *run) removeTables(ctx context.Context) (bool, error) {
	of, _, err := placeOf(r.row.Cursor)
	if err != nil || of >= len(shopTables) {
		return false, err
	}
	return true, r.commitGone(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		n, err := removeSome(tx.DB, of, row.ShopID, r.batch(shopRows))
		if err != nil {
			return err
		}
		if n == 0 {
			row.Cursor = cursorOf(of+1, nil)
			return nil
		}
		row.Cursor = cursorOf(of, nil)
		row.Counts[shopTables[of].name] += n
		return nil
	})
}

func removeSome(tx *gorm.DB, of int, shop int64, n int) (int64, error) {
	t := shopTables[of]
	keys := "(" + t.keys + ")"
	if !strings.Contains(t.keys, ",") {
		keys = t.keys
	}
	gone := tx.Exec("DELETE FROM "+t.name+" WHERE shop_id = ? AND "+keys+" IN (SELECT "+t.keys+" FROM "+t.name+" WHERE shop_id = ? LIMIT ?)", shop, shop, n)
	if gone.Error != nil {
		return 0, fmt.Errorf("empty %s: %w", t.name, gone.Error)
	}
	return gone.RowsAffected, nil
}

// removeShop removes the shop itself, once nothing of it is left, and its earlier requests. What came in while it was
// erased is taken away first. What stays is this request: that it was erased, when, and how much.
func (r *run) removeShop(ctx context.Context) (more bool, err error) {
	err = r.commitGone(ctx, func(tx *activity.Tx, row *models.PrivacyRequest) error {
		end := r.now().AddDate(100, 0, 0)
		gone, err := r.Activity.Remove(tx.DB, activity.Over{Shop: row.ShopID, To: end, OpenTo: end}, r.batch(shopEntries))
		if err != nil {
			return err
		}
		left := gone.Count
		for of := range shopTables {
			n, err := removeSome(tx.DB, of, row.ShopID, r.batch(shopRows))
			if err != nil {
				return err
			}
			if n > 0 {
				row.Counts[shopTables[of].name] += n
			}
			if n == int64(r.batch(shopRows)) {
				left += n
			}
		}
		if more = left > 0; more {
			return nil
		}
		if err := tx.DB.Where("shop_id = ? AND id <> ?", row.ShopID, row.ID).Delete(&models.PrivacyRequest{}).Error; err != nil {
			return fmt.Errorf("forget earlier requests: %w", err)
		}
		if err := tx.DB.Where("id = ?", row.ShopID).Delete(&models.Shop{}).Error; err != nil {
			return fmt.Errorf("remove shop: %w", err)
		}
		forget(row, r.now())
		return nil
	})
	if err == nil && !more && r.ended() {
		r.Log.InfoContext(ctx, "a shop was erased", "shop", r.row.ShopID, "request", r.row.ID, "took", r.now().Sub(r.row.ReceivedAt).Round(time.Second))
	}
	return more, err
}

package change

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
	"gorm.io/gorm/clause"
)

// collectBatch is how many records are read at once, which is Shopify's limit.
const collectBatch = 250

// part is some of the records that an operation is about.
type part struct {
	items []models.Snapshot
	// cursor is where to go on.
	cursor string
	// last says that there are no more.
	last bool
	cost int
}

// collect reads the next records and keeps them as items, together with how far it came.
func (r *run) collect(ctx context.Context) error {
	var p *part
	err := r.patient(ctx, func() (err error) {
		switch {
		case r.op.Kind == models.Revert:
			p, err = r.collectSnapshots(ctx)
		case len(r.in.Selection.IDs) > 0:
			p, err = r.collectIDs(ctx)
		case r.op.File != nil:
			p, err = r.collectFile(ctx)
		case r.op.Bulk:
			return r.collectBulk(ctx)
		default:
			p, err = r.collectSearch(ctx)
		}
		return err
	})
	if err != nil || p == nil {
		return err
	}
	return r.keepPart(ctx, p)
}

// keepPart keeps what was collected.
func (r *run) keepPart(ctx context.Context, p *part) error {
	r.op.Cost += p.cost
	return r.commit(ctx, func(tx *activity.Tx) error {
		if r.op.Kind == models.TagScan {
			if err := r.countTags(tx, p.items); err != nil {
				return err
			}
		} else if err := r.addItems(tx, p.items); err != nil {
			return err
		}
		r.op.Cursor = &p.cursor
		if p.last {
			r.op.File, r.op.Cursor = nil, nil
			if err := r.turn(tx.DB, models.OperationCollecting, models.OperationRunning); err != nil {
				return err
			}
		}
		r.moved = true
		return r.save(tx.DB)
	})
}

// addItems keeps items that are not there yet, and counts them.
func (r *run) addItems(tx *activity.Tx, items []models.Snapshot) error {
	open, failed := []models.Snapshot{}, []models.Snapshot{}
	for _, item := range items {
		if item.Outcome == models.SnapshotPending {
			open = append(open, item)
		} else {
			failed = append(failed, item)
		}
	}
	for _, kind := range []struct {
		rows  []models.Snapshot
		count *int
	}{{open, &r.op.Pending}, {failed, &r.op.Failed}} {
		if len(kind.rows) == 0 {
			continue
		}
		res := tx.DB.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&kind.rows, rowsAtOnce)
		if res.Error != nil {
			return fmt.Errorf("keep the items: %w", res.Error)
		}
		*kind.count += int(res.RowsAffected)
		r.op.Total += int(res.RowsAffected)
	}
	return nil
}

// rowsAtOnce bounds the rows of one statement.
const rowsAtOnce = 50

// itemOf is a record that was read just now.
func (r *run) itemOf(owner *shopify.TagOwner) models.Snapshot {
	item := r.item(owner.ID, owner.Title, owner.Tags)
	at := owner.UpdatedAt
	item.Seen, item.ReadAtVersion = owner.Tags, &at
	return item
}

// item is a record of the operation, to be done.
func (r *run) item(id, title string, tags models.Tags) models.Snapshot {
	first, ok := models.IDTime(r.op.ID)
	if !ok {
		first = r.op.CreatedAt // every id of ours carries its time
	}
	return models.Snapshot{
		ID:            models.DerivedID(first, r.op.ID, id),
		ShopID:        r.shop.ID,
		CauseID:       r.op.ID,
		ResourceID:    id,
		ResourceType:  r.op.Resource,
		ResourceTitle: title,
		Before:        tags,
		Outcome:       models.SnapshotPending,
		CreatedAt:     models.Now(),
	}
}

const wordsNoRecord = "Shopify has no such record. Check how it is named."

// gone is a record of the operation that does not exist.
func (r *run) gone(id string) models.Snapshot {
	item := r.item(id, id, nil)
	now := models.Now()
	item.FinishedAt = &now
	fail(&item, activity.CodeResourceDeleted, wordsNoRecord)
	return item
}

// position reads a cursor that is a number.
func (r *run) position() int {
	if r.op.Cursor == nil {
		return 0
	}
	n, err := strconv.Atoi(*r.op.Cursor)
	if err != nil {
		return 0 // what was read already is not counted again
	}
	return n
}

func (r *run) collectIDs(ctx context.Context) (*part, error) {
	ids := r.in.Selection.IDs
	from := min(r.position(), len(ids))
	to := min(from+collectBatch, len(ids))
	items, cost, err := r.readItems(ctx, ids[from:to])
	return &part{items: items, cursor: strconv.Itoa(to), last: to == len(ids), cost: cost}, err
}

// readItems reads the records with these ids.
func (r *run) readItems(ctx context.Context, ids []string) ([]models.Snapshot, int, error) {
	owners, cost, err := r.client.TagsMany(ctx, ids)
	if err != nil {
		return nil, cost.Actual, err
	}
	items := make([]models.Snapshot, len(ids))
	for i, owner := range owners {
		if owner == nil {
			items[i] = r.gone(ids[i])
		} else {
			items[i] = r.itemOf(owner)
		}
	}
	return items, cost.Actual, nil
}

// collectSearch reads the next page of what the search finds, by id, so that a record that changes meanwhile is neither
// passed over nor found twice.
func (r *run) collectSearch(ctx context.Context) (*part, error) {
	in := shopify.SearchInput{Type: KindName(r.op.Resource), First: collectBatch, SortKey: "ID"}
	if r.in.Selection.Query != nil {
		in.Query = *r.in.Selection.Query
	}
	if r.op.Cursor != nil {
		in.After = *r.op.Cursor
	}
	page, cost, err := r.client.Search(ctx, in)
	if err != nil {
		return nil, err
	}
	p := &part{cursor: page.EndCursor, last: !page.HasNext, cost: cost.Actual, items: make([]models.Snapshot, len(page.Owners))}
	for i := range page.Owners {
		p.items[i] = r.itemOf(&page.Owners[i])
	}
	return p, nil
}

package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// learning are the phases that find out what the person is known by: Shopify tells an address and a number, not a name.
func learning() []phase {
	return []phase{
		{"wait", (*run).waitForOthers},
		{"titles", (*run).learnTitles},
		{"learn", (*run).learnBodies},
		{"namesakes", (*run).namesakes},
	}
}

// settled are deliveries of which nothing more is to come by itself.
var settled = []models.DeliveryStatus{models.DeliveryDone, models.DeliveryFailed}

// waitForOthers waits until what came before the request is worked off: what is in progress would write down again what
// is erased.
func (r *run) waitForOthers(ctx context.Context) (bool, error) {
	db := r.DB.WithContext(ctx)
	var open int64
	err := db.Model(&models.Delivery{}).Where("shop_id = ? AND status IN ('PENDING', 'PROCESSING') AND received_at <= ? AND id <> ?",
		r.row.ShopID, r.row.ReceivedAt, r.row.ID).Limit(1).Count(&open).Error
	if err != nil {
		return false, fmt.Errorf("look for webhooks in progress: %w", err)
	}
	var items int64
	if records := r.person.records(); open == 0 && len(records) > 0 {
		err = db.Model(&models.Snapshot{}).Joins("JOIN operations ON operations.id = snapshots.cause_id AND operations.finished_at IS NULL").
			Where("snapshots.shop_id = ? AND snapshots.resource_id IN ?", r.row.ShopID, records).Limit(1).Count(&items).Error
		if err != nil {
			return false, fmt.Errorf("look for operations in progress: %w", err)
		}
	}
	if open+items > 0 {
		return false, &wait{r.now().Add(patience)}
	}
	return false, nil
}

// know keeps what was learnt of the person.
func (r *run) know(row *models.PrivacyRequest) error {
	raw, err := json.Marshal(r.person)
	if err != nil {
		return fmt.Errorf("encode person: %w", err)
	}
	row.Person = raw
	r.marks = r.person.marks()
	return nil
}

// learnTitles learns what the customer is called in what was heard and written of them.
func (r *run) learnTitles(ctx context.Context) (bool, error) {
	if r.person.Customer == "" {
		return false, nil
	}
	var titles []string
	db := r.DB.WithContext(ctx)
	err := errors.Join(
		db.Model(&models.Resource{}).Where("shop_id = ? AND id = ?", r.row.ShopID, r.person.Customer).Pluck("title", &titles).Error,
		r.pluck(db.Model(&models.Snapshot{}).Where("shop_id = ? AND resource_id = ?", r.row.ShopID, r.person.Customer), "resource_title", &titles),
		r.pluck(db.Model(&models.Activity{}).Where("shop_id = ? AND entity_id = ?", r.row.ShopID, r.person.Customer), "entity_title", &titles),
	)
	if err != nil {
		return false, fmt.Errorf("find what the customer is called: %w", err)
	}
	for _, title := range titles {
		switch {
		case strings.Contains(title, "@"):
			learn(&r.person.Emails, title)
		case strings.ContainsFunc(title, isLetter):
			learn(&r.person.Names, title)
		}
	}
	return false, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error { return r.know(row) })
}

// pluck adds the different texts of a column.
func (r *run) pluck(query *gorm.DB, column string, to *[]string) error {
	var found []string
	err := query.Where(column+" IS NOT NULL").Distinct(column).Limit(mostWords).Pluck(column, &found).Error
	*to = append(*to, found...)
	return err
}

// learnBodies learns from the webhooks whose bodies are kept.
func (r *run) learnBodies(ctx context.Context) (bool, error) {
	rows, next, err := r.bodies(ctx)
	if err != nil {
		return false, err
	}
	for i := range rows {
		raw, err := expand(rows[i].Body)
		if err != nil {
			return false, err
		}
		read(rows[i].Topic, raw).teach(r.person)
	}
	return len(rows) > 0, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error {
		row.Cursor = next
		return r.know(row)
	})
}

// bodies reads the next deliveries whose bodies are kept, and where to go on.
func (r *run) bodies(ctx context.Context) (rows []models.Delivery, next *string, err error) {
	_, from, err := placeOf(r.row.Cursor)
	if err != nil {
		return nil, nil, err
	}
	err = r.DB.WithContext(ctx).Select("id", "shop_id", "topic", "received_at", "body", "status").
		Where("shop_id = ? AND length(body) > 0", r.row.ShopID).Scopes(behind("received_at", from)).Limit(r.batch(atOnce)).Find(&rows).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read bodies: %w", err)
	}
	if n := len(rows); n > 0 {
		next = cursorOf(0, &models.Position{At: rows[n-1].ReceivedAt, ID: rows[n-1].ID})
	}
	return rows, next, nil
}

// namesakes finds out whose name another customer has, too: that alone does not tell of the person.
func (r *run) namesakes(ctx context.Context) (bool, error) {
	for _, name := range r.person.Names {
		var n int64
		err := r.DB.WithContext(ctx).Model(&models.Resource{}).
			Where("shop_id = ? AND type = ? AND lower(title) = lower(?) AND id <> ?", r.row.ShopID, models.Customer, name, r.person.Customer).Limit(1).Count(&n).Error
		if err != nil {
			return false, fmt.Errorf("look for namesakes: %w", err)
		}
		if n > 0 {
			learn(&r.person.Shared, name)
		}
	}
	return false, r.commit(ctx, func(_ *activity.Tx, row *models.PrivacyRequest) error { return r.know(row) })
}

func isLetter(c rune) bool { return isInWord(c) && (c < '0' || c > '9') }

package webhooks

import (
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/privacy"
)

// privacyAsked hands on what Shopify asks for on behalf of a person, in the transaction of the entry. The entry is open
// until that is done.
func (s *Service) privacyAsked(t *try, entry *models.Activity) (*models.Activity, effect, error) {
	request, err := privacy.Asked(t.Topic, t.body)
	if errors.Is(err, privacy.ErrUnclear) {
		return failedEntry(entry, activity.CodeInvalidBody, "The body does not say whom it is about. Nothing was done."), nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if request.Kind == models.ShopRedact && t.shop.UninstalledAt == nil {
		return warn(entry, activity.CodeInstalledAgain, "The shop has Tagtrail installed, so it was not erased."), nil, nil
	}
	entry.Status = models.InProgress
	entry.Metadata = withValue(entry.Metadata, "doneBy", privacy.DoneBy(t.ReceivedAt).Format(time.RFC3339))
	return entry, func(tx *activity.Tx) error { return s.Privacy.Ask(tx, t.shop, t.ID, t.ReceivedAt, request) }, nil
}

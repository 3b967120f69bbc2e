package activity

import (
	"encoding/json"

	"github.com/tagtrail/tagtrail/models"
)

// The causes of Tagtrail's own failures. A recorder outside may have others.
const (
	CodeRateLimit         = "RATE_LIMIT"
	CodeNetwork           = "NETWORK"
	CodeReauthorize       = "REAUTHORIZE"
	CodePermissionMissing = "PERMISSION_MISSING"
	CodeShopFrozen        = "SHOP_FROZEN"
	CodeShopClosed        = "SHOP_CLOSED"
	CodeInvalidData       = "INVALID_DATA"
	CodeNotKept           = "NOT_KEPT"
	CodeRuleError         = "RULE_ERROR"
	CodeTagLimit          = "TAG_LIMIT"
	CodeInternal          = "INTERNAL"

	CodeResourceDeleted = "RESOURCE_DELETED"
	CodeInvalidBody     = "INVALID_BODY"
	CodeUninstalled     = "UNINSTALLED"
	CodeRuleGone        = "RULE_GONE"
	CodeRetryIncomplete = "RETRY_INCOMPLETE"
)

// cause is what a failure means for a merchant.
type cause struct {
	// name fits into: failed because of ...
	name   string
	advice string
	// retryable says that another try may end otherwise.
	retryable bool
}

// causes is what failures mean, and what to do about them.
var causes = map[string]cause{
	CodeRateLimit:         {"Shopify's rate limit", "Shopify asks us to slow down. Tagtrail goes on by itself.", true},
	CodeNetwork:           {"no answer from Shopify", "Shopify did not answer. Tagtrail tries again by itself for about an hour; after that, check Shopify's status page and retry.", true},
	CodeReauthorize:       {"access that ended", "Shopify no longer accepts Tagtrail's access. Open Tagtrail in the Shopify admin to renew it, then retry.", true},
	CodePermissionMissing: {"a missing permission", "Tagtrail lacks a permission. Open Tagtrail in the Shopify admin and approve the permissions it asks for, then retry.", true},
	CodeShopFrozen:        {"a frozen shop", "The shop is frozen or locked. Settle its account with Shopify, then retry.", true},
	CodeShopClosed:        {"a closed shop", "Shopify does not let us into the shop. Check that it is open, then retry.", true},
	CodeInvalidData:       {"a value that Shopify refused", "Shopify refused a value. Each entry says which: correct it in the rule or on the record, then retry.", true},
	CodeNotKept:           {"a change that was not kept", "Shopify accepted a change and did not keep it. Another app may undo it; then retry.", true},
	CodeRuleError:         {"a rule that could not be decided", "A rule could not be decided: a value it asks for could not be read. Check Tagtrail's permissions, then retry.", true},
	CodeInternal:          {"an error in Tagtrail", "Something went wrong in Tagtrail. Retry; if it stays so, tell support the id of the entry.", true},

	CodeTagLimit:        {"too many tags", "A record has as many tags as Shopify allows. Remove some of them; the rule tries again when the record changes next.", false},
	CodeResourceDeleted: {"a deleted record", "The record was deleted, so there is nothing left to do.", false},
	CodeInvalidBody:     {"an unreadable webhook", "The webhook's body cannot be read, and another try would find the same. Tell Shopify's support the webhook id.", false},
	CodeUninstalled:     {"an uninstalled app", "Tagtrail was not installed then.", false},
	CodeRuleGone:        {"a deleted rule", "The rule that asked for the change was deleted.", false},
	CodeRetryIncomplete: {"an incomplete retry", "Part of what was retried failed again. Its entries say why.", false},
}

// CauseName names a cause in a few words that fit into: failed because of ... Somebody else's has its code for a name.
func CauseName(code string) string {
	if c, ours := causes[code]; ours {
		return c.name
	}
	return code
}

// Advice says what a cause means and what to do, for a person; it is empty for a cause of somebody else's.
func Advice(code string) string { return causes[code].advice }

// Retryable reports whether the work that failed can be done again: the work on a webhook, or the change of tags that
// followed from one. The entry alone tells it.
func (e *Entry) Retryable() bool {
	failed := e.Status == models.Failed || e.Status == models.Warning
	return failed && e.ErrorCode != nil && causes[*e.ErrorCode].retryable && e.DeliveryID() != ""
}

// DeliveryID returns the id of the delivery whose work the entry tells of, or "" where it tells of something else.
func (e *Entry) DeliveryID() string {
	switch {
	case e.Type == models.BackgroundJob && e.Action == SmartTagApplied && e.CauseID != nil && e.OperationID == nil:
		return *e.CauseID
	case e.Type == models.Webhook && e.received():
		return e.ID
	}
	return ""
}

// received reports whether the entry tells of a webhook that came to us: a recorder outside may tell of another's.
func (e *Entry) received() bool {
	var known struct {
		WebhookID *string `json:"webhookId"`
	}
	return json.Unmarshal(e.Metadata, &known) == nil && known.WebhookID != nil
}

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

	CodeEditedMeanwhile     = "EDITED_MEANWHILE"
	CodeOperationIncomplete = "OPERATION_INCOMPLETE"
	CodeOperationCancelled  = "OPERATION_CANCELLED"
	CodeBulkFailed          = "BULK_FAILED"
	CodeRuleFight           = "RULE_FIGHT"
	CodeCleanUpIncomplete   = "CLEAN_UP_INCOMPLETE"
	CodeMail                = "MAIL"
	CodeStreamFailing       = "STREAM_FAILING"
	CodePlanEnded           = "PLAN_ENDED"
	CodeHandOver            = "HAND_OVER"
	CodeStillNamed          = "STILL_NAMED"
	CodeInstalledAgain      = "INSTALLED_AGAIN"
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

	CodeEditedMeanwhile:     {"a change by somebody else", "Somebody else changed the record while Shopify's answer to our own change was lost. Look at the record; the entry says what was asked for.", false},
	CodeOperationIncomplete: {"an operation that is not complete", "Part of an operation could not be done. Open it to see what, and retry that.", false},
	CodeOperationCancelled:  {"a cancelled operation", "Somebody stopped the operation. What it had done by then stays, and can be reverted.", false},
	CodeBulkFailed:          {"a bulk operation that Shopify gave up", "Shopify gave a bulk operation up. Retry what failed of the operation.", false},
	CodeRuleFight:           {"rules that undo each other", "A rule changed one record again and again and is paused. Look at what else changes these tags, then switch the rule on.", false},
	CodeCleanUpIncomplete:   {"a clean-up that is not complete", "Something had to stay at a clean-up. Its entry says why; the next one tries again.", false},
	CodeMail:                {"a mail that was not sent", "A mail could not be sent. Ask whoever runs the server to look at SMTP_URL.", false},
	CodeStreamFailing:       {"a stream's receiver", "The receiver of a stream does not take what is sent to it. Look at what it answers, under Settings; a stream that was disabled is enabled there.", false},
	CodePlanEnded:           {"a plan that ended", "The PRO plan ended. Choose it again, or export what is to be kept.", false},
	CodeHandOver:            {"a file to hand over", "A customer asked for their data. Hand over the file under Exports.", false},
	CodeStillNamed:          {"texts that name a customer", "Texts of your own name a customer who was erased. Look through them.", false},
	CodeInstalledAgain:      {"an app that was installed again", "The shop was to be erased and has installed Tagtrail again. Nothing more is erased.", false},
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

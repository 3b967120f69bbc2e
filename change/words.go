package change

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shopify"
)

const (
	wordsTooLong  = "A tag is longer than Shopify allows on %s: %d characters. Choose a shorter one."
	wordsTooMany  = "The record has as many tags as Shopify allows, 250. Take some of its tags off, then retry what failed."
	wordsTagWrong = "Shopify refused the tags. Tags have no comma, at most %d characters on %s, and a record has at most 250 of them. Correct the tags or the record, then retry what failed."
	wordsBug      = "Shopify did not understand what Tagtrail asked for: %s. Tell support the id of the operation."
)

// refusalWords is what Shopify's refusals of these mutations mean, by a part of their message. The first that fits is
// it. A merchant can do nothing about those that say that the request itself is wrong.
var refusalWords = []struct {
	part string
	code string
	say  func(resource models.ResourceType, said string) string
}{
	{"does not exist", activity.CodeResourceDeleted, fixed("The record was deleted, so there is nothing left to do.")},
	{"cannot be more than 250", activity.CodeTagLimit, fixed(wordsTooMany)},
	{"exceeds the maximum length of", activity.CodeInvalidData, tooLong},
	{"is too long (maximum is 255 characters)", activity.CodeInvalidData, tooLong},
	{"tags is invalid", activity.CodeInvalidData, func(resource models.ResourceType, _ string) string {
		return fmt.Sprintf(wordsTagWrong, TagLength(resource), plural(resource))
	}},
	{"input array size of", activity.CodeInvalidData, fixed("Shopify takes at most 250 tags at once. Use fewer tags.")},
	{"already in progress", activity.CodeRateLimit, fixed("Shopify runs as many bulk operations of this shop as it allows. Tagtrail goes on by itself when one has ended.")},
	{"input file is empty", activity.CodeBulkFailed, fixed("Shopify found nothing in the file that Tagtrail uploaded. Retry what failed.")},
	{"exceeds the maximum allowed size of 100 MB", activity.CodeBulkFailed, fixed("The file for Shopify was larger than the 100 MB that it takes. Choose fewer records at once.")},
	{"JSONL file could not be found", activity.CodeBulkFailed, fixed("Shopify could not find the file that Tagtrail uploaded. Retry what failed.")},
	{"cannot be canceled when it is", activity.CodeOperationCancelled, fixed("The bulk operation at Shopify had ended before it could be stopped. What it did is shown with each record.")},
	{"not a recognized format", activity.CodeInternal, bug},
	{"file size is required", activity.CodeInternal, bug},
	{"bulk mutation", activity.CodeInternal, bug},
	{"bulk quer", activity.CodeInternal, bug},
	{"single top level mutation", activity.CodeInternal, bug},
	{"allowed mutation name", activity.CodeInternal, bug},
	{"failed to parse the mutation", activity.CodeInternal, bug},
	{"invalid operation type", activity.CodeInternal, bug},
	{"connection field", activity.CodeInternal, bug},
	{"is too large (", activity.CodeInternal, bug},
	{"is too long (maximum", activity.CodeInternal, bug},
	{"is too short (minimum", activity.CodeInternal, bug},
	{"invalid id", activity.CodeInvalidData, fixed("Shopify does not know the record under this id. Check the id and the kind of record.")},
}

func fixed(text string) func(models.ResourceType, string) string {
	return func(models.ResourceType, string) string { return text }
}

func tooLong(resource models.ResourceType, _ string) string {
	return fmt.Sprintf(wordsTooLong, plural(resource), TagLength(resource))
}

func bug(_ models.ResourceType, said string) string {
	return fmt.Sprintf(wordsBug, strings.TrimSuffix(said, "."))
}

// causeOf says in the merchant's words why a call failed, with what to do.
func causeOf(resource models.ResourceType, err error) (code, message string) {
	e, ok := errors.AsType[*shopify.Error](err)
	if !ok {
		return activity.CodeInternal, activity.Advice(activity.CodeInternal)
	}
	switch e.Kind {
	case shopify.Gone:
		return activity.CodeResourceDeleted, activity.Advice(activity.CodeResourceDeleted)
	case shopify.UserError, shopify.Invalid:
		return refusalOfShopify(resource, e.Message)
	case shopify.SearchWarning:
		return activity.CodeInvalidData, searchWords(e)
	case shopify.Throttled, shopify.Busy:
		code = activity.CodeRateLimit
	case shopify.Unavailable, shopify.Protocol:
		code = activity.CodeNetwork
	case shopify.Unauthorized:
		code = activity.CodeReauthorize
	case shopify.Frozen, shopify.Locked:
		code = activity.CodeShopFrozen
	case shopify.Forbidden, shopify.NotFound:
		code = activity.CodeShopClosed
	case shopify.AccessDenied:
		code = activity.CodePermissionMissing
	default:
		code = activity.CodeInternal
	}
	return code, activity.Advice(code)
}

// refusalOfShopify finds the words for what Shopify said.
func refusalOfShopify(resource models.ResourceType, said string) (code, message string) {
	lower := strings.ToLower(said)
	for _, w := range refusalWords {
		if strings.Contains(lower, strings.ToLower(w.part)) {
			return w.code, w.say(resource, said)
		}
	}
	return activity.CodeInvalidData, "Shopify refused the change: " + strings.TrimSuffix(said, ".") + ". Correct the tags or the record, then retry what failed."
}

// searchWords names the terms that Shopify left out of a search.
func searchWords(e *shopify.Error) string {
	return fmt.Sprintf("Shopify does not know %s, and would leave it out and so find too much. Correct the search.", strings.Join(quoted(e.Field), ", "))
}

func quoted(words []string) []string {
	list := make([]string, len(words))
	for i, word := range words {
		list[i] = fmt.Sprintf("%q", word)
	}
	return list
}

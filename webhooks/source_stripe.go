package webhooks

import (
	"slices"
	"strings"

	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/personal"
)

// phrase is how an event is told: its action and its sentence. What failed has a code.
type phrase struct{ action, sentence, code string }

// stripePhrases are the events of Stripe that have words of their own. {of} is the amount with "of" before it, {title}
// the record's title.
var stripePhrases = map[string]phrase{
	"payment_intent.created":         {"PAYMENT_CREATED", "Payment {of} started", ""},
	"payment_intent.processing":      {"PAYMENT_PROCESSING", "Payment {of} is being processed", ""},
	"payment_intent.requires_action": {"PAYMENT_REQUIRES_ACTION", "Payment {of} waits for the customer", ""},
	"payment_intent.succeeded":       {"PAYMENT_SUCCEEDED", "Payment {of} succeeded", ""},
	"payment_intent.payment_failed":  {"PAYMENT_FAILED", "Payment {of} failed", "PAYMENT_FAILED"},
	"payment_intent.canceled":        {"PAYMENT_CANCELLED", "Payment {of} cancelled", ""},

	"charge.succeeded":       {"CHARGE_SUCCEEDED", "Charge {of} succeeded", ""},
	"charge.captured":        {"CHARGE_CAPTURED", "Charge {of} captured", ""},
	"charge.pending":         {"CHARGE_PENDING", "Charge {of} pending", ""},
	"charge.failed":          {"CHARGE_FAILED", "Charge {of} failed", "PAYMENT_FAILED"},
	"charge.expired":         {"CHARGE_EXPIRED", "Charge {of} expired before it was captured", ""},
	"charge.refunded":        {"PAYMENT_REFUNDED", "Charge {of} refunded", ""},
	"charge.dispute.created": {"DISPUTE_CREATED", "Charge {of} disputed", "DISPUTED"},
	"charge.dispute.updated": {"DISPUTE_UPDATED", "Dispute {of} updated", ""},
	"charge.dispute.closed":  {"DISPUTE_CLOSED", "Dispute {of} closed", ""},
	"refund.created":         {"REFUND_CREATED", "Refund {of} created", ""},
	"refund.updated":         {"REFUND_UPDATED", "Refund {of} updated", ""},
	"refund.failed":          {"REFUND_FAILED", "Refund {of} failed", "REFUND_FAILED"},
	"charge.refund.updated":  {"REFUND_UPDATED", "Refund {of} updated", ""},
	"customer.created":       {"CUSTOMER_CREATED", "Customer {title} created", ""},
	"customer.updated":       {"CUSTOMER_UPDATED", "Customer {title} updated", ""},
	"customer.deleted":       {"CUSTOMER_DELETED", "Customer {title} deleted", ""},
	"invoice.created":        {"INVOICE_CREATED", "Invoice {title} {of} created", ""},
	"invoice.updated":        {"INVOICE_UPDATED", "Invoice {title} {of} updated", ""},
	"invoice.finalized":      {"INVOICE_FINALIZED", "Invoice {title} {of} finalized", ""},
	"invoice.paid":           {"INVOICE_PAID", "Invoice {title} {of} paid", ""},
	"invoice.payment_failed": {"INVOICE_PAYMENT_FAILED", "Payment of invoice {title} {of} failed", "PAYMENT_FAILED"},
	"invoice.voided":         {"INVOICE_VOIDED", "Invoice {title} {of} voided", ""},
	"invoice.upcoming":       {"INVOICE_UPCOMING", "An invoice {of} is coming up", ""},
	"invoice.payment_succeeded": {
		"INVOICE_PAYMENT_SUCCEEDED", "Payment of invoice {title} {of} succeeded", "",
	},
	"invoice.marked_uncollectible": {
		"INVOICE_UNCOLLECTIBLE", "Invoice {title} {of} given up", "UNCOLLECTIBLE",
	},
	"customer.subscription.created": {"SUBSCRIPTION_CREATED", "Subscription {title} created", ""},
	"customer.subscription.updated": {"SUBSCRIPTION_UPDATED", "Subscription {title} updated", ""},
	"customer.subscription.deleted": {"SUBSCRIPTION_CANCELLED", "Subscription {title} ended", ""},
	"customer.subscription.paused":  {"SUBSCRIPTION_PAUSED", "Subscription {title} paused", ""},
	"customer.subscription.resumed": {"SUBSCRIPTION_RESUMED", "Subscription {title} resumed", ""},
	"customer.subscription.trial_will_end": {
		"SUBSCRIPTION_TRIAL_ENDING", "The trial of subscription {title} ends soon", "",
	},
}

// stripeEvent reads an event of Stripe.
func stripeEvent(name string, body doc) told {
	object := body.in("data", "object")
	about := stripeThing(object, body.at("livemode") == true)
	sum := amount(stripeAmount(object), object.text("currency"), stripeDecimals)
	event := told{
		about:   about,
		changes: stripeChanges(object, body.in("data", "previous_attributes")),
		values:  map[string]string{"amount": sum, "stripeStatus": object.text("status"), "stripeObject": object.text("id")},
	}
	if body.at("livemode") == false {
		event.values["mode"] = "test"
	}
	words, known := stripePhrases[name]
	if !known {
		return event
	}
	values := map[string]string{"of": "", "title": about.title}
	if sum != "" {
		values["of"] = "of " + sum
	}
	event.action, event.summary = words.action, fill(words.sentence, values)
	if words.code != "" {
		event.code, event.message = words.code, stripeTrouble(object)
	}
	return event
}

// stripeAmount is the amount that an object is about: of a charge that was refunded, what was given back.
func stripeAmount(object doc) string {
	fields := []string{"amount"}
	switch object.text("object") {
	case "charge":
		fields = []string{"amount_refunded", "amount"}
	case "payment_intent":
		fields = []string{"amount_received", "amount"}
	case "invoice":
		fields = []string{"amount_paid", "amount_due", "total"}
	}
	for _, field := range fields {
		if sum := object.text(field); sum != "" && sum != "0" {
			return sum
		}
	}
	return object.text(fields[len(fields)-1])
}

// stripeDecimals are the currency's, except for two that lost their decimals after Stripe began to take them: it goes on
// to count them in hundredths. https://docs.stripe.com/currencies#special-cases
func stripeDecimals(currency string) int {
	if currency == "ISK" || currency == "UGX" {
		return 2
	}
	return decimalsOf(currency)
}

// stripePages are the folders of Stripe's dashboard, and what the log calls their records.
var stripePages = map[string]struct{ kind, page string }{
	"payment_intent": {"Payment", "payments"},
	"charge":         {"Payment", "payments"},
	"customer":       {"Customer", "customers"},
	"invoice":        {"Invoice", "invoices"},
	"subscription":   {"Subscription", "subscriptions"},
}

// stripeThing says what the event is about: a charge, a refund or a dispute is about its payment.
func stripeThing(object doc, live bool) thing {
	kind, id := object.text("object"), object.text("id")
	switch kind {
	case "charge", "refund", "dispute":
		for _, parent := range []string{"payment_intent", "charge"} {
			if of := object.text(parent); of != "" {
				kind, id = parent, of
				break
			}
		}
	}
	if kind == "" || id == "" {
		return thing{}
	}
	about := thing{kind: kind, id: id, title: id}
	page, known := stripePages[kind]
	if known {
		about.kind = page.kind
		about.url = "https://dashboard.stripe.com/" + page.page + "/" + id
		if !live {
			about.url = "https://dashboard.stripe.com/test/" + page.page + "/" + id
		}
	}
	switch kind {
	case "customer":
		if title := object.text("name"); title != "" {
			about.title = title
		}
	case "invoice":
		if title := object.text("number"); title != "" {
			about.title = title
		}
	}
	return about
}

// stripeTrouble says in Stripe's words why it failed.
func stripeTrouble(object doc) string {
	for _, path := range [][]string{
		{"last_payment_error", "message"}, {"last_finalization_error", "message"}, {"failure_message"}, {"failure_reason"}, {"reason"},
	} {
		if why := object.text(path...); why != "" {
			return "Stripe says: " + why
		}
	}
	return "Stripe does not say why. Open it in Stripe's dashboard."
}

// keptOut reports whether the log does not keep the field's values: it knows no more of customers than it needs. A
// description, metadata and a name may say anything.
func keptOut(name string) bool {
	field := personal.Normal(name)
	return personal.Field(field) || personal.Holder(field) || strings.HasPrefix(name, "customer_tax") ||
		slices.Contains([]string{"description", "metadata", "name"}, name)
}

// stripeChanges are the fields that Stripe says had another value before.
func stripeChanges(object, before doc) []models.FieldChange {
	names := make([]string, 0, len(before))
	for name := range before {
		names = append(names, name)
	}
	slices.Sort(names)
	var changes []models.FieldChange
	for _, name := range names {
		if len(changes) == maxChanges {
			break
		}
		change := models.FieldChange{Field: shortened(storable(name)), Before: keepable(before[name]), After: keepable(within(object[name], before[name]))}
		if keptOut(name) {
			change.Before, change.After = encoded("(not kept)"), encoded("(not kept)")
		}
		changes = append(changes, change)
	}
	return changes
}

// maxChanges bounds the fields that an entry tells of.
const maxChanges = 100

// within cuts an object down to the members that it had before.
func within(now, before any) any {
	was, ok := before.(map[string]any)
	is, both := now.(map[string]any)
	if !ok || !both {
		return now
	}
	cut := map[string]any{}
	for name := range was {
		cut[name] = within(is[name], was[name])
	}
	return cut
}

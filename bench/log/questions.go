package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

const pageSize = 50

// The limits on p99, in milliseconds.
const (
	pageLimit   = 25
	searchLimit = 100
	statsLimit  = 50
)

// question is what a page asks, and how a plain program answers it.
type question struct {
	name  string
	limit float64
	query string
	// variables are those of one run.
	variables func(run int) map[string]any
	plain     func(ctx context.Context, read reader, run int) (*plainAnswer, error)
}

// fields are what a line of the page shows.
const fields = `id occurredAt type action categories status summary actor { type id name } entity { type id title url }`

const pageQuery = `query ($filter: ActivityFilter, $after: String) {
	activities(first: 50, after: $after, filter: $filter) { nodes { ` + fields + ` } pageInfo { hasNextPage endCursor } userErrors { message } }
}`

const countQuery = `query ($filter: ActivityFilter) { activities(first: 1, filter: $filter) { totalCount { count capped } } }`

const statsQuery = `query ($filter: ActivityFilter, $interval: ActivityInterval) {
	activityStats(filter: $filter, interval: $interval) {
		total { count capped } byCategory { category count } byStatus { status count } byType { type count }
		byActor { actor { type id name } count } series { at counts { status count } } countedSince userErrors { message }
	}
}`

const detailQuery = `query ($id: ID!) {
	activity(id: $id) {
		` + fields + ` changes { field before after } history { status at note } metadata error { code message attempts stack }
		evaluations { name version matched outcome conditions { field operator expected actual passed hint } addTags removeTags }
		cause { id summary } effects(first: 50) { nodes { id summary } }
	}
}`

// world is what the questions are about.
type world struct {
	shop int64
	read reader
	now  time.Time
	// rule is the busiest one, order a record, operation a bulk operation, person one of the staff; detail is an
	// entry that a rule wrote.
	rule, order, operation, person string
	detail                         models.Activity
	// depths are places in the log, with their cursors.
	depths  []models.Position
	cursors []string
}

type filter map[string]any

// list asks for a page of what a filter matches.
func (w *world) list(name string, limit float64, f filter, s statement) *question {
	return &question{
		name:      name,
		limit:     limit,
		query:     pageQuery,
		variables: func(int) map[string]any { return map[string]any{"filter": f} },
		plain:     page(func(int) statement { return s }),
	}
}

const newest = " ORDER BY occurred_at DESC, id DESC LIMIT 51"

// where walks the shop's log by time, or by an index that a condition asks for.
func (w *world) where(condition string, args ...any) statement {
	return statement{"SELECT " + columns + " FROM activities WHERE shop_id = $1 AND " + condition + newest, append([]any{w.shop}, args...)}
}

// merged walks the index once for each condition.
func (w *world) merged(conditions ...string) statement {
	walks := make([]string, len(conditions))
	for i, c := range conditions {
		walks[i] = "SELECT * FROM (SELECT " + columns + " FROM activities WHERE shop_id = $1 AND " + c + newest + ") AS walk" + fmt.Sprint(i)
	}
	return statement{strings.Join(walks, " UNION ALL ") + newest, []any{w.shop}}
}

var everyStatus = []string{"PENDING", "IN_PROGRESS", "SUCCESS", "WARNING", "FAILED"}

// pairs are the conditions for the index of actions and statuses.
func pairs(actions, statuses []string, more string) []string {
	var all []string
	for _, action := range actions {
		for _, status := range statuses {
			all = append(all, "action = '"+action+"' AND status = '"+status+"'"+more)
		}
	}
	return all
}

func (w *world) questions() []*question {
	week, yesterday := w.now.AddDate(0, 0, -7), w.now.AddDate(0, 0, -6)
	tags := []string{activity.SmartTagApplied, activity.TagCleanup, activity.BulkTagUpdate}
	metafields := []string{activity.MetafieldUpdated, activity.MetafieldCreated, activity.COGSUpdated}
	cleaning := []string{activity.TagCleanup, activity.DataCleanup}
	system := []string{"SETTINGS_CHANGED", activity.StaffFirstSeen}
	all := []*question{
		w.list("first page", pageLimit, nil, w.where("1 = 1")),
		w.deep(),
		w.list("tab Tags", pageLimit, filter{"categories": []string{"TAGS"}}, w.where("categories & 1 <> 0")),
		w.list("tab Metafields", pageLimit, filter{"categories": []string{"METAFIELDS"}}, w.merged(pairs(metafields, everyStatus, "")...)),
		w.list("tab Data Cleaning", pageLimit, filter{"categories": []string{"DATA_CLEANING"}}, w.merged(pairs(cleaning, everyStatus, "")...)),
		w.list("type WEBHOOK", pageLimit, filter{"types": []string{"WEBHOOK"}}, w.where("type = 'WEBHOOK'")),
		w.list("type SYSTEM_EVENT", pageLimit, filter{"types": []string{"SYSTEM_EVENT"}}, w.merged(pairs(system, everyStatus, "")...)),
		w.list("status FAILED", pageLimit, filter{"statuses": []string{"FAILED"}}, w.where("status = 'FAILED'")),
		w.list("status FAILED or WARNING", pageLimit, filter{"statuses": []string{"FAILED", "WARNING"}}, w.where("status IN ('FAILED', 'WARNING')")),
		w.list("action, common", pageLimit, filter{"actions": []string{activity.SmartTagApplied}}, w.merged(pairs(tags[:1], everyStatus, "")...)),
		w.list("action, rare", pageLimit, filter{"actions": []string{activity.DataCleanup}}, w.merged(pairs(cleaning[1:], everyStatus, "")...)),
		w.list("one of the staff", pageLimit, filter{"actorIds": []string{w.person}}, w.where("actor_id = $2", w.person)),
		w.list("rule", pageLimit, filter{"ruleId": w.rule}, w.where("rule_id = $2", w.rule)),
		w.list("entity type", pageLimit, filter{"entityTypes": []string{"Customer"}}, w.where("entity_type = 'Customer'")),
		w.list("entity", pageLimit, filter{"entityId": w.order}, w.where("entity_type = 'Order' AND entity_id = $2", w.order)),
		w.list("operation", pageLimit, filter{"operationId": w.operation}, w.where("operation_id = $2", w.operation)),
		w.list("one day of last week", pageLimit, filter{"from": week, "to": yesterday},
			w.where("occurred_at >= $2 AND occurred_at < $3", w.read.moment(week), w.read.moment(yesterday))),
		w.list("2 statuses, 3 types", pageLimit, filter{"statuses": []string{"FAILED", "WARNING"}, "types": []string{"WEBHOOK", "BACKGROUND_JOB", "SYSTEM_EVENT"}},
			w.where("status IN ('FAILED', 'WARNING') AND type IN ('WEBHOOK', 'BACKGROUND_JOB', 'SYSTEM_EVENT')")),
		w.list("2 rare statuses, 2 rare types", pageLimit, filter{"statuses": []string{"PENDING", "IN_PROGRESS"}, "types": []string{"SYSTEM_EVENT", "USER_ACTION"}},
			w.merged(pairs(append(append(system, metafields...), activity.BulkTagUpdate, activity.BulkOperation, activity.RuleUpdated, activity.RuleEnabled,
				activity.RuleDisabled), everyStatus[:2], "")...)),
		w.list("action and type, no match", pageLimit, filter{"actions": []string{activity.COGSUpdated}, "types": []string{"SYSTEM_EVENT"}},
			w.where("action = 'COGS_UPDATED' AND status IN ('PENDING', 'IN_PROGRESS', 'SUCCESS', 'WARNING', 'FAILED') AND type = 'SYSTEM_EVENT'")),
		w.list("tab and actor, no match", pageLimit, filter{"categories": []string{"DATA_CLEANING"}, "actorIds": []string{w.person}},
			w.merged(pairs(cleaning, everyStatus, " AND actor_id = '"+w.person+"'")...)),
		w.list("actor and date", pageLimit, filter{"actorIds": []string{w.person}, "from": week, "to": yesterday},
			w.where("actor_id = $2 AND occurred_at >= $3 AND occurred_at < $4", w.person, w.read.moment(week), w.read.moment(yesterday))),
		w.search("search, rare word", "xylograph"),
		w.search("search, common word", "updated"),
		w.search("search, no match", "zyzzyva"),
		w.count("count, all", nil, "1 = 1"),
		w.count("count, FAILED", filter{"statuses": []string{"FAILED"}}, "status = 'FAILED'"),
		w.count("count, one rule", filter{"ruleId": w.rule}, "rule_id = '"+w.rule+"'"),
		w.stats("stats, 24 hours by hour", "HOUR", w.now.Add(-24*time.Hour), nil),
		w.stats("stats, 30 days by day", "DAY", w.now.AddDate(0, 0, -30), nil),
		w.stats("stats, 30 days by hour", "HOUR", w.now.AddDate(0, 0, -30), nil),
		w.stats("stats, 30 days by day, FAILED", "DAY", w.now.AddDate(0, 0, -30), filter{"statuses": []string{"FAILED"}}),
		w.entry(),
	}
	return all
}

// deep asks for the page after a random entry.
func (w *world) deep() *question {
	return &question{
		name:  "random deep page",
		limit: pageLimit,
		query: pageQuery,
		variables: func(run int) map[string]any {
			return map[string]any{"after": w.cursors[run%len(w.cursors)]}
		},
		plain: page(func(run int) statement {
			at := w.depths[run%len(w.depths)]
			moment := w.read.moment(at.At)
			return w.where("(occurred_at, id) < ($2, $3) AND occurred_at <= $4", moment, at.ID, moment)
		}),
	}
}

func (w *world) search(name, word string) *question {
	s := w.where("summary ILIKE '%" + word + "%'")
	if w.read.sqlite {
		s = w.where("summary LIKE '%" + word + "%'")
		if word != "updated" {
			s = w.where(`rowid IN (SELECT rowid FROM activity_words WHERE activity_words MATCH '"` + word + `"')`)
		}
	}
	return w.list(name, searchLimit, filter{"search": word}, s)
}

func (w *world) count(name string, f filter, condition string) *question {
	s := statement{
		"SELECT count(*) FROM (SELECT 1 FROM activities WHERE shop_id = $1 AND " + condition + " LIMIT 10001) AS matching",
		[]any{w.shop},
	}
	return &question{
		name:      name,
		limit:     pageLimit,
		query:     countQuery,
		variables: func(int) map[string]any { return map[string]any{"filter": f} },
		plain:     numbers(0, func(int) statement { return s }),
	}
}

// stats counts from a time on. The plain program has nothing but the log to count.
func (w *world) stats(name, interval string, from time.Time, narrow filter) *question {
	f, condition := filter{"from": from}, ""
	for field, value := range narrow {
		f[field] = value
		condition = " AND status = 'FAILED'"
	}
	at := "date_trunc('" + strings.ToLower(interval) + "', occurred_at)::text"
	categories := "categories::text"
	if w.read.sqlite {
		length := map[string]string{"HOUR": "3600000000", "DAY": "86400000000"}[interval]
		at, categories = "CAST(occurred_at / "+length+" AS TEXT)", "CAST(categories AS TEXT)"
	}
	s := statement{
		"SELECT " + at + ", " + categories + `, type, status, actor_type, coalesce(actor_id, ''), count(*) FROM activities
			WHERE shop_id = $1 AND occurred_at >= $2` + condition + " GROUP BY 1, 2, 3, 4, 5, 6",
		[]any{w.shop, w.read.moment(from)},
	}
	return &question{
		name:      name,
		limit:     statsLimit,
		query:     statsQuery,
		variables: func(int) map[string]any { return map[string]any{"filter": f, "interval": interval} },
		plain:     numbers(6, func(int) statement { return s }),
	}
}

// entry asks for one entry and what hangs on it.
func (w *world) entry() *question {
	const large = ", changes, evaluations, history, metadata, error_code, error_message, error_stack, attempts, cause_id"
	return &question{
		name:      "one entry, whole",
		limit:     pageLimit,
		query:     detailQuery,
		variables: func(int) map[string]any { return map[string]any{"id": w.detail.ID} },
		plain: func(ctx context.Context, read reader, _ int) (*plainAnswer, error) {
			answer := &plainAnswer{}
			at := read.moment(w.detail.OccurredAt)
			var cause *string
			err := read.each(ctx, "SELECT "+columns+large+" FROM activities WHERE shop_id = $1 AND occurred_at = $2 AND id = $3",
				[]any{w.shop, at, w.detail.ID}, func(scan scan) error {
					var found row
					parts := make([][]byte, 4)
					failure := struct {
						Code, Message, Stack *string
						Attempts             int
					}{}
					into := append(found.targets(), &parts[0], &parts[1], &parts[2], &parts[3])
					if err := scan(append(into, &failure.Code, &failure.Message, &failure.Stack, &failure.Attempts, &cause)...); err != nil {
						return err
					}
					answer.Rows = append(answer.Rows, found)
					for _, part := range parts {
						answer.Parts = append(answer.Parts, json.RawMessage(part))
					}
					raw, err := json.Marshal(failure)
					answer.Parts = append(answer.Parts, raw)
					return err
				})
			if err != nil || cause == nil {
				return answer, err
			}
			causeAt, _ := models.IDTime(*cause)
			for _, s := range []statement{
				{"SELECT " + columns + " FROM activities WHERE shop_id = $1 AND occurred_at = $2 AND id = $3", []any{w.shop, read.moment(causeAt), *cause}},
				{"SELECT " + columns + " FROM activities WHERE shop_id = $1 AND cause_id = $2 AND occurred_at >= $3 ORDER BY occurred_at, id LIMIT 51",
					[]any{w.shop, w.detail.ID, at}},
			} {
				more, err := page(func(int) statement { return s })(ctx, read, 0)
				if err != nil {
					return nil, err
				}
				answer.Rows = append(answer.Rows, more.Rows...)
			}
			return answer, nil
		},
	}
}

package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// keysMay says for every root field which scopes of an API key let it through, any one of them. What has none is for
// the shop's staff alone.
var keysMay = map[string][]models.Scope{
	"Query.shop": {models.ScopeRead, models.ScopeRecord},

	"Query.activity":                 {models.ScopeRead},
	"Query.activities":               {models.ScopeRead},
	"Query.activityFailures":         {models.ScopeRead},
	"Query.activityStats":            {models.ScopeRead},
	"Query.explain":                  {models.ScopeRead},
	"Query.resource":                 {models.ScopeRead},
	"Query.resources":                {models.ScopeRead},
	"Query.savedViews":               {models.ScopeRead},
	"Query.rule":                     {models.ScopeRead},
	"Query.rules":                    {models.ScopeRead},
	"Query.ruleFields":               {models.ScopeRead},
	"Subscription.activityChanged":   {models.ScopeRead},
	"Query.operation":                {models.ScopeRead},
	"Query.operations":               {models.ScopeRead},
	"Query.tagScan":                  {models.ScopeRead},
	"Query.export":                   {models.ScopeRead},
	"Query.exports":                  {models.ScopeRead},
	"Query.exportColumns":            {models.ScopeRead},
	"Subscription.exportProgress":    {models.ScopeRead},
	"Subscription.operationProgress": {models.ScopeRead},
	"Query.storage":                  {models.ScopeRead},
	"Query.archivedActivities":       {models.ScopeRead},

	"Mutation.activityRecord":      {models.ScopeRecord},
	"Mutation.activityRecordBatch": {models.ScopeRecord},

	"Query.apiKeys":               nil,
	"Query.sources":               nil,
	"Query.operationPreview":      nil,
	"Query.revertPreview":         nil,
	"Query.selectionFromCSV":      nil,
	"Mutation.exportCancel":       nil,
	"Mutation.exportRenew":        nil,
	"Mutation.exportStart":        nil,
	"Mutation.operationStart":     nil,
	"Mutation.operationCancel":    nil,
	"Mutation.operationRetry":     nil,
	"Mutation.operationRevert":    nil,
	"Mutation.activityRetry":      nil,
	"Mutation.activityRetryAll":   nil,
	"Mutation.apiKeyCreate":       nil,
	"Mutation.apiKeyRevoke":       nil,
	"Mutation.ruleCreate":         nil,
	"Mutation.ruleDelete":         nil,
	"Mutation.ruleSetEnabled":     nil,
	"Mutation.ruleTest":           nil,
	"Mutation.ruleUpdate":         nil,
	"Mutation.settingsUpdate":     nil,
	"Mutation.savedViewDelete":    nil,
	"Mutation.savedViewSave":      nil,
	"Mutation.sourceDelete":       nil,
	"Mutation.sourceSave":         nil,
	"Query.streams":               nil,
	"Mutation.streamCreate":       nil,
	"Mutation.streamUpdate":       nil,
	"Mutation.streamDelete":       nil,
	"Mutation.streamEnable":       nil,
	"Mutation.streamReplay":       nil,
	"Mutation.streamRotateSecret": nil,
	"Mutation.streamTest":         nil,
}

// scopes holds API keys to what they may do. Every operation passes here before anything of it runs.
type scopes struct{}

// ExtensionName names the check.
func (scopes) ExtensionName() string { return "Scopes" }

// Validate has nothing to check in the schema.
func (scopes) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation of which the key may not do everything.
func (scopes) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	key := Session(ctx).Key
	if key == nil || op.Operation == nil {
		return nil
	}
	kind := string(op.Operation.Operation)
	root := strings.ToUpper(kind[:1]) + kind[1:]
	for _, field := range rootFields(op.Operation.SelectionSet) {
		if strings.HasPrefix(field, "__") {
			continue // the schema is no secret
		}
		if refusal := refusalOf(key, root+"."+field, field); refusal != "" {
			err := gqlerror.Errorf("%s", refusal)
			errcode.Set(err, string(fault.Forbidden))
			return err
		}
	}
	return nil
}

// refusalOf says why a key may not use a root field, or nothing. A field that nobody decided about is the staff's.
func refusalOf(key *models.APIKey, name, field string) string {
	wanted := keysMay[name]
	if len(wanted) == 0 {
		return fmt.Sprintf("%s is for the shop's staff in the Shopify admin; no API key may use it.", field)
	}
	if slices.ContainsFunc(wanted, func(s models.Scope) bool { return slices.Contains(key.Scopes, s) }) {
		return ""
	}
	return fmt.Sprintf("The API key %s lacks the scope %s, which %s needs.", key.Name, wanted[0], field)
}

// rootFields are the fields that an operation asks for, also through fragments.
func rootFields(set ast.SelectionSet) []string {
	var names []string
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			names = append(names, s.Name)
		case *ast.InlineFragment:
			names = append(names, rootFields(s.SelectionSet)...)
		case *ast.FragmentSpread:
			if s.Definition != nil {
				names = append(names, rootFields(s.Definition.SelectionSet)...)
			}
		}
	}
	return names
}

// whileLive lets a subscription see nothing more once its API key is revoked.
func whileLive(live func(context.Context, *shops.Session) (bool, error)) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response == nil || !graphql.HasOperationContext(ctx) {
			return response // what could not be read has no operation
		}
		if op := graphql.GetOperationContext(ctx).Operation; op == nil || op.Operation != ast.Subscription {
			return response
		}
		if ok, err := live(ctx, Session(ctx)); err != nil || !ok {
			return nil // the stream ends; who begins it again is told why
		}
		return response
	}
}

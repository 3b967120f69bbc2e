package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/tagtrail/tagtrail/models"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestEveryRootFieldIsDecidedForKeys fails for a field that is new: nobody has said then whether a program may use it.
func TestEveryRootFieldIsDecidedForKeys(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	known := map[string]bool{}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			name := root.Name + "." + field.Name
			known[name] = true
			wanted, decided := keysMay[name]
			if !decided {
				t.Errorf("%s: say in keysMay which scope of an API key lets it through, or none", name)
			}
			if root == schema.Mutation && slices.Contains(wanted, models.ScopeRead) {
				t.Errorf("%s writes, and a key that may only read is let through", name)
			}
			for _, scope := range []models.Scope{models.ScopeRead, models.ScopeRecord} {
				refused := refusalOf(&models.APIKey{Scopes: []models.Scope{scope}}, name, field.Name) != ""
				if refused == slices.Contains(wanted, scope) {
					t.Errorf("%s with %s: refused is %v", name, scope, refused)
				}
			}
		}
	}
	for name := range keysMay {
		if !known[name] {
			t.Errorf("%s is not in the schema", name)
		}
	}
}

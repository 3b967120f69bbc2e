package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// MaxBody bounds a request's body, in bytes. A file of 5 MB that names records fits, with its quotes and line ends
	// escaped.
	MaxBody = 8 << 20
	// complexityLimit lets through a full page of entries with all their fields, and not a page of pages.
	complexityLimit = 20_000
	depthLimit      = 15
	parsedQueries   = 1000
	pingEvery       = 15 * time.Second
)

// NewHandler returns the handler of /graphql. live reports whether a session may still read what it subscribed to.
func NewHandler(resolvers ResolverRoot, live func(context.Context, *shops.Session) (bool, error), log *slog.Logger, introspection bool) http.Handler {
	config := Config{Resolvers: resolvers}
	setComplexity(&config.Complexity)
	h := handler.New(NewExecutableSchema(config))
	h.AddTransport(events{})
	h.AddTransport(transport.POST{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](parsedQueries))
	h.Use(extension.FixedComplexityLimit(complexityLimit))
	h.Use(depth{})
	h.Use(scopes{})
	h.AroundResponses(whileLive(live))
	if introspection {
		h.Use(extension.Introspection{})
	}
	h.SetErrorPresenter(presenter(log))
	h.SetRecoverFunc(func(_ context.Context, p any) error { return fmt.Errorf("panic: %v", p) })
	return h
}

func setComplexity(c *ComplexityRoot) {
	pageOf := func(child int, first, last *int) int {
		size := models.DefaultPage
		if first != nil {
			size = *first
		}
		if last != nil {
			size = *last
		}
		return 1 + max(0, min(size, models.MaxPage))*max(1, child)
	}
	c.Activity.Effects = func(child int, first *int, _ *string) int { return pageOf(child, first, nil) }
	c.Query.Activities = func(child int, first *int, _ *string, last *int, _ *string, _ *activity.Filter, _ *bool) int {
		return pageOf(child, first, last)
	}
	c.Query.Rules = func(child int, first *int, _ *string, _ *rules.Filter) int { return pageOf(child, first, nil) }
	c.Mutation.ActivityRecordBatch = func(child int, inputs []*activity.Outside) int { return 1 + len(inputs)*child }
	c.Query.Resources = func(child int, _ string, _ *models.ResourceType, first *int) int {
		ten := 10
		return pageOf(child, cmp.Or(first, &ten), nil)
	}
	c.Rule.Versions = func(child int) int { return 1 + 10*child }
}

// depth refuses operations that are nested too deep.
type depth struct{}

// ExtensionName names the check.
func (depth) ExtensionName() string { return "DepthLimit" }

// Validate has nothing to check in the schema.
func (depth) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses the operation before it runs.
func (depth) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation == nil {
		return nil
	}
	if deep := depthOf(op.Operation.SelectionSet); deep > depthLimit {
		err := gqlerror.Errorf("The query is nested %d levels deep; the limit is %d.", deep, depthLimit)
		errcode.Set(err, string(fault.TooComplex))
		return err
	}
	return nil
}

func depthOf(set ast.SelectionSet) int {
	deepest := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			deepest = max(deepest, 1+depthOf(s.SelectionSet))
		case *ast.InlineFragment:
			deepest = max(deepest, depthOf(s.SelectionSet))
		case *ast.FragmentSpread:
			if s.Definition != nil { // validation has refused fragments that contain themselves
				deepest = max(deepest, depthOf(s.Definition.SelectionSet))
			}
		}
	}
	return deepest
}

// presenter decides what a caller may read of an error: a fault as it is, anything else as a reference to the log.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var shown *gqlerror.Error
		if f, ok := fault.As(err); ok {
			shown = gqlerror.WrapPath(graphql.GetPath(ctx), errors.New(f.Message))
			shown.Message = f.Message
			errcode.Set(shown, string(f.Code))
			if cause := f.Unwrap(); cause != nil {
				log.WarnContext(ctx, "request refused", "code", f.Code, "err", cause)
			}
			return shown
		}
		if errors.As(err, &shown) && shown.Err == nil {
			if code, ok := shown.Extensions["code"]; ok && code == "COMPLEXITY_LIMIT_EXCEEDED" {
				shown.Extensions["code"] = string(fault.TooComplex)
			}
			return shown // the query itself was wrong
		}
		if errors.As(err, &shown) && shown.Rule != "" {
			return shown
		}
		shown = gqlerror.WrapPath(graphql.GetPath(ctx), err)
		if ctx.Err() != nil {
			shown.Message = "The request was given up before it was answered."
			errcode.Set(shown, string(fault.Internal))
			return shown
		}
		reference := uuid.NewString()
		log.ErrorContext(ctx, "request failed", "reference", reference, "err", err)
		shown.Message = "Something went wrong. Tell support the reference " + reference + "."
		shown.Extensions = map[string]any{"code": string(fault.Internal), "reference": reference}
		return shown
	}
}

// events is server-sent events for those who ask for nothing else first: ordinary clients list them among what they
// accept.
type events struct{}

// Supports reports whether the request is for events.
func (events) Supports(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "text/event-stream") && transport.SSE{}.Supports(r)
}

// Do answers with events, and a comment now and then so that nobody on the way thinks the line dead.
func (events) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	line := &pinged{ResponseWriter: w}
	ctx, stop := context.WithCancel(r.Context())
	var pinging sync.WaitGroup
	pinging.Go(func() { line.ping(ctx) })
	defer pinging.Wait()
	defer stop()
	transport.SSE{}.Do(line, r, exec)
}

// pinged lets events and pings take turns.
type pinged struct {
	http.ResponseWriter
	mu sync.Mutex
	// begun is set with the first write: a ping before it would send the wrong headers.
	begun bool
}

func (p *pinged) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun = true
	return p.ResponseWriter.Write(b)
}

// Flush sends what is written.
func (p *pinged) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, ok := p.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

func (p *pinged) ping(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.mu.Lock()
			if p.begun {
				_, _ = p.ResponseWriter.Write([]byte(":\n\n"))
				if f, ok := p.ResponseWriter.(http.Flusher); ok {
					f.Flush()
				}
			}
			p.mu.Unlock()
		}
	}
}

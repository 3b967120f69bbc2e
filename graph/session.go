// Package graph is the public API: its schema, and what turns Go into GraphQL and back.
package graph

import (
	"context"

	"github.com/tagtrail/tagtrail/shops"
)

type sessionKey struct{}

// WithSession returns a context that says who is asking.
func WithSession(ctx context.Context, s *shops.Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// Session returns who is asking. The server lets nobody through to a resolver without it.
func Session(ctx context.Context) *shops.Session {
	return ctx.Value(sessionKey{}).(*shops.Session) //nolint:forcetypeassert // see above
}

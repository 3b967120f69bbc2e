// Package resolvers answers GraphQL: one file for each schema file, one call for each method.
package resolvers

import (
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/change"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/retention"
	"github.com/tagtrail/tagtrail/rules"
	"github.com/tagtrail/tagtrail/shops"
	"github.com/tagtrail/tagtrail/streams"
	"github.com/tagtrail/tagtrail/webhooks"
)

// Rooms are the rooms that answer.
type Rooms struct {
	Activity  *activity.Service
	Change    *change.Service
	Export    *export.Service
	Rules     *rules.Service
	Shops     *shops.Service
	Webhooks  *webhooks.Service
	Retention *retention.Service
	Streams   *streams.Service
}

// Resolver is the root of every answer.
type Resolver struct {
	Rooms Rooms
}

// Package export makes files of the log: what a filter shows, as CSV or lines of JSON.
package export

import (
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/links"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
	"gorm.io/gorm"
)

// Kind is the kind of live message that names an export.
const Kind = "export"

const (
	// DirectRows is how many rows are written at once for whoever waits; more are written as a job.
	DirectRows = activity.CountCap
	// linkLife is how long the link to a file is good, and so how long its file is kept.
	linkLife = 7 * 24 * time.Hour
	// mostAtOnce is how many exports of a shop may be under way.
	mostAtOnce = 5
)

// Service makes every shop's exports.
type Service struct {
	DB       *gorm.DB
	Activity *activity.Service
	Notify   *notify.Service
	Queue    *queue.Queue
	Live     *live.Hub
	// Files is where the files are kept.
	Files *blob.Bucket
	// Key signs links to files.
	Key links.Key
	// URL is where links begin.
	URL string

	// PartRows ends a part of a file after so many rows; 0 ends it by time alone.
	PartRows int
}

// Input is what is asked for.
type Input struct {
	Filter  *activity.Filter
	Format  models.ExportFormat
	Columns []string
	Email   *string
	BOM     *bool
}

// Export is an export as it is read by somebody.
type Export struct {
	models.Export
	s      *Service
	viewer models.Actor
	// zone is the shop's, in which times are told.
	zone *time.Location
}

// Column is what a file may tell of an entry.
type Column = activity.Column

// Columns returns what a file may tell of each entry, in the order in which it does where nothing is chosen.
func (s *Service) Columns() []*Column { return activity.Columns() }

// URL is where the file can be had, made out to who asks; nil where there is none.
func (e *Export) URL() *string {
	if e.s.Key == nil || !e.available(models.Now()) {
		return nil
	}
	url := e.s.link(&e.Export, e.viewer.Name, *e.ExpiresAt)
	return &url
}

// available reports whether a link leads to a file: a small one is written for whoever follows the link.
func (e *Export) available(now time.Time) bool {
	ready := e.Status == models.ExportCompleted || e.Direct && !e.Status.Ended()
	return ready && e.ExpiresAt != nil && now.Before(*e.ExpiresAt)
}

// EmailedTo is who gets a link by mail.
func (e *Export) EmailedTo() *string { return e.Email }

// Error is why it could not be made.
func (e *Export) Error() *string {
	if e.Status != models.ExportFailed && e.Status != models.ExportExpired {
		return nil
	}
	return e.ErrorMessage
}

// Length is how many bytes the file has, once it is done.
func (e *Export) Length() *int {
	if e.Status != models.ExportCompleted {
		return nil
	}
	return &e.Bytes
}

// Selected says in words which entries.
func (e *Export) Selected() string {
	if e.About != nil {
		return *e.About
	}
	return selected(e.Filter, e.zone)
}

// Cancellable reports whether it can be stopped.
func (e *Export) Cancellable() bool { return !e.Status.Ended() }

// Renewable reports whether its link can be made good for longer.
func (e *Export) Renewable() bool {
	return e.Status == models.ExportCompleted && e.available(models.Now())
}

// columnsNamed returns the columns with these names, which were checked when the export was started.
func columnsNamed(names []string) []*activity.Column {
	columns := make([]*activity.Column, 0, len(names))
	for _, name := range names {
		if c := activity.ColumnNamed(name); c != nil {
			columns = append(columns, c)
		}
	}
	return columns
}

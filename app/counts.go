package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// Counts looks after the counts of the log.
type Counts struct {
	Shop string `help:"Only this shop, by its myshopify.com name."`
}

// shownDifferences is how many differences of a shop are printed.
const shownDifferences = 20

var errCountsDiffer = errors.New("the counts differ from the log: run tagtrail counts rebuild")

// Verify compares the counts with the log. It returns an error where they differ.
func (c Counts) Verify(ctx context.Context, out io.Writer) error {
	differ := false
	err := c.each(ctx, func(s *activity.Service, shop *models.Shop) error {
		differences, err := s.Verify(ctx, shop.ID)
		if err != nil {
			return err
		}
		if len(differences) == 0 {
			fmt.Fprintf(out, "%s: right\n", shop.Domain)
			return nil
		}
		differ = true
		fmt.Fprintf(out, "%s: %d numbers are wrong\n", shop.Domain, len(differences))
		for _, d := range differences[:min(len(differences), shownDifferences)] {
			fmt.Fprintf(out, "  %s %s %s %s %s: counted %d, in the log %d\n", grainNames[d.Grain], d.At.Format("2006-01-02 15:04"),
				d.Kind.Action, d.Kind.Status, d.Kind.ActorName, d.Counted, d.InLog)
		}
		return nil
	})
	if err == nil && differ {
		err = errCountsDiffer
	}
	return err
}

var grainNames = map[models.Grain]string{models.GrainHour: "hour", models.GrainDay: "day", models.GrainAll: "all since"}

// Rebuild makes the counts anew. The server may run meanwhile.
func (c Counts) Rebuild(ctx context.Context, out io.Writer) error {
	return c.each(ctx, func(s *activity.Service, shop *models.Shop) error {
		if err := s.Rebuild(ctx, shop.ID); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: counted anew\n", shop.Domain)
		return nil
	})
}

func (c Counts) each(ctx context.Context, do func(s *activity.Service, shop *models.Shop) error) error {
	return withMigrated(ctx, func(db *gorm.DB) error {
		shops, err := shopsNamed(ctx, db, c.Shop)
		if err != nil {
			return err
		}
		for _, shop := range shops {
			if err := do(&activity.Service{DB: db}, shop); err != nil {
				return err
			}
		}
		return nil
	})
}

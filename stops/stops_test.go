package stops

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"gorm.io/gorm"
)

func TestEachWayEndsARunAsItSays(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		way   Way
		fails []bool
		ended bool
	}{
		{Killed, []bool{false, true, true, true}, false},
		{Failed, []bool{false, true, false, false}, false},
		{Asked, []bool{false, true, false, false}, true},
	} {
		s := &Stopper{}
		var fails []bool
		struck := s.Run(t.Context(), 2, want.way, func(ctx context.Context) {
			for i := range want.fails {
				fails = append(fails, errors.Is(s.Step(), Err))
				if s.Struck() != (i > 0) {
					t.Errorf("way %d, after step %d: struck is %v", want.way, i+1, s.Struck())
				}
			}
			if ended := ctx.Err() != nil; ended != want.ended {
				t.Errorf("way %d: the context has ended: %v", want.way, ended)
			}
		})
		if !struck || !slices.Equal(fails, want.fails) {
			t.Errorf("way %d: struck is %v, the steps fail %v, want %v", want.way, struck, fails, want.fails)
		}
		if err := s.Step(); err != nil || s.Struck() {
			t.Errorf("way %d: after the run a step says %v", want.way, err)
		}
	}
}

func TestEachComesToEveryStep(t *testing.T) {
	t.Parallel()
	s := &Stopper{}
	var stopped []int
	Each(t, 3, func(step int) bool {
		return s.Run(t.Context(), step, Killed, func(context.Context) {
			for i := range 3 {
				if s.Step() != nil {
					stopped = append(stopped, i)
					return
				}
			}
		})
	})
	if !slices.Equal(stopped, []int{0, 1, 2}) {
		t.Errorf("stopped at %v", stopped)
	}
}

func TestEveryStatementIsAStepUnlessItIsTheTests(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	steps := 0
	refuse := errors.New("refused")
	if err := Statements(db, func() error { steps++; return refuse }); err != nil {
		t.Fatal(err)
	}
	lock := &models.Lock{Name: "a lock"}
	named := func(db *gorm.DB) *gorm.DB { return db.Model(lock).Where("name = ?", lock.Name) }
	var n int64
	for what, do := range map[string]func(db *gorm.DB) error{
		"a query": func(db *gorm.DB) error { return named(db).Count(&n).Error },
		"one inside another": func(db *gorm.DB) error {
			return db.Model(lock).Where("name IN (?)", named(db).Select("name")).Count(&n).Error
		},
		"what is created": func(db *gorm.DB) error { return db.Create(lock).Error },
		"what is changed": func(db *gorm.DB) error { return named(db).Update("owner", "another").Error },
		"what is deleted": func(db *gorm.DB) error { return named(db).Delete(lock).Error },
		"raw words":       func(db *gorm.DB) error { return db.Exec("DELETE FROM locks").Error },
		"rows": func(db *gorm.DB) error {
			rows, err := named(db).Rows()
			if err != nil {
				return err
			}
			return errors.Join(rows.Err(), rows.Close())
		},
	} {
		steps = 0
		if err := do(db.WithContext(t.Context())); !errors.Is(err, refuse) || steps != 1 {
			t.Errorf("%s: %d steps, and the error %v", what, steps, err)
		}
		if err := do(db.WithContext(Unwatched(t.Context()))); err != nil || steps != 1 {
			t.Errorf("%s of the test itself: %d steps, and the error %v", what, steps-1, err)
		}
	}
}

func TestEveryCallToTheStoreIsAStep(t *testing.T) {
	t.Parallel()
	in, err := blob.Open(t.Context(), "file:"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &Stopper{}
	files, own := Files(in, s.Step), Unwatched(t.Context())
	write := func(ctx context.Context) error {
		return files.WriteAll(ctx, "a file", []byte("all of it"), &blob.WriterOptions{ContentType: "text/plain"})
	}
	var there []bool
	Each(t, 4, func(step int) bool { // open, write, close, hear that it is there
		struck := s.Run(t.Context(), step, Killed, func(ctx context.Context) {
			if err := write(ctx); (err != nil) != s.Struck() {
				t.Errorf("stopped at step %d, it says %v", step, err)
			}
		})
		is, err := in.Exists(own, "a file")
		if err != nil {
			t.Fatal(err)
		}
		there = append(there, is)
		if is {
			err = in.Delete(own, "a file")
		}
		if err != nil {
			t.Fatal(err)
		}
		return struck
	})
	if want := []bool{false, false, false, true, true}; !slices.Equal(there, want) {
		t.Errorf("the file is there: %v, want %v", there, want)
	}
	struck := s.Run(t.Context(), 1, Killed, func(context.Context) { err = write(own) })
	if struck || err != nil {
		t.Errorf("a call of the test itself was stopped: %v, %v", struck, err)
	}
	for what, do := range map[string]func(ctx context.Context) error{
		"reading":  func(ctx context.Context) error { _, err := files.ReadAll(ctx, "a file"); return err },
		"looking":  func(ctx context.Context) error { _, err := files.Attributes(ctx, "a file"); return err },
		"listing":  func(ctx context.Context) error { _, err := files.List(nil).Next(ctx); return err },
		"copying":  func(ctx context.Context) error { return files.Copy(ctx, "another", "a file", nil) },
		"deleting": func(ctx context.Context) error { return files.Delete(ctx, "a file") },
	} {
		if !s.Run(t.Context(), 1, Killed, func(ctx context.Context) { err = do(ctx) }) || err == nil {
			t.Errorf("%s was not stopped: %v", what, err)
		}
		over, end := context.WithCancel(t.Context())
		end()
		if err := do(over); err == nil {
			t.Errorf("%s goes on after the context's end", what)
		}
	}
}

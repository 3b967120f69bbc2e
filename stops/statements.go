package stops

import (
	"errors"

	"gorm.io/gorm"
)

// Statements calls step before each statement to the database; its error is the statement's.
func Statements(db *gorm.DB, step func() error) error {
	before := func(db *gorm.DB) {
		// A statement inside another one is put together by a dry run.
		if db.DryRun || isUnwatched(db.Statement.Context) {
			return
		}
		if err := step(); err != nil {
			_ = db.AddError(err)
		}
	}
	const name = "test:step"
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Query().Before("gorm:query").Register(name, before),
		callbacks.Create().Before("gorm:create").Register(name, before),
		callbacks.Update().Before("gorm:update").Register(name, before),
		callbacks.Delete().Before("gorm:delete").Register(name, before),
		callbacks.Row().Before("gorm:row").Register(name, before),
		callbacks.Raw().Before("gorm:raw").Register(name, before),
	)
}

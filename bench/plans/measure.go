package main

import "context"
import "gorm.io/gorm"
import "log/slog"

func measure(ctx context.Context, db *gorm.DB, redisURL string, log *slog.Logger) error { return nil }

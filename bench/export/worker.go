package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/export"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/notify"
	"github.com/tagtrail/tagtrail/queue"
)

// export does what a worker does: every task of one export.
func (s *settings) export(ctx context.Context) (err error) {
	if err := env.Parse(s); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	log := slog.New(slog.DiscardHandler)
	db, err := models.Open(ctx, s.work, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, models.Close(db)) }()
	options, err := redis.ParseURL(s.Redis)
	if err != nil {
		return fmt.Errorf("read Redis's address: %w", err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	hub, tasks := live.New(rdb, "bench", log), queue.New(rdb, "bench-export", log)
	defer hub.Close()
	defer tasks.Close()
	files, err := blob.Open(ctx, "file:"+s.folder)
	if err != nil {
		return err
	}
	defer files.Close()
	ledger := &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}
	room := &export.Service{
		DB: db, Activity: ledger, Queue: tasks, Live: hub, Files: files, Key: []byte("bench"),
		Notify: &notify.Service{DB: db, Activity: ledger, Queue: tasks, Log: log},
	}
	var shop models.Shop
	if err := db.WithContext(ctx).Where("id = 1").Take(&shop).Error; err != nil {
		return fmt.Errorf("load shop: %w", err)
	}
	actor := models.Actor{Type: models.ActorSystem, Name: "bench"}
	began := time.Now()
	e, err := room.Start(ctx, &shop, actor, export.Input{})
	for err == nil && !e.Status.Ended() {
		// A small one waits for who follows its link; here nobody does.
		if err = db.WithContext(ctx).Model(&models.Export{}).Where("id = ?", e.ID).Update("due_at", models.Now()).Error; err != nil {
			break
		}
		if err = room.WorkOn(ctx, e.ID); err == nil {
			e, err = room.Get(ctx, &shop, actor, e.ID)
		}
	}
	if err != nil {
		return err
	}
	took := time.Since(began)
	// Its own entry is none of what the next round exports.
	if err := db.WithContext(ctx).Where("id = ?", e.ID).Delete(&models.Activity{}).Error; err != nil {
		return fmt.Errorf("forget the export: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(result{Rows: e.Rows, Bytes: e.Bytes, Seconds: took.Seconds(), PeakMiB: peak()})
}

// peak is the most memory that this process had, in MiB; 0 where the system does not tell.
func peak() float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib / 1024
		}
	}
	return 0
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/app"
)

// usage is what a worker has used.
type usage struct {
	// Phases is where the operations' tasks spent their time.
	Phases map[string]*spent `json:"phases"`
	// IdlePeak and Peak are the most memory that the process ever had, before the work and after it, in KB.
	IdlePeak int `json:"idlePeak"`
	Peak     int `json:"peak"`

	cpu time.Duration
}

// worker is a process of its own that does tasks, as `tagtrail worker` is.
type worker struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.ReadCloser
}

// works is what a worker says when it does.
const works = "works\n"

// startWorker starts this program again, as a worker. It has the settings from the environment.
func startWorker() (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	w := &worker{command: exec.Command(self, "-work")}
	w.command.Stderr = os.Stderr
	if w.stdin, err = w.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if w.stdout, err = w.command.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if err := w.command.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if _, err := io.ReadFull(w.stdout, make([]byte, len(works))); err != nil {
		return nil, fmt.Errorf("wait for a worker: %w", err)
	}
	return w, nil
}

// stop ends the worker and returns what it has used.
func (w *worker) stop() (*usage, error) {
	closed := w.stdin.Close()
	u := &usage{}
	err := json.NewDecoder(w.stdout).Decode(u)
	if err != nil {
		err = fmt.Errorf("read what a worker used: %w", err)
	}
	if err := errors.Join(closed, err, w.command.Wait()); err != nil {
		return nil, err
	}
	u.cpu = w.command.ProcessState.UserTime() + w.command.ProcessState.SystemTime()
	return u, nil
}

// runWorker works until nobody holds its standard input, then says what it used.
func runWorker(ctx context.Context) error {
	config, err := app.ReadConfig()
	if err != nil {
		return err
	}
	a, err := app.New(ctx, config, config.NewLogger(os.Stderr))
	if err != nil {
		return err
	}
	defer a.Close()
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Work(working) }()
	u := &usage{IdlePeak: peakMemory()}
	sampler := startSampler()
	fmt.Print(works)
	_, err = io.Copy(io.Discard, os.Stdin)
	u.Phases = sampler.stop()
	stop()
	err = errors.Join(err, <-ended)
	u.Peak = peakMemory()
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(u))
}

// peakMemory is VmHWM, the most memory that this process ever had, in KB. 0 outside Linux.
func peakMemory() int {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")) // 0 where it is written otherwise
			return n
		}
	}
	return 0
}

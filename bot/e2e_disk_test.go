package main

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"watchbell/storage/crashdisk"
)

// badDisk is what lies below a child's SQLite: a disk that is full or broken on demand, and at whose commits it dies.
type badDisk struct {
	dieAt   int
	after   bool
	started atomic.Bool // commits count
	commits atomic.Int64
	state   atomic.Pointer[string] // full, broken or ok

	mu      sync.Mutex
	written bool // something since the log was synced last
}

var errBroken = errors.New("the disk is broken")

// hook is for crashdisk.Install.
func (d *badDisk) hook(op crashdisk.Op) error {
	if state := d.state.Load(); state != nil && op.Kind != crashdisk.Synced {
		switch {
		case *state == "full" && op.Kind == crashdisk.Write:
			return crashdisk.ErrFull
		case *state == "broken":
			return errBroken
		}
	}
	if !d.started.Load() || !strings.HasSuffix(op.Path, "-wal") {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch op.Kind {
	case crashdisk.Write:
		if d.written {
			return nil
		}
		d.written = true
		if d.commits.Add(1) == int64(d.dieAt) && !d.after {
			die()
		}
	case crashdisk.Synced:
		if d.written && d.commits.Load() == int64(d.dieAt) && d.after {
			die()
		}
		d.written = false
	}
	return nil
}

// die ends the process as kill -9 does.
func die() {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {}
}

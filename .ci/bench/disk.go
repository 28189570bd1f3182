package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// syncs measures how often a second a small addition to a file can be brought to the disk: what would bound a bot that
// commits every request by itself. It is 0 when the disk refuses.
func syncs(dir string) float64 {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0
	}
	defer func() { _ = os.Remove(file.Name()) }()
	defer func() { _ = file.Close() }()
	page := make([]byte, 4<<10)
	const most = 2 * time.Second
	began, n := time.Now(), 0
	for ; time.Since(began) < most; n++ {
		if _, err := file.Write(page); err != nil {
			return 0
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return 0
		}
	}
	return float64(n) / time.Since(began).Seconds()
}

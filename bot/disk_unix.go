//go:build linux || darwin

package main

import "syscall"

// freeSpace is how many bytes may be written to the disk of a folder; false where that is not known.
func freeSpace(folder string) (uint64, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(folder, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true //nolint:gosec // the size of a block is not negative
}

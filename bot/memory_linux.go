package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
)

// giveBack gives back what only starting needed: garbage, and the pages of the program's own file, of which reading the
// configuration, migrating and setting up leave twice as many in memory as serving needs afterwards (27 MB, and 15). What is needed again
// comes from the system's cache of files. It returns how many bytes of the file it gave back.
func giveBack() (bytes uint64, err error) {
	debug.FreeOSMemory()
	own, err := os.Executable()
	if err != nil {
		return 0, err
	}
	all, err := mappings("/proc/self/smaps", own)
	for _, m := range all {
		if m.ours > 0 || m.writable { // then the file does not hold what the memory holds
			continue
		}
		if _, _, failed := syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED); failed != 0 {
			return bytes, fmt.Errorf("give memory back: %w", failed)
		}
		bytes += m.resident
	}
	return bytes, err
}

// mapping is a part of a file in memory: how many bytes of it are there, and how many of those are not the file's any more.
type mapping struct {
	from, to       uintptr
	writable       bool
	resident, ours uint64
}

// mappings reads a process's mappings of a file. See https://docs.kernel.org/filesystems/proc.html, 3.6 for smaps.
func mappings(smaps, file string) (all []mapping, err error) {
	f, err := os.Open(smaps)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var current *mapping // nil while it is another file's
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 5 && strings.Contains(fields[0], "-") {
			current = nil
			var m mapping
			if _, err := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); err == nil && len(fields) == 6 && fields[5] == file {
				m.writable = strings.Contains(fields[1], "w")
				all = append(all, m)
				current = &all[len(all)-1]
			}
			continue
		}
		var kilobytes uint64
		if current == nil || len(fields) < 2 {
			continue
		}
		if _, err := fmt.Sscan(fields[1], &kilobytes); err != nil {
			continue
		}
		switch fields[0] {
		case "Rss:":
			current.resident = kilobytes << 10
		case "Anonymous:":
			current.ours = kilobytes << 10
		}
	}
	return all, nil
}

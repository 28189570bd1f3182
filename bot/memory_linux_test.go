package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What is given back is the file's alone, and the program goes on.
func TestGiveBack(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before, err := mappings("/proc/self/smaps", own)
	if err != nil || len(before) < 3 {
		t.Fatalf("the program is in memory %d times: %v", len(before), err)
	}
	if n, err := giveBack(); err != nil || n == 0 {
		t.Errorf("%d bytes are given back: %v", n, err)
	}
}

// A mapping that somebody wrote to is not the file's any more: giving it back would lose what was written, such as the addresses
// of a program that may be loaded anywhere.
func TestMappings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "smaps")
	if err := os.WriteFile(file, []byte(`00400000-014c6000 r-xp 00000000 fe:00 42 /bin/watchbell
Size:              17176 kB
Rss:               13000 kB
Anonymous:             0 kB
014c6000-02708000 r--p 010c6000 fe:00 42 /bin/watchbell
Rss:                 100 kB
Anonymous:             8 kB
02708000-02800000 rw-p 010c6000 fe:00 42 /bin/watchbell
Rss:                  16 kB
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 43 /lib/other
Rss:                   4 kB
Anonymous:             4 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Rss:                4096 kB
VmFlags: rd wr
`), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := mappings(file, "/bin/watchbell")
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	want := []mapping{
		{from: 0x400000, to: 0x14c6000, resident: 13000 << 10},
		{from: 0x14c6000, to: 0x2708000, resident: 100 << 10, ours: 8 << 10},
		{from: 0x2708000, to: 0x2800000, resident: 16 << 10, writable: true},
	}
	for i, m := range all {
		if m != want[i] {
			t.Errorf("mapping %d is %+v, want %+v", i, m, want[i])
		}
	}
}

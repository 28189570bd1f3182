//go:build unix

package storage

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Belong gives a file that root made beside a database to whoever has the database, or its folder while there is none: the
// Watchbell that runs as that user must be able to open it. SQLite does so with its log. Where it cannot be done, the file
// stays root's.
func Belong(file, database string) {
	if os.Geteuid() != 0 {
		return
	}
	info, err := os.Stat(database)
	if err != nil {
		info, err = os.Stat(filepath.Dir(database))
	}
	if err != nil {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = os.Lchown(file, int(owner.Uid), int(owner.Gid)) // a link leads elsewhere, which is nobody's to give away
	}
}

// whose goes behind a file's name in a sentence: that it is somebody else's; empty when it is ours, nobody knows, or we
// are root, for whom that is no hindrance.
func whose(file string) string {
	return belongsTo(file, os.Geteuid())
}

func belongsTo(file string, us int) string {
	info, err := os.Stat(file)
	if err != nil || us == 0 {
		return ""
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == us {
		return ""
	}
	return ", which belongs to the user " + called(int(owner.Uid)) + " and not to " + called(us) + ", as whom this runs,"
}

// called is a user's name, or the number where nobody has given it one.
func called(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

package storage

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asNobody runs fn without the rights of root, which may write everything.
func asNobody(fn func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Getuid() == 0 {
			runtime.LockOSThread() // and never unlocked: the thread ends with its identity
			_ = syscall.Setfsuid(65534)
		}
		fn()
	}()
	<-done
}

func TestReadOnly(t *testing.T) {
	for name, c := range map[string]struct {
		modes map[string]os.FileMode // of what cannot be written; "" is the folder
		want  string
	}{
		"the file":                   {map[string]os.FileMode{"a.db": 0o444}, "PATH cannot be written: let the user that Watchbell runs as read and write the file and its folder"},
		"a file that is not to read": {map[string]os.FileMode{"a.db": 0o000}, "PATH cannot be opened"},
		"the folder":                 {map[string]os.FileMode{"": 0o555}, "PATH cannot be written: let the user"},
		"the lock":                   {map[string]os.FileMode{"a.db.lock": 0o444}, "lock the database: PATH cannot be written: let the user"},
		"both":                       {map[string]os.FileMode{"": 0o555, "a.db": 0o444}, "PATH cannot be written"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "a.db")
			ok(t, openFile(t, path, Options{}).Close())
			ok(t, os.Chmod(filepath.Dir(folder), 0o755))
			for _, name := range []string{"", "a.db", "a.db.lock"} {
				if os.Getuid() == 0 {
					ok(t, os.Chown(filepath.Join(folder, name), 65534, 65534))
				}
			}
			for name, mode := range c.modes {
				ok(t, os.Chmod(filepath.Join(folder, name), mode))
			}
			t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
			asNobody(func() {
				s, err := Open(context.Background(), "sqlite:"+path, Options{})
				if err == nil {
					_ = s.Close()
					t.Error("it was opened")
					return
				}
				if want := strings.ReplaceAll(c.want, "PATH", path); !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q, want %q in it", err, want)
				}
			})
		})
	}
}

// What root makes beside a database that somebody else runs belongs to them, so that their Watchbell starts again.
func TestRootLeavesNothingOfItsOwn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const nobody = 65534
	folder := t.TempDir()
	ok(t, os.Chown(folder, nobody, nobody))
	path := filepath.Join(folder, "a.db")
	s := openFile(t, path, Options{})
	ok(t, s.Close())
	copied := filepath.Join(t.TempDir(), "copy.db")
	text, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(copied, text, 0o600))
	ok(t, os.Chown(folder, 0, 0)) // the database's owner counts, not the folder's
	_, err = Restore(t.Context(), Restoring{
		From: copied, To: "sqlite:" + path, Replace: true, Now: time.Now(), Prepare: func(*Store, int) error { return nil },
	})
	ok(t, err)
	for _, name := range []string{path, path + ".lock"} {
		info, err := os.Stat(name)
		ok(t, err)
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != nobody {
			t.Errorf("%s belongs to %d", name, uid)
		}
	}
	ok(t, os.Chown(path, 0, 0))
	if got, want := belongsTo(path, 70001), ", which belongs to the user root and not to 70001, as whom this runs,"; got != want {
		t.Errorf("it is %q, want %q", got, want)
	}
}

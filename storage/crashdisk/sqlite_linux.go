package crashdisk

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	mu    sync.Mutex
	hook  Hook
	unix  uintptr                 // SQLite's own file system
	shim  uintptr                 // ours
	files = map[uintptr]string{}  // paths of open files, by sqlite3_file
	ours  = map[uintptr]uintptr{} // our methods, by SQLite's
	its   = map[uintptr]uintptr{} // SQLite's, by ours
)

// Install has h told of every database file that this process opens from now on; nil for nobody.
func Install(h Hook) error {
	mu.Lock()
	defer mu.Unlock()
	hook = h
	if shim != 0 {
		return nil
	}
	tls := libc.NewTLS()
	defer tls.Close()
	if unix = sqlite3.Xsqlite3_vfs_find(tls, 0); unix == 0 {
		return errors.New("SQLite has no file system")
	}
	p := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	name, err := libc.CString("crashdisk")
	if err != nil || p == 0 {
		return fmt.Errorf("no memory for a file system: %w", err)
	}
	v := at[sqlite3.Tsqlite3_vfs](p)
	*v = *at[sqlite3.Tsqlite3_vfs](unix)
	v.FzName, v.FpNext = name, 0
	v.FxOpen, v.FxDelete = pointer(open), pointer(remove)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, p, 1); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("SQLite does not take the file system: code %d", rc)
	}
	shim = p
	return nil
}

// told tells the hook, and returns SQLite's code for what it said.
func told(op Op, otherwise int32) int32 {
	mu.Lock()
	h := hook
	mu.Unlock()
	if h == nil || op.Path == "" {
		return sqlite3.SQLITE_OK
	}
	switch err := h(op); {
	case err == nil:
		return sqlite3.SQLITE_OK
	case errors.Is(err, ErrFull):
		return sqlite3.SQLITE_FULL
	}
	return otherwise
}

// at is what lies at an address of SQLite's.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// pointer is a function of ours as SQLite knows functions, function one of SQLite's as we do.
func pointer[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

func function[T any](address uintptr) T { return *(*T)(unsafe.Pointer(&struct{ uintptr }{address})) }

// open opens a file with SQLite's own methods, all but those that change it, which are ours.
func open(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	f := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](at[sqlite3.Tsqlite3_vfs](unix).FxOpen)
	rc := f(tls, shim, name, file, flags, outFlags)
	const ofDatabase = sqlite3.SQLITE_OPEN_MAIN_DB | sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL
	methods := at[sqlite3.Tsqlite3_file](file).FpMethods
	if rc != sqlite3.SQLITE_OK || methods == 0 || name == 0 || flags&ofDatabase == 0 {
		return rc
	}
	mu.Lock()
	defer mu.Unlock()
	if ours[methods] == 0 {
		p := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
		if p == 0 {
			return sqlite3.SQLITE_NOMEM
		}
		m := at[sqlite3.Tsqlite3_io_methods](p)
		*m = *at[sqlite3.Tsqlite3_io_methods](methods)
		m.FxWrite, m.FxTruncate, m.FxSync, m.FxClose = pointer(write), pointer(truncate), pointer(flush), pointer(shut)
		ours[methods], its[p] = p, methods
	}
	files[file] = libc.GoString(name)
	at[sqlite3.Tsqlite3_file](file).FpMethods = ours[methods]
	return rc
}

// of are SQLite's own methods of a file, and its path.
func of(file uintptr) (*sqlite3.Tsqlite3_io_methods, string) {
	mu.Lock()
	defer mu.Unlock()
	return at[sqlite3.Tsqlite3_io_methods](its[at[sqlite3.Tsqlite3_file](file).FpMethods]), files[file]
}

func write(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	m, path := of(file)
	op := Op{Kind: Write, Path: path, At: offset, Data: unsafe.Slice(at[byte](data), int(n))}
	if rc := told(op, sqlite3.SQLITE_IOERR_WRITE); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](m.FxWrite)(tls, file, data, n, offset)
}

func truncate(tls *libc.TLS, file uintptr, size int64) int32 {
	m, path := of(file)
	if rc := told(Op{Kind: Truncate, Path: path, At: size}, sqlite3.SQLITE_IOERR_TRUNCATE); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[func(*libc.TLS, uintptr, int64) int32](m.FxTruncate)(tls, file, size)
}

func flush(tls *libc.TLS, file uintptr, flags int32) int32 {
	m, path := of(file)
	if rc := told(Op{Kind: Sync, Path: path}, sqlite3.SQLITE_IOERR_FSYNC); rc != sqlite3.SQLITE_OK {
		return rc
	}
	rc := function[func(*libc.TLS, uintptr, int32) int32](m.FxSync)(tls, file, flags)
	if rc == sqlite3.SQLITE_OK {
		told(Op{Kind: Synced, Path: path}, 0)
	}
	return rc
}

func shut(tls *libc.TLS, file uintptr) int32 {
	m, _ := of(file)
	mu.Lock()
	delete(files, file)
	mu.Unlock()
	return function[func(*libc.TLS, uintptr) int32](m.FxClose)(tls, file)
}

func remove(tls *libc.TLS, _, name uintptr, syncDir int32) int32 {
	if rc := told(Op{Kind: Delete, Path: libc.GoString(name)}, sqlite3.SQLITE_IOERR_DELETE); rc != sqlite3.SQLITE_OK {
		return rc
	}
	f := function[func(*libc.TLS, uintptr, uintptr, int32) int32](at[sqlite3.Tsqlite3_vfs](unix).FxDelete)
	return f(tls, unix, name, syncDir)
}

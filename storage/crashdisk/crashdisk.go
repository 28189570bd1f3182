// Package crashdisk lies between SQLite and the disk in tests. It tells of every write and every sync before it happens, so
// that a test can make it fail, kill the process there, or keep what a power cut would leave (see Record).
//
// It changes nothing in how the program opens its database: once Install was called, SQLite's default file system of this
// process goes through here. The rest is SQLite's own, which takes part in every lock and every mapping.
package crashdisk

import "errors"

// Kind is what is done to a file.
type Kind string

// The kinds. Synced follows a Sync that has succeeded.
const (
	Write    Kind = "write"
	Truncate Kind = "truncate"
	Sync     Kind = "sync"
	Synced   Kind = "synced"
	Delete   Kind = "delete"
)

// Op is one thing that SQLite is about to do, or a Sync that is done.
type Op struct {
	Kind Kind
	Path string
	// At is where Data is written; the new size for Truncate. Data is valid during the call alone.
	At   int64
	Data []byte
}

// ErrFull is what a Hook returns for a full disk. Any other error makes the operation fail as a broken disk does.
var ErrFull = errors.New("the disk is full")

// Hook is told of what SQLite does, from several goroutines at once. An error makes it fail; that of Synced is ignored.
type Hook func(Op) error

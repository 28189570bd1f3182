package crashdisk

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
)

// sector is what a disk writes at once: of what was not synced, any of them may be there.
const sector = 512

// Record keeps everything that is written below a folder, so that what a power cut leaves at any moment can be made up
// afterwards: what was synced, and of the rest anything. That files are there, or are not any more, counts as durable at
// once; SQLite syncs the folder with a new file's first sync. The memory that SQLite's readers share is not kept: it is made
// anew.
type Record struct {
	folder string
	mu     sync.Mutex
	ops    []recorded
	begun  map[string]int // the Sync that is under way in a file
}

// recorded is an operation; of a Synced one, before is the position up to which it holds.
type recorded struct {
	Op
	before int
}

// NewRecord returns a record of what is below a folder.
func NewRecord(folder string) *Record { return &Record{folder: folder, begun: map[string]int{}} }

// Hook is for Install.
func (r *Record) Hook(op Op) error {
	if !strings.HasPrefix(op.Path, r.folder) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	op.Data = bytes.Clone(op.Data)
	one := recorded{Op: op}
	switch op.Kind {
	case Sync:
		r.begun[op.Path] = len(r.ops)
	case Synced:
		one.before = r.begun[op.Path]
	}
	r.ops = append(r.ops, one)
	return nil
}

// Position is how much has been recorded. What was synced before is below it.
func (r *Record) Position() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ops)
}

// Image makes up what is on disk when the power is cut at a position: of each file its content, by its path.
func (r *Record) Image(at int, random *rand.Rand) map[string][]byte {
	r.mu.Lock()
	ops := r.ops[:at]
	r.mu.Unlock()
	durable := map[string]int{}
	for _, op := range ops {
		if op.Kind == Synced {
			durable[op.Path] = max(durable[op.Path], op.before)
		}
	}
	// Usually some of it is there; now and then all, or nothing.
	luck := []float64{0, 0.1, 0.5, 0.5, 0.9, 1}[random.IntN(6)]
	there := func() bool { return random.Float64() < luck }
	image := map[string][]byte{}
	for i, op := range ops {
		sure := i < durable[op.Path]
		content := image[op.Path]
		switch op.Kind {
		case Write:
			for from := 0; from < len(op.Data); {
				to := min(len(op.Data), from+sector-int((op.At+int64(from))%sector))
				if sure || there() {
					content = put(content, int(op.At)+from, op.Data[from:to])
				}
				from = to
			}
		case Truncate:
			if sure || there() {
				content = resize(content, int(op.At))
			}
		case Delete:
			delete(image, op.Path)
			continue
		}
		image[op.Path] = content
	}
	return image
}

func put(content []byte, at int, data []byte) []byte {
	if len(content) < at+len(data) {
		content = resize(content, at+len(data))
	}
	copy(content[at:], data)
	return content
}

func resize(content []byte, size int) []byte {
	if size <= len(content) {
		return content[:size]
	}
	return append(content, make([]byte, size-len(content))...)
}

package storage

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"watchbell/incidents"
	"watchbell/storage/crashdisk"
)

var images = flag.Int("images", 30, "how `many` power cuts are made up of one run")

// TestPowerCut writes down what reaches the disk while people declare and log, and makes up what a power cut at any moment
// leaves: nothing that was acknowledged by then is lost, and nothing is in pieces. The same with less syncing is found out.
func TestPowerCut(t *testing.T) {
	t.Run("full", func(t *testing.T) {
		if n, lost := powerCuts(t, "", *images); n != 0 {
			t.Errorf("%d of %d images lost something: %v", n, *images, lost)
		}
	})
	t.Run("normal", func(t *testing.T) {
		few := *images/4 + 1
		n, lost := powerCuts(t, "PRAGMA synchronous=NORMAL", few)
		t.Logf("%d of %d images lost something: %v", n, few, lost)
		if n == 0 {
			t.Error("commits that are not synced are not found out")
		}
	})
}

// acked is something that was acknowledged when so much had been recorded.
type acked struct {
	event    string
	incident int
	position int
}

// powerCuts returns how many of the images lost something, and what the first of them lost.
func powerCuts(t *testing.T, pragma string, images int) (count int, first error) {
	t.Helper()
	folder := t.TempDir()
	record := crashdisk.NewRecord(folder)
	ok(t, crashdisk.Install(record.Hook))
	defer func() { ok(t, crashdisk.Install(nil)) }()
	acks := peopleWrite(t, filepath.Join(folder, "a.db"), pragma, record)
	t.Logf("%d acknowledged, %d operations on disk", len(acks), record.Position())
	random := rand.New(rand.NewPCG(2026, 512))
	beginning := acks[0].position // before that there is no database
	for range images {
		at := beginning + random.IntN(record.Position()-beginning+1)
		if err := survives(t, record.Image(at, random), acks, at); err != nil {
			count++
			if first == nil {
				first = fmt.Errorf("power cut at %d: %w", at, err)
			}
		}
	}
	return count, first
}

// peopleWrite has four people declare and log, for long enough that the log is moved into the file a few times.
func peopleWrite(t *testing.T, path, pragma string, record *crashdisk.Record) (acks []acked) {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	ok(t, err)
	defer func() { ok(t, s.Close()) }()
	if pragma != "" {
		_, err := s.writer.session.one(&statement{text: pragma})
		ok(t, err)
	}
	service := incidents.NewService(s, incidents.Options{Now: clockAtNoon})
	var mu sync.Mutex
	handle := func(event string, number int, c incidents.Command) int {
		result, err := service.Handle(context.Background(), incidents.Request{
			Event: event, By: incidents.Actor{User: "U-ANA"}, Incident: number, Command: c,
		})
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		acks = append(acks, acked{event, result.Incident, record.Position()})
		return result.Incident
	}
	handle("first", 0, incidents.Declare{Title: "first"})
	var people sync.WaitGroup
	for p := range 4 {
		people.Go(func() {
			number := 0
			for i := range 150 {
				event := fmt.Sprintf("Ev-%d-%d", p, i)
				if i%30 == 0 {
					number = handle(event, 0, incidents.Declare{Title: event})
				} else {
					handle(event, number, incidents.Log{Text: event})
				}
			}
		})
	}
	people.Wait()
	return acks
}

// survives says what an image has lost of what was acknowledged when it was made.
func survives(t *testing.T, image map[string][]byte, acks []acked, at int) error {
	t.Helper()
	folder, err := os.MkdirTemp(t.TempDir(), "")
	ok(t, err)
	defer os.RemoveAll(folder)
	for path, content := range image {
		ok(t, os.WriteFile(filepath.Join(folder, filepath.Base(path)), content, 0o600))
	}
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(folder, "a.db"), Options{Readers: 1})
	if err != nil {
		return err
	}
	defer s.Close()
	if wrong, err := s.Check(t.Context(), noon, false); err != nil || len(wrong) > 0 {
		return fmt.Errorf("%w: %q", errors.Join(err, errors.New("it is in pieces")), wrong)
	}
	return s.View(t.Context(), func(r incidents.Reader) error {
		texts := map[int]map[string]bool{}
		for _, a := range acks {
			if a.position > at {
				continue
			}
			if texts[a.incident] == nil {
				in, err1 := r.Incident(a.incident)
				entries, err2 := r.Entries(a.incident)
				if err := errors.Join(err1, err2); err != nil {
					return fmt.Errorf("%s is lost: %w", a.event, err)
				}
				texts[a.incident] = map[string]bool{in.Title: true}
				for _, e := range entries {
					texts[a.incident][e.Text] = true
				}
			}
			if _, known, err := r.Answer(a.event); err != nil || !known || !texts[a.incident][a.event] {
				return fmt.Errorf("%s of #%d is lost (answered: %v, %w)", a.event, a.incident, known, err)
			}
		}
		return nil
	})
}

// A disk that breaks while a commit is being synced leaves open whether the next start finds it: nobody may say that it was
// not recorded. What comes after is not recorded.
func TestUnsureWhenTheDiskBreaksAtACommit(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.db")
	var broken atomic.Bool
	ok(t, crashdisk.Install(func(op crashdisk.Op) error {
		if broken.Load() && strings.HasPrefix(op.Path, folder) && op.Kind == crashdisk.Sync {
			return errors.New("the disk is broken")
		}
		return nil
	}))
	t.Cleanup(func() { ok(t, crashdisk.Install(nil)) })
	s := openFile(t, path, Options{})
	service := incidents.NewService(s, incidents.Options{Now: clockAtNoon})
	declare := func(title string) error {
		_, err := service.Handle(t.Context(), incidents.Request{
			Event: title, By: incidents.Actor{User: "U-ANA"}, Command: incidents.Declare{Title: title},
		})
		return err
	}
	ok(t, declare("before"))
	broken.Store(true)
	err := declare("during")
	broken.Store(false)
	if !errors.Is(err, incidents.ErrUnsure) || !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("while it breaks: %v", err)
	}
	if err := declare("after"); errors.Is(err, incidents.ErrUnsure) || !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("afterwards: %v", err)
	}
	left := filepath.Join(t.TempDir(), "a.db") // by a process that ends there
	for _, part := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + part)
		ok(t, err)
		ok(t, os.WriteFile(left+part, text, 0o600))
	}
	titles := map[string]bool{}
	s = openFile(t, left, Options{})
	ok(t, s.View(t.Context(), func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{})
		for _, in := range found {
			titles[in.Title] = true
		}
		return err
	}))
	if !titles["before"] || !titles["during"] || titles["after"] {
		t.Errorf("the next start finds %v; on this disk the commit was whole", titles)
	}
}

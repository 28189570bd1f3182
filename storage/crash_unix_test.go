//go:build unix

package storage

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"watchbell/incidents"
)

// The tests in this file start the test binary again as a process that can be killed; this variable says what it is to
// do, and on which file.
const childEnv = "WATCHBELL_STORAGE_CHILD"

func TestMain(m *testing.M) {
	what, path, isChild := strings.Cut(os.Getenv(childEnv), ":")
	switch {
	case !isChild:
		os.Exit(m.Run())
	case what == "declare":
		declareForever(path)
	case what == "limit":
		declareToTheLimit(path)
	}
}

func child(ctx context.Context, what, path string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what+":"+path)
	cmd.Stderr = os.Stderr
	return cmd
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}

func clockAtNoon() time.Time { return noon }

// declareForever declares with eight callers and prints the number and the event of each incident once it is acknowledged.
func declareForever(path string) {
	s := must(Open(context.Background(), "sqlite:"+path, Options{}))
	service := incidents.NewService(s, incidents.Options{Now: clockAtNoon})
	run := strconv.Itoa(os.Getpid())
	var printing sync.Mutex
	fmt.Println("ready")
	for caller := range 8 {
		go func() {
			for i := 0; ; i++ {
				event := fmt.Sprintf("Ev-%s-%d-%d", run, caller, i)
				result := must(service.Handle(context.Background(), incidents.Request{
					Event: event, By: incidents.Actor{User: "U-ANA"}, Command: incidents.Declare{Title: event},
				}))
				printing.Lock()
				fmt.Println(result.Incident, event)
				printing.Unlock()
			}
		}()
	}
	select {}
}

// TestKill kills a process that declares, at arbitrary instants, and looks at what it leaves: everything that was
// acknowledged is there, and everything that is there is whole.
func TestKill(t *testing.T) {
	random := rand.New(rand.NewPCG(*killSeed, 7))
	acknowledged := 0
	for left := *kills; left > 0; left -= killsPerFile {
		acknowledged += killAgainAndAgain(t, random, min(left, killsPerFile))
		if *kills > 10*killsPerFile { // somebody waits for a long run
			fmt.Printf("%d kills to go, %d declarations acknowledged, failed: %v\n", max(left-killsPerFile, 0), acknowledged, t.Failed())
		}
	}
	t.Logf("%d kills, %d declarations acknowledged", *kills, acknowledged)
	if acknowledged < *kills {
		t.Error("hardly anything was acknowledged: nothing was tried")
	}
}

// A longer run than usual is asked for on the command line.
var (
	kills    = flag.Int("kills", 5, "how `often` a process that declares is killed")
	killSeed = flag.Uint64("seed", 2026, "the `number` that says when they are killed")
	acks     = flag.Int("acks", 250, "how `many` declarations it acknowledges at most before that")
)

// killsPerFile is how often processes on one file are killed: after each kill everything in it is looked at.
const killsPerFile = 10

// killAgainAndAgain kills processes on one file and returns how many declarations they had acknowledged.
func killAgainAndAgain(t *testing.T, random *rand.Rand, kills int) int {
	t.Helper()
	folder, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "a.db")
	acked := map[int]string{}
	seen := 0
	for range kills {
		declareUntilKilled(t, path, acked, 1+random.IntN(*acks))
		s, err := Open(t.Context(), "sqlite:"+path, Options{})
		if err != nil {
			t.Fatalf("after a kill: %v", err)
		}
		seen = whole(t, s, seen, acked)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return len(acked)
}

// declareUntilKilled kills the process after it has acknowledged so many declarations, while it is at the next.
func declareUntilKilled(t *testing.T, path string, acked map[int]string, after int) {
	t.Helper()
	cmd := child(t.Context(), "declare", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); after-- {
		if after == 0 {
			_ = cmd.Process.Kill()
		}
		var number int
		var event string
		// The last line may be cut off in the middle; it was acknowledged nevertheless, but nobody can say to whom.
		if n, _ := fmt.Sscanf(lines.Text(), "%d %s", &number, &event); n == 2 && strings.Count(event, "-") == 3 {
			acked[number] = event
		}
	}
	_ = cmd.Wait() // it says that the process was killed
}

// whole fails when an acknowledged incident is missing, or one beyond those known to be whole is there without everything
// that belongs to it. It returns how many there are.
func whole(t *testing.T, s *Store, known int, acked map[int]string) int {
	t.Helper()
	seen := map[int]string{}
	err := s.View(t.Context(), func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{Limit: 1 << 30})
		for _, in := range found {
			seen[in.Number] = in.Title
			if in.Number <= known {
				continue
			}
			entries, err1 := r.Entries(in.Number)
			deliveries, err2 := r.Deliveries(in.Number)
			answer, answered, err3 := r.Answer(in.Title)
			if err := errors.Join(err1, err2, err3); err != nil {
				return err
			}
			if len(entries) != 1 || len(deliveries) != 1 || !answered || answer.Result.Incident != in.Number || !in.Has(incidents.Lead, "U-ANA") {
				t.Errorf("incident %d is torn: %d entries, %d deliveries, answer %v", in.Number, len(entries), len(deliveries), answer)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for number, event := range acked {
		if got := seen[number]; got != event && !strings.HasPrefix(got, event) {
			t.Errorf("incident %d was acknowledged as %s and is %q", number, event, got)
		}
	}
	for number := 1; number <= len(seen); number++ {
		if seen[number] == "" {
			t.Errorf("incident %d is missing among %d", number, len(seen))
		}
	}
	check, err := s.writer.session.one(&statement{text: "PRAGMA integrity_check"})
	if err != nil || check.text(0) != "ok" {
		t.Errorf("the file is damaged: %v, %v", check, err)
	}
	return len(seen)
}

// declareToTheLimit declares until the system lets it write no further, and says how that went.
func declareToTheLimit(path string) {
	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit then fails with EFBIG, which SQLite reports as an I/O error
	s := must(Open(context.Background(), "sqlite:"+path, Options{}))
	service := incidents.NewService(s, incidents.Options{Now: clockAtNoon})
	declare := func(i int) error {
		event := fmt.Sprintf("Ev-1-1-%d", i)
		result, err := service.Handle(context.Background(), incidents.Request{
			Event: event, By: incidents.Actor{User: "U-ANA"}, Command: incidents.Declare{Title: event},
		})
		if err == nil {
			fmt.Println(result.Incident, event)
		}
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 400_000, Max: 400_000}); err != nil {
		fmt.Println("skip", err)
		return
	}
	i := 0
	for ; i < 10_000; i++ {
		if err := declare(i); err != nil {
			fmt.Println("refused", errors.Is(err, incidents.ErrNotDurable), err)
			break
		}
	}
	select {
	case <-s.Broken():
		fmt.Println("broken")
	default:
	}
	fmt.Println("then", errors.Is(declare(i+1), incidents.ErrNotDurable), s.Ping(context.Background()) != nil)
	_ = s.Close() // it cannot write either
}

// TestBrokenDisk makes writing fail as a broken disk does: the store must not go on as if nothing had happened, and what
// it acknowledged before must be there afterwards.
func TestBrokenDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	out, err := child(t.Context(), "limit", path).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	acked := map[int]string{}
	var last []string
	for line := range strings.Lines(string(out)) {
		var number int
		var event string
		if n, _ := fmt.Sscanf(line, "%d %s", &number, &event); n == 2 {
			acked[number] = event
			continue
		}
		last = append(last, strings.TrimSpace(line))
	}
	if len(last) > 0 && strings.HasPrefix(last[0], "skip") {
		t.Skip(last[0])
	}
	if len(last) != 3 || !strings.HasPrefix(last[0], "refused true") || last[1] != "broken" || last[2] != "then true true" {
		t.Errorf("after %d declarations: %q", len(acked), last)
	}
	if len(acked) == 0 {
		t.Error("nothing was acknowledged before the limit")
	}
	whole(t, openFile(t, path, Options{}), 0, acked)
}

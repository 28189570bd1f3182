package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// soakRate is how many events a second come in, and soakOpen over how many incidents they are spread: a bad day.
const (
	soakRate    = 50
	soakOpen    = 10
	soakCallers = 16
)

// soakMix says what each event is, by its number. Slack takes some fifty calls a minute of most kinds, so what needs an
// answer there comes at a pace that Slack lets be answered; the rest is talk.
func soakMix(n int) string {
	switch {
	case n%3000 == 1500: // one a minute
		return "declare"
	case n%100 == 0: // thirty a minute
		return "log"
	case n%200 == 50: // fifteen a minute
		return "reaction"
	}
	return "plain"
}

// minute is what was seen of the server in one minute of the soak, or in what was left of it.
type minute struct {
	took       []time.Duration // from the instant when the request was due to its answer
	cpu        time.Duration
	memory     int64 // resident, at its end
	goroutines int   // at its end
	heap       int64 // at its end
	waiting    int   // deliveries, at its end
	oldest     time.Duration
}

// soak keeps a server on one processor under an even load, looks at it every minute, and in the end lets it come to rest.
func (b *bench) soak(ctx context.Context) (err error) {
	database := b.database + ".soak"
	if err := prepare(ctx, database, soakOpen); err != nil {
		return err
	}
	s, err := b.startWatchbell(ctx, database, answers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	one := exec.CommandContext(ctx, "taskset", "--all-tasks", "--cpu-list", "--pid", "0", strconv.Itoa(s.cmd.Process.Pid))
	if out, err := one.CombinedOutput(); err != nil {
		return fmt.Errorf("keep the server to one processor: %w\n%s", err, out)
	}
	began, err := s.look()
	if err != nil {
		return err
	}
	var seen []minute
	due := make(chan soaked, soakRate*60)
	group, failed := new(sync.WaitGroup), make(chan error, soakCallers)
	var mu sync.Mutex
	var took []time.Duration
	for i := range soakCallers {
		group.Go(func() {
			failed <- soakCaller(s.addr, i, due, func(d time.Duration) { mu.Lock(); took = append(took, d); mu.Unlock() })
		})
	}
	start := time.Now()
	cpu, _, err := s.stat()
	for n := 0; err == nil && time.Since(start) < b.soakFor && ctx.Err() == nil; n++ {
		at := start.Add(time.Duration(n) * time.Second / soakRate)
		time.Sleep(time.Until(at))
		select {
		case due <- soaked{soakMix(n), at}:
		case err = <-failed:
		}
		if n%(60*soakRate) != 60*soakRate-1 || err != nil {
			continue
		}
		m, lookErr := s.look()
		mu.Lock()
		m.took, took = took, nil
		mu.Unlock()
		now := m.cpu
		m.cpu, cpu = now-cpu, now
		seen, err = append(seen, m), lookErr
		log.Printf("minute %d: %s", len(seen), m)
	}
	close(due)
	group.Wait()
	if err != nil {
		return err
	}
	rest, err := s.rest(ctx)
	if err != nil {
		return err
	}
	printSoak(began, seen, rest)
	return ctx.Err()
}

// soaked is one request of the soak, and when it was due.
type soaked struct {
	kind string
	at   time.Time
}

// soakCaller sends what is due over one connection.
func soakCaller(addr string, worker int, due <-chan soaked, done func(time.Duration)) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	c := &caller{conn: conn, in: bufio.NewReaderSize(conn, 4<<10)}
	signers, known := map[string]*signer{}, kinds()
	for i, name := range []string{"declare", "log", "reaction", "plain"} {
		// Each kind has ids of its own: no two requests are the same one.
		signers[name] = newSigner(known[name], known[name].path, addr, worker*4+i, soakOpen)
	}
	for one := range due {
		if _, err := conn.Write(signers[one.kind].next(time.Now())); err != nil {
			return err
		}
		status, err := c.answer()
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		if status != http.StatusOK {
			return fmt.Errorf("an answer to %s is %d %.200q", one.kind, status, c.body)
		}
		done(time.Since(one.at))
	}
	return nil
}

// look reads what the server says of itself.
func (s *server) look() (m minute, err error) {
	if m.cpu, m.memory, err = s.stat(); err != nil {
		return m, err
	}
	response, err := http.Get("http://" + s.addr + "/metrics")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		f, parsed := strconv.ParseFloat(value, 64)
		if parsed != nil {
			continue
		}
		switch {
		case name == "go_goroutines":
			m.goroutines = int(f)
		case name == "go_memstats_heap_inuse_bytes":
			m.heap = int64(f)
		case strings.HasPrefix(name, "watchbell_deliveries_waiting"):
			m.waiting += int(f)
		case strings.HasPrefix(name, "watchbell_delivery_oldest_seconds"):
			m.oldest = max(m.oldest, time.Duration(f*float64(time.Second)))
		}
	}
	return m, lines.Err()
}

// rest waits until nothing is left to deliver, for five minutes at most, and for idle connections to be closed.
func (s *server) rest(ctx context.Context) (m minute, err error) {
	began := time.Now()
	for quiet := 0; quiet < 12 && time.Since(began) < 7*time.Minute && ctx.Err() == nil; { // two minutes without work
		time.Sleep(10 * time.Second)
		if m, err = s.look(); err != nil {
			return m, err
		}
		if quiet++; m.waiting > 0 {
			quiet = 0
		}
	}
	log.Printf("at rest after %s: %s", time.Since(began).Round(time.Second), m)
	return m, ctx.Err()
}

func (m minute) String() string {
	text := fmt.Sprintf("%s MiB resident, heap %s MiB, %d goroutines, %d waiting, the oldest for %s", megabytes(m.memory), megabytes(m.heap),
		m.goroutines, m.waiting, m.oldest.Round(time.Second))
	if len(m.took) > 0 {
		text += fmt.Sprintf(", %d answers, p50 %s ms, p99 %s ms", len(m.took), millis(m.at(500)), millis(m.at(990)))
	}
	return text
}

// at returns the time within which so many of a thousand answers came.
func (m minute) at(per1000 int) time.Duration {
	sorted := slices.Sorted(slices.Values(m.took))
	return sorted[min(len(sorted)*per1000/1000, len(sorted)-1)]
}

func printSoak(began minute, seen []minute, rest minute) {
	fmt.Printf("\n## Soak\n\n%d events a second over %d incidents for %d minutes, the server on one processor. Times count from when a request was due.\n\n"+
		"| minute | answers | p50 ms | p99 ms | most ms | CPU of one | resident MiB | heap MiB | goroutines | waiting | oldest |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
		soakRate, soakOpen, len(seen))
	row := func(name string, m minute) {
		answers, cpu := []string{"", "", ""}, ""
		if len(m.took) > 0 {
			answers = []string{millis(m.at(500)), millis(m.at(990)), millis(slices.Max(m.took))}
			cpu = fmt.Sprintf("%.0f%%", 100*m.cpu.Minutes())
		}
		fmt.Printf("| %s | %d | %s | %s | %s | %s | %d | %d | %s |\n", name, len(m.took), strings.Join(answers, " | "), cpu, megabytes(m.memory),
			megabytes(m.heap), m.goroutines, m.waiting, m.oldest.Round(time.Second))
	}
	row("before", began)
	for i, m := range seen {
		if i == 0 || (i+1)%10 == 0 || i == len(seen)-1 {
			row(strconv.Itoa(i+1), m)
		}
	}
	row("at rest", rest)
	var all minute
	for _, m := range seen {
		all.took = append(all.took, m.took...)
		all.oldest = max(all.oldest, m.oldest)
	}
	if len(all.took) > 0 {
		fmt.Printf("\nAll %d answers: p50 %s ms, p99 %s ms, p99.9 %s ms, the slowest %s ms. The oldest delivery had waited for %s at most.\n", len(all.took),
			millis(all.at(500)), millis(all.at(990)), millis(all.at(999)), millis(slices.Max(all.took)), all.oldest.Round(time.Second))
	}
}

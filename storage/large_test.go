package storage

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

var (
	large     = flag.Int("large", 100, "how many incidents of 200 entries BenchmarkLarge has, besides one of 10,000")
	largeFile = flag.String("large-file", "", "where BenchmarkLarge keeps its database, and finds it again; a temporary one when empty")
)

// BenchmarkLarge measures what people wait for in a database that years have filled; docs/performance.md says how it is run
// with 10,000 incidents.
func BenchmarkLarge(b *testing.B) {
	file := *largeFile
	if file == "" {
		file = filepath.Join(b.TempDir(), "large.db")
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		fillLarge(b, file)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if err := openFile(b, file, Options{}).Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	s := openFile(b, file, Options{})
	service := incidents.NewService(s, incidents.Options{Now: clockAt(noon.Add(time.Hour))})
	ctx, last := b.Context(), *large
	for name, run := range map[string]func() error{
		"list":                         func() error { return only(service.Find(ctx, incidents.Query{})) },
		"list open":                    func() error { return only(service.Find(ctx, incidents.Query{Open: true})) },
		"list, for somebody with none": func() error { return only(service.Find(ctx, incidents.Query{For: "U-NOBODY", Part: true})) },
		"stats of a year": func() error {
			return only(service.Statistics(ctx, "U0000001", noon.AddDate(-1, 0, 0), noon.AddDate(0, 0, 1)))
		},
		"fetch 200 entries":    func() error { return only(service.Snapshot(ctx, last/2)) },
		"fetch 10,000 entries": func() error { return only(service.Snapshot(ctx, last+1)) },
		"search common words": func() error {
			return only(service.Search(ctx, incidents.Search{Text: "checkout errors queue restarted", For: "U-ANA"}))
		},
		"search a rare word": func() error {
			return only(service.Search(ctx, incidents.Search{Text: "host17x" + strconv.Itoa(last/2), For: "U-ANA"}))
		},
		"log": func() error {
			return only(service.Handle(ctx, incidents.Request{
				Incident: last, By: incidents.Actor{User: "U0000001"}, Command: incidents.Log{Text: "still restarting"},
			}))
		},
		"log among 10,000": func() error {
			return only(service.Handle(ctx, incidents.Request{
				Incident: last + 1, By: incidents.Actor{User: "U0000001"}, Command: incidents.Log{Text: "still restarting"},
			}))
		},
		"declare": func() error {
			return only(service.Handle(ctx, incidents.Request{By: incidents.Actor{User: "U0000001"}, Command: incidents.Declare{Title: "search is down"}}))
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(residentMiB(), "MiB-resident")
		})
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

func only[T any](_ T, err error) error { return err }

// fillLarge writes the database, in the transactions that the bot would write, a few hundred at a time.
func fillLarge(b *testing.B, file string) {
	b.Helper()
	s := openFile(b, file, Options{})
	began := time.Now()
	const each = 20
	for from := 1; from <= *large; from += each {
		err := s.Update(context.Background(), func(tx incidents.Tx) error {
			for n := from; n < from+each && n <= *large; n++ {
				if err := tx.Apply(largeIncident(n, 200), noon); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	err := s.Update(context.Background(), func(tx incidents.Tx) error { return tx.Apply(largeIncident(*large+1, 10_000), noon) })
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d entries in %d incidents, %d MiB, written in %v", *large*200+10_000, *large+1, info.Size()>>20, time.Since(began).Round(time.Second))
}

// largeIncident is closed, but for the last hundredth that a team may have open by neglect.
func largeIncident(n, entries int) incidents.Change {
	began := noon.Add(time.Duration(n-*large) * time.Hour)
	status := incidents.Closed
	if n%100 == 0 || n >= *large {
		status = incidents.Investigating
	}
	c := incidents.Change{Incident: incidents.Incident{
		Number: n, Title: fmt.Sprintf("Checkout answers with errors in region%d", n%97), Version: 1, Status: status,
		DeclaredAt: began, DeclaredBy: fmt.Sprintf("U%07d", n%500), LastEntry: entries,
		Channel: incidents.Channel{ID: fmt.Sprintf("C%07d", n), Name: fmt.Sprintf("inc-%d", n)},
	}}
	for e := 1; e <= entries; e++ {
		c.Entries = append(c.Entries, incidents.Entry{
			Number: e, Version: 1, At: began.Add(time.Duration(e) * time.Second), Format: incidents.Markdown, Author: "U0000001",
			Text: fmt.Sprintf("We restarted the queue on host%dx%d; the backlog of %d orders drained.", e, n, e*n%5003),
		})
	}
	return c
}

// residentMiB is what the process holds of the machine's memory; 0 where that is not told.
func residentMiB() float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.Fields(kb)[0])
			return float64(n) / 1024
		}
	}
	return 0
}

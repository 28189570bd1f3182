package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
)

// BenchmarkDeclare measures a declaration through the Service, on disk when Handle returns, with 1, 16 and 64 callers;
// and with a transaction of its own for each, to compare.
func BenchmarkDeclare(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchDeclare(b, callers, Options{}) })
	}
	b.Run("callers=64,alone", func(b *testing.B) { benchDeclare(b, 64, Options{Batch: 1}) })
}

func benchDeclare(b *testing.B, callers int, o Options) {
	service := benchService(b, o)
	var n atomic.Int64
	b.ReportAllocs()
	together(b, callers, func() error {
		_, err := service.Handle(context.Background(), incidents.Request{
			Event:   "1700000000.Ev" + strconv.FormatInt(n.Add(1), 36),
			By:      incidents.Actor{User: "U0000001", In: "C0000001"},
			Command: incidents.Declare{Title: "Checkout answers with errors for everybody"},
		})
		return err
	})
}

// BenchmarkRank measures finding the place of the last entry of a timeline, which every log command does.
func BenchmarkRank(b *testing.B) {
	for _, length := range []int{10, 200, 10_000} {
		b.Run(fmt.Sprintf("entries=%d", length), func(b *testing.B) {
			s := benchIncident(b, length)
			for b.Loop() {
				err := s.Update(b.Context(), func(tx incidents.Tx) error {
					place, of, err := tx.Rank(1, length)
					if place != length || of != length {
						b.Errorf("place %d of %d", place, of)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTimeline measures reading an incident with its timeline.
func BenchmarkTimeline(b *testing.B) {
	for _, length := range []int{10, 200, 10_000} {
		b.Run(fmt.Sprintf("entries=%d", length), func(b *testing.B) {
			service := incidents.NewService(benchIncident(b, length), incidents.Options{Now: clockAt(noon)})
			b.ReportAllocs()
			for b.Loop() {
				snap, err := service.Snapshot(b.Context(), 1)
				if err != nil || len(snap.Entries) != length {
					b.Fatal(len(snap.Entries), err)
				}
			}
		})
	}
}

// BenchmarkLease measures leasing and settling while 100,000 deliveries wait: each in a lane of its own, due; and in a
// thousand lanes whose first has failed and is not due, as in a long outage.
func BenchmarkLease(b *testing.B) {
	for name, outage := range map[string]bool{"due": false, "outage": true} {
		b.Run(name, func(b *testing.B) {
			s := openFile(b, filepath.Join(b.TempDir(), "bench.db"), Options{})
			benchBacklog(b, s, outage)
			for b.Loop() {
				err := s.Update(b.Context(), func(tx incidents.Tx) error {
					leased, err := tx.Lease(noon, noon.Add(time.Minute), 10)
					if err != nil || (len(leased) == 10) == outage {
						return fmt.Errorf("%d leased: %w", len(leased), err)
					}
					if _, err := tx.NextDue(); err != nil {
						return err
					}
					for _, d := range leased {
						d.State = incidents.Pending
						if err := tx.Settle(d); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchBacklog(b *testing.B, s *Store, outage bool) {
	b.Helper()
	err := s.Update(b.Context(), func(tx incidents.Tx) error {
		for n := range 100_000 {
			lane := n
			if outage {
				lane = n % 1000
			}
			w := incidents.Wish{Delivery: incidents.Delivery{
				Key: fmt.Sprintf("inc-%d/action-%d/card", lane, n), Incident: lane, Target: incidents.Trello,
				Lane: fmt.Sprintf("inc-%d/trello", lane), Kind: incidents.KindCard,
			}}
			if err := tx.Enqueue([]incidents.Wish{w}, noon); err != nil {
				return err
			}
		}
		if !outage {
			return nil
		}
		leased, err := tx.Lease(noon, noon.Add(time.Minute), 1000)
		for _, d := range leased {
			d.State, d.DueAt = incidents.Pending, noon.Add(time.Hour)
			if err := tx.Settle(d); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func benchIncident(b *testing.B, entries int) *Store {
	s := openFile(b, filepath.Join(b.TempDir(), "bench.db"), Options{})
	c := incidents.Change{Incident: incidents.Incident{
		Number: 1, Title: "Checkout answers with errors", Status: incidents.Investigating, LastEntry: entries, Version: 1,
	}}
	for n := 1; n <= entries; n++ {
		c.Entries = append(c.Entries, incidents.Entry{
			Number: n, At: noon.Add(time.Duration(n) * time.Millisecond), Format: incidents.Markdown, Author: "U0000001",
			Text: "We saw that the queue had stopped and restarted it; the backlog of " + strconv.Itoa(n) + " orders drained.",
		})
	}
	if err := s.Update(b.Context(), func(tx incidents.Tx) error { return tx.Apply(c, noon) }); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchService(b *testing.B, o Options) *incidents.Service {
	s := openFile(b, filepath.Join(b.TempDir(), "bench.db"), o)
	return incidents.NewService(s, incidents.Options{Now: clockAt(noon)})
}

// clockAt is a clock that goes on by a millisecond each time it is asked.
func clockAt(start time.Time) func() time.Time {
	var ticks atomic.Int64
	return func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }
}

// together has so many callers share b.N calls, and reports how many they made in a second and how long one waited.
func together(b *testing.B, callers int, call func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	type outcome struct {
		took []time.Duration
		err  error
	}
	done := make(chan outcome, callers)
	b.ResetTimer()
	for range callers {
		go func() {
			var o outcome
			for o.err == nil && left.Add(-1) >= 0 {
				start := time.Now()
				o.err = call()
				o.took = append(o.took, time.Since(start))
			}
			done <- o
		}()
	}
	var took []time.Duration
	for range callers {
		o := <-done
		if o.err != nil {
			b.Fatal(o.err)
		}
		took = append(took, o.took...)
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(took[len(took)/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(took[len(took)*999/1000].Seconds()*1e3, "p99.9-ms")
}

// BenchmarkIntact measures what every commit pays for finding out that a file was removed.
func BenchmarkIntact(b *testing.B) {
	s := openFile(b, filepath.Join(b.TempDir(), "bench.db"), Options{})
	for b.Loop() {
		if err := s.engine.intact(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch measures a question among 10,000 incidents of four entries, all of which have two of its words.
func BenchmarkSearch(b *testing.B) {
	s, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "a.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const each = 500
	for from := 1; from <= 10_000; from += each {
		err := s.Update(b.Context(), func(tx incidents.Tx) error {
			for n := from; n < from+each; n++ {
				c := incidents.Change{Incident: incidents.Incident{
					Number: n, Title: fmt.Sprintf("Checkout answers with errors in region%d", n%97), Version: 1, Status: incidents.Closed, LastEntry: 4,
				}}
				for e := 1; e <= 4; e++ {
					c.Entries = append(c.Entries, incidents.Entry{
						Number: e, Version: 1, At: noon, Text: fmt.Sprintf("We restarted the queue on host%d and saw word%d go away", n%1009, e*n%5003),
					})
				}
				if err := tx.Apply(c, noon); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return noon }})
	if _, err := service.Search(b.Context(), incidents.Search{Text: "checkout"}); err != nil { // keeps all words first
		b.Fatal(err)
	}
	for _, text := range []string{"checkout errors queue restarted region5 host17", "word4711", "checkout errors", "nothing of the kind"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := service.Search(b.Context(), incidents.Search{Text: text, For: "U-ANA"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

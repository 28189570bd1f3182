package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
)

// BenchmarkDeclare measures a declaration through the Service, on disk when Handle returns, with 1, 16 and 64 callers.
func BenchmarkDeclare(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			service := benchService(b)
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
		})
	}
}

func benchService(b *testing.B) *incidents.Service {
	s := openFile(b, filepath.Join(b.TempDir(), "bench.db"), Options{})
	start := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	var ticks atomic.Int64
	return incidents.NewService(s, incidents.Options{Now: func() time.Time {
		return start.Add(time.Duration(ticks.Add(1)) * time.Millisecond)
	}})
}

// together has so many callers share b.N calls.
func together(b *testing.B, callers int, call func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, callers)
	b.ResetTimer()

	for range callers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := call(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

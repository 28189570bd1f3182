package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Words are kept in steps: one soon after another while there is more, seldom when there is none or it does not work.
func TestKeepWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began, at := time.Now(), []time.Duration(nil)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			keepWords(ctx, func(context.Context) (bool, error) {
				at = append(at, time.Since(began))
				switch len(at) {
				case 1, 2:
					return true, nil
				case 4:
					return false, errors.New("the disk is full")
				case 6:
					stop()
				}
				return false, nil
			}, time.Now, slog.New(slog.DiscardHandler))
		}()
		<-ended
		want := []time.Duration{0, wordsPause, 2 * wordsPause}
		want = append(want, want[2]+wordsEvery, want[2]+wordsEvery+wordsLater, want[2]+2*wordsEvery+wordsLater)
		if !slices.Equal(at, want) {
			t.Errorf("steps at %v, want %v", at, want)
		}
	})
}

// What a step takes is followed by so long a rest that words never cost more than their share, however slow the machine is;
// but for a step that was held up, as by a database that did not answer, nobody waits for ever.
func TestKeepWordsRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		took := []time.Duration{time.Millisecond / 2, 4 * time.Millisecond, 80 * time.Millisecond, time.Hour, 0}
		var pauses []time.Duration
		var last time.Time
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			keepWords(ctx, func(context.Context) (bool, error) {
				n := len(pauses)
				if !last.IsZero() {
					pauses, n = append(pauses, time.Since(last)), n+1
				}
				if n == len(took)-1 {
					stop()
				}
				time.Sleep(took[n])
				last = time.Now()
				return true, nil
			}, time.Now, slog.New(slog.DiscardHandler))
		}()
		<-ended
		if want := []time.Duration{wordsPause, 200 * time.Millisecond, 4 * time.Second, wordsLater}; !slices.Equal(pauses, want) {
			t.Errorf("pauses %v, want %v", pauses, want)
		}
	})
}

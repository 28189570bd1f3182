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
			}, slog.New(slog.DiscardHandler))
		}()
		<-ended
		want := []time.Duration{0, wordsPause, 2 * wordsPause}
		want = append(want, want[2]+wordsEvery, want[2]+wordsEvery+wordsLater, want[2]+2*wordsEvery+wordsLater)
		if !slices.Equal(at, want) {
			t.Errorf("steps at %v, want %v", at, want)
		}
	})
}

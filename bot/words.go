package main

import (
	"context"
	"log/slog"
	"time"
)

// How often what was written lately is made to be found by its words. A step takes about a millisecond, so that they keep up
// with far more than Slack sends and cost two hundredths of a processor at most; whoever looks something up does not wait for
// them.
const (
	wordsPause = 50 * time.Millisecond // between two steps while there is more
	wordsEvery = time.Second
	wordsLater = 30 * time.Second // after an error
)

// keepWords takes steps until the context ends.
func keepWords(ctx context.Context, step func(context.Context) (more bool, err error), log *slog.Logger) {
	for {
		more, err := step(ctx)
		pause := wordsEvery
		switch {
		case err != nil && ctx.Err() == nil:
			log.Warn("what was written lately is not found by its words yet", "error", err)
			pause = wordsLater
		case more:
			pause = wordsPause
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

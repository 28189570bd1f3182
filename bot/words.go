package main

import (
	"context"
	"log/slog"
	"time"
)

// How often what was written lately is made to be found by its words. A step takes about a millisecond, so that they keep up
// with far more than Slack sends; however slow the machine or busy the database is, they cost two hundredths of a processor at
// most. Whoever looks something up does not wait for them.
const (
	wordsPause = 50 * time.Millisecond // between two steps while there is more, or
	wordsRest  = 50                    // so many times as long as the step took, whichever is longer
	wordsEvery = time.Second
	wordsLater = 30 * time.Second // after an error
)

// keepWords takes steps until the context ends.
func keepWords(ctx context.Context, step func(context.Context) (more bool, err error), now func() time.Time, log *slog.Logger) {
	for {
		began := now()
		more, err := step(ctx)
		pause := wordsEvery
		switch {
		case err != nil && ctx.Err() == nil:
			log.Warn("what was written lately is not found by its words yet", "error", err)
			pause = wordsLater
		case more:
			pause = max(wordsPause, min(wordsRest*now().Sub(began), wordsLater))
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

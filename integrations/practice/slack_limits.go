package practice

import "time"

// slackLimits counts calls against the published limits: so many a minute for each method by its tier, and one
// message a second for each channel with a short burst.
type slackLimits struct {
	windows map[string]*slackWindow
}

type slackWindow struct {
	start time.Time
	calls int
	// For messages: when the channel is back to silence.
	until time.Time
}

// messageBurst is how far messages of one channel may run ahead of one a second; Slack says only "short bursts".
const messageBurst = 5 * time.Second

var slackTierPerMinute = [...]int{0, 1, 20, 50, 100}

// RateLimits switches the published rate limits on or off; they are off at first.
func (s *Slack) RateLimits(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = nil
	if on {
		s.limits = &slackLimits{windows: map[string]*slackWindow{}}
	}
}

// take counts one call and returns how long the caller has to wait, 0 when it may go on.
func (l *slackLimits) take(method string, tier int, channel string, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	key := method
	if method == "chat.postMessage" {
		key += " " + channel
	} else if tier == 0 {
		return 0
	}
	w := l.windows[key]
	if w == nil {
		w = &slackWindow{start: now}
		l.windows[key] = w
	}
	if method == "chat.postMessage" {
		return w.takeMessage(now)
	}
	if now.Sub(w.start) >= time.Minute {
		w.start, w.calls = now, 0
	}
	if w.calls >= slackTierPerMinute[tier] {
		return w.start.Add(time.Minute).Sub(now)
	}
	w.calls++
	return 0
}

func (w *slackWindow) takeMessage(now time.Time) time.Duration {
	if w.until.Before(now) {
		w.until = now
	}
	if ahead := w.until.Sub(now); ahead >= messageBurst {
		return ahead - messageBurst + time.Second
	}
	w.until = w.until.Add(time.Second)
	return 0
}

package practice

import "context"

// bump says that something changed. The lock is held.
func (s *Slack) bump() {
	s.version++
	for c := range s.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Version grows with every change of the workspace.
func (s *Slack) Version() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Subscribe returns a channel that gets a value after changes (several changes may share one), and the function that
// ends the subscription.
func (s *Slack) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, c)
	}
}

// WaitFor returns when cond holds, and looks again after each change of this workspace. It fails with the context.
func (s *Slack) WaitFor(ctx context.Context, cond func() bool) error {
	changed, cancel := s.Subscribe()
	defer cancel()
	for !cond() {
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Delivered returns when the bot has answered every event sent so far, or was given up on. Held events do not count.
func (s *Slack) Delivered(ctx context.Context) error {
	return s.WaitFor(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.pending == 0
	})
}

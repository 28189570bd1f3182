package slackio

import (
	"sync"
	"time"
)

// memory keeps what Slack said of something, by its id, for a while. What it said before counts where it does not answer.
type memory[T any] struct {
	mu    sync.Mutex
	known map[string]remembered[T]
}

type remembered[T any] struct {
	said  T
	until time.Time
}

// get returns what was said, whether anything was, and whether that is good at an instant without asking again.
func (m *memory[T]) get(id string, now time.Time) (said T, there, good bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, there := m.known[id]
	return r.said, there, there && now.Before(r.until)
}

// put keeps what is said until an instant. Of more than so many things it forgets all; 0: of any number it forgets none.
func (m *memory[T]) put(id string, said T, until time.Time, most int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || most > 0 && len(m.known) >= most {
		m.known = map[string]remembered[T]{}
	}
	m.known[id] = remembered[T]{said, until}
}

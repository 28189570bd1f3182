package practice

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// delivery is one webhook call on its way to the bot.
type delivery struct {
	url    string
	header http.Header
	body   []byte
	// done is told the status of the answer, 0 when there was none.
	done func(status int)
}

// courier makes webhook calls in order, one at a time, without anybody waiting for them. Its goroutine lives only
// while there is something to deliver, so an idle workspace has none.
type courier struct {
	client *http.Client
	log    *slog.Logger

	mu    sync.Mutex
	queue []delivery
	idle  chan struct{} // closed when the queue has run empty; nil while nothing is under way
}

// newCourier returns a courier that gives a receiver ten seconds, as GitHub does.
func newCourier(log *slog.Logger) *courier {
	return &courier{log: log, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *courier) send(ds ...delivery) {
	if len(ds) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, ds...)
	if c.idle == nil {
		c.idle = make(chan struct{})
		go c.run()
	}
}

func (c *courier) run() {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			close(c.idle)
			c.idle, c.queue = nil, nil
			c.mu.Unlock()
			return
		}
		d := c.queue[0]
		c.queue[0] = delivery{} // the queue must not keep what has gone
		c.queue = c.queue[1:]
		c.mu.Unlock()
		status := c.call(context.Background(), http.MethodPost, d)
		if d.done != nil {
			d.done(status)
		}
	}
}

// call makes one request and returns the status of the answer, 0 when there was none.
func (c *courier) call(ctx context.Context, method string, d delivery) int {
	req, err := http.NewRequestWithContext(ctx, method, d.url, bytes.NewReader(d.body))
	if err != nil {
		return 0
	}
	if d.header != nil {
		req.Header = d.header.Clone()
	}
	resp, err := c.client.Do(req)
	if err != nil {
		c.log.Warn("practice: webhook call had no answer", "err", err)
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode
}

// wait returns when everything sent so far has been delivered or has failed, or when the context ends.
func (c *courier) wait(ctx context.Context) error {
	c.mu.Lock()
	idle := c.idle
	c.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package slackio

import (
	"sync"
	"time"
)

// method is a method of the Web API with what we must know of it: how often Slack lets it be called in a minute (0:
// there is no published number), and whether it changes anything.
// See https://docs.slack.dev/apis/web-api/rate-limits and the pages of the methods.
type method struct {
	name      string
	perMinute int
	writes    bool
	// share is how many of those calls a purpose may take that can wait; 0: all of them.
	share int
}

var (
	methodAuthTest      = method{name: "auth.test"}
	methodSocket        = method{name: "apps.connections.open"}
	methodUsersInfo     = method{name: "users.info"}
	methodViewsOpen     = method{name: "views.open", writes: true}
	methodViewsUpdate   = method{name: "views.update", writes: true}
	methodViewsPublish  = method{name: "views.publish", perMinute: 100, writes: true}
	methodPost          = method{name: "chat.postMessage", writes: true}
	methodEphemeral     = method{name: "chat.postEphemeral", perMinute: 100, writes: true}
	methodUpdate        = method{name: "chat.update", perMinute: 50, writes: true}
	methodDelete        = method{name: "chat.delete", perMinute: 50, writes: true}
	methodCreate        = method{name: "conversations.create", perMinute: 20, writes: true}
	methodInvite        = method{name: "conversations.invite", perMinute: 50, writes: true}
	methodTopic         = method{name: "conversations.setTopic", perMinute: 20, writes: true}
	methodInfo          = method{name: "conversations.info", perMinute: 50}
	methodOpen          = method{name: "conversations.open", perMinute: 50}
	methodHistory       = method{name: "conversations.history", perMinute: 50}
	methodReplies       = method{name: "conversations.replies", perMinute: 50}
	methodHistoryBack   = method{name: "conversations.history", perMinute: 50, share: 30}
	methodRepliesBack   = method{name: "conversations.replies", perMinute: 50, share: 30}
	methodPinsBack      = method{name: "pins.list", perMinute: 20}
	methodList          = method{name: "conversations.list", perMinute: 20}
	methodGroup         = method{name: "usergroups.users.list", perMinute: 20}
	methodOwn           = method{name: "users.conversations", perMinute: 50}
	methodPin           = method{name: "pins.add", perMinute: 20, writes: true}
	methodBookmarks     = method{name: "bookmarks.list", perMinute: 50}
	methodBookmarkAdd   = method{name: "bookmarks.add", perMinute: 20, writes: true}
	methodBookmarkEdit  = method{name: "bookmarks.edit", perMinute: 20, writes: true}
	methodReactionAdd   = method{name: "reactions.add", perMinute: 50, writes: true}
	methodReactionUndo  = method{name: "reactions.remove", perMinute: 20, writes: true}
	methodCanvasMake    = method{name: "conversations.canvases.create", perMinute: 20, writes: true}
	methodCanvasEdit    = method{name: "canvases.edit", perMinute: 50, writes: true}
	methodCanvasLook    = method{name: "canvases.sections.lookup", perMinute: 50}
	methodFileInfo      = method{name: "files.info", perMinute: 100}
	methodFile          = method{name: "the file"}
	methodUploadPlace   = method{name: "files.getUploadURLExternal", perMinute: 100, writes: true}
	methodUpload        = method{name: "the upload", writes: true}
	methodUploadDone    = method{name: "files.completeUploadExternal", perMinute: 100, writes: true}
	minuteWithMargin    = time.Minute + time.Second
	postBurst           = 4 // messages in one channel that may follow each other at once; then one a second
	postBurstWithMargin = time.Duration(postBurst)*time.Second + 200*time.Millisecond
)

// pace keeps calls within the published limits. It remembers when calls were made, so that no window of a minute, wherever
// it begins, holds more of a method than Slack allows; a token bucket would send up to twice as many in the first.
type pace struct {
	mu      sync.Mutex
	windows map[string]*window
}

// window holds the instants of the last calls, as a ring.
type window struct {
	calls   []time.Time
	next    int
	blocked time.Time // Slack asked us to wait until then
	used    time.Time
	// putOff is when the last of the calls that were put off comes back.
	putOff time.Time
}

func newPace() *pace { return &pace{windows: map[string]*window{}} }

// take books a call when it may be made at once; else it returns how long to wait and books nothing.
func (p *pace) take(m method, channel string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	limits := []*window{p.window(m.name, m.perMinute, now)}
	spans := []time.Duration{minuteWithMargin}
	if m.name == methodPost.name && channel != "" {
		limits, spans = append(limits, p.window(m.name+" "+channel, postBurst, now)), append(spans, postBurstWithMargin)
	}
	if m.share > 0 {
		limits, spans = append(limits, p.window(m.name+" share", m.share, now)), append(spans, minuteWithMargin)
	}
	wait := time.Duration(0)
	for i, w := range limits {
		wait = max(wait, w.wait(now, spans[i]))
	}
	if wait > 0 {
		return wait
	}
	for _, w := range limits {
		w.book(now)
	}
	return 0
}

// longestPutOff bounds how long a call is put off at a time.
const longestPutOff = 15 * time.Minute

// putOff says when a call that would have to wait comes back: behind those that were put off before it, each at its own
// turn. Without that a backlog of thousands would come back together again and again, for one call to be made.
func (p *pace) putOff(m method, now time.Time, wait time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.window(m.name, m.perMinute, now).lineUp(now, wait)
}

// turn says when a call that is only wished for would have its turn: at once where the method has room and nobody was put
// off before it, else like one that is put off. That spares it being tried in vain.
func (p *pace) turn(m method, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.window(m.name, m.perMinute, now)
	wait := w.wait(now, minuteWithMargin)
	if wait == 0 && !w.putOff.After(now) {
		return 0
	}
	return w.lineUp(now, wait)
}

// lineUp gives a call the next turn, and returns how long that is from now.
func (w *window) lineUp(now time.Time, wait time.Duration) time.Duration {
	if len(w.calls) == 0 {
		return wait
	}
	turn := minuteWithMargin / time.Duration(len(w.calls))
	later := min(max(wait, w.putOff.Add(turn).Sub(now)), longestPutOff)
	w.putOff = now.Add(later)
	return later
}

// block notes that Slack asked to wait before the next call.
func (p *pace) block(m method, channel string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name, n := m.name, m.perMinute
	if m.name == methodPost.name && channel != "" {
		// Messages are limited by channel first; the others need not wait.
		name, n = m.name+" "+channel, postBurst
	}
	p.window(name, n, until).blocked = until
}

// manyWindows is when windows of channels that were long silent are thrown away.
const manyWindows = 1000

func (p *pace) window(name string, n int, now time.Time) *window {
	w := p.windows[name]
	if w == nil {
		if len(p.windows) >= manyWindows {
			for key, old := range p.windows {
				if now.Sub(old.used) > 2*time.Minute && now.After(old.blocked) {
					delete(p.windows, key)
				}
			}
		}
		w = &window{calls: make([]time.Time, n)}
		p.windows[name] = w
	}
	w.used = now
	return w
}

func (w *window) wait(now time.Time, span time.Duration) time.Duration {
	wait := w.blocked.Sub(now)
	if len(w.calls) > 0 && !w.calls[w.next].IsZero() {
		// At most the whole window: a clock that was set back must not hold calls up for longer.
		wait = max(wait, min(w.calls[w.next].Add(span).Sub(now), span))
	}
	return max(wait, 0)
}

func (w *window) book(now time.Time) {
	if len(w.calls) == 0 {
		return
	}
	w.calls[w.next] = now
	w.next = (w.next + 1) % len(w.calls)
}

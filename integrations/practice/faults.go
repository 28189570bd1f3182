package practice

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one way in which a service misbehaves.
type Fault struct {
	// Name is by what the fault can be ended alone, see Faults.Drop; faults may share one. It may be empty.
	Name string
	// Service is "slack", "trello" or "github".
	Service string
	// Call is a path.Match pattern for the call's name, "*" for all. A Slack call is named by its method
	// ("chat.postMessage"), a Trello or GitHub call by verb and path with ids replaced by their field
	// ("POST /cards", "POST /repos/owner/repo/pulls"). "*" matches slashes here as well.
	Call string
	// After says that the service does its work first and fails only then: the answer is lost, the effect is not.
	After bool
	// Status is the HTTP status of the answer; 0 with Cut false means 500.
	Status int
	// Cut closes the connection without an answer.
	Cut bool
	// Body is the answer's body; a plain sentence when empty.
	Body string
	// RetryAfter, when positive, is sent as a Retry-After header in whole seconds.
	RetryAfter time.Duration
	// Delay holds the call back before anything else happens; a Fault with only a Delay answers normally afterwards.
	Delay time.Duration
	// Times is how many calls are hit; 0 means until cleared.
	Times int
}

func (f Fault) onlyDelays() bool { return f.Delay > 0 && f.Status == 0 && !f.Cut && f.Body == "" }

// Faults is the list of misbehaviours asked for. It is safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	list  []*activeFault
	count int
}

type activeFault struct {
	Fault
	left int // calls still to hit; -1 without end
}

// Add asks for a fault. Faults are tried in the order in which they were added; the first that matches is used.
func (fs *Faults) Add(f Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	left := f.Times
	if left == 0 {
		left = -1
	}
	fs.list = append(fs.list, &activeFault{Fault: f, left: left})
}

// Clear ends all faults of the named service, or of every service when the name is empty.
func (fs *Faults) Clear(service string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var kept []*activeFault
	for _, f := range fs.list {
		if service != "" && f.Service != service {
			kept = append(kept, f)
		}
	}
	fs.list = kept
}

// Drop ends all faults with that name.
func (fs *Faults) Drop(name string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = slices.DeleteFunc(fs.list, func(f *activeFault) bool { return f.Name == name })
}

// Active are copies of the faults that still hit calls, in the order in which they are tried. Times is what is left.
func (fs *Faults) Active() []Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var active []Fault
	for _, f := range fs.list {
		if f.left != 0 {
			one := f.Fault
			one.Times = max(f.left, 0)
			active = append(active, one)
		}
	}
	return active
}

// Hits is the number of calls that were made to fail so far.
func (fs *Faults) Hits() int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.count
}

func (fs *Faults) take(service, call string) (Fault, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.list {
		if f.left == 0 || f.Service != service || !matchCall(f.Call, call) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		fs.count++
		return f.Fault, true
	}
	return Fault{}, false
}

// matchCall is path.Match with "/" treated as any other character.
func matchCall(pattern, call string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	ok, err := path.Match(flat(pattern), flat(call))
	return err == nil && ok
}

// serve runs one call of a service: it applies the fault that fits, if any, and writes the wire log.
func (w *Workspace) serve(service, call string, rw http.ResponseWriter, r *http.Request, h http.HandlerFunc) {
	w.serving.Add(1)
	defer w.serving.Add(-1)
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 16<<20))
	if err != nil {
		http.Error(rw, "body too large", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fault, hit := w.Faults.take(service, call)
	entry := Call{Service: service, Name: call, Request: body}
	if hit && fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
			entry.Held = fault.Delay
		case <-r.Context().Done():
			entry.Fault = "given up by the caller"
			w.Wire.add(entry)
			return
		}
	}
	if hit && !fault.onlyDelays() {
		entry.Fault = "before"
		if fault.After {
			entry.Fault = "after"
			answer := httptest.NewRecorder()
			h(answer, r)
			entry.Applied = answer.Code < 400
		}
		entry.Status = fault.answer(rw)
		w.Wire.add(entry)
		return
	}
	// The log has the call before the caller has the answer: who asks afterwards what was called misses nothing.
	answer := &heldAnswer{header: rw.Header(), status: http.StatusOK}
	h(answer, r)
	entry.Status, entry.Answer, entry.Applied = answer.status, answer.body.Bytes(), answer.status < 400
	w.Wire.add(entry)
	rw.WriteHeader(answer.status)
	_, _ = rw.Write(entry.Answer)
}

// answer writes what the caller sees of a fault and returns the status, 0 for a cut connection.
func (f Fault) answer(rw http.ResponseWriter) int {
	if f.Cut {
		if hj, ok := rw.(http.Hijacker); ok {
			if conn, _, err := hj.Hijack(); err == nil {
				_ = conn.Close()
				return 0
			}
		}
		panic(http.ErrAbortHandler)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if f.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	body := f.Body
	if body == "" {
		body = "practice: this call was made to fail"
	}
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, body)
	return status
}

// heldAnswer keeps an answer back until it is whole.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header { return a.header }

func (a *heldAnswer) WriteHeader(status int) { a.status = status }

func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// Call is one line of the wire log.
type Call struct {
	// At is the workspace's clock when the call ended.
	At time.Time
	// Service and Name are as in Fault. Status is 0 for a cut connection.
	Service, Name string
	Status        int
	// Fault is empty for an honest answer, else "before" or "after" (the effect) or what else happened.
	Fault string
	// Applied says that the service did what was asked.
	Applied bool
	// Held is for how long a fault held the call back before the service saw it.
	Held time.Duration
	// Request and Answer are the bodies. They hold no credentials: those travel in headers, except for Slack's
	// form field "token", which the log leaves out.
	Request, Answer []byte
}

// Wire is the log of all calls. It keeps the newest 10,000, and fewer when their bodies are large.
type Wire struct {
	now   func() time.Time
	mu    sync.Mutex
	calls []Call
	total int
	bytes int // of the bodies kept
}

const (
	wireKeeps = 10_000
	wireBytes = 64 << 20
)

func (w *Wire) add(c Call) {
	c.At = w.now()
	c.Request = withoutToken(c.Request)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.total++
	w.calls = append(w.calls, c)
	w.bytes += len(c.Request) + len(c.Answer)
	if len(w.calls) > wireKeeps || w.bytes > wireBytes {
		w.calls = append([]Call(nil), w.calls[len(w.calls)/2:]...)
		w.bytes = 0
		for _, kept := range w.calls {
			w.bytes += len(kept.Request) + len(kept.Answer)
		}
	}
}

// withoutToken cuts the value of a form field "token" out of a body.
func withoutToken(body []byte) []byte {
	s := string(body)
	for _, start := range []string{"token=", "&token="} {
		i := strings.Index(s, start)
		if i < 0 || (start == "token=" && i > 0) {
			continue
		}
		end := strings.IndexByte(s[i+1:], '&')
		if end < 0 {
			return []byte(s[:i] + start + "…")
		}
		return []byte(s[:i] + start + "…" + s[i+1+end:])
	}
	return body
}

// Calls returns a copy of the log, oldest first.
func (w *Wire) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Call(nil), w.calls...)
}

// Count is the number of calls of a service so far, of all services when the name is empty.
func (w *Wire) Count(service string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if service == "" {
		return w.total
	}
	n := 0
	for _, c := range w.calls {
		if c.Service == service {
			n++
		}
	}
	return n
}

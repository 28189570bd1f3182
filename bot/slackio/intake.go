package slackio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// Desk answers what people do. When it returns an error, nothing could be recorded; its reply then holds the sentence
// that says so.
type Desk interface {
	Said(context.Context, chat.Said) (chat.Reply, error)
	Pressed(context.Context, chat.Pressed) (chat.Reply, error)
	Submitted(context.Context, chat.Submitted) (chat.Reply, error)
	Filled(context.Context, chat.Submitted) (*chat.Form, error)
	Shortcut(context.Context, chat.UsedShortcut) (chat.Reply, error)
	Marked(context.Context, chat.Marked) (chat.Reply, error)
	Changed(context.Context, chat.MessageChanged) error
	Replied(context.Context, chat.Replied) error
	Heard(context.Context, chat.Heard) (chat.Reply, error)
}

// Teller queues an answer to a person; incidents.Service does.
type Teller interface {
	Tell(context.Context, incidents.Notice) error
}

// IntakeOptions configures an Intake.
type IntakeOptions struct {
	// SigningSecrets are the keys that requests over HTTP may be signed with. Without any, every request is refused.
	SigningSecrets []string
	// Command is the slash command, with its slash, as it is named to people.
	Command string
	// Gap is called when events of Slack may have been lost: what they told must be read back, after some time. Nil:
	// nothing is done.
	Gap func(ctx context.Context, after time.Duration) error
	// Back is called when the bot can act in a channel again in which it could not for some time. Nil: nothing is done.
	Back func(ctx context.Context, channel string) error
	// OnCallChanged follows that somebody has come into a user group; nil where nobody cares.
	OnCallChanged func(ctx context.Context, event, group string) error
	// Host makes Home tabs and welcomes; nil for neither.
	Host Host
	// Metrics gets the intake's counter; nil for none.
	Metrics prometheus.Registerer
	// Log gets what was odd; slog.Default when nil.
	Log *slog.Logger
}

// Intake takes in what Slack sends: it checks, decodes, asks a Desk, and answers. It is safe for concurrent use.
type Intake struct {
	c       *Client
	desk    Desk
	tell    Teller
	o       IntakeOptions
	log     *slog.Logger
	sign    *verifier
	counter *prometheus.CounterVec
	bodies  sync.Pool // of *[]byte
	// deadline is what the Desk answers within.
	deadline deadline
	// speaking are the sentences on their way outside the outbox; see sayNow.
	speaking sync.WaitGroup
	// clockNoted is when it was last noted that the clock may be wrong, in microseconds since 1970.
	clockNoted atomic.Int64
	live       liveForms
	sent       lately // the events that a picture was sent for
}

// NewIntake returns an Intake in front of a Desk.
func NewIntake(c *Client, desk Desk, tell Teller, o IntakeOptions) *Intake {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Command == "" {
		o.Command = "/incident"
	}
	in := &Intake{
		c: c, desk: desk, tell: tell, o: o, log: o.Log, sign: newVerifier(o.SigningSecrets),
		counter: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watchbell_intake_total", Help: "What came in from Slack, by kind and by what became of it.",
		}, []string{"kind", "outcome"}),
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(in.counter)
	}
	return in
}

// What became of something that came in, as the counter names it.
const (
	outcomeHandled     = "handled"
	outcomeIgnored     = "ignored"   // understood, and nothing to do
	outcomeUnknown     = "unknown"   // a kind that we do not know
	outcomeMalformed   = "malformed" // of a known kind, but what it needs is missing
	outcomeForeign     = "other_team"
	outcomeUnsigned    = "unsigned" // not signed, wrongly signed or stale
	outcomeOversized   = "oversized"
	outcomeNotRecorded = "not_recorded"
	outcomePanic       = "panic"
)

// answer is what Slack gets back. Over the socket a status other than 200 means that nothing is acknowledged.
type answer struct {
	status  int
	body    []byte // JSON, unless plain
	plain   bool
	says    *answerJSON // to a command, instead of a body; nil for nothing
	outcome string
	// notice and message hold an answer to a command once more, for when the body cannot take it.
	notice  incidents.Notice
	message *chat.Message
}

func ack(outcome string) answer { return answer{status: http.StatusOK, outcome: outcome} }

const (
	// maxBody is far above what Slack sends: a payload with a form has at most 250 kB.
	maxBody = 1 << 20
	// maxDrain is how much of a body beyond that is read and thrown away, so that its sender, who reads only when all is
	// sent, gets the answer rather than a broken connection.
	maxDrain = 16 << 20
)

// Register has a mux serve the four request URLs of the Slack app.
func (in *Intake) Register(mux *http.ServeMux) {
	mux.Handle("/slack/events", in.endpoint("event", in.eventBody))
	mux.Handle("/slack/commands", in.endpoint("command", in.commandBody))
	mux.Handle("/slack/interactions", in.endpoint("interaction", in.interactionBody))
	mux.Handle("/slack/options", in.endpoint("options", in.interactionBody))
}

// request is a request whose signature was checked.
type request struct {
	body      []byte // not to be kept
	timestamp string
}

func (in *Intake) endpoint(kind string, handle func(context.Context, request) answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "Slack sends POST requests here.", http.StatusMethodNotAllowed)
			return
		}
		if !readable(r.Header.Get("Content-Type")) {
			in.count(kind, outcomeMalformed)
			http.Error(w, "Slack sends JSON or a form here.", http.StatusUnsupportedMediaType)
			return
		}
		pooled, _ := in.bodies.Get().(*[]byte)
		if pooled == nil {
			pooled = new([]byte)
		}
		defer func() {
			if cap(*pooled) <= 64<<10 {
				in.bodies.Put(pooled)
			}
		}()
		body, err := readBody(r, (*pooled)[:0])
		*pooled = body
		if errors.Is(err, errTooLarge) {
			in.count(kind, outcomeOversized)
			_, _ = io.CopyN(io.Discard, r.Body, maxDrain) // whatever comes of it, the answer is the same
			http.Error(w, "The body is too large.", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			in.count(kind, outcomeMalformed)
			http.Error(w, "The body could not be read.", http.StatusBadRequest)
			return
		}
		timestamp := r.Header.Get("X-Slack-Request-Timestamp")
		if kind == "command" && isSSLCheck(body) {
			in.count(kind, outcomeHandled)
			return
		}
		if !in.sign.check(timestamp, r.Header.Get("X-Slack-Signature"), body, in.c.now()) {
			in.count(kind, outcomeUnsigned)
			in.noteClock(timestamp, r.Header.Get("X-Slack-Signature"), body)
			http.Error(w, "The signature is missing, wrong or older than five minutes.", http.StatusUnauthorized)
			return
		}
		// When Slack hangs up, what was begun is still brought to its end: it will ask again and is answered the same.
		in.write(w, in.guarded(kind, func(ctx context.Context) answer { return handle(ctx, request{body, timestamp}) }))
	})
}

// noteClock says, once a minute at most, that requests of Slack's are refused for their age alone.
func (in *Intake) noteClock(timestamp, signature string, body []byte) {
	now := in.c.now()
	off := in.sign.off(timestamp, signature, body, now)
	last := in.clockNoted.Load()
	if off == 0 || last != 0 && now.Sub(time.UnixMicro(last)).Abs() < time.Minute || !in.clockNoted.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	in.log.Error("a request with Slack's signature is refused, because by this machine's clock it is too far from now; "+
		"unless somebody repeats an old one, the clock is wrong and nothing comes through until it is set", "off_by", off.Round(time.Second), "clock", now.UTC())
}

// readable reports whether a body of that type may be Slack's: events are JSON, the rest are forms. What names no type is
// judged by its signature alone.
func readable(contentType string) bool {
	switch contentType {
	case "", "application/json", "application/x-www-form-urlencoded":
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "application/x-www-form-urlencoded")
}

// isSSLCheck recognises the request by which Slack looks at the certificate. It holds no command and need not be signed.
// See https://docs.slack.dev/interactivity/implementing-slash-commands.
func isSSLCheck(body []byte) bool {
	if len(body) > 200 || !bytes.Contains(body, []byte("ssl_check=1")) {
		return false
	}
	c, err := parseCommand(string(body))
	return err == nil && c.SSLCheck == "1" && c.Command == "" && c.UserID == ""
}

var errTooLarge = errors.New("the body is too large")

// readBody reads a body into buf. Of one that is too large it leaves the rest.
func readBody(r *http.Request, buf []byte) ([]byte, error) {
	if r.ContentLength > maxBody {
		return buf, errTooLarge
	}
	if n := int(r.ContentLength) + 1; cap(buf) < n {
		buf = make([]byte, 0, max(n, 4<<10))
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > maxBody:
			return buf, errTooLarge
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return buf, err
		}
	}
}

// guarded runs a handler so that nothing that came in can stop the bot, and counts what became of it.
func (in *Intake) guarded(kind string, handle func(context.Context) answer) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			in.log.Error("a handler failed", "kind", kind, "panic", p, "stack", string(debug.Stack()))
			a = answer{status: http.StatusServiceUnavailable, outcome: outcomePanic}
			if kind == "command" {
				a = say(incidents.Notice{}, &chat.Message{Text: ":x: Something went wrong inside the bot. Look whether it was done before you try again."})
				a.outcome = outcomePanic
			}
		}
		in.count(kind, a.outcome)
	}()
	return handle(in.deadline.context())
}

func (in *Intake) count(kind, outcome string) { in.counter.WithLabelValues(kind, outcome).Inc() }

func (in *Intake) write(w http.ResponseWriter, a answer) {
	if a.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	if len(a.body) > 0 || a.says != nil {
		kind := "application/json; charset=utf-8"
		if a.plain {
			kind = "text/plain; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
	}
	w.WriteHeader(a.status)
	// When Slack hung up it will ask again.
	if a.says != nil {
		_ = encodeTo(w, a.says)
	} else {
		_, _ = w.Write(a.body)
	}
}

// malformed refuses a request that cannot have been made by Slack.
func malformed() answer {
	return answer{status: http.StatusBadRequest, outcome: outcomeMalformed, plain: true, body: []byte("This cannot be understood.\n")}
}

// foreign reports whether something comes from a workspace that is not ours. Until we know which is ours, none is. A
// payload may name no workspace at all, as those of organisation-wide apps do.
func (in *Intake) foreign(enterprise string, teams ...string) bool {
	self, known := in.c.Identity()
	if !known || (enterprise != "" && enterprise == self.Enterprise) {
		return false
	}
	named := false
	for _, team := range teams {
		if team == self.Team {
			return false
		}
		named = named || team != ""
	}
	return named
}

// answerJSON is an answer to a command.
type answerJSON struct {
	ResponseType string   `json:"response_type"`
	Text         string   `json:"text"`
	Blocks       []*block `json:"blocks,omitempty"`
}

// say answers a command for the person alone.
func say(n incidents.Notice, m *chat.Message) answer {
	if m == nil {
		return ack(outcomeHandled)
	}
	f := fit(*m)
	return answer{
		status: http.StatusOK, outcome: outcomeHandled, notice: n, message: m,
		says: &answerJSON{"ephemeral", f.Text, f.Blocks},
	}
}

// queue puts a reply into the outbox, for one person alone. It does nothing when there is nothing to say.
func (in *Intake) queue(ctx context.Context, n incidents.Notice, m *chat.Message) error {
	if m == nil {
		return nil
	}
	n.Body = encode(m)
	return in.tell.Tell(ctx, n)
}

// sayNow shows a reply without the outbox, which cannot be written: better unsure than silent.
func (in *Intake) sayNow(ctx context.Context, n incidents.Notice, m *chat.Message) {
	if m == nil || n.Channel == "" {
		return
	}
	ctx = context.WithoutCancel(ctx)
	in.speaking.Go(func() {
		if err := in.c.sayTo(ctx, n, fit(*m)); err != nil {
			in.log.Error("a person could not be told that nothing was recorded", "event", n.Key, "user", n.User, "error", err)
		}
	})
}

// Close waits until what is being said is said, or the context ends.
func (in *Intake) Close(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		in.speaking.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

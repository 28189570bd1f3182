package practice

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Slack is the local Slack workspace: the Web API for the bot, the events, commands and interactions that the bot
// gets, and the people who talk to it. It is safe for concurrent use.
//
// Setting up:
//
//	s.Connect(botURL)                      where the bot listens; it gets signed HTTP unless a socket is connected
//	s.Verify(ctx)                          has the bot answer the challenge of a request URL
//	s.AddUser(name, realName, tz)          a person; joins the team channel
//	s.AddChannel(name, private, who...)    a channel
//	s.Delivered(ctx)                       waits until the bot has answered every event sent so far
//
// People, named by name or id, in channels named by name or id ("@ana" is her conversation with the bot):
//
//	s.Say(who, channel, text) (ts, error)             s.Reply(who, channel, threadTS, text) (ts, error)
//	s.SayWithFiles(who, channel, threadTS, text, uploads...)   s.DeleteFile(who, id) error
//	s.EditMessage(who, channel, ts, text) error       s.DeleteMessage(who, channel, ts) error
//	s.React(who, channel, ts, emoji) error            s.Unreact(…) error
//	s.Pin(who, channel, ts) error                     s.Unpin(…) error
//	s.Join(who, channel) error                        s.Leave(…) error, s.Invite(by, channel, who...) error
//	s.Command(ctx, who, channel, "/incident declare x") (CommandAnswer, error)
//	s.Press(ctx, who, channel, ts, actionID) error    a button of a message, ephemeral or not; ts "" finds the newest
//	s.PressLabel(ctx, who, channel, ts, label) error  the same by the words on it
//	s.Choose(ctx, who, channel, ts, actionID, value)  a menu of a message
//	s.Shortcut(ctx, who, callbackID) error            s.MessageShortcut(ctx, who, channel, ts, callbackID) error
//	s.View(who) *View                                 the form that is open in front of them, nil when none is
//	s.Fill(who, blockID, value) error                 an input of that form: text, option's value or label, name, date
//	s.PressView(ctx, who, actionID) error             a button inside the form
//	s.Suggest(ctx, who, blockID, typed)               the options that the bot offers while somebody types
//	s.Submit(ctx, who) (SubmitAnswer, error)          s.CloseView(ctx, who) error
//	s.OpenHome(who) error, s.Home(who) *View          the app's Home tab
//
// Looking (all copies): Users, Channels, Messages, Thread, Ephemerals, Pins, Bookmarks, Topic, MessageText, Buttons,
// Unknown, Refused, Invalid. Waiting: Subscribe, Version, WaitFor.
//
// Misbehaving: Repeat, Hold, Release, Emit, Post, Sign, Disconnect, CutSockets, RateLimits, and Workspace.Faults.
type Slack struct {
	// RetryAfter are the pauses before the repeats of an event that the bot did not take; Slack's own by default
	// (at once, one minute, five minutes). Set it before the first event.
	RetryAfter []time.Duration
	// AckWithin is how long the bot may take to answer; 3 s by default. Set it before the first event.
	AckWithin time.Duration

	w                             *Workspace
	now                           func() time.Time
	log                           *slog.Logger
	client                        *http.Client
	ctx                           context.Context
	cancel                        context.CancelFunc
	botToken, appToken, signature string

	mu       sync.Mutex
	counters map[string]int
	version  int
	watchers map[chan struct{}]bool

	users      []*User
	channels   []*slackChannel
	groups     []usergroup
	ephemerals []*Message
	stacks     map[string][]*View // open forms by user, the top one last
	homes      map[string]*View
	files      map[string]*File
	uploads    map[string]*upload // on their way, by the file id
	triggers   map[string]*trigger
	hooks      map[string]*hook

	typed                     []typedCommand
	unknown, refused, invalid []string
	limits                    *slackLimits

	ownURL    string // where this service is served, learned from its callers
	intake    string // where the bot listens
	oneIntake bool   // intake is the one URL for everything
	repeat    int
	holding   bool
	flood     flood
	held      []parcel
	queue     []parcel
	busy      bool // a goroutine is emptying the queue
	pending   int  // events not yet taken or given up
	retrying  int  // events that wait to be sent again
	lost      []string
	sockets   *socketState
}

// The workspace's fixed parts.
const (
	slackTeam   = "T0PRACTICE"
	slackDomain = "practice"
	slackURL    = "https://" + slackDomain + ".slack.com/"
	slackSince  = 1_700_000_000 // when the workspace's fixed parts were made, in Unix seconds
	slackApp    = "A0WATCHBELL"
	slackBot    = "B0WATCHBELL"
	// BotUser is the id of the bot's user, BotName the name by which people mention it.
	BotUser = "U0WATCHBELL"
	BotName = "watchbell"
	// TeamChannel is the name of the channel that is there from the start; everybody and the bot are in it.
	TeamChannel = "team"
)

func newSlack(o Options, w *Workspace) *Slack {
	s := &Slack{
		RetryAfter: []time.Duration{0, time.Minute, 5 * time.Minute}, AckWithin: 3 * time.Second,
		w: w, now: o.Now, log: o.Log,
		botToken: "xoxb-practice-" + randomHex(12), appToken: "xapp-practice-" + randomHex(12), signature: randomHex(16),
		counters: map[string]int{}, watchers: map[chan struct{}]bool{},
		stacks: map[string][]*View{}, homes: map[string]*View{}, triggers: map[string]*trigger{}, hooks: map[string]*hook{},
		repeat: 1, sockets: newSocketState(),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.client = &http.Client{CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > 2 {
			return errTooManyRedirects
		}
		return nil
	}}
	bot := &User{ID: BotUser, Name: BotName, RealName: "Watchbell", TZ: "UTC", IsBot: true}
	s.users = append(s.users, bot)
	s.addChannel(TeamChannel, false, BotUser, BotUser)
	return s
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}

// BotToken is a token that the Web API accepts. Every token that begins "xoxb-practice-" does.
func (s *Slack) BotToken() string { return s.botToken }

// AppToken is a token that apps.connections.open accepts. Every token that begins "xapp-practice-" does.
func (s *Slack) AppToken() string { return s.appToken }

// SigningSecret is the key of the signatures on what the bot gets.
func (s *Slack) SigningSecret() string { return s.signature }

// Connect says where the bot listens. With a host alone, events, commands, interactions and the options of menus go to
// url + "/slack/events", "/slack/commands", "/slack/interactions" and "/slack/options"; a URL with a path gets all four
// itself, as an app may set it up with Slack.
func (s *Slack) Connect(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intake, s.oneIntake = strings.TrimSuffix(url, "/"), false
	if _, rest, found := strings.Cut(s.intake, "://"); found {
		s.oneIntake = strings.Contains(rest, "/")
	}
}

// ServedAt says under which scheme and host this service can be reached, before the first call has told.
func (s *Slack) ServedAt(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ownURL = strings.TrimSuffix(url, "/") + strings.TrimSuffix(SlackPath, "/api/")
}

// Close ends all connections and deliveries. What is still to be delivered is lost.
func (s *Slack) Close() {
	s.cancel()
	s.CutSockets()
}

// ServeHTTP serves the Web API, the response URLs and the sockets.
func (s *Slack) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.learnURL(r)
	rw.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // as the clock here is set
	if name, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
		s.w.serve("slack", name, rw, r, func(rw http.ResponseWriter, r *http.Request) { s.serveMethod(name, rw, r) })
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/hooks/"); ok {
		s.w.serve("slack", "response_url", rw, r, func(rw http.ResponseWriter, r *http.Request) { s.serveHook(id, rw, r) })
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/files-pri/"); ok {
		s.w.serve("slack", "file", rw, r, func(rw http.ResponseWriter, r *http.Request) { s.serveFile(rest, rw, r) })
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/upload/v1/"); ok {
		s.w.serve("slack", "upload", rw, r, func(rw http.ResponseWriter, r *http.Request) { s.serveUpload(rest, rw, r) })
		return
	}
	if r.URL.Path == "/socket" {
		s.serveSocket(rw, r)
		return
	}
	http.NotFound(rw, r)
}

// learnURL takes the address of this service from the request, because a response URL must lead back to it.
func (s *Slack) learnURL(r *http.Request) {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	prefix, ok := strings.CutSuffix(path, r.URL.Path)
	if !ok || r.Host == "" {
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ownURL = scheme + r.Host + prefix
}

// baseURL is where this service is served. Before the first call it is taken to be next to the bot.
func (s *Slack) baseURL() string {
	if s.ownURL != "" {
		return s.ownURL
	}
	return s.intake + "/practice/slack"
}

// nextID hands out readable ids in order, so that two runs of one drill look the same.
func (s *Slack) nextID(prefix string) string {
	s.counters[prefix]++
	return fmt.Sprintf("%s%08d", prefix, s.counters[prefix])
}

// Unknown are the methods that the bot called and that do not exist here.
func (s *Slack) Unknown() []string { return s.listed(&s.unknown) }

// Refused are all calls that were answered with an error, as "method: code: details".
func (s *Slack) Refused() []string { return s.listed(&s.refused) }

// Invalid are the refusals that no state of the workspace excuses: broken limits, wrong shapes, bad arguments. What
// was cut silently, as Slack does with long texts, is here as well.
func (s *Slack) Invalid() []string { return s.listed(&s.invalid) }

// Undelivered are the events that the bot did not take in any attempt, as "event id: reason".
func (s *Slack) Undelivered() []string { return s.listed(&s.lost) }

func (s *Slack) listed(list *[]string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), *list...)
}

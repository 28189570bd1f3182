package practice

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// The control interface lets a program do what people do, and look at what they would see. It is there for clients
// that are not written in Go: a bot in any language can be tried against the local services, with somebody to talk to.
//
// Every call needs the header "X-Practice: 1", which no page elsewhere can send, and has to come from this machine. A
// deed is a POST to /practice/control/NAME with a JSON object; people and channels are given by name or id, "@ana" is
// her conversation with the bot:
//
//	say       {who, channel, text, thread, files}   → {ts}; thread is the ts of a message to answer; files are
//	                                                [{name, type, data (base64), mode, link}], see Upload
//	edit      {who, channel, ts, text}              delete {who, channel, ts}
//	react     {who, channel, ts, emoji}             unreact, and pin and unpin without emoji
//	command   {who, channel, text: "/incident …"}   → {text, in_channel, message}
//	press     {who, channel, ts, action | label}    a button of a message; ts "" finds the newest, without a channel
//	                                                it is one of the form in front of them or of their Home tab
//	choose    {who, channel, ts, action, value}     the same for a menu
//	shortcut  {who, callback, channel, ts}          on a message when ts is given, else a global one
//	fill      {who, block, value}                   an input of the form in front of them
//	suggest   {who, block, value}                   → {options} that the bot offers while value is typed
//	submit    {who}                                 → {errors, view}
//	close     {who}                                 home {who} opens the Home tab
//	user      {who, name, zone}                     → {id}; a person, who joins the team channel
//	channel   {channel, private, people}            → {id}; a channel with these people in it
//	join      {who, channel}                        leave, and invite with people
//	connect   {url}                                 where the bot listens, see Slack.Connect
//	verify    {}                                    the challenge that a request URL is verified with → {verified}
//	delivered {}                                    waits until the bot has answered every event
//	limits    {on}                                  Slack's published rate limits
//	disconnect {reason}                             tells sockets to reconnect; "cut" ends them without a word
//	fault     {service, call, status, cut, after, retry_after, times, delay}, in seconds; see Fault; heal ends them
//
// GET /practice/control/state gives the whole workspace, ?channel=NAME one channel of it alone. Success is 200, what
// people could not do is 422 with {"error": sentence}.
type control struct {
	w     *Workspace
	deeds map[string]func(context.Context, controlCall) (jsonObject, error)
}

// ControlPath is where the control interface is served.
const ControlPath = "/practice/control/"

// controlWaits is how long a deed may take: as long as a bot that answers in time needs, with room for retries.
const controlWaits = 30 * time.Second

// controlCall is the object that a deed is called with.
type controlCall struct {
	Who, Channel, TS, Thread, Text, Emoji string
	Action, Label, Block, Value, Callback string
	Name, Zone, URL, Reason               string
	People                                []string
	Private, On                           bool
	Files                                 []Upload
	Service, Call                         string
	Status, Times                         int
	Cut, After                            bool
	RetryAfter                            float64 `json:"retry_after"`
	Delay                                 float64
}

func newControl(w *Workspace) http.Handler {
	c := &control{w: w}
	c.deeds = map[string]func(context.Context, controlCall) (jsonObject, error){}
	c.talk()
	c.use()
	c.arrange()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPath+"state", c.serveState)
	mux.HandleFunc("POST "+ControlPath+"{deed}", c.serveDeed)
	return http.NewCrossOriginProtection().Handler(controlGuard(mux))
}

// controlGuard lets only programs on this machine through: a browser cannot send the header for another site without
// asking first, which is never granted, and a name that was pointed at this machine is none of its own.
func controlGuard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		switch {
		case err != nil || !from.Addr().Unmap().IsLoopback() || !loopbackName(r.Host):
			controlAnswer(rw, http.StatusForbidden, jsonObject{"error": "practice is for this machine alone"})
		case r.Header.Get("X-Practice") != "1":
			controlAnswer(rw, http.StatusForbidden, jsonObject{"error": "the header X-Practice: 1 is missing"})
		default:
			next.ServeHTTP(rw, r)
		}
	})
}

// loopbackName reports whether a Host header names this machine itself.
func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || (err == nil && addr.IsLoopback())
}

func (c *control) serveDeed(rw http.ResponseWriter, r *http.Request) {
	deed := c.deeds[r.PathValue("deed")]
	if deed == nil {
		controlAnswer(rw, http.StatusNotFound, jsonObject{"error": "there is no " + r.PathValue("deed")})
		return
	}
	var call controlCall
	decoder := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&call); err != nil && !errors.Is(err, io.EOF) {
		controlAnswer(rw, http.StatusBadRequest, jsonObject{"error": "the body is not what this call takes: " + err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), controlWaits)
	defer cancel()
	answer, err := deed(ctx, call)
	if err != nil {
		controlAnswer(rw, http.StatusUnprocessableEntity, jsonObject{"error": err.Error()})
		return
	}
	if answer == nil {
		answer = jsonObject{}
	}
	answer["ok"] = true
	controlAnswer(rw, http.StatusOK, answer)
}

func controlAnswer(rw http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written"}`)
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_, _ = rw.Write(raw)
}

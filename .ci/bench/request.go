package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"strings"
	"time"
)

const signingSecret = "0123456789abcdef0123456789abcdef"

// Ids that the stub and the requests agree on.
const (
	teamID  = "T0BENCH01"
	botUser = "U0BENCHBOT"
	appID   = "A0BENCH01"
)

// In a template these bytes, repeated as often as there are digits, stand for what differs from request to request. The
// lengths do not change, so a request is made by writing digits into place.
const (
	isID      = 1 // unique
	isSeconds = 2 // with isMicros a unique ts
	isMicros  = 3
	isChannel = 4 // the number of an incident
	isUser    = 5
)

func digits(of byte, n int) string { return strings.Repeat(string(rune(of)), n) }

// kind is one sort of request.
type kind struct {
	name string
	what string // for the table
	path string // at Watchbell; Bolt takes everything at one path
	body string // template
	// says is what Watchbell's answer must contain.
	says string
	// rows is the table in which every acknowledged request must be found as one new row; empty when nothing is stored.
	rows string
}

const people = 50

func kinds() map[string]kind {
	all := map[string]kind{}
	for _, k := range []kind{
		{
			name: "declare", what: "`/incident declare …`", path: "/slack/commands", body: declareBody("declare+x" + digits(isID, 16)),
			says: "is declared", rows: "incidents",
		},
		{
			name: "alike", what: "`/incident declare …`, like those before", path: "/slack/commands",
			body: declareBody("declare+Checkout+" + digits(isID, 16) + "+answers+with+errors"), says: "may be alike", rows: "incidents",
		},
		{
			name: "log", what: "`@watchbell log …`, 2 kB", path: "/slack/events", rows: "entries",
			body: eventBody("app_mention", `"user":"U`+digits(isUser, 7)+`","ts":"`+digits(isSeconds, 10)+"."+digits(isMicros, 6)+
				`","text":"<@`+botUser+`> log `+prose(2000)+`","team":"`+teamID+`","channel":"C`+digits(isChannel, 7)+`"`),
		},
		{
			name: "reaction", what: "capture by reaction", path: "/slack/events", rows: "captures",
			body: eventBody("reaction_added", `"user":"U`+digits(isUser, 7)+`","reaction":"pushpin","item_user":"U0000007",`+
				`"item":{"type":"message","channel":"C`+digits(isChannel, 7)+`","ts":"`+digits(isSeconds, 10)+"."+digits(isMicros, 6)+`"}`),
		},
		{
			name: "plain", what: "message that nobody captures, 2 kB", path: "/slack/events",
			body: eventBody("message", `"user":"U`+digits(isUser, 7)+`","ts":"`+digits(isSeconds, 10)+"."+digits(isMicros, 6)+
				`","text":"`+prose(2000)+`","team":"`+teamID+`","channel":"C`+digits(isChannel, 7)+`","channel_type":"channel"`),
		},
	} {
		all[k.name] = k
	}
	return all
}

// declareBody is a slash command with every field that Slack sends. Its text is encoded already.
func declareBody(text string) string {
	fields := [][2]string{
		{"token", "gIkuvaNzQIHg97ATvDxqgjtO"}, {"team_id", teamID}, {"team_domain", "example"},
		{"channel_id", "C0TEAM001"}, {"channel_name", "team"}, {"user_id", "U" + digits(isUser, 7)}, {"user_name", "someone"},
		{"command", "/incident"}, {"text", text},
		{"api_app_id", appID}, {"is_enterprise_install", "false"},
		{"response_url", "https://hooks.slack.com/commands/" + teamID + "/5551234567890/AbCdEfGhIjKlMnOpQrStUvWx"},
		{"trigger_id", digits(isID, 16) + ".798315423427.abcdef0123456789abcdef0123456789"},
	}
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		value := f[1]
		if !strings.ContainsAny(value, "\x01\x05") {
			value = url.QueryEscape(value)
		}
		b.WriteString(f[0] + "=" + value)
	}
	return b.String()
}

// eventBody is an event in the envelope that Slack sends.
func eventBody(kind, fields string) string {
	return `{"token":"gIkuvaNzQIHg97ATvDxqgjtO","team_id":"` + teamID + `","context_team_id":"` + teamID +
		`","context_enterprise_id":null,"api_app_id":"` + appID + `","event":{"type":"` + kind + `",` + fields +
		`,"event_ts":"` + digits(isSeconds, 10) + "." + digits(isMicros, 6) + `"},"type":"event_callback","event_id":"Ev` +
		digits(isID, 16) + `","event_time":` + digits(isSeconds, 10) + `,"authorizations":[{"enterprise_id":null,"team_id":"` +
		teamID + `","user_id":"` + botUser + `","is_bot":true,"is_enterprise_install":false}],"is_ext_shared_channel":false,` +
		`"event_context":"4-eyJldCI6Im1lc3NhZ2UiLCJ0aWQiOiJUMEJFTkNIMDEiLCJhaWQiOiJBMEJFTkNIMDEifQ"}`
}

// prose is so many bytes of what people write, as it stands in JSON.
func prose(n int) string {
	const text = "The checkout service answers with 502 since the last deployment; we rolled it back and are watching the queue. " +
		"See <https://status.example.org/42|the status page> and `systemctl status checkout`. "
	return strings.TrimSpace(strings.Repeat(text, n/len(text)+1)[:n-1]) + "."
}

// signer makes requests of one kind for one connection. It reuses its memory.
type signer struct {
	buf               []byte // head and body
	body              int    // where the body begins
	time, signature   int    // offsets
	holes             []hole
	mac               hash.Hash
	sum               []byte
	worker, incidents int
	sent              int
}

type hole struct {
	at, width int
	of        byte
}

// requestsEach bounds what one connection sends, for its requests' ids to be its own.
const requestsEach = 1_000_000

func newSigner(k kind, path, host string, worker, incidents int) *signer {
	kindOf := "application/json"
	if strings.HasPrefix(k.body, "token=") {
		kindOf = "application/x-www-form-urlencoded"
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"+
		"Accept-Encoding: gzip,deflate\r\nAccept: application/json,*/*\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"X-Slack-Request-Timestamp: 0000000000\r\nX-Slack-Signature: v0=%064d\r\n\r\n", path, host, kindOf, len(k.body), 0)
	s := &signer{
		buf: []byte(head + k.body), body: len(head), mac: hmac.New(sha256.New, []byte(signingSecret)),
		worker: worker, incidents: incidents,
	}
	s.time = strings.Index(head, "Timestamp: ") + len("Timestamp: ")
	s.signature = strings.Index(head, "v0=") + len("v0=")
	for i := s.body; i < len(s.buf); {
		of := s.buf[i]
		if of > isUser {
			i++
			continue
		}
		width := len(s.buf[i:]) - len(bytes.TrimLeft(s.buf[i:], string(rune(of))))
		s.holes = append(s.holes, hole{i, width, of})
		i += width
	}
	return s
}

// next returns the next request, signed now. It is valid until the next call.
func (s *signer) next(now time.Time) []byte {
	if s.sent >= requestsEach {
		panic("more requests than ids")
	}
	id := s.worker*requestsEach + s.sent
	spread := s.sent*64 + s.worker
	s.sent++
	for _, h := range s.holes {
		n := 0
		switch h.of {
		case isID:
			n = id
		case isSeconds:
			n = 1_690_000_000 + id/1_000_000
		case isMicros:
			n = id % 1_000_000
		case isChannel:
			n = spread%s.incidents + 1
		case isUser:
			n = spread%people + 1
		}
		put(s.buf[h.at:h.at+h.width], n)
	}
	stamp := s.buf[s.time : s.time+10]
	put(stamp, int(now.Unix()))
	s.mac.Reset()
	s.mac.Write([]byte("v0:"))
	s.mac.Write(stamp)
	s.mac.Write([]byte(":"))
	s.mac.Write(s.buf[s.body:])
	s.sum = s.mac.Sum(s.sum[:0])
	hex.Encode(s.buf[s.signature:s.signature+64], s.sum)
	return s.buf
}

// put writes a number with leading zeros.
func put(into []byte, n int) {
	for i := len(into) - 1; i >= 0; i-- {
		into[i] = byte('0' + n%10)
		n /= 10
	}
}

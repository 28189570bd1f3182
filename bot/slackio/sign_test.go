package slackio

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The example of https://docs.slack.dev/authentication/verifying-requests-from-slack.
const (
	exampleSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	exampleTimestamp = "1531420618"
	exampleBody      = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	exampleSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
)

// signature signs a body as Slack does.
func signature(secret, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("v0:" + timestamp + ":"))
	h.Write(body)
	return "v0=" + hex.EncodeToString(h.Sum(nil))
}

func stamp(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func TestSignature(t *testing.T) {
	at := time.Unix(1531420618, 0)
	one := []string{exampleSecret}
	for name, row := range map[string]struct {
		secrets              []string
		timestamp, signature string
		body                 string
		now                  time.Time
		want                 bool
	}{
		"Slack's example":          {one, exampleTimestamp, exampleSignature, exampleBody, at, true},
		"five minutes old":         {one, exampleTimestamp, exampleSignature, exampleBody, at.Add(300 * time.Second), true},
		"older":                    {one, exampleTimestamp, exampleSignature, exampleBody, at.Add(301 * time.Second), false},
		"our clock is behind":      {one, exampleTimestamp, exampleSignature, exampleBody, at.Add(-300 * time.Second), true},
		"from the future":          {one, exampleTimestamp, exampleSignature, exampleBody, at.Add(-301 * time.Second), false},
		"second of two secrets":    {[]string{"new", exampleSecret}, exampleTimestamp, exampleSignature, exampleBody, at, true},
		"first of two secrets":     {[]string{exampleSecret, "old"}, exampleTimestamp, exampleSignature, exampleBody, at, true},
		"another secret":           {[]string{"other"}, exampleTimestamp, exampleSignature, exampleBody, at, false},
		"another body":             {one, exampleTimestamp, exampleSignature, exampleBody + " ", at, false},
		"no secret":                {nil, exampleTimestamp, exampleSignature, exampleBody, at, false},
		"an empty secret":          {[]string{""}, exampleTimestamp, signature("", exampleTimestamp, []byte(exampleBody)), exampleBody, at, false},
		"no signature":             {one, exampleTimestamp, "", exampleBody, at, false},
		"half a signature":         {one, exampleTimestamp, exampleSignature[:40], exampleBody, at, false},
		"no hexadecimal":           {one, exampleTimestamp, "v0=" + exampleSignature[4:] + "x", exampleBody, at, false},
		"another version":          {one, exampleTimestamp, "v1" + exampleSignature[2:], exampleBody, at, false},
		"no timestamp":             {one, "", exampleSignature, exampleBody, at, false},
		"a timestamp in words":     {one, "now", exampleSignature, exampleBody, at, false},
		"the least number":         {one, "-9223372036854775808", exampleSignature, exampleBody, at, false},
		"a timestamp without end":  {one, "000000000000000000001531420618", exampleSignature, exampleBody, at, false},
		"a timestamp with a sign":  {one, "+1531420618", signature(exampleSecret, "+1531420618", []byte(exampleBody)), exampleBody, at, true},
		"an empty body, signed":    {one, exampleTimestamp, signature(exampleSecret, exampleTimestamp, nil), "", at, true},
		"the signature in capital": {one, exampleTimestamp, "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10BD27519666489C69B503", exampleBody, at, true},
	} {
		v := newVerifier(row.secrets)
		for range 2 { // the second time with what is kept from the first
			if got := v.check(row.timestamp, row.signature, []byte(row.body), row.now); got != row.want {
				t.Errorf("%s: %v, want %v", name, got, row.want)
			}
		}
	}
}

// FuzzSignature offers signatures that nobody made.
func FuzzSignature(f *testing.F) {
	v := newVerifier([]string{"a secret", "an older one"})
	now := time.Unix(1_773_738_000, 0)
	f.Add("1773738000", "v0="+strings.Repeat("0", 64), []byte("x"))
	f.Add("-1773738000", "v0=", []byte(""))
	f.Add("+1773738000", "v0="+strings.Repeat("G", 64), []byte("\x00"))
	f.Add("9223372036854775807", "v1="+strings.Repeat("0", 64), []byte("x"))
	f.Add(" 1773738000", strings.Repeat("\xff", 67), []byte("x"))
	f.Fuzz(func(t *testing.T, timestamp, signature string, body []byte) {
		if v.check(timestamp, signature, body, now) {
			t.Errorf("%q at %q opens", signature, timestamp)
		}
	})
}

// A clock that is wrong has everything of Slack's refused, and the log says so, once a minute; what is merely not Slack's says
// nothing of the clock.
func TestAWrongClockIsSaid(t *testing.T) {
	c := newCounter(t)
	var log strings.Builder
	c.log = slog.New(slog.NewTextHandler(&log, nil))
	c.send("/slack/commands", commandOf("list"))
	forged := signed("/slack/commands", []byte(commandOf("list")))
	forged.Header.Set("X-Slack-Request-Timestamp", stamp(epoch.Add(time.Hour)))
	c.Handler().ServeHTTP(httptest.NewRecorder(), forged)
	if log.Len() > 0 {
		t.Errorf("the log says %q", log.String())
	}
	c.c.now = func() time.Time { return epoch.Add(-time.Hour) }
	for range 3 {
		if w := c.send("/slack/commands", commandOf("list")); w.Code != http.StatusUnauthorized {
			t.Errorf("an hour off: %d", w.Code)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "clock is wrong") || !strings.Contains(text, "off_by=-1h0m0s") {
		t.Errorf("the log says %q", text)
	}
}

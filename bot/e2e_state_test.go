package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// reads opens the page behind an address with the bot of now, whatever host the address names.
func (s *story) reads(address string) (page string, r *http.Response) {
	s.Helper()
	u, err := url.Parse(address)
	s.must(err)
	r, err = http.Get(s.bot.url + u.Path + "?" + u.RawQuery)
	s.must(err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	s.must(err)
	return string(text), r
}

// pageOf is the address of an incident's page, as the newest message in a channel that has one links it.
func (s *story) pageOf(channel string) string {
	address := ""
	for _, m := range s.Slack.Messages(channel) {
		if found := pageAddress.FindString(s.Slack.MessageText(m)); found != "" {
			address = found
		}
	}
	return address
}

// Those who are not in Slack follow an incident on a page behind the link of its announcement. It holds what the post
// would, and nobody's name.
func TestStoryStatePage(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.PublicURL = "https://watch.example.org/bell" }})
	s.types("ana", "#team", "/incident declare checkout <b>is</b> down")
	s.quiet()
	address := s.pageOf("team")
	if !strings.HasPrefix(address, "https://watch.example.org/bell/incidents/1?link=") || s.pageOf(s.channel("#incident")) != address {
		t.Fatalf("the announcement links %q, the card %q", address, s.pageOf(s.channel("#incident")))
	}
	address = strings.Replace(address, "/bell", "", 1)
	s.types("ana", "#incident", "/incident severity downtime")
	s.types("ana", "#incident", "/incident role ops @ben")
	s.types("ana", "#incident", "/incident log @ben restarted the **queue**, password=hunter22secret, mail ben@example.org")
	s.types("ana", "#incident", "/incident log the vendor is to blame")
	s.types("ana", "#incident", "/incident internal 5")
	s.types("ana", "#incident", "/incident action rotate the keys @ben by 2026-04-01")
	s.types("ana", "#incident", "/incident update Nobody can pay; we restart the queue.")
	s.types("ana", "#incident", "/incident draft impact Paying fails for everybody.")
	s.quiet()
	page, r := s.reads(address)
	for _, words := range []string{
		"Incident #1", "checkout &lt;b&gt;is&lt;/b&gt; down", "downtime", "every visit ends in an error", "Nobody can pay; we restart the queue.",
		"Paying fails for everybody.", "asked", "with whoever leads", "rotate the keys", "1 April 2026", "restarted the queue",
		"left out: a password or token", "left out: an e-mail address", "We declared the incident", `http-equiv="refresh"`,
		"#inc-1-", "UTC",
	} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is not on the page", words)
		}
	}
	for _, secret := range []string{"hunter22", "ben@example", "vendor", "Ana", "@ben", s.Slack.User("ana").ID, s.Slack.User("ben").ID, "<script"} {
		if strings.Contains(page, secret) {
			t.Errorf("%q is on the page", secret)
		}
	}
	if strings.Index(page, "restarted the queue") > strings.Index(page, "We declared the incident") {
		t.Errorf("the newest entry does not come first")
	}
	if got := r.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || r.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the headers are %v", r.Header)
	}
	if t.Failed() {
		t.Log(page)
	}
	style, r := s.reads(s.bot.url + "/incidents/log/style.css")
	if r.StatusCode != http.StatusOK || !strings.Contains(style, "@media print") {
		t.Errorf("the style: %d", r.StatusCode)
	}

	// A link opens its own incident, for reading alone.
	for _, wrong := range []string{
		strings.Replace(address, "/incidents/1", "/incidents/2", 1), strings.Replace(address, "/incidents/1", "/log", 1),
		address[:len(address)-2], strings.SplitN(address, "?", 2)[0],
	} {
		if page, r := s.reads(wrong); r.StatusCode != http.StatusForbidden || strings.Contains(page, "checkout") {
			t.Errorf("%s: %d", wrong, r.StatusCode)
		}
	}
	s.types("ana", "#incident", "/incident resolve")
	s.types("ana", "#incident", "/incident close")
	s.quiet()
	if page, _ := s.reads(address); !strings.Contains(page, "closed") || strings.Contains(page, `http-equiv="refresh"`) {
		t.Errorf("once it is closed the page says\n%s", page)
	}
	s.clock.JumpTo(s.clock.Now().AddDate(0, 0, 45))
	if _, r := s.reads(address); r.StatusCode != http.StatusForbidden {
		t.Errorf("after 45 days the link still opens: %d", r.StatusCode)
	}
}

// A private incident and a drill have no page that anybody comes across; whoever runs Watchbell can make a link.
func TestStoryNoStatePage(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.PublicURL = "https://watch.example.org" }})
	s.types("ana", "#team", "/incident declare --private keys leaked")
	s.quiet()
	s.types("ana", "#team", "/incident drill")
	s.quiet()
	for _, c := range s.Slack.Channels() {
		if got := s.pageOf(c.Name); got != "" {
			t.Errorf("#%s links %s", c.Name, got)
		}
	}
}

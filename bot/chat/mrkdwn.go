package chat

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Names says what mentions become in what is written for others: nobody is
// named. Either function may be nil.
type Names struct {
	// User returns the role that a person holds ("the incident manager"), or ""
	// for nobody in particular.
	User func(id string) string
	// Channel returns a channel's name with its mark ("#deploys"), or "" for
	// one whose name stays inside.
	Channel func(id string) string
}

func (n Names) user(id string) string {
	if n.User != nil {
		if role := n.User(id); role != "" {
			return role
		}
	}
	return "someone"
}

func (n Names) channel(id string) string {
	if n.Channel != nil {
		if name := n.Channel(id); name != "" {
			return name
		}
	}
	return "a private channel"
}

// control is what stands between < and > in the text that Slack sends: a link,
// or something that reads as words.
// Source: docs.slack.dev/messaging/formatting-message-text.
type control struct {
	words string // the label of a link ("" if it has none), else the words
	url   string // "" if this is no link that may be followed
}

// nextControl returns where the first control sequence of a text begins and ends, both the end of the text if there is none.
func nextControl(s string) (from, end int) {
	open := strings.IndexByte(s, '<')
	for i := open + 1; open >= 0 && i < len(s); i++ {
		switch s[i] {
		case '<':
			open = i
		case '>':
			return open, i + 1
		case '\n':
			next := strings.IndexByte(s[i:], '<')
			if open = i + next; next < 0 {
				return len(s), len(s)
			}
			i = open
		}
	}
	return len(s), len(s)
}

// control reads one control sequence, given with its brackets.
func (n Names) control(sequence string) control {
	name, label, _ := strings.Cut(sequence[1:len(sequence)-1], "|")
	label = decoded(label)
	switch {
	case strings.HasPrefix(name, "@"):
		return control{words: n.user(name[1:])}
	case strings.HasPrefix(name, "#"):
		return control{words: n.channel(name[1:])}
	case strings.HasPrefix(name, "!"):
		return control{words: specialWords(name[1:], label)}
	}
	url := decoded(name)
	switch {
	case allowedURL(url):
		return control{words: label, url: cleanURL(url)}
	case strings.Contains(url, ":") && label != "":
		return control{words: label} // a link that must not be followed
	case strings.Contains(url, ":"):
		return control{words: url}
	}
	return control{words: decoded(sequence)}
}

// specialWords reads <!here>, <!subteam^S1|@oncall> and <!date^…|fallback>.
// What is left names nobody and calls nobody.
func specialWords(name, label string) string {
	kind, value, _ := strings.Cut(name, "^")
	label = strings.TrimLeft(label, "@")
	switch {
	case kind == "here":
		return "here"
	case kind == "channel":
		return "the channel"
	case kind == "everyone":
		return "everyone"
	case kind == "subteam" && label == "":
		return "a group"
	case kind == "date" && label == "":
		seconds, _, _ := strings.Cut(value, "^")
		if unix, err := strconv.ParseInt(seconds, 10, 40); err == nil {
			return time.Unix(unix, 0).UTC().Format("02/01/2006 15:04 UTC")
		}
	}
	return label
}

// label says whether a link shows words of its own, and not its address over
// again, with or without the scheme.
func (c control) label() bool {
	trim := func(s string) string { return strings.TrimSuffix(s, "/") }
	words := trim(c.words)
	if words == "" || words == trim(c.url) || words == trim(withoutScheme(c.url)) {
		return false
	}
	return strings.IndexByte(words, ':') < 0 || cleanURL(words) != trim(c.url) // no address is without a colon
}

func withoutScheme(url string) string {
	_, rest, _ := strings.Cut(url, ":")
	return strings.TrimPrefix(rest, "//")
}

// linkSchemes are those that a link may have; nothing else is ever made one.
var linkSchemes = []string{"https://", "http://", "mailto:"}

func allowedURL(url string) bool {
	for _, scheme := range linkSchemes {
		if len(url) > len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) && !strings.ContainsAny(url, " \t\n\r") {
			return true
		}
	}
	return false
}

// cleanURL encodes what would end an address early in Markdown or mrkdwn.
func cleanURL(url string) string { return urlMarks.Replace(url) }

var urlMarks = strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "`", "%60", `\`, "%5C", `"`, "%22", " ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D")

// decoded undoes Slack's escaping, which knows three entities.
func decoded(s string) string {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; at >= 0; at = strings.IndexByte(s, '&') {
		b.WriteString(s[:at])
		s = s[at:]
		mark, length := byte('&'), 1
		switch {
		case strings.HasPrefix(s, "&lt;"):
			mark, length = '<', len("&lt;")
		case strings.HasPrefix(s, "&gt;"):
			mark, length = '>', len("&gt;")
		case strings.HasPrefix(s, "&amp;"):
			length = len("&amp;")
		}
		b.WriteByte(mark)
		s = s[length:]
	}
	b.WriteString(s)
	return b.String()
}

// escaped writes text so that Slack reads no control sequence in it.
func escaped(s string) string { return entityMarks.Replace(s) }

var entityMarks = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// calls are the words with which people call a whole channel.
var calls = regexp.MustCompile(`(?i)@+(here|channel|everyone)\b`)

// gap is seen by nobody; it parts what Slack would read as one.
const gap = "\u200b"

// joiner is seen by nobody either. Before a mark it says that the mark is text.
const (
	joiner     = "\u2060"
	joinerRune = '\u2060'
)

// uncalled parts the words that call a whole channel, so that they do not.
func uncalled(s string) string {
	if strings.IndexByte(s, '@') < 0 {
		return s
	}
	return calls.ReplaceAllString(s, "@"+gap+"$1")
}

package practice

import (
	"net/url"
	"regexp"
	"strings"
)

// stretch is a piece of text in one style. Nothing of it is markup: the template escapes all of it.
type stretch struct {
	Text string
	// URL makes it a link: http, https, or a place on the page itself.
	URL string
	// Label is what Text, a picture, is called.
	Label string
	// Code stands in the line, Pre is a block of its own.
	Bold, Italic, Strike, Code, Pre, Mention bool
}

// reader turns Slack's text into stretches, and blocks into views. The workspace is locked while it works.
type reader struct {
	s     *Slack
	local func(url string) string
	me    *User           // who looks, nil for nobody
	away  map[string]bool // see roomState
	scope string          // begins the ids of elements: the message or form they are in
	form  *View           // whose values and errors inputs show, nil in messages
	plain bool            // links and emoji count, marks and code do not
}

// leafForm are the parts of mrkdwn that hold no other part.
// See https://docs.slack.dev/messaging/formatting-message-text.
var leafForm = regexp.MustCompile("^(?:```(?s:.+?)```|`[^`\n]+`|<[^<>\n]+>|:[a-z0-9_+'-]{1,60}:)")

// longestStyle bounds how far the end of a bold or italic stretch is looked for, in bytes.
const longestStyle = 2000

// mrkdwn reads a text in Slack's own marks.
func (r reader) mrkdwn(text string) []stretch { return r.marked(text, stretch{}) }

// topic reads a channel's topic, in which Slack draws links and emoji, and shows every other mark as it was typed.
func (r reader) topic(text string) []stretch {
	r.plain = true
	return r.marked(text, stretch{})
}

func (r reader) marked(text string, style stretch) []stretch {
	var out []stretch
	plain := 0
	flush := func(to int) {
		if to > plain {
			out = append(out, style.with(slackUnescapes.Replace(text[plain:to])))
		}
	}
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '`', '<', ':':
			if leaf := leafForm.FindString(text[i:]); leaf != "" && !(c == '`' && r.plain) {
				if s, known := r.leaf(leaf, style); known {
					flush(i)
					out = append(out, s)
					i += len(leaf)
					plain = i
					continue
				}
			}
		case '*', '_', '~':
			if inner, ok := styled(text, i); ok && !r.plain && !style.has(c) {
				flush(i)
				out = append(out, r.marked(inner, style.and(c))...)
				i += len(inner) + 2
				plain = i
				continue
			}
		}
		i++
	}
	flush(len(text))
	return out
}

func (s stretch) with(text string) stretch { s.Text = text; return s }

func (s stretch) has(mark byte) bool {
	return (mark == '*' && s.Bold) || (mark == '_' && s.Italic) || (mark == '~' && s.Strike)
}

func (s stretch) and(mark byte) stretch {
	s.Bold, s.Italic, s.Strike = s.Bold || mark == '*', s.Italic || mark == '_', s.Strike || mark == '~'
	return s
}

// styled is what stands between the mark at i and the same mark after it, on one line, when both are at the edges of
// words.
func styled(text string, i int) (inner string, ok bool) {
	mark := text[i]
	if i > 0 && isWord(text[i-1]) {
		return "", false
	}
	rest := text[i+1 : min(len(text), i+1+longestStyle)]
	if line := strings.IndexByte(rest, '\n'); line >= 0 {
		rest = rest[:line]
	}
	for from := 0; ; {
		end := strings.IndexByte(rest[from:], mark)
		if end < 0 {
			return "", false
		}
		end += from
		after := i + 1 + end + 1
		if end > 0 && rest[0] != ' ' && rest[end-1] != ' ' && (after >= len(text) || !isWord(text[after])) {
			return rest[:end], true
		}
		from = end + 1
	}
}

func isWord(c byte) bool {
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

// leaf reads code, a reference or an emoji; false when it is none after all.
func (r reader) leaf(text string, style stretch) (stretch, bool) {
	inner := strings.Trim(text, text[:1])
	switch {
	case strings.HasPrefix(text, "```"):
		style.Pre = true
		return style.with(slackUnescapes.Replace(strings.Trim(inner, "\n"))), true
	case text[0] == '`':
		style.Code = true
		return style.with(slackUnescapes.Replace(inner)), true
	case text[0] == ':':
		return emoji(inner), emojis[inner] != ""
	}
	target, label, _ := strings.Cut(text[1:len(text)-1], "|")
	if target == "" {
		return style, false
	}
	switch target[:1] {
	case "@", "#", "!":
		style.Mention = !strings.HasPrefix(target, "!date")
		if target[0] == '#' {
			if c := r.s.channelByID(target[1:]); c != nil {
				style.URL = channelLink(c)
			}
		}
		return style.with(r.s.mrkdwn(text)), true
	}
	if label == "" {
		label = target
	}
	style.URL = r.link(slackUnescapes.Replace(target))
	if style.URL == "" && label != target {
		label += " (" + target + ")" // not a link that a browser should follow
	}
	return style.with(slackUnescapes.Replace(label)), true
}

// link is where a link leads on this page: what is local here is shown here. Anything but http and https leads nowhere.
func (r reader) link(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	if here := r.local(address); here != "" {
		return here
	}
	return address
}

var webAddress = regexp.MustCompile(`https?://[^\s<>()\[\]"]*[^\s<>()\[\]".,;:!?']`)

// linked is plain text in which addresses are links.
func (r reader) linked(text string) []stretch {
	var out []stretch
	done := 0
	for _, at := range webAddress.FindAllStringIndex(text, -1) {
		if at[0] > done {
			out = append(out, stretch{Text: text[done:at[0]]})
		}
		out = append(out, stretch{Text: text[at[0]:at[1]], URL: r.link(text[at[0]:at[1]])})
		done = at[1]
	}
	if done < len(text) {
		out = append(out, stretch{Text: text[done:]})
	}
	return out
}

// localPlaces translates addresses of Trello and GitHub into places on the page. Nothing needs to be locked.
func (w *Workspace) localPlaces(address string) string {
	if id, is := strings.CutPrefix(address, w.Trello.WebURL+"/c/"); is {
		id, _, _ = strings.Cut(id, "/")
		return "#card-" + url.QueryEscape(id)
	}
	if number, is := strings.CutPrefix(address, w.GitHub.web("/pull/")); is {
		return "#pull-" + url.QueryEscape(number)
	}
	return ""
}

// localLinks translates addresses of the three services into places on the page.
func (w *Workspace) localLinks(address string) string {
	if here := w.localPlaces(address); here != "" {
		return here
	}
	id, is := strings.CutPrefix(address, "https://slack.com/app_redirect?channel=")
	if !is {
		id, is = strings.CutPrefix(address, "https://"+slackDomain+".slack.com/archives/")
	}
	if !is {
		return ""
	}
	id, message, _ := strings.Cut(id, "/p")
	if c := w.Slack.channelByID(id); c != nil {
		if len(message) == 16 {
			return channelLink(c) + "#m-" + url.QueryEscape(message[:10]+"."+message[10:])
		}
		return channelLink(c)
	}
	return ""
}

// channelLink opens a channel on the page.
func channelLink(c *slackChannel) string {
	if c.Name == "" {
		return "/?channel=" + url.QueryEscape(c.ID)
	}
	return "/?channel=" + url.QueryEscape(c.Name)
}

// emojis are the pictures of the names that the bot and the drills use; others are shown by name.
var emojis = map[string]string{
	"x": "❌", "white_check_mark": "✅", "warning": "⚠️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "fire": "🔥",
	"rotating_light": "🚨", "memo": "📝", "lock": "🔒", "eyes": "👀", "pushpin": "📌", "bell": "🔔", "tada": "🎉",
	"+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "heart": "❤️", "wave": "👋", "rocket": "🚀",
	"information_source": "ℹ️", "question": "❓", "exclamation": "❗", "bulb": "💡", "link": "🔗", "mag": "🔍",
	"calendar": "📅", "speech_balloon": "💬", "heavy_check_mark": "✔️", "ok_hand": "👌", "pray": "🙏", "smile": "😄",
	"white_large_square": "⬜", "ballot_box_with_check": "☑️", "loudspeaker": "📢", "leftwards_arrow_with_hook": "↩️",
	"heavy_minus_sign": "➖", "arrows_counterclockwise": "🔄", "alarm_clock": "⏰",
	"red_circle": "🔴", "large_orange_circle": "🟠", "large_yellow_circle": "🟡", "large_green_circle": "🟢",
}

// emoji is a picture, or the name where there is none here.
func emoji(name string) stretch {
	if picture := emojis[name]; picture != "" {
		return stretch{Text: picture, Label: strings.ReplaceAll(name, "_", " ")}
	}
	return stretch{Text: ":" + name + ":"}
}

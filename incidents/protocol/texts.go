package protocol

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents"
)

// Most of what a text, and a sentence in the timeline, may have in characters. Slack takes 3,000 in a part of a message, and
// what is filled in needs room.
const (
	mostText     = 700
	mostSentence = 500
)

// usualTexts are the texts of the default protocol, for protocols that leave them out.
var usualTexts = sync.OnceValue(func() map[incidents.Text]string {
	root, err := document(text)
	if err != nil {
		panic(err) // it is part of the program
	}
	f := &file{}
	m := mapping{f, root, map[string]*yaml.Node{}}
	for i := 0; i+1 < len(root.Content); i += 2 {
		m.values[root.Content[i].Value] = root.Content[i+1]
	}
	return f.texts(m)
})

// texts reads the team's words for messages.
func (f *file) texts(m mapping) map[incidents.Text]string {
	found := map[incidents.Text]string{}
	n := m.values["texts"]
	if n == nil {
		return found
	}
	names := make([]string, len(incidents.TextRules))
	for i, rule := range incidents.TextRules {
		names[i] = string(rule.Text)
	}
	m, ok := f.mapping(n, "texts", names...)
	if !ok {
		return found
	}
	for _, rule := range incidents.TextRules {
		name := string(rule.Text)
		if m.values[name] == nil {
			continue
		}
		said := m.needed(name, "texts")
		if said == "" {
			continue
		}
		f.words(m.at(name), name, said, rule.Words)
		for _, word := range rule.Needed {
			if !slices.Contains(incidents.TextWords(said), word) {
				f.say(m.at(name), "%q lacks {%s}, without which it says nothing", name, word)
			}
		}
		if n := utf8.RuneCountInString(said); n > mostText {
			f.say(m.at(name), "%q has %d characters; say it in %d at most", name, n, mostText)
		}
		if !rule.Markdown {
			f.markup(m.at(name), name, said)
		}
		found[rule.Text] = said
	}
	return found
}

// words looks at what is to be filled in.
func (f *file) words(n *yaml.Node, name, said string, known []string) {
	for i, line := range strings.Split(said, "\n") {
		for _, word := range incidents.TextWords(line) {
			if slices.Contains(known, word) {
				continue
			}
			what := "nothing can be filled in there"
			if len(known) > 0 {
				what = "it can have {" + strings.Join(known, "}, {") + "}"
			}
			f.sayIn(n, i, "%q has {%s}, which means nothing in it; %s", name, word, what)
		}
	}
}

// slackLinks are what may stand in angle brackets in Slack's markup: links, people, channels, user groups. See
// https://docs.slack.dev/messaging/formatting-message-text.
var slackLinks = regexp.MustCompile(`<(?:(?:https?://|mailto:)[^\s<>|]+|@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+)(?:\|[^<>\n]*)?>`)

// markup looks at what Slack would make of a text.
func (f *file) markup(n *yaml.Node, name, said string) {
	for i, line := range strings.Split(said, "\n") {
		rest := slackLinks.ReplaceAllString(line, "")
		switch {
		case strings.Contains(rest, "<!"):
			f.sayIn(n, i, "%q would call out everybody in the channel; name a user group instead, <!subteam^S…>", name)
		case strings.ContainsAny(rest, "<>"):
			f.sayIn(n, i, "%q has a < or > that is no link; write &lt; or &gt;, or <https://…|words>", name)
		}
	}
}

// sayIn notes a mistake in a line, counted from 0, of a text. Only a text after a | stands as it is written.
func (f *file) sayIn(n *yaml.Node, line int, format string, args ...any) {
	at := *n
	if n.Style&yaml.LiteralStyle != 0 {
		at.Line += 1 + line
	}
	f.say(&at, format, args...)
}

// sentences reads what the bot writes into timelines.
func (f *file) sentences(m mapping) map[incidents.Sentence]string {
	n := m.values["sentences"]
	if n == nil {
		return nil
	}
	m, ok := f.mapping(n, "sentences", incidents.Sentences()...)
	if !ok {
		return nil
	}
	found := map[incidents.Sentence]string{}
	for _, name := range incidents.Sentences() {
		if m.values[name] == nil {
			continue
		}
		said := m.text(name)
		if strings.Contains(said, "\n") || utf8.RuneCountInString(said) > mostSentence {
			f.say(m.at(name), "%q is too long; write one line of at most %d characters", name, mostSentence)
		}
		f.words(m.at(name), name, said, incidents.SentenceWords(incidents.Sentence(name)))
		found[incidents.Sentence(name)] = said
	}
	return found
}

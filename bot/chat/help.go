package chat

import (
	"fmt"
	"slices"
	"strings"
)

// first are the verbs that an incident needs, in the order in which it needs them. Help explains these and names the others,
// so that it can be read on a phone.
var first = []string{"declare", "log", "status", "severity", "role", "update", "action", "next", "mitigated", "resolve", "draft"}

// others are the remaining verbs by what they are about. One that is missing here is named with those that look at things.
var others = []struct {
	about string
	verbs []string
}{
	{"The timeline", []string{"timeline", "edit", "move", "delete", "restore", "internal", "public", "undo"}},
	{"The next step", []string{"done", "skip", "snooze"}},
	{"The end", []string{"calloff", "reopen", "close", "actions", "postmortem", "preview", "numbers", "discuss", "check", "backfill"}},
}

// forButtons are the verbs that buttons say for people, with what only these know.
var forButtons = []string{"take", "keep", "fine", "suggestion", "remark"}

func runHelp(t *turn) (Reply, error) {
	word, _ := firstWord(t.args)
	switch {
	case strings.EqualFold(word, "all"):
		return Reply{Message: t.helpAll()}, nil
	case word != "":
		v, ok := t.find(word)
		if !ok {
			return Reply{}, t.unknown(word, "")
		}
		return Reply{Message: say(t.helpOn(v))}, nil
	}
	return Reply{Message: t.helpFirst()}, nil
}

// helpLine is a verb, what may follow it, and what it does.
func helpLine(v verb) string {
	return fmt.Sprintf("`%s` %s", strings.TrimSpace(v.name+" "+escaped(v.usage)), v.help)
}

func (t *turn) helpOn(v *verb) string {
	text := fmt.Sprintf("`%s %s`\n%s\nFor example: `%s %s`", t.o.Command, strings.TrimSpace(v.name+" "+escaped(v.usage)), v.help, t.o.Command, v.example)
	if names := slices.DeleteFunc(slices.Clone(v.synonyms), func(s string) bool { return s == "" || s == "?" }); len(names) > 0 {
		text += "\nAlso: " + strings.Join(names, ", ")
	}
	switch v.name {
	case "draft":
		text += "\nThe sections are " + sectionList() + "."
	case "action":
		text += "\nOf a private or past incident there is a card only where somebody asks: with `--card`, or later with `action card 2`."
	}
	return text
}

func (t *turn) helpFirst() *Message {
	lines := []string{"*What I understand*, after `" + t.o.Command + "` or, in a thread, after a mention of me:"}
	for _, name := range first {
		if v, ok := t.find(name); ok {
			lines = append(lines, helpLine(*v))
		}
	}
	told := slices.Concat(first, forButtons)
	var more []string
	for _, o := range others {
		told = append(told, o.verbs...)
		more = append(more, "*"+o.about+":* "+codes(o.verbs))
	}
	var rest []string
	for _, v := range t.verbs {
		if !slices.Contains(told, v.name) {
			rest = append(rest, v.name)
		}
	}
	more = append(more, "*Besides:* "+codes(rest), "`help edit` explains one of them, `help all` every one. "+t.helpAnywhere())
	return sections(strings.Join(lines, "\n"), strings.Join(more, "\n"))
}

func (t *turn) helpAll() *Message {
	var lines []string
	for _, v := range t.verbs {
		lines = append(lines, helpLine(v))
	}
	half := len(lines) / 2
	return sections(strings.Join(lines[:half], "\n"), strings.Join(lines[half:], "\n"), t.helpAnywhere())
}

func (t *turn) helpAnywhere() string {
	return "`#42` names an incident anywhere. React with :" + t.o.Reaction + ": to a message in an incident's channel to put it into the timeline. " +
		"Times: " + codes(timeForms) + "."
}

func codes(words []string) string { return "`" + strings.Join(words, "` `") + "`" }

// sections is a message of several paragraphs, each within what Slack takes of one.
func sections(parts ...string) *Message {
	m := &Message{Text: strings.Join(parts, "\n")}
	for _, part := range parts {
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: part})
	}
	return m
}

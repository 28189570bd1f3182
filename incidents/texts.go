package incidents

import (
	"regexp"
	"slices"
	"strings"
)

// Text names one of the messages that people read in a team's own words. They are in its protocol.
type Text string

// The texts.
const (
	TextAnnounced       Text = "announced"        // to the team while an incident goes on
	TextOver            Text = "over"             // in the same place, when it is over
	TextCalledOff       Text = "called_off"       // in the same place, when it was none
	TextUpdate          Text = "update"           // an update to stakeholders, around what somebody wrote
	TextFirstUpdate     Text = "first_update"     // what is proposed for the first one
	TextMitigatedUpdate Text = "mitigated_update" // what is proposed when users are well again
	TextLastUpdate      Text = "last_update"      // what is proposed when it is over
	TextHandover        Text = "handover"         // to somebody who is given a role
	TextWelcome         Text = "welcome"          // to somebody who comes into the channel
	TextHelp            Text = "help"             // how they can help
)

// TextRule says what a text may hold.
type TextRule struct {
	Text  Text
	Words []string // what may be filled in
	// Needed are those of them that it must hold.
	Needed []string
	// Markdown says that it is typed Markdown that somebody goes over, not Slack's markup.
	Markdown bool
}

// TextRules are the rules of all texts.
var TextRules = []TextRule{
	{Text: TextAnnounced, Words: []string{"number", "title", "severity", "status", "channel"}, Needed: []string{"channel"}},
	{Text: TextOver, Words: []string{"number", "title", "severity", "channel"}},
	{Text: TextCalledOff, Words: []string{"number", "title", "channel"}},
	{Text: TextUpdate, Words: []string{"number", "title", "severity", "status", "text", "since", "next"}, Needed: []string{"text"}},
	{Text: TextFirstUpdate, Words: []string{"title", "severity", "summary"}, Markdown: true},
	{Text: TextMitigatedUpdate, Words: []string{"title", "severity", "summary"}, Markdown: true},
	{Text: TextLastUpdate, Words: []string{"title", "severity", "summary"}, Markdown: true},
	{Text: TextHandover, Words: []string{"number", "title", "severity", "status", "role", "who", "channel"}, Needed: []string{"role"}},
	{Text: TextWelcome, Words: []string{"number", "title", "severity", "status"}},
	{Text: TextHelp, Words: []string{"reaction", "command", "lead"}},
}

var (
	textWord = regexp.MustCompile(`\{([^{}\n]*)\}`)
	textPart = regexp.MustCompile(`\[[^\[\]\n]*\{[a-z]+\}[^\[\]\n]*\]`)
)

// TextWords are the words in braces that are filled into a text, in their order.
func TextWords(text string) (words []string) {
	for _, m := range textWord.FindAllStringSubmatch(text, -1) {
		words = append(words, m[1])
	}
	return words
}

// Fill fills words into a text. What stands in [brackets] with a word in braces is left out, brackets and all, where that
// word is empty; so is a line of which nothing is left.
func Fill(text string, words map[string]string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		filled := textPart.ReplaceAllStringFunc(line, func(part string) string {
			if slices.ContainsFunc(TextWords(part), func(word string) bool { return words[word] == "" }) {
				return ""
			}
			return part[1 : len(part)-1]
		})
		filled = textWord.ReplaceAllStringFunc(filled, func(word string) string { return words[word[1:len(word)-1]] })
		if strings.TrimSpace(filled) != "" || strings.TrimSpace(line) == "" {
			lines = append(lines, filled)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

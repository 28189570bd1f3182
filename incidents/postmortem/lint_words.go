package postmortem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	vague = regexp.MustCompile(`(?i)\b(?:(?:a )?(?:few|couple of|several|some|number of) (?:days?|weeks?|months?|years?)(?: (?:ago|later|before|earlier|prior|after))?|` +
		`(?:some|a short|a long|a) (?:time|while) ago|(?:just |very )?recently|the other day|these days|lately|` +
		`yesterday|today|tomorrow|tonight|(?:last|this|next|earlier this|later this) (?:week|month|year|night|morning|afternoon|evening|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|` +
		`(?:\d+|an?|one|two|three|half an) (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?) ago)(?:\b|$)`)
	dateBehind = regexp.MustCompile(`^[’'s]*,? \(?(?:the )?(?:(?:` + month + `)\b|\d{1,2}(?:st|nd|rd|th)?\b|\d{4}-\d\d-\d\d)`)

	firstPerson = regexp.MustCompile(`(?i)\b(?:I|I['’](?:m|ve|d|ll)|me|my|mine|myself)\b`)
	numeral     = regexp.MustCompile(`(?i)\b(?:part|phase|type|class|level|tier|chapter|section|figure|table|group|stage|war) $`)
	quoted      = regexp.MustCompile(`"[^"\n]*"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»`)

	authorsLine = regexp.MustCompile(`(?i)^\W*(?:authors?|written by|reported by|contributors?|reviewers?|editors?|by)\b\W*:`)
	nameWord    = regexp.MustCompile(`\b[A-Z][\p{L}]+(?:-[A-Z][\p{L}]+)?\b`)
	speaks      = regexp.MustCompile(`^ (?:said|told|thinks|thought|suggested|pointed out|apologi[sz]ed|forgot|admitted|suspected|wondered)\b`)
)

// sentences looks at what the sentences say about people and days.
func (c *check) sentences() {
	authors := c.authorNames()
	for i := c.body; i < len(c.lines); i++ {
		if c.kind[i] != proseLine {
			continue
		}
		// What others are quoted with is theirs.
		line := quoted.ReplaceAllStringFunc(c.words[i], func(s string) string { return strings.Repeat(" ", len(s)) })
		c.vagueDates(i, line)
		c.persons(i, line)
		c.names(i, line, authors)
	}
}

func (c *check) vagueDates(i int, line string) {
	entry := slices.ContainsFunc(c.entries, func(e timed) bool { return e.line == i })
	for _, m := range vague.FindAllStringIndex(line, -1) {
		// A date behind it, or a link around it, says when; an entry's day says which Sunday is the next one.
		word := line[m[0]:m[1]]
		if dateBehind.MatchString(line[m[1]:]) || m[1] < len(line) && line[m[1]] == '-' || linkLabelAround(c.plain[i], m[0]) || entry && weekOf.MatchString(word) {
			continue
		}
		reason := fmt.Sprintf("%q leaves readers guessing", word)
		if countsFrom.MatchString(word) {
			reason = fmt.Sprintf("%q counts from the day of writing, which is not the day of reading", word)
		}
		c.report(i, "vague-date", reason, "Write the date")
		return
	}
}

var (
	weekOf     = regexp.MustCompile(`(?i)^(?:last|this|next)\b`)
	countsFrom = regexp.MustCompile(`(?i)^(?:yesterday|today|tomorrow|tonight|last|this|next|earlier|later)\b|ago$`)
)

func (c *check) persons(i int, line string) {
	for _, m := range firstPerson.FindAllStringIndex(line, -1) {
		word, rest := line[m[0]:m[1]], line[m[1]:]
		before := line[:m[0]]
		if strings.HasSuffix(before, ".") || strings.HasSuffix(before, "/") || strings.HasSuffix(before, "-") || strings.HasSuffix(before, "@") || strings.HasSuffix(before, "_") ||
			rest != "" && strings.IndexByte("/_-.@\\&+", rest[0]) >= 0 && !(rest[0] == '.' && (len(rest) == 1 || rest[1] == ' ')) {
			continue
		}
		if word == "i" || word[0] == 'I' && len(word) == 1 && (numeral.MatchString(before) || rest == "" || rest[0] != ' ') {
			continue
		}
		if strings.ToUpper(word) == word && len(word) > 1 && word[1] != '\'' && !strings.HasPrefix(word[1:], "’") {
			continue // ME, MY: abbreviations
		}
		c.report(i, "first-person", fmt.Sprintf("%q speaks of one person", word), "Write we, or name the team or role")
		return
	}
}

// names finds people's first names, and those of the post's authors.
func (c *check) names(i int, line string, authors map[string]bool) {
	if authorsLine.MatchString(strings.TrimLeft(c.lines[i], "-*+ ")) {
		return
	}
	for _, m := range nameWord.FindAllStringIndex(line, -1) {
		word := line[m[0]:m[1]]
		if m[0] > 0 && strings.IndexByte("-/_.@#:", line[m[0]-1]) >= 0 && !strings.HasSuffix(line[:m[0]], ": ") {
			continue
		}
		rest := line[m[1]:]
		if rest != "" && (strings.IndexByte("_/@-", rest[0]) >= 0 || rest[0] == '.' && len(rest) > 1 && rest[1] != ' ') {
			continue
		}
		known := firstNames[word] || authors[word]
		middle := m[0] > 1 && line[m[0]-1] == ' ' && (isWord(line[m[0]-2]) || line[m[0]-2] == ',') && speaks.MatchString(rest) && !notNames[word]
		if known || middle {
			c.report(i, "name", fmt.Sprintf("%s looks like the name of a person", word), "Write the role or the team instead")
			return
		}
	}
}

// notNames are words in front of what only people do, which are no names.
var notNames = wordSet("We They He She It You Users User Customers Customer Admins Admin Someone Somebody Everybody Nobody People Team Support Ops Engineers Engineering Maintainers Monitoring Others Operators")

// authors are the names that the front matter knows.
func (c *check) authorNames() map[string]bool {
	all := map[string]bool{}
	text := c.post.FrontMatter.Get("author")
	if strings.HasPrefix(strings.ToLower(text), "the ") || strings.Contains(strings.ToLower(text), "team") {
		return all
	}
	text, _, _ = strings.Cut(text, "<")
	for _, w := range nameWord.FindAllString(text, -1) {
		all[w] = true
	}
	return all
}

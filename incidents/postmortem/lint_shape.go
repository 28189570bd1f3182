package postmortem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	// directive are comments that a program reads, or that stay on purpose.
	directive   = regexp.MustCompile(`(?i)^<!--\s*(?:more|excerpt|markdownlint|prettier|vale|textlint|toc|spellchecker|cspell|alex|watchbell|eslint|lint)\b`)
	placeholder = regexp.MustCompile(`(?i)^(?:[-*+]\s+)?(?:\*|_)?(?:to be (?:written|done|added|filled in)|tbd|tba|todo|t\.b\.d\.|fixme|xxx|lorem ipsum|fill (?:this )?in|add (?:text|details) here|placeholder|\.{3}|…)(?:\b.*|[:.!]?\s*)?(?:\*|_)?$`)
)

// shape looks at comments and at sections with nothing in them.
func (c *check) shape() {
	for i := c.body; i < len(c.lines); i++ {
		if c.kind[i] == commentLine && (i == 0 || c.kind[i-1] != commentLine || strings.HasPrefix(strings.TrimSpace(c.lines[i]), "<!--")) {
			i = c.comment(i)
		}
	}
	for n := range c.parts {
		c.emptyPart(n)
	}
	sections := 0
	for _, p := range c.parts {
		if p.Kind == Impact || p.Kind == RootCauses || p.Kind == Resolution || p.Kind == Trigger {
			sections++
		}
	}
	if sections >= 2 && c.has(Detection) == nil {
		first := slices.IndexFunc(c.parts, func(p stretch) bool { return p.Heading != "" })
		c.report(c.parts[first].from, "detection-missing", "No section says how the incident was noticed", "Add a section Detection, with the alert that told you")
	}
}

// comment reports the comment that begins on line i, and returns its last line.
func (c *check) comment(i int) int {
	end := i
	for end+1 < len(c.lines) && !strings.Contains(c.lines[end], "-->") {
		end++
	}
	if directive.MatchString(strings.TrimSpace(c.lines[i])) {
		return end
	}
	var edits []edit
	_, behind, _ := strings.Cut(c.lines[end], "-->")
	if strings.TrimSpace(behind) == "" && slices.Contains(c.kind, proseLine) { // something must be left
		from, to := c.at[i], len(c.text)
		next := end + 1
		// Of the blank lines around it one stays.
		for i > c.body && c.kind[i-1] == blankLine && next < len(c.lines) && c.kind[next] == blankLine {
			next++
		}
		if next < len(c.lines) {
			to = c.at[next]
		}
		edits = []edit{{from, to, ""}}
	}
	c.report(i, "template-comment", "A comment of the template was left in: it is in the source of the page", "Delete it", edits...)
	return end
}

// emptyPart reports a section with nothing below its heading.
func (c *check) emptyPart(n int) {
	p := c.parts[n]
	if p.Heading == "" && p.Kind != Lead {
		return
	}
	text := ""
	for i := p.first(); i < p.to; i++ {
		line := c.lines[i]
		if i == p.from && p.inline {
			line = p.afterLabel(line)
		}
		if c.kind[i] != commentLine && c.kind[i] != blankLine {
			text += line + "\n"
		}
	}
	text = strings.TrimSpace(text)
	name := strings.Trim(p.Heading, " \t*_`#:?!.")
	switch {
	case p.Heading == "" && text == "":
		return
	case text != "":
		if IsPrompt(text) || placeholder.MatchString(text) {
			if p.Heading == "" {
				name = "The beginning"
			}
			c.report(p.from, "section-empty", fmt.Sprintf("%s still holds the words of the template", name), "Write it, or take the section out")
		}
		return
	}
	if n+1 < len(c.parts) {
		next := c.parts[n+1]
		if next.Level == 0 && p.Level > 0 || next.Level > p.Level && p.Level > 0 {
			return // it only holds others
		}
	}
	c.report(p.from, "section-empty", fmt.Sprintf("Below %s there is nothing", name), "Write it, or take the section out")
}

// afterLabel is what follows the label on its line.
func (p stretch) afterLabel(line string) string {
	if m := label1.FindStringSubmatch(line); m != nil {
		return m[7]
	}
	return line
}

var nobody = regexp.MustCompile(`(?i)^(?:n/?a|none|nothing|nobody|open|tbd|unassigned|-+|–|\?+)?\.?$`)

// actions looks at the action items.
func (c *check) actions() {
	p := c.has(ActionItems)
	if p == nil || len(c.post.ActionItems) == 0 {
		return
	}
	lines := c.actionLines(p)
	if len(lines) != len(c.post.ActionItems) {
		return
	}
	// A list in the middle of sentences belongs to them.
	intro := strings.TrimSpace(c.prose(p.first(), lines[0]))
	if intro != "" && !strings.HasSuffix(intro, ":") {
		return
	}
	owned := false
	for _, a := range c.post.ActionItems {
		owned = owned || !nobody.MatchString(strings.TrimSpace(a.Owner))
	}
	for _, col := range c.post.Style.ActionItems.Columns {
		owned = owned || col.Kind == "owner"
	}
	for i, a := range c.post.ActionItems {
		text := strings.TrimSpace(a.Text)
		if a.Done || nobody.MatchString(text) || IsPrompt(text) {
			continue
		}
		hasLink := a.Link != "" || anyLink.MatchString(text) || inlineTarget.MatchString(text) || issueMark.MatchString(text)
		hasOwner := !nobody.MatchString(strings.TrimSpace(a.Owner))
		for _, field := range a.Fields {
			hasLink = hasLink || anyLink.MatchString(field)
		}
		switch {
		case !hasLink && !hasOwner:
			c.report(lines[i], "action-link", "The action item has neither a link nor an owner, so nobody can follow it up", "Link the card or issue, or name the team that owns it")
		case owned && !hasOwner:
			c.report(lines[i], "action-owner", "Other action items have an owner, and this one has none", "Name the team that owns it")
		}
	}
}

var issueMark = regexp.MustCompile(`(?:^|[\s(])(?:#\d+|[A-Z][A-Z0-9]+-\d+|(?:poo|bsc|boo|gh)#\d+)\b`)

// actionLines are the lines on which the items begin.
func (c *check) actionLines(p *stretch) []int {
	var lines []int
	if len(c.post.Style.ActionItems.Columns) > 0 {
		rows := 0
		for i := p.first(); i < p.to; i++ {
			if c.kind[i] == proseLine && strings.HasPrefix(c.lines[i], "|") {
				if rows++; rows > 2 {
					lines = append(lines, i)
				}
			}
		}
		return lines
	}
	for i := p.first(); i < p.to; i++ {
		if c.kind[i] == proseLine && taskBullet.MatchString(c.lines[i]) {
			lines = append(lines, i)
		}
	}
	return lines
}

var (
	alertWord   = regexp.MustCompile(`(?i)\b(?:alert(?:s|ed|ing|manager)?|alarm(?:s|ed)?|paged|pager(?:duty)?|on-?call page)\b`)
	alertNoun   = regexp.MustCompile(`(?i)\b(?:(?:an?|the|first|more|received?|our|this|that) (?:\w+ ){0,2}(?:alert|alarm)s?|^[-*+ \d:/.*_-]*(?:UTC:? ?)?(?:alert|alarm)s?|(?:alert|alarm)s? (?:about|for|from|fires?|fired|arrives?|arrived|came|reporting|resolved|cleared|went|goes))\b`)
	monitorWord = regexp.MustCompile(`(?i)\b(?:monitor(?:ing|s|ed)?|dashboards?|exception track\w*|error track\w*|error collector|errors? tracker|sentry|errbit|grafana|prometheus|nagios|icinga|zabbix|datadog|opsgenie|tracked in our logs)\b`)
	noAlert     = regexp.MustCompile(`(?i)\b(?:no|not|without|never|missing|lack of|didn.t|did not|nobody)\b[^.\n]{0,50}\balert|\balert\w*\b[^.\n]{0,40}\b(?:did not|didn.t|never|cannot|missing|failed to)\b`)
)

// detection looks for the alert.
func (c *check) detection() {
	p := c.has(Detection)
	if p == nil {
		return
	}
	text := ""
	for i := p.first(); i < p.to; i++ {
		if c.kind[i] != commentLine {
			text += c.lines[i] + "\n"
		}
	}
	if strings.TrimSpace(text) == "" || IsPrompt(text) || alertWord.MatchString(text) {
		return
	}
	all := c.prose(c.body, len(c.lines))
	for _, e := range c.entries {
		if line := c.words[e.line]; alertNoun.MatchString(line) && !noAlert.MatchString(line) {
			c.report(p.from, "alert-missing", fmt.Sprintf("The timeline speaks of an alert (line %d) and Detection of none", e.line+1), "Say under Detection which alert fired")
			return
		}
	}
	if !monitorWord.MatchString(text) && !noAlert.MatchString(all) {
		c.report(p.from, "alert-unnamed", "Detection names neither an alert nor a monitoring, and nothing says that there was none", "Say which alert fired, or that none did")
	}
}

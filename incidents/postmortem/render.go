package postmortem

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Render writes the post as a Jekyll file: front matter, the lead, a heading with its text for each section, action items
// and timeline as lists, one blank line around headings and one newline at the end. What is not written yet holds a
// visible prompt. Whatever the model holds, the parts stay apart: no text can end its section, its list item or the
// front matter.
func (p Post) Render() string {
	var b strings.Builder
	b.Grow(4096 + 128*len(p.Timeline))
	p.frontMatter(&b)
	for _, part := range parts {
		b.WriteByte('\n')
		if part.heading != "" {
			b.WriteString("## " + part.heading)
			if part == timelinePart {
				b.WriteString(" (times in " + p.zoneLabel() + ")")
			}
			b.WriteString("\n\n")
		}
		switch {
		case !p.has(part):
			b.WriteString(part.prompt() + "\n")
		case part == actionsPart:
			for _, a := range p.Actions {
				a.render(&b)
			}
		case part == timelinePart:
			p.timeline(&b)
		default:
			b.WriteString(trimBlankLines(Safe(p.Sections[part.section])) + "\n")
		}
	}
	return b.String()
}

func (p Post) frontMatter(b *strings.Builder) {
	layout := oneLine(p.Layout)
	if layout == "" {
		layout = "post"
	}
	b.WriteString("---\nlayout: " + yamlWord(layout) + "\ntitle: " + yamlQuote(title(p.Title)) + "\n")
	if c := oneLine(p.Category); c != "" {
		b.WriteString("category: " + yamlWord(c) + "\n")
	}
	if a := oneLine(p.Author); a != "" {
		b.WriteString("author: " + yamlWord(a) + "\n")
	}
	b.WriteString("---\n")
}

// FullTitle is the title as it is printed.
func (p Post) FullTitle() string { return title(p.Title) }

const titlePrefix = "Post-mortem: "

// title puts the prefix in front unless it is there. Themes print titles without escaping them, so what would become a
// tag gets the angle quotes that look like it.
func title(t string) string {
	t = oneLine(t)
	if t == "" {
		t = "untitled incident"
	}
	if startsTag(t) {
		t = strings.NewReplacer("<", "‹", ">", "›").Replace(t)
	}
	if len(t) >= len(titlePrefix)-1 && strings.EqualFold(t[:len(titlePrefix)-1], titlePrefix[:len(titlePrefix)-1]) {
		return t
	}
	return titlePrefix + t
}

func startsTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '<' && !plainLess(s[i+1:]) {
			return true
		}
	}
	return false
}

// oneLine makes text fit for a line of the front matter: no control characters, no line breaks, single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// yamlQuote writes a double-quoted scalar. Control characters are gone by then; only quote and backslash need an escape.
// Jekyll runs no Liquid over the front matter, but other tools may.
func yamlQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "{{", `{\x7B`, "{%", `{\x25`).Replace(s) + `"`
}

// yamlWord leaves a name or a word bare where no YAML reader can take it for anything else.
func yamlWord(s string) string {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0x24F && r != 0xD7 && r != 0xF7
		inner := r >= '0' && r <= '9' || strings.ContainsRune(" -_.,@<>", r)
		if !letter && (i == 0 || !inner) {
			return yamlQuote(s)
		}
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return yamlQuote(s)
	}
	return s
}

func (p Post) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// zoneLabel names the zone as it was on the days of the timeline: "UTC", "CEST", or "CET/CEST" across a change of clocks.
func (p Post) zoneLabel() string {
	zone := p.zone()
	if zone == time.UTC || len(p.Timeline) == 0 {
		return "UTC"
	}
	var names []string
	for _, e := range p.sorted() {
		for _, t := range []time.Time{e.At, e.Until} {
			if t.IsZero() {
				continue
			}
			name, _ := t.In(zone).Zone()
			if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
				name = "UTC" + name // the zone database has no abbreviation for it
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, "/")
}

// sorted is the timeline in its printed order.
func (p Post) sorted() []Entry {
	byTime := func(a, b Entry) int { return a.At.Compare(b.At) }
	if slices.IsSortedFunc(p.Timeline, byTime) {
		return p.Timeline
	}
	entries := slices.Clone(p.Timeline)
	slices.SortStableFunc(entries, byTime)
	return entries
}

func (p Post) timeline(b *strings.Builder) {
	zone := p.zone()
	var buf [64]byte
	for _, e := range p.sorted() {
		at := e.At.In(zone)
		line := appendDate(append(buf[:0], "- "...), at)
		line = appendClock(append(line, ' '), at)
		if e.Until.After(e.At) {
			until := e.Until.In(zone)
			line = append(line, " to "...)
			if until.YearDay() != at.YearDay() || until.Year() != at.Year() {
				line = append(appendDate(line, until), ' ')
			}
			line = appendClock(line, until)
		}
		b.Write(append(line, " -"...))
		if !written(e.Text) {
			b.WriteString(" " + timelinePart.prompt() + "\n")
			continue
		}
		if text := clean(e.Text); strings.IndexByte(text, '\n') < 0 && !isFence(text) {
			b.WriteByte(' ')
			writeInline(b, strings.Trim(text, " \t"), inProse)
			b.WriteByte('\n')
			continue
		}
		writeItem(b, safeItem(e.Text, false))
	}
}

// appendDate writes the day first, as the house's posts have it. There may be thousands of lines: this is four times as
// fast as a format string.
func appendDate(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	b = append(appendTwo(b, day), '/')
	b = append(appendTwo(b, int(month)), '/')
	if year < 0 || year > 9999 {
		return strconv.AppendInt(b, int64(year), 10)
	}
	return appendTwo(appendTwo(b, year/100), year%100)
}

func appendClock(b []byte, t time.Time) []byte {
	hour, minute, _ := t.Clock()
	return appendTwo(append(appendTwo(b, hour), ':'), minute)
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// writeItem writes the rest of a list item after its marker. Further lines are indented so that they stay in the item; a
// fence begins on a line of its own after a blank one, because kramdown reads it only there as code in every case.
func writeItem(b *strings.Builder, text string) {
	if isFence(text) {
		b.WriteString("\n\n  ")
	} else {
		b.WriteByte(' ')
	}
	for {
		line, rest, more := strings.Cut(text, "\n")
		b.WriteString(line)
		b.WriteByte('\n')
		if !more {
			return
		}
		if text = rest; text != "" && text[0] != '\n' {
			b.WriteString("  ")
		}
	}
}

func trimBlankLines(s string) string {
	for {
		line, rest, more := strings.Cut(s, "\n")
		if !more || strings.TrimSpace(line) != "" {
			return strings.TrimRight(s, " \t\n")
		}
		s = rest
	}
}

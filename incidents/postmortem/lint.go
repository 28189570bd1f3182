package postmortem

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// Severity says how much a finding matters.
type Severity string

// The severities, worst first. An error loses the post, text of it or a secret; a warning is what a reviewer would send
// back; a note is worth a look and holds nothing up.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// Rank orders severities: 0 for the worst.
func (s Severity) Rank() int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityNote}, s)
}

// Finding is one thing about a post that should be looked at. It never repeats a secret.
type Finding struct {
	Line int    `json:"line"` // from 1
	Rule string `json:"rule"` // an id from LintRules
	// Section is the heading that the line is under; empty above the first.
	Section string   `json:"section,omitempty"`
	Level   Severity `json:"level"`
	Reason  string   `json:"reason"` // what is wrong and why, one sentence without its full stop
	Fix     string   `json:"fix"`    // what to do, in the same form
	// Fixable says that Linter.Fix mends it.
	Fixable bool `json:"fixable"`

	edits []edit
}

// OtherPost is another post of the same site.
type OtherPost struct {
	Name string // its file's name; folders in front of it do not matter
	Text []byte
}

// Linter knows what cannot be read from a post. The zero value is ready to use.
type Linter struct {
	// InternalHosts are endings of host names that stay inside, besides the usual ones such as "internal".
	InternalHosts []string
	// Site is the address of the site, "https://example.org". When it is known and Others are all of the site's posts,
	// links to the site's own posts are checked.
	Site string
	// Off are the ids of rules that are not asked for.
	Off []string
}

// Lint reads a post as a strict reviewer would and returns what that one would say, by line. name is the file's name; it
// may be empty. others are the site's other posts, as far as they are known; now is the day on which it is published.
func (l Linter) Lint(name string, text []byte, others []OtherPost, now time.Time) []Finding {
	c := &check{Linter: l, source: readSource(name, string(text)), others: others, now: now}
	if c.unreadable() {
		return c.finish()
	}
	for _, look := range []func(*check){
		(*check).file, (*check).front, (*check).liquid, (*check).blocks, (*check).markup, (*check).links,
		(*check).shape, (*check).actions, (*check).detection, (*check).zones, (*check).times, (*check).durations,
		(*check).sentences, (*check).private,
	} {
		look(c)
	}
	return c.finish()
}

// Fix mends what can be mended without knowing more than the file: it changes how things are written and no word. What
// it returns has none of the findings that are Fixable, and Fix of that is the same.
func (l Linter) Fix(name string, text []byte, others []OtherPost, now time.Time) []byte {
	source := string(text)
	for range maxRounds { // one mended thing may show another
		var all []edit
		for _, f := range l.Lint(name, []byte(source), others, now) {
			all = append(all, f.edits...)
		}
		if len(all) == 0 {
			break
		}
		source = apply(source, all)
	}
	return []byte(source)
}

// maxRounds bounds how often Fix looks again.
const maxRounds = 20

// edit replaces the bytes from from to to.
type edit struct {
	from, to int
	text     string
}

// apply makes the edits; of two that overlap the first.
func apply(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for i, e := range edits {
		if e.from < at || i > 0 && e == edits[i-1] {
			continue
		}
		b.WriteString(text[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	return b.String() + text[at:]
}

// check is one reading of a post.
type check struct {
	Linter
	*source
	others []OtherPost
	now    time.Time
	found  []Finding
}

// report notes a finding on a line, which counts from 0.
func (c *check) report(line int, rule, reason, fix string, edits ...edit) {
	section := ""
	if p := c.partOf(line); p != nil {
		section = strings.Trim(p.Heading, " \t*_`#:?!.")
	}
	c.found = append(c.found, Finding{
		Line: line + 1, Rule: rule, Section: section, Level: levelOf(rule), Reason: reason, Fix: fix, Fixable: len(edits) > 0, edits: edits,
	})
}

func (c *check) finish() []Finding {
	kept := slices.DeleteFunc(c.found, func(f Finding) bool { return slices.Contains(c.Off, f.Rule) })
	slices.SortStableFunc(kept, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Level.Rank(), b.Level.Rank()))
	})
	// One line says a thing once.
	return slices.CompactFunc(kept, func(a, b Finding) bool { return a.Line == b.Line && a.Rule == b.Rule && a.Reason == b.Reason })
}

// Worst are the n findings that matter most, in the order of the file.
func Worst(found []Finding, n int) []Finding {
	worst := slices.Clone(found)
	slices.SortStableFunc(worst, func(a, b Finding) int { return cmp.Compare(a.Level.Rank(), b.Level.Rank()) })
	return worst[:min(n, len(worst))]
}

// baseName is the file's name without its folders.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

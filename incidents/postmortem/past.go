package postmortem

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// The keys of the front matter that hold an incident's times, as RFC 3339, so that nobody has to guess them.
const (
	KeyBegan     = "started_at"
	KeyDetected  = "detected_at"
	KeyDeclared  = "declared_at"
	KeyMitigated = "mitigated_at"
	KeyResolved  = "resolved_at"
	KeyPublished = "published_at"
	KeySeverity  = "severity"
)

var (
	prefixWord  = regexp.MustCompile(`(?i)^(?:incident )?post[- ]?mortem(?:\s*[:–—-]\s*|\s+(?:on|for|of)\s+(?:the\s+)?|\s+)`)
	namesItself = regexp.MustCompile(`(?i)\bpost[- ]?mortem|\bincident report|\boutage report`)
	templateTip = regexp.MustCompile(`(?s)<!--.*?-->`)
	explicitly  = regexp.MustCompile(`(?i)\bmitigat`)
	severities  = []struct {
		is    incidents.Severity
		words *regexp.Regexp
	}{
		{incidents.Severe, regexp.MustCompile(`(?i)\bsevere(?:ly)? (?:service )?degrad`)},
		{incidents.Downtime, regexp.MustCompile(`(?i)\b(?:downtime|outage|(?:was|were|went) (?:completely )?(?:down|offline)|unavailab\w+|unreachable)\b`)},
		{incidents.Degradation, regexp.MustCompile(`(?i)\b(?:degrad\w+|disrupt\w+|slow\w*)\b`)},
	}
)

// IsPostMortem reports whether a file of a blog tells of an incident: it says so, has a timeline, or at least two of the
// sections that only such a post has.
func (p Post) IsPostMortem(file string) bool {
	if namesItself.MatchString(p.Title) || namesItself.MatchString(file) || len(p.Timeline) > 1 {
		return true
	}
	found := map[Section]bool{}
	for _, s := range p.Sections {
		switch s.Kind {
		case Impact, RootCauses, Trigger, Detection, Resolution, ActionItems:
			found[s.Kind] = true
		}
	}
	return len(found) > 1
}

// Past is what a published post tells of its incident. Path is left to the caller; file is the name that the post has. What
// had to be guessed is named among Unsure.
func (p Post) Past(file string) incidents.PastPost {
	past := incidents.PastPost{Title: oneLine(prefixWord.ReplaceAllString(p.Title, ""))}
	if past.Title == "" {
		past.Title = oneLine(p.Title)
	}
	var gist, how, text []string
	for _, s := range p.Sections {
		body := strings.TrimSpace(templateTip.ReplaceAllString(s.Markdown, ""))
		if body == "" {
			continue
		}
		switch s.Kind {
		case Lead, Summary, Impact, RootCauses, Trigger:
			gist = append(gist, body)
		case Resolution:
			how = append(how, body)
		default:
			text = append(text, strings.TrimSpace(s.Heading+"\n\n"+body))
		}
	}
	for _, e := range p.Timeline {
		text = append(text, e.Text)
	}
	past.Gist, past.How, past.Text = strings.Join(gist, "\n\n"), strings.Join(how, "\n\n"), strings.Join(text, "\n\n")
	for _, a := range p.ActionItems {
		past.Actions = append(past.Actions, incidents.PastAction{Text: a.Text, Link: a.Link, Done: a.Done})
	}
	past.Day = p.dayOf(file)
	guess := pastGuess{PastPost: &past}
	guess.times(p.Timeline)
	guess.publication(p.publishedOn(file))
	guess.frontMatter(p.FrontMatter)
	guess.severity(p)
	slices.Sort(past.Unsure)
	return past
}

// dayOf is the day of the incident at 00:00 UTC; zero when nobody can know.
func (p Post) dayOf(file string) time.Time {
	if len(p.Timeline) > 0 {
		y, m, d := p.Timeline[0].At.UTC().Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	if day, err := time.Parse(time.DateOnly, p.Date); err == nil {
		return day
	}
	return p.publishedOn(file)
}

// pastGuess works out what a post does not say in so many words.
type pastGuess struct{ *incidents.PastPost }

func (g pastGuess) set(into *time.Time, name string, at time.Time, sure bool) {
	*into = at.UTC()
	g.sure(name, sure)
}

func (g pastGuess) sure(name string, sure bool) {
	g.Unsure = slices.DeleteFunc(g.Unsure, func(n string) bool { return n == name })
	if !sure {
		g.Unsure = append(g.Unsure, name)
	}
}

// times reads them off the timeline: who writes "the first alert" or "we declared the incident" says which time it is.
func (g pastGuess) times(entries []Entry) {
	if len(entries) == 0 {
		return
	}
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.At.Compare(b.At) })
	first := func(words *regexp.Regexp, from int) int {
		if n := slices.IndexFunc(entries[from:], func(e Entry) bool { return words.MatchString(e.Text) }); n >= 0 {
			return from + n
		}
		return -1
	}
	began, t := first(troubleWord, 0), &g.Times
	seen := first(detectWord, 0)
	sure := began >= 0 && (seen < 0 || began <= seen)
	if !sure { // what was seen first had begun by then
		began = max(min(began, seen), 0)
	}
	g.set(&t.Began, "began", entries[began].At, sure)
	if n := first(detectWord, began); n >= 0 {
		g.set(&t.Detected, "detected", entries[n].At, true)
	}
	if n := first(declareWord, began); n >= 0 {
		g.set(&t.Declared, "declared", entries[n].At, true)
	}
	last := len(entries) - 1
	for last > began && !endWord.MatchString(entries[last].Text) {
		last--
	}
	if sure = last > began; !sure {
		last = len(entries) - 1
	}
	if last == began && entries[last].Until.IsZero() {
		return // one line says no end
	}
	end := entries[last].At
	if entries[last].Until.After(end) {
		end = entries[last].Until
	}
	g.set(&t.Resolved, "resolved", end, sure)
	if n := first(explicitly, began); n >= 0 && !entries[n].At.After(end) {
		g.set(&t.Mitigated, "mitigated", entries[n].At, true)
	} else if n := first(betterWord, min(began+1, len(entries)-1)); n > began && n < last && !entries[n].At.Before(t.Detected) {
		g.set(&t.Mitigated, "mitigated", entries[n].At, false)
	}
}

// publication takes the day in the file's name. Teams write the day of the incident there, too; then nobody knows.
func (g pastGuess) publication(day time.Time) {
	if !day.IsZero() && day.After(g.Day) && !day.Before(g.Times.Resolved.Truncate(24*time.Hour)) {
		g.set(&g.Times.Published, "published", day, true)
	}
}

// frontMatter takes what is written there for programs.
func (g pastGuess) frontMatter(f FrontMatter) {
	for _, k := range []struct {
		key, name string
		into      *time.Time
	}{
		{KeyBegan, "began", &g.Times.Began}, {KeyDetected, "detected", &g.Times.Detected}, {KeyDeclared, "declared", &g.Times.Declared},
		{KeyMitigated, "mitigated", &g.Times.Mitigated}, {KeyResolved, "resolved", &g.Times.Resolved},
		{KeyPublished, "published", &g.Times.Published},
	} {
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04 MST", time.DateOnly} {
			if at, err := time.Parse(layout, strings.TrimSpace(f.Get(k.key))); err == nil {
				g.set(k.into, k.name, at, true)
				break
			}
		}
	}
}

// severity takes the word that the post uses, first in its front matter, then in its title, then in what it says first.
func (g pastGuess) severity(p Post) {
	for n, text := range []string{p.FrontMatter.Get(KeySeverity), p.Title, g.Gist} {
		if s := incidents.Severity(strings.ToLower(strings.TrimSpace(text))); n == 0 && slices.Contains(incidents.Severities, s) {
			g.Severity = s
			return
		}
		for _, s := range severities {
			if s.words.MatchString(text) {
				g.Severity = s.is
				g.sure("severity", n < 2)
				return
			}
		}
	}
}

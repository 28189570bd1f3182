package chat

import (
	"regexp"
	"slices"
	"strings"

	"watchbell/incidents"
)

func runSeverity(t *turn) (Reply, error) {
	if t.args == "" && t.canForm {
		form := severityForm(t.context(), *t.incident)
		return Reply{Form: &form}, nil
	}
	level, reason, sure := readSeverity(t.incident.Protocol, t.args)
	if at, _, err := t.time(reason); level != "" && reason != "" && (err != nil || !at.At.IsZero()) {
		return Reply{}, incidents.Refuse(incidents.Unsure, "How bad it is is said as of now, without a time, so nothing was changed yet.").
			Next("Write `severity %s`, and what happened then with `log %s`.", word(t.incident.Protocol, level), inline(Shorten(decoded(reason), 200)))
	}
	if !sure {
		return Reply{}, t.whichSeverity(level, reason)
	}
	if level == "" {
		level = incidents.Severity(inline(Shorten(decoded(t.args), 60))) // it is none, and the sentence that says so has to be read to its end
	}
	return t.moved(incidents.SetSeverity{Severity: level, Reason: t.text(reason)})
}

// whichSeverity asks about words that may say more than a severity and what speaks for it.
func (t *turn) whichSeverity(level incidents.Severity, reason string) error {
	name := word(t.incident.Protocol, level)
	q := &question{Refusal: incidents.Refuse(incidents.Unsure, "Is it *%s*, and “%s” is why? Nothing was changed yet.", level, inline(Shorten(decoded(reason), 200))).
		Next("With a colon that is clear: `severity %s: why`.", name).In("severity")}
	ask := func(label, text string) {
		if len(text) <= 1000 { // a button has no room for more
			q.choices = append(q.choices, choice{label: label, again: again{Event: t.event, Incident: t.number, Text: text}})
		}
	}
	ask(name+", for that reason", "severity "+name+": "+reason)
	ask("Only "+name, "severity "+name)
	return q
}

// word is how a severity is typed.
func word(p *incidents.Protocol, s incidents.Severity) string {
	rule, _ := p.Severity(s)
	return rule.Word
}

var (
	// because is what may stand between a severity and what speaks for it.
	because = regexp.MustCompile(`(?i)^(?:[:,;–—-]+\s*|because\s+)`)
	// doubtful begins what may as well say something else about the severity.
	doubtful = regexp.MustCompile(`(?i)^(?:or|and|not|no|is|isn['’]?t|was|over|to|then|again|any\s?more)\b|^\?`)
	// tradeSure are words of the trade that mean a severity and nothing else.
	tradeSure = regexp.MustCompile(`^(?:sev[123]|severe degradation)$`)
)

// readSeverity reads a severity and what may follow it: why. Sure is false where the words may mean something else. The
// severity is empty where there is none.
func readSeverity(p *incidents.Protocol, text string) (level incidents.Severity, reason string, sure bool) {
	text = strings.TrimSpace(text)
	most := 6 // ends of words, and of marks behind them, that the longest severity has
	for _, s := range p.SeverityRules() {
		most = max(most, 2*len(strings.Fields(string(s.Severity))), 2*len(strings.Fields(s.Word)))
	}
	var ends []int
	for i := 1; i <= len(text) && len(ends) < most; i++ {
		if i == len(text) || strings.ContainsRune(" \n\t:,;", rune(text[i])) && !strings.ContainsRune(" \n\t", rune(text[i-1])) {
			ends = append(ends, i)
		}
	}
	for _, end := range slices.Backward(ends) {
		said := strings.ToLower(strings.Join(strings.Fields(text[:end]), " "))
		level, own := severityWord(p, said)
		if level == "" {
			continue
		}
		rest := strings.TrimSpace(text[end:])
		clear := because.FindString(rest)
		reason = strings.TrimSpace(rest[len(clear):])
		if reason == "" || clear != "" {
			return level, reason, true
		}
		next, _ := firstWord(reason)
		another, _ := severityWord(p, strings.ToLower(strings.TrimRight(next, ".,:;!?")))
		return level, reason, another == "" && !doubtful.MatchString(reason) && (own || tradeSure.MatchString(said))
	}
	return "", "", true
}

// severityWord reads what people call a severity: a word of the protocol (own), else one of the trade for the usual ones;
// empty for none.
func severityWord(p *incidents.Protocol, said string) (level incidents.Severity, own bool) {
	for _, s := range p.SeverityRules() {
		if said == s.Word || said == string(s.Severity) {
			return s.Severity, true
		}
	}
	switch said {
	case "degradation", "degraded", "minor", "sev3", "3":
		level = incidents.Degradation
	case "severe", "severe degradation", "major", "sev2", "2":
		level = incidents.Severe
	case "down", "outage", "critical", "sev1", "1":
		level = incidents.Downtime
	}
	if _, known := p.Severity(level); !known {
		return "", false
	}
	return level, false
}

package postmortem

import (
	"regexp"
	"strings"
)

// headings are words in headings and labels, in lower case, and the kinds that they mean.
var headings = map[string]Section{
	"date": Day, "incident date": Day, "summary": Summary, "executive summary": Summary, "overview": Summary,
	"impact": Impact, "user impact": Impact, "customer impact": Impact, "affected users": Impact,
	"root cause": RootCauses, "root causes": RootCauses, "cause": RootCauses, "causes": RootCauses, "why did it happen": RootCauses,
	"trigger": Trigger, "triggers": Trigger,
	"detection": Detection, "how did we detect it": Detection, "how did we notice": Detection,
	"resolution": Resolution, "how did we fix it": Resolution, "fix": Resolution, "mitigation": Resolution, "recovery": Resolution, "resolution and recovery": Resolution,
	"action items": ActionItems, "action item": ActionItems, "actions": ActionItems, "next steps": ActionItems, "follow-up": ActionItems, "follow-ups": ActionItems,
	"follow up": ActionItems, "follow ups": ActionItems, "follow-up actions": ActionItems, "corrective actions": ActionItems,
	"lessons learned": Lessons, "lesson learned": Lessons, "lessons": Lessons, "learnings": Lessons, "what did we learn": Lessons,
	"what went well": WentWell, "what worked well": WentWell, "what went wrong": WentWrong, "what didn't go well": WentWrong, "what did not go well": WentWrong,
	"what went badly": WentWrong, "where we got lucky": GotLucky, "where did we get lucky": GotLucky, "what went lucky": GotLucky,
	"timeline": Timeline, "chronology": Timeline, "sequence of events": Timeline, "timeline of events": Timeline, "events": Timeline,
}

var (
	aside   = regexp.MustCompile(`[ \t]*[(\[].*[)\]][ \t]*$`)
	article = regexp.MustCompile(`^(?:the|our) `)
)

// kindOf says what a heading stands for; "" when it says nothing.
func kindOf(heading string) Section {
	text := strings.ReplaceAll(strings.ToLower(heading), "’", "'")
	text = strings.Trim(aside.ReplaceAllString(text, ""), " \t*_`#:?!.")
	text = article.ReplaceAllString(text, "")
	if kind, ok := headings[text]; ok {
		return kind
	}
	if strings.Contains(text, "timeline") {
		return Timeline
	}
	return ""
}

// raw is a section as it lies in the file.
type raw struct {
	PostSection
	inline bool     // the text begins on the line of the label
	lines  []string // what is below the heading
}

var label1 = regexp.MustCompile(`^(\*\*|__|\*|_)([^*_:]+?)(:?)(\*\*|__|\*|_)(:?)( *)(.*)$`)

// splitSections finds the headings and labels outside code and comments.
func splitSections(lines []string) []raw {
	code := hidden(lines)
	all := []raw{{PostSection: PostSection{Kind: Lead}}}
	for i, line := range lines {
		last := &all[len(all)-1]
		if !code[i] && !(last.Kind == Timeline && isDayHead(line)) {
			if s, rest, ok := opens(line, i == 0 || lines[i-1] == "" || len(last.lines) == 0 && last.Level > 0 || last.Level == 0 && last.Form != ""); ok {
				r := raw{PostSection: s}
				if rest != "" {
					r.inline, r.lines = true, []string{rest}
				}
				all = append(all, r)
				continue
			}
		}
		last.lines = append(last.lines, line)
	}
	return all
}

// isDayHead reports whether a line names a day and nothing else, with its year or without.
func isDayHead(line string) bool {
	_, ok := dayHead(line, 2000)
	return ok
}

// opens reports whether a line begins a section. free says that a label may stand there.
func opens(line string, free bool) (s PostSection, rest string, ok bool) {
	if n := level(line); n > 0 && line[n] == ' ' && strings.TrimSpace(line[n:]) != "" {
		s.Level, s.Heading = n, line[n+1:]
		if s.Kind = kindOf(s.Heading); s.Kind == "" {
			s.Kind = Other
		}
		return s, "", true
	}
	if !free {
		return s, "", false
	}
	m := label1.FindStringSubmatch(line)
	if m == nil || m[1] != m[4] || m[3] != "" && m[5] != "" {
		return s, "", false
	}
	kind := kindOf(m[2])
	if kind == "" || m[3] == "" && m[5] == "" && m[7] != "" || m[2] != strings.TrimSpace(m[2]) || kind == Timeline && m[7] != "" {
		return s, "", false
	}
	return PostSection{Kind: kind, Heading: m[2], Form: m[1] + "{}" + m[3] + m[4] + m[5] + m[6]}, m[7], true
}

// hidden marks the lines inside fenced code and comments, where nothing is a heading or a list.
func hidden(lines []string) []bool {
	code := make([]bool, len(lines))
	last := lastComment(lines)
	open := map[byte]int{} // of each mark, how many have no closing line below
	for i := 0; i < len(lines); i++ {
		t := strings.TrimLeft(lines[i], " \t")
		if m := bullets.FindString(t); m != "" {
			t = t[len(m):]
		}
		end := -1
		switch {
		case strings.HasPrefix(t, "<!--"):
			for j := i; j <= last && end < 0; j++ {
				if strings.Contains(lines[j], "-->") {
					end = j
				}
			}
		case isFence(t):
			marks := t[:run(t, t[0])]
			if n := open[t[0]]; n > 0 && len(marks) >= n {
				break
			}
			for j := i + 1; j < len(lines) && end < 0; j++ {
				if c := strings.TrimSpace(lines[j]); strings.HasPrefix(c, marks) && strings.Trim(c, marks[:1]) == "" {
					end = j
				}
			}
			if end > i {
				i++ // what opens a fence may itself be a list item
			} else if end < 0 {
				open[t[0]] = len(marks)
			}
		}
		for ; i <= end; i++ {
			code[i] = true
		}
		if end >= 0 {
			i = end
		}
	}
	return code
}

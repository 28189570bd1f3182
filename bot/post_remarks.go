package main

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

// mostRead is the longest post, in bytes, that is read while others wait; some times what people write.
const mostRead = 30_000

// inspect says in one sentence what a reviewer would say of the file.
func inspect(c PostConfig, now func() time.Time) func(path string, text []byte) github.Report {
	return func(path string, text []byte) github.Report {
		if len(text) > mostRead {
			return github.Report{Passed: true, Text: "The post is too long to be read by the bot: watchbell post lint does."}
		}
		found := postmortem.Linter{InternalHosts: c.InternalHosts, Off: c.site().Off()}.Lint(path, text, nil, now())
		found = slices.DeleteFunc(found, func(f postmortem.Finding) bool { return f.Level == postmortem.SeverityNote })
		if len(found) == 0 {
			return github.Report{Passed: true, Text: "Nothing that a reviewer would send back."}
		}
		worst := postmortem.Worst(found, 1)[0]
		return github.Report{Text: fmt.Sprintf("%d to look at, first line %d: %s.", len(found), worst.Line, worst.Reason)}
	}
}

// saidElsewhere are the rules whose findings the same message says already: what is missing, and what should stay inside.
var saidElsewhere = []string{"section-empty", "mention", "e-mail", "ip-address", "internal-host", "secret"}

// lineNumber points into a file that nobody has seen yet.
var lineNumber = regexp.MustCompile(` \(line \d+\)`)

// remarks are what a reviewer would say of the post as it would be now, worst first. The style of the blog plays no part.
func remarks(s incidents.Snapshot, c PostConfig, zone *time.Location, now time.Time) []chat.Remark {
	size := 0
	for _, e := range s.Entries {
		size += len(e.Text)
	}
	if size > mostRead {
		return nil
	}
	began := s.BeganAt().In(zone)
	text := postOf(s, c, zone, pictures{}).Render(postmortem.Flat())
	if len(text) > mostRead {
		return nil
	}
	linter := postmortem.Linter{InternalHosts: c.InternalHosts, Off: saidElsewhere}
	found := linter.Lint(began.Format(time.DateOnly)+"-post-mortem.md", []byte(text), nil, now)
	all := make([]chat.Remark, 0, len(found))
	for _, f := range postmortem.Worst(found, len(found)) {
		where := f.Section
		if where == "" {
			where = "Beginning"
		}
		all = append(all, chat.Remark{Where: where, Text: lineNumber.ReplaceAllString(f.Reason, ""), Fix: lineNumber.ReplaceAllString(f.Fix, "")})
	}
	return all
}

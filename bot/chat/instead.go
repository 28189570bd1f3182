package chat

import (
	"regexp"
	"strings"
)

// What people write who want other words in the place of some: “a” → “b”, instead of “a” say “b”, “b” instead of “a”, or a
// quotation with the new words below it.
var (
	quotedWords  = `[“"„«]([^“”„"«»]+)[”"“»]`
	insteadForms = []struct {
		form     *regexp.Regexp
		old, now int
	}{
		{regexp.MustCompile(`(?is)^` + quotedWords + `\s*(?:→|->|=>|(?:should|must|ought to)\s+(?:be|read|say)|better:?)\s*:?\s*` + quotedWords + `[.!]?$`), 1, 2},
		{regexp.MustCompile(`(?is)^(?:please\s+)?instead of\s+` + quotedWords + `[,:]?\s*(?:please\s+)?(?:write|say|use|put|better)?:?\s*` + quotedWords + `[.!]?$`), 1, 2},
		{regexp.MustCompile(`(?is)^(?:please\s+)?(?:write|say|use|put|better)?:?\s*` + quotedWords + `,?\s+instead of\s+` + quotedWords + `[.!]?$`), 2, 1},
	}
)

// insteadOf reads which words of a section somebody wants replaced by which; empty where they do not say so. The text is
// mrkdwn without Slack's entities.
func insteadOf(text string) (old, now string) {
	text = strings.TrimSpace(text)
	var quote, rest []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if words, quotes := strings.CutPrefix(line, ">"); quotes && len(rest) == 0 {
			quote = append(quote, strings.TrimPrefix(words, " "))
		} else {
			rest = append(rest, line)
		}
	}
	if old, now = strings.TrimSpace(strings.Join(quote, "\n")), strings.TrimSpace(strings.Join(rest, "\n")); old != "" && now != "" {
		return old, now
	}
	for _, f := range insteadForms {
		if found := f.form.FindStringSubmatch(text); found != nil {
			return strings.TrimSpace(found[f.old]), strings.TrimSpace(found[f.now])
		}
	}
	return "", ""
}

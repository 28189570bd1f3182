package postmortem

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	anyTag       = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9:-]*(?:\s[^<>]*)?/?>`)
	tagName      = regexp.MustCompile(`^</?([A-Za-z][A-Za-z0-9:-]*)`)
	inlineTarget = regexp.MustCompile(`\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\)`)
	anyAddress   = regexp.MustCompile(`(?i)<?\b(?:https?|ftp|mailto|file|ssh|git)://?[^\s<>]*>?`)
)

// htmlTags are the elements that browsers know: any other tag is text that gets lost.
var htmlTags = wordSet(`a abbr address article aside audio b bdi bdo blockquote body br button canvas caption cite code col
	colgroup data dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header
	hr html i iframe img input ins kbd label legend li link main map mark meta nav noscript object ol option p param picture pre
	q rp rt ruby s samp script section select small source span strong style sub summary sup svg table tbody td template
	textarea tfoot th thead time title tr track u ul var video wbr`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// markup looks at tags and pipes in prose.
func (c *check) markup() {
	for i := c.body; i < len(c.lines); i++ {
		if c.kind[i] == proseLine {
			c.tags(i)
		}
		if c.kind[i] == proseLine && (i == c.body || c.kind[i-1] != proseLine) {
			c.tables(i)
		}
	}
}

func (c *check) tags(i int) {
	for _, m := range anyTag.FindAllStringIndex(c.plain[i], -1) {
		tag := c.plain[i][m[0]:m[1]]
		if m[0] > 0 && c.plain[i][m[0]-1] == '\\' || autolink(tag) > 0 || lineBreak(tag) > 0 || strings.Contains(tag, "@") {
			continue
		}
		name := strings.ToLower(tagName.FindStringSubmatch(tag)[1])
		if htmlTags[name] {
			c.report(i, "raw-html", fmt.Sprintf("The tag <%s> becomes part of the page", name), "Write it in Markdown, or put it into `code`")
			continue
		}
		c.report(i, "raw-html", fmt.Sprintf("The page takes <%s> for a tag and does not show it", name), "Write &lt; for <, or put it into `code`", c.cut(i, m[0], m[0]+1, "&lt;"))
	}
}

var tableRule = regexp.MustCompile(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)

// tables finds pipes in the block that begins on line i, unless it is a table on purpose.
func (c *check) tables(i int) {
	end := i
	meant := strings.HasPrefix(strings.TrimLeft(c.lines[i], " \t"), "|")
	for ; end < len(c.lines) && c.kind[end] == proseLine; end++ {
		meant = meant || strings.Contains(c.lines[end], "|") && tableRule.MatchString(c.lines[end]) || end > i && strings.HasPrefix(c.lines[end], "|")
	}
	if meant {
		return
	}
	for ; i < end; i++ {
		var edits []edit
		for j := 0; j < len(c.plain[i]); j++ {
			switch c.plain[i][j] {
			case '\\':
				j++
			case '|':
				edits = append(edits, c.cut(i, j, j+1, `\|`))
			}
		}
		if len(edits) > 0 {
			c.report(i, "stray-table", "The | makes a table of the line", `Write \| for it`, edits...)
		}
	}
}

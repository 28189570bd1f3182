package postmortem

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	liquidOpen = regexp.MustCompile(`\{\{-?|\{%-?`)
	// liquidMeant is Liquid that authors write on purpose: a text that is to be shown, what the site knows, and the tags
	// of Jekyll.
	liquidMeant = regexp.MustCompile(`^(?:\{\{-?\s*(?:"[^"]*"|'[^']*'|(?:site|page|post|content|layout|include|relative_url|absolute_url)\b[^{}]*)(?:\s*\|[^{}]*)?\s*-?\}\}|` +
		`\{%-?\s*(?:highlight|endhighlight|link|post_url|include|include_relative|comment|endcomment|if|elsif|else|endif|unless|endunless|for|endfor|assign|capture|endcapture|case|when|endcase|break|continue|cycle|increment|decrement|render|raw|endraw)\b[^{}%]*-?%\})`)
	liquidTag = regexp.MustCompile(`^\{%-?\s*(\w*)`)
	rawStart  = regexp.MustCompile(`\{%-?\s*raw\s*-?%\}`)
	rawEnd    = regexp.MustCompile(`\{%-?\s*endraw\s*-?%\}`)
)

// liquid finds what Liquid takes for its own, which it looks for everywhere, code and comments included.
func (c *check) liquid() {
	raw := false
	for i := c.body; i < len(c.lines); i++ {
		line := c.lines[i]
		for at := 0; at < len(line); {
			if raw {
				end := rawEnd.FindStringIndex(line[at:])
				if end == nil {
					break
				}
				at, raw = at+end[1], false
				continue
			}
			m := liquidOpen.FindStringIndex(line[at:])
			if m == nil {
				break
			}
			from := at + m[0]
			if rawStart.FindStringIndex(line[from:]) != nil && rawStart.FindStringIndex(line[from:])[0] == 0 {
				raw, at = true, from+rawStart.FindStringIndex(line[from:])[1]
				continue
			}
			if n := len(liquidMeant.FindString(line[from:])); n > 0 {
				at = from + n
				continue
			}
			c.liquidFound(i, from)
			at = from + 2
		}
	}
}

func (c *check) liquidFound(i, from int) {
	line := c.lines[i]
	what := line[from : from+2]
	reason := "Liquid takes " + what + " for its own and swallows the text up to the closing braces"
	if m := liquidTag.FindStringSubmatch(line[from:]); what == "{%" {
		reason = "Liquid takes {% for a tag and does not know it: the build of the whole site fails"
		if m != nil && m[1] != "" {
			reason = fmt.Sprintf("Liquid takes {%% %s for a tag and cannot run it: the build of the whole site fails", m[1])
		}
	} else if !strings.Contains(line[from:], "}}") {
		reason = "Liquid takes {{ for its own and finds no end: the build of the whole site fails"
	}
	text := `{{ "` + what + `" }}`
	if c.kind[i] == proseLine && c.plain[i][from] == '{' {
		text = "&#123;" + what[1:]
	}
	c.report(i, "liquid", reason, "Write it as "+text, c.cut(i, from, from+2, text))
}

// blocks looks at what begins or ends a block: fences, headings, lists, tabs.
func (c *check) blocks() {
	if c.openFence >= 0 {
		c.report(c.openFence, "fence", "The code block that opens here is never closed", "Write the same marks on a line of their own behind its last line")
	}
	last, first := 0, true
	for i := c.body; i < len(c.lines); i++ {
		line := c.lines[i]
		if c.kind[i] == blankLine || c.kind[i] == commentLine {
			continue
		}
		c.tabs(i)
		if c.kind[i] != proseLine {
			first = false
			continue
		}
		n := level(line)
		if n > 0 && first {
			c.report(i, "excerpt", "The post begins with a heading, which is what lists and previews show of it", "Begin with a sentence: what happened, to whom and for how long")
		}
		first = false
		if n > 0 {
			c.heading(i, n, last)
			last = n
		}
		c.setext(i)
	}
}

func (c *check) heading(i, n, last int) {
	if last > 0 && n > last+1 {
		c.report(i, "heading-jump", fmt.Sprintf("A heading of level %d follows one of level %d", n, last), fmt.Sprintf("Write it with %s", strings.Repeat("#", last+1)))
	}
	if i > c.body && c.kind[i-1] == proseLine && c.list[i-1] {
		c.report(i, "heading-in-list", "Right behind a list item the heading becomes part of the item", "Leave a blank line before it", c.cut(i, 0, 0, c.newline()))
	}
}

func (c *check) newline() string {
	if strings.Contains(c.text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// tabs finds tabs in prose, and expands those at its beginning as Markdown counts them.
func (c *check) tabs(i int) {
	line, plain := c.lines[i], c.plain[i]
	if c.kind[i] == codeLine {
		plain = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	}
	if c.kind[i] == fenceLine || !strings.Contains(plain, "\t") {
		return
	}
	var b strings.Builder
	for j, column := 0, 0; j < len(line); j++ {
		if j < len(plain) && plain[j] == '\t' {
			n := 4 - column%4
			b.WriteString(strings.Repeat(" ", n))
			column += n
			continue
		}
		b.WriteByte(line[j])
		column++
	}
	c.report(i, "tab", "A tab counts for one to four spaces, depending on who reads it", "Write spaces", c.cut(i, 0, len(line), b.String()))
}

// setext finds the underline that makes a heading of the line above. Where that is a heading on purpose nothing is said.
func (c *check) setext(i int) {
	t := strings.TrimRight(c.lines[i], " \t")
	if i <= c.body || t == "" || strings.Trim(t, "-") != "" && strings.Trim(t, "=") != "" {
		return
	}
	above := c.lines[i-1]
	alone := i-2 < c.body || c.kind[i-2] == blankLine || level(c.lines[i-2]) > 0
	if c.kind[i-1] != proseLine || c.list[i-1] || !alone || level(above) > 0 || strings.ContainsAny(above[:1], " \t>|") || kindOf(above) != "" {
		return
	}
	c.report(i, "setext", fmt.Sprintf("The line above becomes a heading: %q", shorten(above)), "Leave a blank line before it, or begin the heading with ##")
}

// shorten is the beginning of a text.
func shorten(s string) string {
	if words := strings.Fields(s); len(words) > 8 {
		return strings.Join(words[:8], " ") + " …"
	}
	return strings.TrimSpace(s)
}

package postmortem

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

var (
	linkStart    = regexp.MustCompile(`\]\(`)
	brokenSpaced = regexp.MustCompile(`\[[^\[\]]+\] +\(https?://[^\s)]*\)`)
	brokenLabel  = regexp.MustCompile(`\[[^\[\]()]*\(https?://[^\s()]*\)`)
	schemeOf     = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)
	domainLike   = regexp.MustCompile(`^(?:www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev|de|eu|example)(?:/|$))`)
)

// links looks at where the post leads.
func (c *check) links() {
	for i := c.body; i < len(c.lines); i++ {
		if c.kind[i] != proseLine {
			continue
		}
		c.inlineLinks(i)
		c.brokenLinks(i)
		c.bareURLs(i)
		if n := definition(c.lines[i]); n > 0 && c.lines[i][1] != '^' {
			target, _, _ := strings.Cut(strings.TrimSpace(c.lines[i][n:]), " ")
			c.target(i, strings.Trim(target, "<>"))
		}
	}
}

// inlineLinks reads what stands in the parentheses of each link of the line.
func (c *check) inlineLinks(i int) {
	line := c.plain[i]
	for _, m := range linkStart.FindAllStringIndex(line, -1) {
		if m[0] > 0 && line[m[0]-1] == '\\' {
			continue
		}
		rest := c.lines[i][m[1]:]
		end, depth := -1, 0
		for j := 0; j < len(rest) && end < 0; j++ {
			switch rest[j] {
			case '(':
				depth++
			case ')':
				if depth--; depth < 0 {
					end = j
				}
			}
		}
		if end < 0 {
			if strings.Contains(rest, "://") || strings.HasPrefix(rest, "/") {
				c.report(i, "link-broken", "The parenthesis of the link is not closed, so it is shown as text", "Write ) behind the address")
			}
			continue
		}
		target := strings.TrimSpace(rest[:end])
		if at := strings.IndexAny(target, `"'`); at > 0 && target[at-1] == ' ' {
			target = strings.TrimSpace(target[:at])
		}
		if strings.HasPrefix(target, "<") && strings.HasSuffix(target, ">") {
			target = target[1 : len(target)-1]
		} else if strings.ContainsAny(target, " \t") {
			c.report(i, "link-target", fmt.Sprintf("The address %q holds a space, so it is no link", shorten(target)), "Write %20 for the space")
			continue
		}
		c.target(i, target)
	}
}

// brokenLinks finds links whose brackets do not match.
func (c *check) brokenLinks(i int) {
	if brokenSpaced.MatchString(c.plain[i]) {
		c.report(i, "link-broken", "A space stands between the words and the address of the link, so it is shown as text", "Write [words](address) without it")
	}
	for _, m := range brokenLabel.FindAllStringIndex(c.plain[i], -1) {
		if m[0] == 0 || c.plain[i][m[0]-1] != '\\' {
			c.report(i, "link-broken", "The bracket around the words of the link is not closed, so it is shown as text", "Write ] before the parenthesis")
		}
	}
	for _, m := range anyAddress.FindAllString(c.plain[i], -1) {
		if strings.HasPrefix(m, "<") && !strings.HasSuffix(m, ">") {
			c.report(i, "link-broken", "The < before the address is not closed, so it is shown as text", "Write > behind the address")
		}
	}
}

// nextURL is the index at which the next http or https address may begin, or the length of s.
func nextURL(s string, from int) int {
	for at := from; ; {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return len(s)
		}
		if url := schemeBefore(s, from, at+i); url >= 0 {
			return url
		}
		at += i + len("://")
	}
}

// bareURLs finds addresses that kramdown does not link.
func (c *check) bareURLs(i int) {
	line := c.plain[i]
	if definition(c.lines[i]) > 0 {
		return
	}
	targets := inlineTarget.FindAllStringIndex(line, -1)
	for at := nextURL(line, 0); at < len(line); at = nextURL(line, at+1) {
		n := bareURL(line, at)
		if at > 0 && (line[at-1] == '<' || line[at-1] == '(' && strings.HasSuffix(strings.TrimRight(line[:at-1], " "), "]") || strings.IndexByte(`"'=`, line[at-1]) >= 0) {
			continue
		}
		inside := linkLabelAround(line, at)
		for _, t := range targets {
			inside = inside || at > t[0] && at < t[1]
		}
		if n == 0 && !inside {
			if rest := line[at:]; strings.HasPrefix(rest, "http://") || strings.HasPrefix(rest, "https://") {
				c.target(i, strings.TrimRight(rest[:strings.IndexByte(rest, '/')+2], " "))
			}
			continue
		}
		if n == 0 || inside {
			continue
		}
		url := line[at : at+n]
		c.report(i, "bare-url", fmt.Sprintf("The page does not link %s", shorten(url)), "Write <"+url+"> or [words]("+url+")", c.cut(i, at, at+n, "<"+url+">"))
		c.inside(i, url)
		at += n - 1
	}
	for _, m := range anyAddress.FindAllString(line, -1) {
		if autolink(m) == len(m) {
			c.target(i, m[1:len(m)-1])
		}
	}
}

// linkLabelAround reports whether a place of the line is in the words of a link.
func linkLabelAround(line string, at int) bool {
	for j := 0; j < at; j++ {
		if line[j] == '[' {
			if end := linkLabel(line, j); end > at {
				return true
			}
		}
	}
	return false
}

// target judges where a link leads.
func (c *check) target(i int, target string) {
	scheme := ""
	if m := schemeOf.FindStringSubmatch(target); m != nil {
		scheme = strings.ToLower(m[1])
	}
	switch {
	case target == "":
		c.report(i, "link-target", "The link leads nowhere: its address is empty", "Write the address, or leave the link out")
	case target[0] == '{': // Liquid finds it
	case target[0] == '#', scheme == "mailto":
	case scheme == "http" || scheme == "https":
		host := hostOf(target)
		if host == "" {
			c.report(i, "link-target", fmt.Sprintf("%s is no address", target), "Write the whole address, or leave the link out")
			return
		}
		c.inside(i, target)
		c.ownPost(i, target)
	case strings.HasPrefix(target, "//"):
		c.report(i, "link-target", "The address has no scheme", "Begin it with https://")
	case target[0] == '/':
		c.ownPost(i, target)
	case scheme != "" && !domainLike.MatchString(strings.ToLower(target)):
		c.report(i, "link-target", fmt.Sprintf("Browsers do not follow a link that begins with %s:", scheme), "Link to an https:// address")
	case domainLike.MatchString(strings.ToLower(target)):
		c.report(i, "link-target", fmt.Sprintf("%s is relative to the page, for it has no scheme", shorten(target)), "Begin it with https://")
	default:
		c.report(i, "link-target", fmt.Sprintf("%s is relative to the page of this post, where nothing is", shorten(target)), "Begin it with / for a page of this site, or with https://")
	}
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if strings.HasPrefix(rest, "[") {
		host, _, _ := strings.Cut(rest[1:], "]")
		return strings.ToLower(host)
	}
	host, _, _ := strings.Cut(rest, ":")
	return strings.ToLower(host)
}

// inside finds addresses that only work where the team is.
func (c *check) inside(i int, url string) {
	host := hostOf(url)
	address, err := netip.ParseAddr(host)
	switch {
	case host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && (address.IsLoopback() || address.IsUnspecified()):
		c.report(i, "link-inside", "The link leads to the reader's own machine", "Link to what everybody can open, or leave it out")
	case err == nil && (address.IsPrivate() || address.IsLinkLocalUnicast()):
		c.report(i, "link-inside", "The link leads to an address that only exists inside", "Link to what everybody can open, or leave it out")
	case c.insideHost(host):
		c.report(i, "link-inside", "The link leads to a host that only exists inside", "Link to what everybody can open, or leave it out")
	case strings.HasSuffix(host, ".slack.com") && strings.Contains(url, "/archives/"):
		c.report(i, "link-inside", "The link leads into Slack, where readers of the post cannot go", "Say here what was said there")
	}
}

var postAddress = regexp.MustCompile(`^/\d{4}/\d\d/\d\d/[^/#?]+/?$`)

// ownPost looks for the post of this site that a link leads to, when all of them are known.
func (c *check) ownPost(i int, target string) {
	place, own := strings.CutPrefix(target, strings.TrimRight(c.Site, "/"))
	if c.Site == "" || len(c.others) == 0 || target[0] != '/' && !own {
		return
	}
	place, _, _ = strings.Cut(place, "#")
	if !postAddress.MatchString(place) {
		return
	}
	place = strings.TrimRight(place, "/") + "/"
	if c.url(c.name, c.text) == place {
		return
	}
	for _, o := range c.others {
		if c.url(o.Name, string(o.Text)) == place {
			return
		}
	}
	c.report(i, "link-post", fmt.Sprintf("There is no post %s on this site", place), "Correct the day or the name in the address")
}

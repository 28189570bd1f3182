package postmortem

import (
	"net/netip"
	"regexp"
	"strings"

	"watchbell/incidents"
)

// insideHosts are the endings of names that no name server outside knows. Source: datatracker.ietf.org/doc/html/rfc6762
// (appendix G) and /rfc8375, and ICANN's resolution 2024.07.29.06 for "internal".
var insideHosts = []string{"internal", "intranet", "private", "corp", "home", "lan", "local", "localdomain", "home.arpa"}

func (c *check) hosts() []string {
	return append(c.InternalHosts[:len(c.InternalHosts):len(c.InternalHosts)], insideHosts...)
}

func (c *check) insideHost(host string) bool {
	for _, s := range incidents.FindSpans(host, c.hosts()) {
		if s.Kind == incidents.FoundHost && s.To-s.From == len(host) {
			return true
		}
	}
	return false
}

// kindsFound are the rules for what the check before publishing finds.
var kindsFound = map[incidents.FindingKind][3]string{
	incidents.FoundMention: {"mention", "A person is mentioned", "Write the role or the team instead"},
	incidents.FoundEmail:   {"e-mail", "This looks like an e-mail address", "Take it out, or name the team"},
	incidents.FoundAddress: {"ip-address", "This looks like an IP address", "Say which machine it is in words, or take it out"},
	incidents.FoundHost:    {"internal-host", "This looks like the name of an internal host", "Say in words what the machine does"},
	incidents.FoundToken:   {"secret", "This looks like a password or token", "Take it out, and change it: what was written down is known"},
	incidents.FoundKey:     {"secret", "This looks like a private key", "Take it out, and change it: what was written down is known"},
}

// private looks for what should stay inside: in the text, in code, and where links lead. The front matter may name its
// author.
func (c *check) private() {
	if c.body >= len(c.lines) {
		return
	}
	start := 0
	if c.body > 0 {
		start = c.at[c.body]
	}
	line := c.body
	for _, s := range incidents.FindSpans(c.text[start:], c.hosts()) {
		from, to := start+s.From, start+s.To
		for line+1 < len(c.lines) && c.at[line+1] <= from {
			line++
		}
		at, end := from-c.at[line], min(to-c.at[line], len(c.lines[line]))
		if at >= end || c.falseAlarm(s.Kind, line, at, end) {
			continue
		}
		say := kindsFound[s.Kind]
		if s.Kind == incidents.FoundHost && c.reported(line, "link-inside") {
			continue
		}
		c.report(line, say[0], say[1], say[2])
	}
}

var (
	versionBefore = regexp.MustCompile(`(?i)(?:\bv|version |release |requires \S+ |activated \S+ |[a-z]-|[a-z]_)$`)
	addressBefore = regexp.MustCompile(`(?i)(?:\bips?\b|\baddress(?:es)?\b|\bhosts?\b|\bservers?\b|\bsubnets?\b|\bfrom\b|\brange\b|@)[^.]{0,20}$`)
	fileEnding    = regexp.MustCompile(`^(?:\.\w|[/:]\d*\w*\.\w+|\()`)
	exampleNets   = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")}
)

// falseAlarm knows what in a post looks like something private, and is not.
func (c *check) falseAlarm(kind incidents.FindingKind, line, at, end int) bool {
	text, before, after := c.lines[line][at:end], c.lines[line][:at], c.lines[line][end:]
	inProse := c.kind[line] == proseLine
	switch kind {
	case incidents.FoundMention:
		// In code it may be anything, and Slack's own form is a mention wherever it stands.
		return !strings.HasPrefix(text, "<@") && (!inProse || strings.TrimSpace(c.words[line][at:end]) == "" || strings.HasPrefix(after, "/"))
	case incidents.FoundEmail:
		return strings.HasPrefix(text, "git@") || strings.HasPrefix(after, ":") && strings.Contains(after, "/") || strings.HasSuffix(before, "://") ||
			strings.Contains(text, "@example.") || strings.HasSuffix(text, ".service")
	case incidents.FoundAddress:
		return notAddress(text, before, after)
	case incidents.FoundHost:
		return fileEnding.MatchString(after) || strings.HasSuffix(before, ".") || strings.HasSuffix(before, "/.") || strings.HasSuffix(before, "#") ||
			!strings.Contains(text, ".")
	case incidents.FoundToken:
		return inAddress(before, after)
	}
	return false
}

// inAddress reports a place inside a web address, where long words are names of pages and commits.
func inAddress(before, after string) bool {
	at := strings.LastIndex(before, "://")
	return at >= 0 && !strings.ContainsAny(before[at:], " \t)>\"") && !strings.HasPrefix(after, "@") && !strings.Contains(before[at:], "hooks.slack") &&
		!strings.ContainsAny(before[at+3:], "@:=?")
}

// notAddress tells numbers of versions and addresses made for examples from addresses. A version has small numbers, and
// words such as "version" in front.
func notAddress(text, before, after string) bool {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Is6() && strings.Count(text, ":") < 3 && !strings.Contains(text, "::") || strings.Trim(text, ":") == "" {
		return true
	}
	for _, net := range exampleNets {
		if net.Contains(a) {
			return true
		}
	}
	if a.Is6() {
		// Ruby and C++ write Module::Name, and a time with seconds is no address.
		return !strings.ContainsAny(text, "0123456789") || strings.HasSuffix(before, ":") || before != "" && isWord(before[len(before)-1]) || after != "" && isWord(after[0])
	}
	if versionBefore.MatchString(before) || strings.HasPrefix(after, "-") || strings.HasPrefix(after, ".") && len(after) > 1 && isWord(after[1]) {
		return true
	}
	if a.IsPrivate() || a.IsLinkLocalUnicast() || addressBefore.MatchString(before) {
		return false
	}
	small := 0
	for _, b := range a.As4() {
		if b < 20 {
			small++
		}
	}
	return small >= 3
}

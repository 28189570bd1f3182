package incidents

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// FindingKind is something that should perhaps not be published.
type FindingKind string

// The kinds of findings.
const (
	FoundMention FindingKind = "a mention of a person"
	FoundEmail   FindingKind = "an e-mail address"
	FoundAddress FindingKind = "an IP address"
	FoundHost    FindingKind = "an internal host name"
	FoundToken   FindingKind = "a password or token"
	FoundKey     FindingKind = "a private key"
)

// Secret reports whether it is kept out of what is published until somebody says that it is fine. Other findings are
// merely pointed out.
func (k FindingKind) Secret() bool { return k == FoundToken || k == FoundKey }

// Finding is a place that should perhaps not be published. It does not hold what was found.
type Finding struct {
	ID    string // of what was found: the same text, wherever it stands, has the same
	Kind  FindingKind
	Where string // for people: "entry 7"
	Entry int    // the entry's number; 0 elsewhere
}

// Span is where a finding stands in a text, in bytes.
type Span struct {
	From, To int
	Kind     FindingKind
}

var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)`)
	// tokens are those of services that say themselves what they are.
	// Sources: docs.slack.dev/authentication/tokens, docs.github.com (about authentication), docs.aws.amazon.com/IAM
	// (identifiers), datatracker.ietf.org/doc/html/rfc7519.
	tokens = regexp.MustCompile(`\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}|` +
		`hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,}|` +
		`\bgh[oprsu]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{16,}|\bglpat-[A-Za-z0-9_-]{16,}|` +
		`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bsk_(?:live|test)_[A-Za-z0-9]{10,}|` +
		`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{5,}`)
	// named is a value behind a word that says that it is secret; inURL a password in an address.
	named = regexp.MustCompile(`(?i)\b(?:[a-z0-9_]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key))["']?\s*(?:=|:|:=)\s*["']?([^\s"',;<>]{6,})`)
	inURL = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s/:@<>]+:([^\s/@<>]+)@`)
	long  = regexp.MustCompile(`[A-Za-z0-9+_-]{32,}={0,2}`)

	emails    = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}`)
	people    = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>|(?:^|[\s(])(@[A-Za-z][\w.-]*)`)
	addresses = regexp.MustCompile(`[0-9A-Fa-f:.]*[0-9A-Fa-f][:.][0-9A-Fa-f:.]*`)
	hostNames = regexp.MustCompile(`(?i)[a-z0-9](?:[a-z0-9-]*\.)+[a-z0-9-]+`)
)

// hexOnly are the digits of commits and checksums, which are no secrets.
const hexOnly = "0123456789abcdefABCDEF-"

// FindSpans finds what should perhaps not be published, in its order and without overlaps: of two that overlap the worse
// counts. hosts are the endings of internal host names.
func FindSpans(text string, hosts []string) []Span {
	all := secretSpans(text)
	add := func(kind FindingKind, at []int) { all = append(all, Span{at[0], at[1], kind}) }
	if strings.Contains(text, "@") {
		for _, at := range emails.FindAllStringIndex(text, -1) {
			add(FoundEmail, at)
		}
		for _, at := range people.FindAllStringSubmatchIndex(text, -1) {
			if at[2] >= 0 {
				at = at[2:4]
			}
			add(FoundMention, at[:2])
		}
	}
	if strings.Count(text, ".") >= 3 || strings.Count(text, ":") >= 2 {
		for _, at := range addresses.FindAllStringIndex(text, -1) {
			trimmed := strings.TrimRight(text[at[0]:at[1]], ".:")
			if a, err := netip.ParseAddr(trimmed); err == nil && !a.IsUnspecified() && !a.IsLoopback() {
				add(FoundAddress, []int{at[0], at[0] + len(trimmed)})
			}
		}
	}
	if len(hosts) > 0 && strings.Contains(text, ".") {
		for _, at := range hostNames.FindAllStringIndex(text, -1) {
			if internalHost(text[at[0]:at[1]], hosts) {
				add(FoundHost, at)
			}
		}
	}
	return apart(all)
}

// secretSpans finds what is kept out of what is published.
func secretSpans(text string) []Span { return spansOf(text, suspect(text)) }

// spansOf tries the patterns that are suspected.
func spansOf(text string, found suspicion) (all []Span) {
	add := func(kind FindingKind, at []int) { all = append(all, Span{at[0], at[1], kind}) }
	if found&maybeKey != 0 {
		for _, at := range privateKey.FindAllStringIndex(text, -1) {
			add(FoundKey, at)
		}
	}
	if found&maybeToken != 0 {
		for _, at := range tokens.FindAllStringIndex(text, -1) {
			add(FoundToken, at)
		}
	}
	if found&maybeNamed != 0 {
		for _, at := range named.FindAllStringSubmatchIndex(text, -1) {
			// What ends a piece of code is no part of it.
			add(FoundToken, []int{at[2], at[2] + len(strings.TrimRight(text[at[2]:at[3]], "`"))})
		}
	}
	if found&maybeInURL != 0 {
		for _, at := range inURL.FindAllStringSubmatchIndex(text, -1) {
			add(FoundToken, at[2:4])
		}
	}
	if found&maybeLong != 0 {
		for _, at := range long.FindAllStringIndex(text, -1) {
			if looksSecret(text[at[0]:at[1]]) {
				add(FoundToken, at)
			}
		}
	}
	return all
}

// apart leaves out what overlaps with something worse, or as bad and before it.
func apart(all []Span) []Span {
	slices.SortStableFunc(all, func(a, b Span) int {
		return cmp.Or(-cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.From, b.From), -cmp.Compare(a.To, b.To))
	})
	var kept []Span
	for _, s := range all {
		if !slices.ContainsFunc(kept, func(k Span) bool { return s.From < k.To && k.From < s.To }) {
			kept = append(kept, s)
			continue
		}
		for i := range kept { // what reaches beyond a secret that it overlaps belongs to it
			if k := &kept[i]; k.Kind.Secret() && s.Kind.Secret() && s.From < k.To && k.From < s.To {
				k.From, k.To = min(k.From, s.From), max(k.To, s.To)
			}
		}
	}
	slices.SortFunc(kept, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for i := 1; i < len(kept); i++ { // where secrets grew into each other
		if kept[i].From < kept[i-1].To {
			kept[i-1].To = max(kept[i-1].To, kept[i].To)
			kept = slices.Delete(kept, i, i+1)
			i--
		}
	}
	return kept
}

func rank(k FindingKind) int {
	return slices.Index([]FindingKind{FoundMention, FoundHost, FoundAddress, FoundEmail, FoundToken, FoundKey}, k)
}

// looksSecret reports whether a long word looks as if it had been made by chance: capitals, small letters and digits.
func looksSecret(word string) bool {
	if strings.Trim(word, hexOnly) == "" {
		return false
	}
	upper, lower, digits := 0, 0, 0
	for _, r := range word {
		switch {
		case r >= 'A' && r <= 'Z':
			upper++
		case r >= 'a' && r <= 'z':
			lower++
		case r >= '0' && r <= '9':
			digits++
		}
	}
	return upper >= 3 && lower >= 3 && digits >= 3
}

func internalHost(name string, endings []string) bool {
	name = strings.ToLower(name)
	for _, ending := range endings {
		ending = strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(ending, "*"), "."))
		if ending != "" && (name == ending || strings.HasSuffix(name, "."+ending)) {
			return true
		}
	}
	return false
}

// findingID stands for a text without telling it.
func findingID(text string) string {
	sum := sha256.Sum256([]byte("watchbell finding " + text))
	return hex.EncodeToString(sum[:6])
}

// Findings are the places of the post that should perhaps not be published, and that nobody has said are fine. Internal
// entries are left out, for they are not published.
func (s Snapshot) Findings(hosts []string) []Finding {
	var all []Finding
	look := func(where string, entry int, text string) {
		for _, at := range FindSpans(text, hosts) {
			f := Finding{ID: findingID(text[at.From:at.To]), Kind: at.Kind, Where: where, Entry: entry}
			if !slices.Contains(s.Cleared, f.ID) && !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	look("the title", 0, s.Title)
	for _, name := range Sections {
		look("the section "+string(name), 0, s.Sections[name])
	}
	for _, a := range s.Actions {
		look("action item "+strconv.Itoa(a.Number), 0, a.Text)
		look("the link of action item "+strconv.Itoa(a.Number), 0, a.Link)
	}
	for _, e := range s.Entries {
		if e.Internal {
			continue
		}
		// People are not named in the post: a mention of Slack's becomes a role there.
		look("entry "+strconv.Itoa(e.Number), e.Number, slackMention.ReplaceAllString(e.Text, "someone"))
		for _, f := range e.Files {
			look("an image of entry "+strconv.Itoa(e.Number), e.Number, f.Alt)
		}
	}
	return all
}

var slackMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`)

// maskedSecret stands where a secret was, and maskedLink where the address of a link held one.
const (
	maskedSecret = "[removed: it looks like a secret]"
	maskedLink   = "[link removed: its address holds what looks like a secret]"
)

// Masked is a text without the secrets that nobody has said are fine.
func (i Incident) Masked(text string) string {
	// Nothing else is worse than a secret that it overlaps, so there is no need to look for more.
	return i.without(text, secretsApart, maskedLink, func(FindingKind) string { return maskedSecret })
}

// Struck is Masked for names of files and the like, where there is no room to say what was there.
func (i Incident) Struck(text string) string {
	return i.without(text, secretsApart, "", func(FindingKind) string { return "…" })
}

// Shareable is a text without anything that should perhaps stay inside, for where nobody looks it over before it is read.
// What somebody has said is fine stays.
func (i Incident) Shareable(text string, hosts []string) string {
	find := func(text string) []Span { return FindSpans(text, hosts) }
	return i.without(text, find, "[left out: a link whose address holds a password or token]", func(k FindingKind) string {
		if k == FoundMention {
			return "someone"
		}
		return "[left out: " + string(k) + "]"
	})
}

// secretsApart finds secrets without overlaps.
func secretsApart(text string) []Span { return apart(secretSpans(text)) }

// without is a text with something instead of what was found, but for what somebody has said is fine. link stands behind the
// words of a link whose address held a secret, unless something is found in them, too; where it is empty, the address stays
// without it.
func (i Incident) without(text string, find func(string) []Span, link string, instead func(FindingKind) string) string {
	found := find(text)
	if len(found) == 0 {
		return text
	}
	var links []linkAt // found once: a text may hold as many secrets as links
	if link != "" {
		links = linksIn(text)
	}
	var b strings.Builder
	from := 0
	for _, at := range found {
		switch {
		case slices.Contains(i.Cleared, findingID(text[at.From:at.To])):
			continue
		case at.From < from: // it began in a link that is gone
			from = max(from, at.To)
			continue
		}
		if start, end, words, ok := linkAround(text, links, at); ok && at.Kind.Secret() && start >= from {
			if len(find(words)) > 0 {
				words = ""
			}
			b.WriteString(text[from:start] + strings.TrimPrefix(words+" "+link, " "))
			from = end
			continue
		}
		b.WriteString(text[from:at.From] + instead(at.Kind))
		from = at.To
	}
	return b.String() + text[from:]
}

// review has the lead look at what is about to be published.
func (d *decision) review() {
	if d.Incident.Channel.ID != "" {
		d.want(KindReview, "")
	}
}

// clear records that somebody has said that findings are fine.
func (d *decision) clear(c ClearFindings) error {
	d.Incident.Cleared = slices.Clone(d.before.Cleared)
	for _, id := range c.IDs {
		if !slices.Contains(d.Incident.Cleared, id) && len(id) == 12 && strings.Trim(id, "0123456789abcdef") == "" {
			d.Incident.Cleared = append(d.Incident.Cleared, id)
		}
	}
	d.Result.Unchanged = len(d.Incident.Cleared) == len(d.before.Cleared)
	if d.Result.Unchanged {
		return nil
	}
	for _, a := range d.Incident.Actions {
		if a.WantsCard && d.before.Masked(a.Text) != d.Incident.Masked(a.Text) {
			d.want(KindCard, strconv.Itoa(a.Number))
		}
	}
	d.show(false, true)
	return nil
}

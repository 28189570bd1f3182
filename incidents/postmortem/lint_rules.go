package postmortem

import "slices"

// LintRule is one thing that Lint looks for.
type LintRule struct {
	ID    string   `json:"id"`
	Level Severity `json:"level"`
	About string   `json:"about"` // what it finds and why that matters, for people
}

// lintRules are sorted by what they are about.
var lintRules = []LintRule{
	{"unreadable", SeverityError, "The file is empty or no text in UTF-8: no build can read it."},
	{"file-name", SeverityError, "The name is not YYYY-MM-DD-words.md: Jekyll does not take the file for a post."},
	{"front-matter", SeverityError, "The front matter is missing, not closed, or no YAML (a title with a colon needs quotes): the post goes missing, often without a message."},
	{"front-matter-key", SeverityWarning, "layout or title is missing or empty: the page comes out bare, or named after its file."},
	{"date-mismatch", SeverityWarning, "The date in the front matter is not that of the file name: the front matter's wins, and the address of the post changes."},
	{"date-future", SeverityWarning, "The post is dated ahead: a production build leaves it out until then."},
	{"same-url", SeverityError, "Another post has the same date and name: one overwrites the other, and the build says nothing."},
	{"liquid", SeverityError, "{{ or {% outside raw: Liquid swallows the text, even in code, or fails the build of the whole site."},
	{"fence", SeverityError, "A code block is opened and never closed: the rest of the post becomes code, or the code becomes text."},
	{"raw-html", SeverityWarning, "A raw HTML tag outside code: it becomes part of the page, and text such as Array<String> loses a word."},
	{"setext", SeverityWarning, "A line of dashes or equals signs below a line of text makes a heading of it."},
	{"heading-in-list", SeverityWarning, "A heading right behind a list item becomes part of the item."},
	{"heading-jump", SeverityWarning, "A heading is more than one level below the one before."},
	{"stray-table", SeverityWarning, "A | outside code makes a table of the line."},
	{"tab", SeverityWarning, "A tab counts for one to four spaces, depending on who reads it: lists and code move."},
	{"excerpt", SeverityNote, "The post begins with a heading, which is what lists and previews then show of it."},
	{"template-comment", SeverityWarning, "A comment of the template was left in."},
	{"section-empty", SeverityWarning, "A section has a heading and nothing below it, or still the words of the template."},
	{"detection-missing", SeverityWarning, "The post has sections, but none says how the incident was noticed."},
	{"alert-missing", SeverityWarning, "An alert is in the timeline and none under Detection."},
	{"alert-unnamed", SeverityNote, "Detection names no alert and no monitoring, and nothing says that there was none."},
	{"action-link", SeverityWarning, "An open action item has neither a link nor an owner: nobody can follow it up."},
	{"action-owner", SeverityWarning, "Other action items have an owner, and this one has none."},
	{"zone-missing", SeverityWarning, "Times are given, and no word says in which zone."},
	{"zone-mixed", SeverityWarning, "The times of one post are in more than one zone, or look like it."},
	{"zone-impossible", SeverityWarning, "The zone's name does not fit the date: CEST in November."},
	{"time-impossible", SeverityWarning, "There is no such time or day: 25:10, 13:06 PM, 31/04."},
	{"time-order", SeverityWarning, "An entry of the timeline is earlier than the one before."},
	{"time-outside", SeverityWarning, "A time is not within the incident: far from the other entries, after the post was published, or not between the timeline's first and last entry."},
	{"duration", SeverityWarning, "A published duration is not what the timeline says."},
	{"vague-date", SeverityWarning, "Words such as yesterday, recently, a few days: who reads it in a year has to guess."},
	{"first-person", SeverityWarning, "I, me, my: a post-mortem speaks for the team."},
	{"mention", SeverityWarning, "A mention such as @name: it names a person, and may call one."},
	{"name", SeverityWarning, "The name of a person: post-mortems blame nobody, and praise teams."},
	{"secret", SeverityError, "What looks like a password, a token or a private key."},
	{"e-mail", SeverityWarning, "An e-mail address in the text of the post."},
	{"ip-address", SeverityWarning, "An IP address."},
	{"internal-host", SeverityWarning, "The name of a host that only exists inside."},
	{"bare-url", SeverityWarning, "An address without brackets or a link around it: the page does not link it."},
	{"link-target", SeverityWarning, "A link that leads nowhere: empty, relative to nothing, http:// alone, with a space or another scheme."},
	{"link-inside", SeverityWarning, "A link that only works inside: localhost, an internal host, a Slack archive."},
	{"link-broken", SeverityWarning, "The brackets of a link do not match, so it is shown as text."},
	{"link-post", SeverityWarning, "A link to a post of this site that is not there."},
}

// LintRules lists what Lint looks for.
func LintRules() []LintRule { return slices.Clone(lintRules) }

func levelOf(rule string) Severity {
	for _, r := range lintRules {
		if r.ID == rule {
			return r.Level
		}
	}
	return SeverityNote
}

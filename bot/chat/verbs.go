package chat

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"watchbell/incidents"
)

// verb is one row of the table from which parser, help and tests come.
type verb struct {
	name     string
	synonyms []string
	// usage is what follows the verb, help what it does in one sentence, example a line to learn from.
	usage, help, example string
	// about says that the verb concerns an incident.
	about bool
	run   func(*turn) (Reply, error)
}

// verbs is the table. Its order is that of the help.
func verbs() []verb {
	return []verb{
		{"declare", []string{"new", "create", "open", "start"}, "[--private] [here] [title]", "Declare an incident. Without a title a form opens; with here this channel becomes its channel.", "declare checkout is down", false, runDeclare},
		{"backfill", []string{"past"}, "<title>", "Record an incident that is already over. It announces nothing.", "backfill Staging was unavailable", false, runBackfill},
		{"log", []string{"note", "add", "entry"}, "[time] text", "Add an entry to the timeline, now or at a time.", "log 14:05 restarted the queue", true, runLog},
		{"timeline", []string{"entries", "history"}, "[internal|all|mine|@who|words] [page N]", "Show the timeline with the numbers of its entries; `all` shows what was taken out as well.", "timeline mine", true, runTimeline},
		{"edit", []string{"rewrite", "correct"}, "<number> [time] [text]", "Write an entry anew: its time, its words or both. Without either a form opens.", "edit 7 14:05 restarted the queue", true, runEdit},
		{"move", nil, "<number> <up|down>", "Move an entry within its minute.", "move 7 up", true, runMove},
		{"delete", []string{"remove", "rm"}, "<number>", "Take an entry out of timeline and post.", "delete 7", true, runDelete},
		{"restore", []string{"versions"}, "<number> [version]", "Bring an entry back that was taken out, or show all its versions.", "restore 7", true, runRestore},
		{"internal", []string{"hide"}, "<number>", "Keep an entry out of the post.", "internal 7", true, runInternal},
		{"public", []string{"unhide"}, "<number>", "Let an internal entry into the post.", "public 7", true, runPublic},
		{"alt", nil, "<number> [what it shows]", "Say what an entry's image shows, for people who cannot see it. `alt 7.2` is its second image.", "alt 7 Errors rise from 14:02 on", true, runAlt},
		{"undo", nil, "", "Take back your last change to the timeline; again, the one before.", "undo", true, runUndo},
		{"take", nil, "<number>", "Take over the edit of a message whose entry was rewritten.", "take 7", true, runTake},
		{"keep", nil, "<number>", "Keep an entry as it was rewritten, whatever its message says now.", "keep 7", true, runKeep},
		{"status", nil, "<investigating|identified|monitoring> [sentence]", "Say where the incident stands.", "status identified a full disk on the primary", true, runStatus},
		{"mitigated", []string{"mitigate"}, "[time]", "Say that users are well again; the team keeps watching.", "mitigated -5m", true, runMitigated},
		{"severity", []string{"sev"}, "<degradation|severe|downtime> [why]", "Say how bad it is for users.", "severity downtime", true, runSeverity},
		{"lead", []string{"handover"}, "[@who]", "Take command, or hand it to someone.", "lead @ana", true, runLead},
		{"roles", nil, "", "Say who does what, what for, and who did before.", "roles", true, runRoles},
		{"accept", []string{"have"}, "", "Take the role that you were given.", "accept", true, runAccept},
		{"decline", []string{"cannot"}, "", "Give back the role that you were given.", "decline", true, runDecline},
		{"role", nil, "<lead|ops|communications> <@who …|me|join|leave>", "Give a role to someone, Ops to several people as well; with `join` help with it too, with `leave` be off it.", "role communications @ben", true, runRole},
		{"action", []string{"todo", "task", "followup"}, "text [@owner] [by DATE] [link URL] [--card] | done N | owner N @who", "Add an action item; it becomes a Trello card. `action done 2` says that one is done, `action reopen 2` that it is not, `action owner 2 @ana` who has it.", "action rotate the keys @ana by friday", true, runAction},
		{"actions", []string{"todos", "tasks"}, "", "Show the action items and their cards.", "actions", true, runActions},
		{"update", []string{"tell"}, "[text]", "Tell the stakeholders how things stand.", "update Paying fails; we are rolling back.", true, runUpdate},
		{"ask", nil, "", "Ask for an update; whoever owes it is told, once.", "ask #42", true, runAsk},
		{"follow", []string{"watch", "subscribe"}, "", "Hear of updates, and of where it stands, by direct message, without coming in.", "follow #42", true, runFollow},
		{"unfollow", []string{"unwatch", "unsubscribe"}, "", "Hear no more of it by direct message.", "unfollow #42", true, runUnfollow},
		{"next", nil, "", "Say what the protocol asks for next, and who owes it.", "next", true, runNext},
		{"done", nil, "[step]", "Say that the next step of the protocol, or another one, is done.", "done", true, runDone},
		{"skip", nil, "[step] reason", "Leave a step out, and say why.", "skip nobody uses it at night", true, runSkip},
		{"snooze", []string{"later"}, "[step] <15m|1h|off>", "Be asked for the next step later.", "snooze 30m", true, runSnooze},
		{"resolve", []string{"resolved", "solved"}, "[time]", "Say that it is over. The post-mortem's pull request opens as a draft.", "resolve", true, runResolve},
		{"calloff", []string{"cancel", "call-off"}, "[reason]", "End it because it was none.", "calloff false alarm", true, runCallOff},
		{"relate", []string{"link"}, "<#number>", "Link another incident; both cards say so.", "relate #41", false, runRelate},
		{"duplicate", []string{"dup", "merge"}, "<#number>", "Say that this incident is the same as another one: it is called off, and its entries are copied there.", "duplicate #41", false, runDuplicate},
		{"reopen", nil, "", "Take it up again.", "reopen", true, runReopen},
		{"close", nil, "", "Finish it: nothing more is to be recorded. What is still open is asked about.", "close", true, runClose},
		{"draft", []string{"write"}, "[section [Markdown]]", "Write a section of the post; alone, the list of sections and a form of all.", "draft impact Nobody could pay for 34 minutes.", true, runDraft},
		{"preview", nil, "", "Show the post as it would be written now.", "preview", true, runPreview},
		{"numbers", []string{"times", "metrics"}, "[detect|declare|mitigate|resolve|impact]", "Show how long it took, or put one of the numbers into the post.", "numbers impact", true, runNumbers},
		{"discuss", nil, "<section>", "Give a section of the post a message in the channel; answers in its thread become suggestions.", "discuss impact", true, runDiscuss},
		{"suggestion", nil, "<what the button says>", "Take or leave a suggestion for a section; its buttons say so for you.", "suggestion 1700000000.000100 take", true, runSuggestion},
		{"remark", nil, "<what the button says>", "Answer a comment on the pull request; its buttons say so for you.", "remark r17 done", true, runRemark},
		{"postmortem", []string{"post-mortem", "pm"}, "[reopen|leave]", "Open the post-mortem's pull request or bring it up to date, and show what is missing; reopen it when it was closed.", "postmortem", true, runPostmortem},
		{"lint", []string{"reviewer"}, "", "Show what a reviewer would say about the post.", "lint", true, runLint},
		{"check", []string{"redact", "redaction"}, "", "Show what in the post should perhaps stay inside: people, addresses, passwords and tokens.", "check", true, runCheck},
		{"fine", nil, "<what the button says>", "Say that something the check found may be published; its button says so for you.", "fine 0123456789ab", true, runFine},
		{"show", []string{"state"}, "", "Show an incident.", "show #42", true, runShow},
		{"list", []string{"ls"}, "[all|drills]", "List the open incidents, all of them, or the drills.", "list", false, runList},
		{"stats", []string{"statistics"}, "[period]", "Count the incidents of a period, and how long they took to detect, declare, mitigate, resolve and publish.", "stats last quarter", false, runStats},
		{"find", []string{"search", "seen"}, "[drills] words", "Look for earlier incidents and published posts.", "find certificate expired", false, runFind},
		{"drill", []string{"practice", "practise"}, "[name]", "Practise an incident in a channel of its own: nothing real is announced or made.", "drill", false, runDrill},
		{"join", nil, "", "Come into the incident's channel.", "join #42", true, runJoin},
		{"help", []string{"?", ""}, "[verb]", "Show this, or more about one verb.", "help log", false, runHelp},
	}
}

// find looks a word up in the table.
func (d *Desk) find(word string) (*verb, bool) {
	word = strings.ToLower(word)
	for i := range d.verbs {
		if v := &d.verbs[i]; word == v.name || slices.Contains(v.synonyms, word) {
			return v, true
		}
	}
	return nil, false
}

// noVerb refuses a word that is no verb and names the nearest ones.
func (t *turn) noVerb(word string, names []string) error {
	if h, ok := trade[strings.ToLower(strings.TrimRight(word, ":!.,"))]; ok {
		return t.meant(word, h)
	}
	said := "The nearest is "
	if len(names) > 1 {
		said = "The nearest are "
	}
	for i, name := range names {
		if i > 0 {
			said += ", "
		}
		said += "`" + t.o.Command + " " + name + "`"
	}
	return incidents.Refuse(incidents.Invalid, "I do not know the verb “%s”. %s.", inline(Shorten(decoded(word), 40)), said).
		Next("`%s help` lists them all.", t.o.Command)
}

// nearest returns up to three verbs that are written much like a word, and how many of them it may be a slip for. There
// is always one.
func (t *turn) nearest(word string) (names []string, slips int) {
	type near struct {
		name     string
		distance int
	}
	var all []near
	for _, v := range t.verbs {
		if slices.Contains(forButtons, v.name) {
			continue
		}
		best := distance(strings.ToLower(word), v.name)
		for _, s := range v.synonyms {
			if s != "" {
				best = min(best, distance(strings.ToLower(word), s))
			}
		}
		all = append(all, near{v.name, best})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	for _, n := range all[:3] {
		if n.distance < 3 || n.distance < len([]rune(word))/2 || len(names) == 0 {
			names = append(names, n.name)
		}
		if n.distance < 3 && 3*n.distance <= len([]rune(word)) {
			slips++
		}
	}
	return names, slips
}

// unknown refuses a word that is no verb. Where more was typed behind it, there are buttons for what may be meant: a verb that
// is written much like it, and, in an incident's channel, a line for the timeline.
func (t *turn) unknown(word, rest string) error {
	names, slips := t.nearest(word)
	err := t.noVerb(word, names)
	refused := incidents.AsRefusal(err)
	var asked *question
	if errors.As(err, &asked) || refused == nil || rest == "" || len(t.typed) > maxInstead {
		return err
	}
	q := &question{Refusal: refused}
	for _, name := range names[:min(slips, 2)] {
		text := name + " " + rest
		q.choices = append(q.choices, choice{label: t.o.Command + " " + asTyped(text), again: again{Event: t.event, Text: text}})
	}
	here, err := t.service.InChannel(t.ctx, t.channel)
	if err != nil {
		return err
	}
	if here != 0 {
		q.choices = append(q.choices, choice{label: "Add all of it to the timeline", again: again{Event: t.event, Text: "log " + t.typed}})
	}
	if len(q.choices) == 0 {
		return refused
	}
	return q
}

// maxInstead is how many bytes of text are put into the value of a button at most. Slack has 2,000 characters for it, and
// quotes, line breaks and entities take twice their room in JSON.
const maxInstead = 800

// distance is the number of letters to add, drop, change or swap to get from one word to another.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 40 {
		s = s[:40]
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}

// firstWord splits off the first word. White space inside the rest stays as it was typed.
func firstWord(s string) (word, rest string) {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimLeftFunc(s[end:], unicode.IsSpace)
}

// incidentNumber reads "#42". One that no incident can have is refused: it names an incident all the same.
func incidentNumber(word string) (number int, is bool, err error) {
	digits, ok := strings.CutPrefix(word, "#")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n < 1 {
		return 0, true, incidents.Refuse(incidents.NotFound, "There is no incident %s.", Shorten(word, 40)).Next("`list all` shows the ones there are.")
	}
	return int(n), true, nil
}

// trailingNumber takes an incident's number off the end of a text.
func trailingNumber(s string) (number int, rest string, ok bool) {
	trimmed := strings.TrimRightFunc(s, unicode.IsSpace)
	cut := strings.LastIndexFunc(trimmed, unicode.IsSpace)
	number, ok, err := incidentNumber(trimmed[cut+1:])
	if !ok || err != nil {
		return 0, s, false
	}
	return number, strings.TrimRightFunc(trimmed[:max(cut, 0)], unicode.IsSpace), true
}

package chat

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"watchbell/incidents"
)

// text makes Markdown of something that a person typed. Nobody is named: a mention becomes the role that the person
// holds.
func (t *turn) text(typed string) string { return typedText(typed, *t.incident) }

// title makes plain text of a title that was typed: a title is no Markdown. Of what Slack made a link, such as the
// address of a shop that is down, the words stay.
func (t *turn) title(typed string) string {
	return strings.TrimFunc(decoded(NamesIn(*t.incident).bare(typed)), unicode.IsSpace)
}

func typedText(typed string, in incidents.Incident) string {
	return strings.TrimFunc(Typed(typed, NamesIn(in)), unicode.IsSpace)
}

// NamesIn says what mentions become in what is written about an incident: a role for who holds one, never a name.
func NamesIn(in incidents.Incident) Names {
	return Names{
		User: func(id string) string {
			for _, r := range in.Protocol.RoleRules() {
				if in.Has(r.Role, id) {
					if r.Role == incidents.Lead {
						return "the incident manager"
					}
					return "the " + strings.ToLower(r.Title) + " role"
				}
			}
			return ""
		},
		Channel: func(id string) string {
			if id == in.Channel.ID && in.Channel.Name != "" && !in.Private {
				return "#" + in.Channel.Name
			}
			return ""
		},
	}
}

var mention = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$`)

// person reads whom an argument names: a mention, or "me". It is empty when it names nobody.
func (t *turn) person(arg string) (string, error) {
	arg = strings.TrimSpace(arg)
	if strings.EqualFold(arg, "me") {
		return t.user, nil
	}
	if m := mention.FindStringSubmatch(arg); m != nil {
		return m[1], nil
	}
	if arg == "" {
		return "", nil
	}
	return "", incidents.Refuse(incidents.Invalid, "I cannot tell who “%s” is.", inline(Shorten(decoded(arg), 60))).
		Next("Type @ and pick the person from Slack's list, or write `me`.").In("who")
}

var (
	lastMention = regexp.MustCompile(`\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$`)
	lastLink    = regexp.MustCompile(`(?i)\s+link\s+<?(https?://[^\s|>]+)(?:\|[^>]*)?>?$`)
	lastCard    = regexp.MustCompile(`(?i)\s+(?:--|—|–)card$`)
)

// action reads "text [@owner] [by DATE] [link URL] [--card]"; what follows the text may come in any order.
func (t *turn) action(args string) (incidents.AddAction, error) {
	cmd := incidents.AddAction{}
	rest := strings.TrimRightFunc(args, unicode.IsSpace)
	for again := true; again; {
		again = false
		if m := lastMention.FindStringSubmatch(rest); m != nil && cmd.Owner == "" {
			cmd.Owner, rest, again = m[1], strings.TrimSuffix(rest, m[0]), true
		}
		if m := lastLink.FindStringSubmatch(rest); m != nil && cmd.Link == "" {
			cmd.Link, rest, again = decoded(m[1]), strings.TrimSuffix(rest, m[0]), true
		}
		if m := lastCard.FindString(rest); m != "" {
			cmd.Card, rest, again = true, strings.TrimSuffix(rest, m), true
		}
		if cmd.Due.IsZero() {
			due, before, err := cutDue(rest, t.o.Now().In(t.zone()))
			if err != nil {
				return cmd, err
			}
			if !due.IsZero() {
				cmd.Due, rest, again = due, before, true
			}
		}
	}
	cmd.Text = t.text(rest)
	return cmd, nil
}

// inline makes plain text safe inside a line of mrkdwn: it can neither ping anybody nor end the line, nor style what
// stands beside it.
func inline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = uncalled(escaped(s))
	return styled.Replace(s)
}

// styled keeps Slack from reading emphasis into text that is none.
var styled = strings.NewReplacer("*", "*"+gap, "_", "_"+gap, "~", "~"+gap, "`", "ˋ")

// fence shows text as it was typed, to be copied.
func fence(s string) string {
	return "```\n" + strings.ReplaceAll(escaped(s), "```", "ˋˋˋ") + "\n```"
}

func number(in incidents.Incident) string { return strconv.Itoa(in.Number) }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func ordinal(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n > 0 && n < len(words) {
		return words[n]
	}
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// clock shows an instant in the zone of whoever reads it; elsewhere it falls back to UTC.
// See https://docs.slack.dev/messaging/formatting-message-text.
func clock(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", at.Unix(), at.UTC().Format("2 Jan 15:04"))
}

// Lasted says a length of time in words that people use: "47 minutes", "2 days 3 hours".
func Lasted(d time.Duration) string { return lasted(d) }

// lasted is Lasted.
func lasted(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	hours, days := minutes/60, minutes/60/24
	switch {
	case minutes < 120:
		return count(minutes, "minute", "minutes")
	case days < 2:
		if minutes%60 == 0 {
			return count(hours, "hour", "hours")
		}
		return fmt.Sprintf("%s %s", count(hours, "hour", "hours"), count(minutes%60, "minute", "minutes"))
	}
	return fmt.Sprintf("%s %s", count(days, "day", "days"), count(hours%24, "hour", "hours"))
}

package chat

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watchbell/incidents"
)

func (t *turn) context() FormContext {
	return FormContext{Incident: t.number, Channel: t.channel, Thread: t.thread}
}

// set fills a field in.
func (f *Form) set(name, value string) {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			f.Fields[i].Value = value
		}
	}
}

func declareForm(c FormContext, p *incidents.Protocol, title string) Form {
	return Form{Verb: "declare", Title: "Declare an incident", Submit: "Declare", Context: c, Fields: []Field{
		{Name: "title", Label: "What is wrong?", Placeholder: "checkout is down", Kind: TextField, Value: title},
		{Name: "severity", Label: "How bad is it?", Kind: ChoiceField, Options: severityOptions(p), Optional: true},
		{Name: "summary", Label: "What do users see?", Kind: LongField, Optional: true},
		{Name: "started_at", Label: "Since when?", Hint: timeHint(), Kind: TextField, Optional: true},
		{Name: "private", Label: "Who may know?", Kind: CheckField, Optional: true,
			Options: []Option{{Value: "true", Label: "Private: announce nothing, invite by hand"}}},
	}}
}

func severityOptions(p *incidents.Protocol) []Option {
	var all []Option
	for _, s := range p.SeverityRules() {
		label := sentence(string(s.Severity))
		if s.Means != "" {
			label += ": " + s.Means
		}
		all = append(all, Option{Value: string(s.Severity), Label: Shorten(label, maxLabel)})
	}
	return all
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func logForm(c FormContext) Form {
	return Form{Verb: "log", Title: "Add to the timeline", Submit: "Add", Context: c, Fields: []Field{
		{Name: "text", Label: "What happened?", Placeholder: "We restarted the queue", Kind: LongField},
		{Name: "time", Label: "When?", Hint: timeHint(), Kind: TextField, Optional: true},
	}}
}

func statusForm(c FormContext, now incidents.Status) Form {
	f := Form{Verb: "status", Title: "Where does it stand?", Submit: "Set", Context: c, Fields: []Field{
		{Name: "status", Label: "Status", Kind: ChoiceField, Options: []Option{
			{Value: string(incidents.Investigating), Label: "Investigating: we look for the cause"},
			{Value: string(incidents.Identified), Label: "Identified: we know the cause"},
			{Value: string(incidents.Monitoring), Label: "Monitoring: users are well, we watch"},
		}},
		{Name: "text", Label: "In a sentence", Hint: "It goes into the timeline. Empty for the usual sentence.", Kind: LongField, Optional: true},
	}}
	switch now {
	case incidents.Declared:
		f.set("status", string(incidents.Investigating))
	case incidents.Investigating:
		f.set("status", string(incidents.Identified))
	case incidents.Identified, incidents.Monitoring:
		f.set("status", string(incidents.Monitoring))
	}
	return f
}

func severityForm(c FormContext, in incidents.Incident) Form {
	f := Form{Verb: "severity", Title: "How bad is it?", Submit: "Set", Context: c, Fields: []Field{
		{Name: "severity", Label: "For the people who use it", Kind: ChoiceField, Options: severityOptions(in.Protocol), Value: string(in.Severity)},
	}}
	if !in.Backfill { // when that was, nobody knows
		f.Fields = append(f.Fields, Field{Name: "reason", Label: "Why?", Hint: "It goes into the timeline.", Kind: LongField, Optional: true})
	}
	return f
}

func roleForm(c FormContext, in incidents.Incident) Form {
	f := Form{Verb: "role", Title: "Who does what?", Submit: "Set", Context: c,
		Intro: "Whoever leads holds every role that is not given to someone else."}
	f.Context.Held = map[incidents.Role][]string{}
	for _, r := range in.Protocol.RoleRules() {
		field := Field{
			Name: string(r.Role), Label: r.Title, Kind: PersonField, Optional: r.Role != incidents.Lead,
			Hint: Shorten(strings.Join(r.Duties, " "), 150), Value: strings.Join(in.Holders[r.Role], ","),
		}
		if f.Context.Held[r.Role] = in.Holders[r.Role]; r.Several {
			field.Kind = PeopleField
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

func actionForm(c FormContext) Form {
	return Form{Verb: "action", Title: "Add an action item", Submit: "Add", Context: c, Fields: []Field{
		{Name: "text", Label: "What has to be done?", Kind: LongField,
			Hint: "[Words in brackets] carry the link to the card in the post."},
		{Name: "owner", Label: "Who?", Kind: PersonField, Optional: true},
		{Name: "due", Label: "Until when?", Kind: DateField, Optional: true},
		{Name: "link", Label: "Tracked at", Hint: "A link; then no card is made.", Kind: TextField, Optional: true},
	}}
}

// Submitted answers a form. See Said for the error.
func (d *Desk) Submitted(ctx context.Context, s Submitted) (Reply, error) {
	t := d.turn(ctx, Said{Event: s.Event, User: s.User, Channel: s.Context.Channel, Thread: s.Context.Thread})
	if refused, _ := d.tooMuch(s.User); refused != nil {
		return d.unsent(s, refused), nil
	}
	t.takeAnswer(s)
	reply, err := t.submitted(s)
	if err == nil {
		return t.marked(reply), nil
	}
	if f := t.askAgain(s, err); f != nil {
		return Reply{Form: f}, nil
	}
	refused := incidents.AsRefusal(err)
	if refused == nil {
		return Reply{Message: sayBack(notRecorded(err), "You wrote:", filled(s))}, err
	}
	if refused.Code == incidents.Same {
		t.typed = t.typedAction(s)
		reply, err := t.refusal(err)
		return t.marked(reply), err
	}
	text := refused.Error()
	_, atField := s.Values[refused.Field]
	if atField {
		text = untyped(refused)
	}
	if refused.Code == incidents.Future || refused.Code == incidents.Unsure && refused.Field == "time" {
		text = refused.Text + " Check the day and the zone. To record it all the same, type it: `" + d.o.Command + " " + s.Verb + " …` asks whether you mean it."
	}
	if atField {
		return Reply{Errors: map[string]string{refused.Field: text}}, nil
	}
	return Reply{Message: sayBack(":x: "+d.spelled(text), "You wrote:", filled(s))}, nil
}

// untyped is a refusal as a form says it, without the command that one would type.
func untyped(r *incidents.Refusal) string {
	said := *r
	if hint, _, typed := strings.Cut(r.Hint, ": `"); typed {
		said.Hint = hint + "."
	}
	return said.Error()
}

// unsent keeps a form open that was sent too soon, with everything in it, where a field can say so.
func (d *Desk) unsent(s Submitted, refused *incidents.Refusal) Reply {
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		return Reply{Errors: map[string]string{name: refused.Error()}}
	}
	return Reply{Message: sayBack(":x: "+refused.Error(), "You wrote:", filled(s))}
}

// filled shows what was filled into a form, so that it can be copied.
func filled(s Submitted) string {
	var all strings.Builder
	for _, name := range []string{"title", "text", "summary", "reason", "link"} {
		if v := s.Values[name]; v != "" {
			all.WriteString(v + "\n")
		}
	}
	for _, section := range incidents.Sections {
		if v := s.Values[string(section)]; v != "" && s.Verb == "draft" {
			all.WriteString(v + "\n")
		}
	}
	return strings.TrimSpace(all.String())
}

func (t *turn) submitted(s Submitted) (Reply, error) {
	if s.Context.Incident != 0 {
		if err := t.mean(s.Context.Incident); err != nil {
			return Reply{}, err
		}
	}
	switch {
	case s.Verb == editVerb:
		return t.editSubmitted(s)
	case s.Verb == "draft":
		return t.draftSubmitted(s)
	case s.Verb == altVerb:
		return t.altSubmitted(s)
	case s.Verb == "gather":
		return t.gathered(s)
	case s.Verb == ShortcutAddToTimeline && s.Context.Message != nil && s.Context.Incident == 0:
		return t.broughtIn(s)
	}
	cmd, word, err := t.command(s)
	if err != nil {
		return Reply{}, err
	}
	if well, about := cmd.(incidents.SetStatus); about && s.Verb == "mitigated" {
		if reply, err := t.wellSince(well.At); reply.Message != nil || err != nil {
			return reply, err
		}
	}
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: t.actor(), Incident: t.number, Command: cmd,
	})
	if err != nil {
		return Reply{}, err
	}
	t.remember(cmd, result)
	return t.proposing(Reply{Message: word(result)}, result.Incident, result.Entry)
}

// command makes a command of a form, and says how to word what comes of it.
func (t *turn) command(s Submitted) (incidents.Command, func(incidents.Result) *Message, error) {
	moved := func(cmd incidents.Command) (incidents.Command, func(incidents.Result) *Message, error) {
		return cmd, func(r incidents.Result) *Message { return t.movedTo(cmd, r) }, nil
	}
	switch s.Verb {
	case "declare":
		started, _, err := t.field(s, "started_at")
		cmd := incidents.Declare{
			Title: t.form(s, "title"), Summary: t.form(s, "summary"),
			Severity: incidents.Severity(s.Values["severity"]), StartedAt: started, Private: s.Values["private"] == "true",
		}
		if err == nil && !cmd.Private {
			err = t.noSecret(cmd.Title)
		}
		if word := privateWord(cmd.Title); err == nil && !cmd.Private && word != "" {
			err = incidents.Refuse(incidents.Unsure, "“%s” in the title announces the incident all the same.", Shorten(word, 40)).
				Next("If it is private, tick that below; else write the title without it.").In("title")
		}
		if err != nil {
			return nil, nil, err
		}
		return cmd, func(r incidents.Result) *Message { // asked afterwards: of two who press at once, the second knows
			return t.isItThat(declared(r, cmd), r, t.twin(cmd, r.Incident))
		}, nil
	case "log":
		cmd, err := t.logForm(s)
		return cmd, t.changeable(t.logged), err
	case ShortcutAddToTimeline:
		if s.Context.Message == nil {
			break
		}
		cmd, err := t.captured(s)
		return cmd, t.changeable(t.added), err
	case "status":
		return moved(incidents.SetStatus{Status: incidents.Status(s.Values["status"]), Sentence: t.form(s, "text")})
	case "mitigated":
		cmd, err := t.well(s)
		if err != nil {
			return nil, nil, err
		}
		return moved(cmd)
	case "severity":
		return moved(incidents.SetSeverity{Severity: incidents.Severity(s.Values["severity"]), Reason: t.form(s, "reason")})
	case "resolve":
		at, _, err := t.field(s, "time")
		if err != nil {
			return nil, nil, err
		}
		early, err := t.beforeTheBeginning(at)
		switch {
		case err != nil:
			return nil, nil, err
		case early != nil:
			return nil, nil, early
		}
		return moved(incidents.Resolve{At: at})
	case "role":
		return t.roles(s)
	case "action":
		cmd := incidents.AddAction{Text: t.form(s, "text"), Owner: s.Values["owner"], Link: strings.TrimSpace(s.Values["link"])}
		if day := s.Values["due"]; day != "" {
			due, ok := readDay(day, t.o.Now())
			if !ok || due.IsZero() {
				return nil, nil, incidents.Refuse(incidents.Invalid, "“%s” is not a day.", day).Next("Write it as 2026-12-31.").In("due")
			}
			cmd.Due = due
		}
		if cmd.Link != "" && !strings.HasPrefix(cmd.Link, "https://") && !strings.HasPrefix(cmd.Link, "http://") {
			return nil, nil, incidents.Refuse(incidents.Invalid, "That is not a link.").Next("A link begins with https://.").In("link")
		}
		return cmd, func(r incidents.Result) *Message { return actionAdded(*t.incident, cmd, r) }, nil
	case ownerVerb:
		cmd := incidents.GiveAction{Number: s.Context.Action, Owner: s.Values["owner"], Saw: s.Context.Owner}
		return cmd, func(r incidents.Result) *Message { return t.actionGiven(cmd, r) }, nil
	case "update":
		return t.sendUpdate(s), t.toldUsers, nil
	case remarkVerb:
		cmd := incidents.AnswerRemark{Remark: s.Context.Remark, How: incidents.AnswerReply, Text: t.form(s, "text")}
		return cmd, func(incidents.Result) *Message { return nil }, nil
	case "skip":
		cmd := incidents.SkipStep{Step: s.Context.Step, Reason: t.form(s, "reason")}
		return cmd, func(r incidents.Result) *Message { return t.steppedTo(cmd, r) }, nil
	case "snooze":
		wait, err := howLate(s.Values["for"])
		cmd := incidents.PutOffStep{Step: s.Context.Step, For: wait}
		return cmd, func(r incidents.Result) *Message { return t.steppedTo(cmd, r) }, err
	}
	return nil, nil, incidents.Refuse(incidents.Invalid, "This form is not from this version.").Next("Open it again.")
}

// form reads a text that was filled in. Unlike typed commands, forms are not escaped by Slack, so it is Markdown as it
// stands, but for mentions.
func (t *turn) form(s Submitted, field string) string {
	text := roleNames(s.Values[field], *t.incident)
	return strings.TrimSpace(text)
}

var mentionInText = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^>]*)?>`)

// field reads a time that was filled in.
func (t *turn) field(s Submitted, name string) (at, until time.Time, err error) {
	text := strings.TrimSpace(s.Values[name])
	if text == "" {
		return time.Time{}, time.Time{}, nil
	}
	when, rest, err := t.time(text)
	if err == nil && (rest != "" || when.At.IsZero()) {
		err = incidents.Refuse(incidents.Invalid, "“%s” is not a time.", text).
			Next("Write %s.", TimeExamples())
	}
	if refused := incidents.AsRefusal(err); refused != nil {
		hint := strings.Replace(refused.Hint, "; if no time is meant, begin with a word.", ".", 1) // here one is meant
		here := incidents.Refuse(refused.Code, "%s", refused.Text).Next("%s", hint).In(name)
		if q := (*question)(nil); errors.As(err, &q) {
			return time.Time{}, time.Time{}, &question{Refusal: here, choices: q.choices}
		}
		return time.Time{}, time.Time{}, here
	}
	return when.At, when.Until, err
}

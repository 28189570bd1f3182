package chat_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"watchbell/bot/chat"
)

// picks answers the question of a form and sends it.
func (r *room) picks(user string, f *chat.Form, label string) chat.Reply {
	r.Helper()
	if f == nil || len(f.Fields) == 0 || f.Fields[0].Kind != chat.PickField {
		r.Fatalf("nothing is asked: %+v", f)
	}
	var labels []string
	for _, o := range f.Fields[0].Options {
		if labels = append(labels, o.Label); strings.HasPrefix(o.Label, label) {
			return r.sends(user, *f, f.Fields[0].Name, o.Value)
		}
	}
	r.Fatalf("the answers are %q", labels)
	return chat.Reply{}
}

// A form whose time is in doubt asks in place, keeps what was typed, and is answered with one press.
func TestFormAsksAboutItsTimeInPlace(t *testing.T) {
	for _, c := range []struct{ name, time, text, asks, answer, says, entry string }{
		{"ahead", "23:50", "backups failed", "still ahead", "I mean yesterday", "Logged at 16/03/2026 22:50 UTC", "22:50 backups failed"},
		{"ahead and meant", "23:50", "backups will run", "still ahead", "I do mean", "Logged at 22:50 UTC", "22:50 backups will run"},
		{"twice", "26/10/2025 02:30", "it began", "showed that time twice", "26/10/2025 01:30 UTC", "Logged at 26/10/2025 01:30 UTC", "01:30 it began"},
		{"never", "29/03/2026 02:30", "it began", "skip 02:30", "", "", ""},
		{"far", "17/03/2025 11:32", "it began", "365 days before everything else", "Yes, 17/03/2025 10:32", "Logged at 17/03/2025 10:32 UTC", "10:32 it began"},
		{"far, by mistake", "17/03/2025 11:32-11:40", "it began", "365 days before", "No, 10:32 UTC", "Logged at 10:32 UTC = 11:32 CET to 10:40", "10:32 it began"},
		{"in the text", "", "11.05 restarted it", "Did you mean the time 11:05?", "10:05 UTC", "Logged at 10:05 UTC", "10:05 restarted it"},
		{"no time in the text", "", "11.15 percent of users", "Did you mean the time 11:15?", "No, now", "Logged at 12:00 UTC", "12:00 11.15 percent of users"},
		{"a plan", "", "tomorrow 10:00 we roll it back", "still ahead", "Now, with these words", "Logged at 12:00 UTC", "12:00 tomorrow 10:00 we roll it back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			r.open("checkout is down", "C1")
			asked := r.sends("UBEN", r.opens("UBEN", "C1", "log"), "time", c.time, "text", c.text)
			if asked.Form == nil || !strings.Contains(asked.Form.Intro, c.asks) {
				t.Fatalf("it is answered by %+v", asked)
			}
			kept := map[string]string{}
			for _, f := range asked.Form.Fields {
				kept[f.Name] = f.Value
			}
			if kept["text"] != c.text || kept["time"] != c.time || len(r.timeline(1)) != 1 {
				t.Errorf("the form holds %q, the timeline %q", kept, r.timeline(1))
			}
			if c.answer == "" {
				asked = r.sends("UBEN", *asked.Form, "time", "11:30") // another time is another question, and this one is none
				r.reads(asked, "Logged at 10:30 UTC")
				return
			}
			r.reads(r.picks("UBEN", asked.Form, c.answer), c.says)
			if !slices.Contains(r.timeline(1), c.entry) || len(r.timeline(1)) != 2 {
				t.Errorf("the timeline is %q", r.timeline(1))
			}
		})
	}
}

// A time at the beginning of the form's text counts as it does behind the verb.
func TestFormTakesATimeInItsText(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	form := chat.Form{Verb: "log", Context: chat.FormContext{Incident: 1, Channel: "C1"}}
	r.reads(r.sends("UBEN", form, "text", "11:30 restarted it", "time", ""), "Logged at 10:30 UTC")
	if got := r.timeline(1)[0]; got != "10:30 restarted it" {
		t.Error(r.timeline(1))
	}
}

// The shortcut's form asks in place as well, and about a title with a secret in it before anything is declared.
func TestFormAboutAMessageAsksInPlace(t *testing.T) {
	r := newRoom(t)
	token := "xox" + "b-123456789012-abcdefghij"
	used := chat.UsedShortcut{Event: "shortcut/1", User: "UBEN", Callback: chat.ShortcutAddToTimeline, Channel: "CTEAM", TS: "1773746000.000100", Author: "UANA", Text: "we saw *it*"}
	opened, err := r.desk.Shortcut(t.Context(), used)
	if err != nil || opened.Form == nil {
		t.Fatal(opened, err)
	}
	refused := r.sends("UBEN", *opened.Form, "title", "leaked "+token)
	if !strings.Contains(refused.Errors["title"], "password or token") {
		t.Fatalf("a title with a token is answered by %+v", refused)
	}
	asked := r.sends("UBEN", *opened.Form, "title", "checkout is down", "time", "23:50")
	if names := slices.Sorted(maps.Keys(fieldsOf(asked.Form))); len(names) != 5 {
		t.Errorf("the form has the fields %q", names)
	}
	if in, err := r.service.Incident(t.Context(), 1); err == nil {
		t.Fatalf("it is declared already: %+v", in)
	}
	r.reads(r.picks("UBEN", asked.Form, "I mean yesterday"), "Incident #1 is declared", "Added to the timeline of #1 at 16/03/2026 22:50 UTC")
	if got := r.timeline(1); len(got) != 2 || got[0] != "22:50 we saw **it**" {
		t.Errorf("the timeline is %q", got)
	}
}

func fieldsOf(f *chat.Form) map[string]string {
	all := map[string]string{}
	if f != nil {
		for _, field := range f.Fields {
			all[field.Name] = field.Value
		}
	}
	return all
}

// Words for a day ahead are asked about like every time ahead, and may be a plan.
func TestWordsForADayAheadAreAsked(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UANA", "C1", "log tomorrow 10:00 we roll it back"), ":x: That time is still ahead")
	if want := "I do mean 18/03/2026 10:00 UTC | Now, with these words in the text"; labels(asked) != want {
		t.Errorf("the answers are %s", labels(asked))
	}
	r.reads(r.press("UANA", "C1", asked, "Now, with"), "Logged at 12:00 UTC")
	asked = r.reads(r.said("UANA", "C1", "log next monday 09:00 the review"), ":x: ")
	r.reads(r.press("UANA", "C1", asked, "I do mean 23/03/2026 09:00 UTC"), "Logged at 23/03/2026 09:00 UTC")
	r.reads(r.said("UANA", "C1", "log tomorrow we review it"), "Logged at 12:00 UTC")
	want := []string{"12:00 We declared the incident", "12:00 tomorrow 10:00 we roll it back", "12:00 tomorrow we review it", "09:00 the review"}
	if got := r.timeline(1); !slices.Equal(got, want) {
		t.Errorf("the timeline is %q", got)
	}
}

// A title with a secret in it is asked about before everybody reads it.
func TestSecretInATitleIsAskedAbout(t *testing.T) {
	r := newRoom(t)
	token := "xox" + "b-123456789012-abcdefghij"
	asked := r.reads(r.said("UANA", "CTEAM", "declare somebody posted "+token+" in the forum"), ":x: ", "password or token", "You typed")
	if _, err := r.service.Incident(t.Context(), 1); err == nil {
		t.Fatal("it is declared already")
	}
	r.reads(r.press("UANA", "CTEAM", asked, "Declare it without"), "*somebody posted … in the forum*")
	r.reads(r.press("UANA", "CTEAM", r.said("UANA", "CTEAM", "declare "+token+" is out"), "Declare it as it is"), token)
	r.reads(r.said("UANA", "CTEAM", "declare --private "+token+" is out"), "Incident #3 is declared")
}

// Every deed is within reach, however many there are.
func TestEveryDeedOfAnEntryIsWithinReach(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for _, text := range []string{"log 11:00 one", "log 11:00 two", "log 11:00 three", "edit 3 it was two", "internal 3", "public 3"} {
		r.said("UANA", "C1", text)
	}
	list := r.reads(r.said("UANA", "C1", "timeline"), "it was two")
	var menu *chat.Menu
	for _, b := range list.Message.Blocks {
		if b.Menu != nil && strings.HasPrefix(b.Menu.Action, "entry:3") {
			menu = b.Menu
		}
	}
	if menu == nil || len(menu.Options) != 5 || menu.Options[4].Label != "More …" {
		t.Fatalf("the menu is %+v", menu)
	}
	more, err := r.desk.Pressed(t.Context(), chat.Pressed{
		Event: "press/menu", User: "UANA", Channel: "C1", Action: menu.Action, Value: menu.Options[4].Value, CanOpenForm: true, Ephemeral: true,
	})
	if err != nil || labels(more) != "Edit | Move up | Move down | Make internal | Delete | History" {
		t.Fatalf("more are %s, %v", labels(more), err)
	}
	r.reads(r.press("UANA", "C1", more, "History"), "History of entry 3", "written", "edited", "made internal")
	r.reads(r.press("UANA", "C1", more, "Move down"), "Entry 3 is now the third of 4")
	r.reads(r.press("UANA", "C1", more, "Delete"), "Entry 3 is out of the timeline")
}

// What help and hints show as times are times, nothing more and nothing less.
func TestExamplesOfTimesAreTimes(t *testing.T) {
	r := newRoom(t)
	help := r.said("UANA", "CTEAM", "help").Message.Text
	_, times, _ := strings.Cut(help, "Times: ")
	examples := strings.Split(strings.Trim(strings.TrimSpace(times), "`."), "` `")
	if len(examples) < 8 {
		t.Fatalf("the examples are %q", examples)
	}
	opened, err := r.desk.Shortcut(t.Context(), chat.UsedShortcut{Event: "shortcut/1", User: "UANA", Callback: chat.ShortcutDeclare, Channel: "CTEAM"})
	if err != nil {
		t.Fatal(err)
	}
	var hint string
	for _, f := range opened.Form.Fields {
		if f.Name == "started_at" {
			hint = f.Hint
		}
	}
	for _, example := range examples {
		_, rest, found, err := chat.ReadTime(example+" the disk is full", chat.TimeContext{Now: r.now})
		if !found || err != nil || rest != "the disk is full" {
			t.Errorf("%q: found %v, rest %q, %v", example, found, rest, err)
		}
	}
	if !strings.Contains(hint, strings.Join(examples[:5], ", ")) || len(hint) > 150 {
		t.Errorf("the hint is %q", hint)
	}
}

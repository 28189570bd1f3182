package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// opens types a verb that opens a form.
func (r *room) opens(user, channel, text string) chat.Form {
	r.Helper()
	r.events++
	reply, err := r.desk.Said(r.Context(), chat.Said{Event: fmt.Sprint("command/", r.events), User: user, Channel: channel, Text: text, CanOpenForm: true})
	if err != nil || reply.Form == nil {
		r.Fatalf("%s opens no form: %v %+v", text, err, reply.Message)
	}
	return *reply.Form
}

// sends fills a form in and sends it.
func (r *room) sends(user string, f chat.Form, pairs ...string) chat.Reply {
	r.Helper()
	values := map[string]string{}
	for _, field := range f.Fields {
		values[field.Name] = field.Value
	}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	r.events++
	reply, err := r.desk.Submitted(r.Context(), chat.Submitted{Event: fmt.Sprint("form/", r.events), User: user, Verb: f.Verb, Context: f.Context, Values: values})
	if err != nil {
		r.Fatal(err)
	}
	return reply
}

func value(f chat.Form, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return "(no such field)"
}

// written is an incident that began at 11:30, was declared at 12:00, mitigated at 12:20 and resolved at 12:40.
func written(t *testing.T) *room {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "log 11:30 the error rate rose")
	r.said("UANA", "C1", "log the key is ghp_0123456789abcdefghijklmnopqrstuvwxyzAB")
	r.now = r.now.Add(10 * time.Minute)
	r.said("UANA", "C1", "log <@UANA> restarted the queue")
	r.said("UANA", "C1", "status identified the disk was full")
	r.now = r.now.Add(10 * time.Minute)
	r.said("UANA", "C1", "mitigated")
	r.now = r.now.Add(20 * time.Minute)
	r.said("UANA", "C1", "resolve")
	return r
}

func TestEditorProposesWhatTheTimelineSays(t *testing.T) {
	r := written(t)
	for section, parts := range map[string][]string{
		"impact":      {"Users were affected on 17 March 2026, from 11:30 to 12:20 UTC (50 minutes)."},
		"detection":   {"11:30 UTC: the error rate rose"},
		"resolution":  {"- 12:10 UTC: the incident manager restarted the queue", "- 12:20 UTC:", "- 12:40 UTC:"},
		"root_causes": {"the disk was full"},
		"lead":        {"On 17 March 2026, from 11:30 to 12:20 UTC (50 minutes): checkout is down."},
	} {
		f := r.opens("UANA", "C1", "draft "+section)
		if !strings.Contains(f.Intro, "A proposal") {
			t.Errorf("%s: it is not said that this is a proposal: %s", section, f.Intro)
		}
		for _, part := range parts {
			if got := value(f, section); !strings.Contains(got, part) || strings.Contains(got, "ghp_") || strings.Contains(got, "UANA") {
				t.Errorf("%s: no %q, or something that stays inside, in\n%s", section, part, got)
			}
		}
	}
	// What is written is shown instead, and by whom.
	r.reads(r.sends("UANA", r.opens("UANA", "C1", "draft impact")), "Written into the post")
	f := r.opens("UBEN", "C1", "draft impact")
	if strings.Contains(f.Intro, "proposal") || !strings.Contains(f.Intro, "drafted by <@UANA>") || !strings.Contains(value(f, "impact"), "50 minutes") {
		t.Errorf("%s\n%s", f.Intro, value(f, "impact"))
	}
}

func TestTwoEditorsOfOneSection(t *testing.T) {
	r := written(t)
	r.said("UEVE", "C1", "draft trigger a release")
	ana, ben := r.opens("UANA", "C1", "draft impact"), r.opens("UBEN", "C1", "draft")
	r.reads(r.sends("UANA", ana, "impact", "Ana's words"), "Written into")
	// Ben has the form of all sections: nothing of it is taken, he sees both texts, and what he wrote stays.
	reply := r.sends("UBEN", ben, "impact", "Ben's words", "lessons", "Ben's lesson")
	if reply.Form == nil || value(*reply.Form, "impact") != "Ben's words" || value(*reply.Form, "lessons") != "Ben's lesson" ||
		!strings.Contains(reply.Form.Intro, "Ana's words") || !strings.Contains(reply.Form.Intro, "<@UANA>") || strings.Contains(reply.Form.Intro, "a release") {
		t.Fatalf("%+v", reply)
	}
	r.said("UEVE", "C1", "draft trigger a release at noon") // a field that Ben has not touched is no conflict
	r.reads(r.sends("UBEN", *reply.Form), "Written into")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.Sections["impact"] != "Ben's words" || in.Sections["lessons"] != "Ben's lesson" || in.Sections["trigger"] != "a release at noon" {
		t.Errorf("%v %q", err, in.Sections)
	}
	// By text, somebody else's words of a moment ago are asked about.
	asked := r.reads(r.said("UANA", "C1", "draft impact Ana again"), ":x:", "Ben's words", "Ana again")
	r.reads(r.press("UANA", "C1", asked, "Replace it with mine"), "Written into")
	r.now = r.now.Add(time.Hour)
	r.reads(r.said("UBEN", "C1", "draft impact an hour later"), "Written into")
}

func TestNumbersGoIntoTheirSections(t *testing.T) {
	r := written(t)
	numbers := r.reads(r.said("UANA", "C1", "numbers"), "To declare: 30 minutes", "To mitigate: 50 minutes", "To resolve: 70 minutes", "Impact: 50 minutes")
	r.reads(r.press("UANA", "C1", numbers, "Into Impact"), "Written into")
	r.reads(r.said("UBEN", "C1", "numbers impact"), "says so already")
	r.reads(r.said("UBEN", "C1", "numbers resolve"), "Written into")
	r.reads(r.said("UBEN", "C1", "numbers mitigate"), "Written into")
	r.reads(r.said("UBEN", "C1", "numbers detect"), ":x:", "does not tell")
	r.reads(r.said("UBEN", "C1", "numbers cats"), ":x:", "not one of the numbers")
	in, err := r.service.Incident(t.Context(), 1)
	if want := "It was resolved 70 minutes after it began, at 12:40 UTC.\n\nUsers were well again 50 minutes after it began, at 12:20 UTC."; err != nil || in.Sections["resolution"] != want {
		t.Errorf("%v %q", err, in.Sections["resolution"])
	}
}

// posted gives the open deliveries of a kind a place in the channel, as the relay would.
func (r *room) posted(at map[incidents.Kind]string) {
	r.Helper()
	r.now = r.now.Add(time.Minute)
	for {
		leased, _, err := r.service.Lease(r.Context(), 100)
		if err != nil || len(leased) == 0 {
			return
		}
		for _, d := range leased {
			if err := r.service.Settle(r.Context(), d, incidents.DeliveredAs(incidents.Receipt{ID: at[d.Kind]})); err != nil {
				r.Fatal(err)
			}
		}
	}
}

func TestAnswersBecomeSuggestions(t *testing.T) {
	r := written(t)
	r.reads(r.said("UANA", "C1", "draft impact Nobody could pay."), "Written into")
	r.reads(r.said("UANA", "C1", "discuss impact"), "Impact", "in a moment")
	places := map[incidents.Kind]string{incidents.KindSections: "C1/100.1", incidents.KindSection: "C1/200.1"}
	r.reads(r.said("UANA", "C1", "draft"), "The post of #1", "Impact* · drafted by <@UANA>", "Trigger* · empty")
	r.posted(places)
	answer := func(thread, ts, text string) {
		t.Helper()
		if err := r.desk.Replied(context.Background(), chat.Replied{Event: "event/" + ts, User: "UBEN", Channel: "C1", Thread: thread, TS: ts, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	answer("200.1", "201.1", "For *34* minutes, says <@UANA>.")
	answer("200.1", "201.1", "For *34* minutes, says <@UANA>.") // once more
	answer("100.1", "101.1", "Trigger: the disk was full")
	answer("100.1", "102.1", "I think this is fine")
	answer("300.1", "301.1", "Impact: somewhere else")
	answer("200.1", "202.1", "left alone")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || len(in.Suggestions) != 3 {
		t.Fatalf("%v %+v", err, in.Suggestions)
	}
	shown := func(id string) chat.Message {
		t.Helper()
		d, err := r.service.Delivery(t.Context(), "inc-1/suggestion-"+id)
		if err != nil {
			t.Fatal(err)
		}
		what, err := d.Suggested()
		snap, err2 := r.service.Snapshot(t.Context(), 1)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		return chat.Suggestion(snap, id, what)
	}
	ask := shown("201.1")
	preview := r.press("UANA", "C1", chat.Reply{Message: &ask}, "Take it")
	r.reads(preview, "*Impact* would then read:\nNobody could pay.\n\nFor *34* minutes, says the incident manager.")
	r.now = r.now.Add(time.Hour)
	r.said("UBEN", "C1", "draft impact Nobody could pay anything.")
	r.reads(r.press("UANA", "C1", preview, "Take it so"), ":x:", "written anew meanwhile", "Take it")
	r.now = r.now.Add(time.Hour)
	r.said("UBEN", "C1", "draft impact Nobody could pay.")
	preview = r.press("UANA", "C1", chat.Reply{Message: &ask}, "Take it")
	r.reads(r.press("UANA", "C1", preview, "Take it so"), "Taken into *Impact*")
	r.reads(r.press("UEVE", "C1", chat.Reply{Message: &ask}, "Leave it"), ":x:", "answered already")
	ask = shown("202.1")
	r.press("UEVE", "C1", chat.Reply{Message: &ask}, "Leave it")
	ask = shown("101.1")
	r.press("UEVE", "C1", chat.Reply{Message: &ask}, "Take it")
	if in, err = r.service.Incident(t.Context(), 1); err != nil || in.Sections["impact"] != "Nobody could pay.\n\nFor **34** minutes, says the incident manager." || in.Sections["trigger"] != "the disk was full" {
		t.Errorf("%v %q", err, in.Sections)
	}
	r.reads(chat.Reply{Message: ptr(shown("201.1"))}, "Taken into *Impact* by <@UANA>")
	// What names words replaces them, and says so beforehand.
	answer("200.1", "203.1", "“Nobody could pay” → “Nobody could pay &amp; ship”")
	answer("200.1", "204.1", "&gt; Nobody could pay\nNo shop could sell")
	ask = shown("203.1")
	r.reads(chat.Reply{Message: &ask}, "“Nobody could pay” → “Nobody could pay &amp; ship”")
	r.reads(r.press("UEVE", "C1", chat.Reply{Message: &ask}, "Take it"), "Taken into *Impact*")
	if in, err = r.service.Incident(t.Context(), 1); err != nil || in.Sections["impact"] != "Nobody could pay & ship.\n\nFor **34** minutes, says the incident manager." {
		t.Errorf("%v %q", err, in.Sections)
	}
	r.now = r.now.Add(time.Hour)
	r.said("UBEN", "C1", "draft impact Nothing of it.")
	ask = shown("204.1")
	r.reads(r.press("UEVE", "C1", chat.Reply{Message: &ask}, "Take it"), ":x:", "not in the section as they were quoted")
	r.reads(chat.Reply{Message: ptr(shown("202.1"))}, "Left out of *Impact*")
}

func ptr[T any](v T) *T { return &v }

func TestCommentsAreAnswered(t *testing.T) {
	r := written(t)
	for _, s := range []struct {
		remark incidents.Remark
		labels string
	}{
		{incidents.Remark{ID: "r7", By: "ana", Text: "Shorter", OnLine: true, Suggests: true}, "Apply it|Done|Reply|Resolve"},
		{incidents.Remark{ID: "c8", By: "ana", Text: "Nice"}, "Done|Reply"},
	} {
		snap, err := r.service.Snapshot(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		m := chat.Remarked(snap, s.remark)
		var labels []string
		for _, b := range m.Blocks[len(m.Blocks)-1].Buttons {
			labels = append(labels, b.Label)
		}
		if got := strings.Join(labels, "|"); got != s.labels {
			t.Errorf("%s has the buttons %s", s.remark.ID, got)
		}
		snap.Answered = []incidents.Answered{{Remark: s.remark.ID, How: incidents.AnswerDone, By: "UBEN"}}
		if m = chat.Remarked(snap, s.remark); !strings.Contains(m.Text, "Said to be done by <@UBEN>") || len(m.Blocks[len(m.Blocks)-1].Buttons) > 0 {
			t.Errorf("%+v", m)
		}
	}
	r.reads(r.said("UANA", "C1", "remark r7 done"), ":x:", "no such comment")
	r.reads(r.said("UANA", "C1", "remark r7 dance"), ":x:", "can be applied, done, resolved")
}

// What GitHub does not take for good is not said to be answered.
func TestAnswerThatGitHubRefuses(t *testing.T) {
	r := written(t)
	outcome := func(d incidents.Delivery) incidents.Outcome {
		o := incidents.DeliveredAs(incidents.Receipt{ID: "C1/1.1"})
		switch d.Kind {
		case incidents.KindPost:
			o.PullRequest = incidents.PullRequest{Number: 3, URL: "https://git.example/3", Path: "_posts/a.md"}
		case incidents.KindPull:
			o.PullRequest = incidents.PullRequest{Number: 3, URL: "https://git.example/3"}
			o.Remarks = []incidents.Remark{{ID: "r7", By: "ana", Text: "Shorter", OnLine: true, Suggests: true}}
		case incidents.KindReply:
			return incidents.Failing(incidents.Impossible, "The file has changed since.", nil)
		}
		return o
	}
	settle := func() {
		t.Helper()
		for range 5 {
			r.now = r.now.Add(time.Minute)
			leased, _, err := r.service.Lease(t.Context(), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range leased {
				if err := r.service.Settle(t.Context(), d, outcome(d)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	settle()
	if err := r.service.LookAtPulls(t.Context()); err != nil {
		t.Fatal(err)
	}
	settle()
	r.said("UANA", "C1", "remark r7 apply")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || len(in.Answers("r7")) != 1 {
		t.Fatalf("%v %+v", err, in.Answered)
	}
	settle()
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil || len(snap.Answers("r7")) != 0 {
		t.Fatalf("%v %+v", err, snap.Answered)
	}
	if card := chat.Summary(snap).Text + fmt.Sprint(chat.Summary(snap).Blocks); !strings.Contains(card, "The file has changed since.") {
		t.Errorf("the card does not say so: %s", card)
	}
	r.said("UANA", "C1", "remark r7 done") // it can be answered otherwise
	if in, err = r.service.Incident(t.Context(), 1); err != nil || len(in.Answers("r7")) != 1 {
		t.Errorf("%v %+v", err, in.Answered)
	}
}

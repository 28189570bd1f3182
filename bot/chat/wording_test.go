package chat_test

import (
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

func TestColonsBehindWordsDoNotMatter(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UANA", "C1", "status identified: a full disk"), "*identified*")
	r.reads(r.said("UANA", "C1", "log: restarted it"), "Logged at")
	if got := strings.Join(r.timeline(1), "|"); got != "12:00 We declared the incident|12:00 a full disk|12:00 restarted it" {
		t.Error(got)
	}
	for text, want := range map[string]incidents.Section{
		"draft Impact: one":              incidents.SectionImpact,
		"draft root causes: one":         incidents.SectionRootCauses,
		"draft Root causes\none":         incidents.SectionRootCauses,
		"draft went-well: one":           incidents.SectionWentWell,
		"draft What went wrong? one":     incidents.SectionWentWrong,
		"draft Where we got lucky: one":  incidents.SectionGotLucky,
		"draft In a nutshell: one":       incidents.SectionLead,
		"draft lessons learned: one":     incidents.SectionLessons,
		"draft trigger one":              incidents.SectionTrigger,
		"draft Detection:\n\none":        incidents.SectionDetection,
		"draft resolution: root causes:": incidents.SectionResolution,
	} {
		r.reads(r.said("UANA", "C1", text), "ritten")
		in, err := r.service.Incident(t.Context(), 1)
		if err != nil || in.Sections[want] != "one" && in.Sections[want] != "root causes:" {
			t.Errorf("%s: %q, %v", text, in.Sections, err)
		}
		r.said("UANA", "C1", "draft "+string(want)+" -")
	}
}

func TestWordsOfTheTradeAreUnderstood(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for word, says := range map[string]string{
		"fixed": "`/incident resolve` says that it is over", "stop": "`/incident resolve`", "end": "`/incident resolve`", "ack": "`/incident lead me` takes command",
		"comms": "`/incident role communications @name`", "page ana": "I page nobody", "monitoring": "`/incident status monitoring`", "sev1": "`/incident severity downtime`",
		"post mortem": "`/incident postmortem`", "false alarm": "`/incident calloff`", "Fixed!": "`/incident resolve`",
	} {
		r.reads(r.said("UANA", "C1", word), ":x: I do not know the verb", says)
	}
	r.reads(r.press("UBEN", "C1", r.said("UBEN", "C1", "ack"), "/incident lead me"), "<@UBEN> has the role *Incident manager*")
	r.reads(r.press("UANA", "C1", r.said("UANA", "C1", "fixed the queue"), "/incident resolve"), "is resolved")
	r.reads(r.said("UANA", "CTEAM", "show #77"), "`/incident list all` shows the ones there are")
	r.reads(r.said("UANA", "CTEAM", "show #0"), "`/incident list all`")
	r.reads(r.said("UANA", "C1", "log"), "`/incident log 14:05 restarted the queue`")
	r.reads(r.said("UANA", "C1", "draft blame x"), "The sections are `lead`, `impact`")
	r.reads(r.said("UANA", "C1", "help draft"), "The sections are `lead`, `impact`")
}

func TestActionSaysWhatWasUnderstood(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UANA", "C1", "action rotate the keys <@UBEN> by friday"),
		"Action item 1 of #1 is noted; its Trello card follows in a moment: “rotate the keys”, for <@UBEN>, by Friday, 20 March 2026.")
	r.reads(r.said("UANA", "C1", "action fix it link <https://x.io/1>"), "is noted: “fix it”, for nobody yet, tracked at <https://x.io/1>.")
	r.reads(r.said("UANA", "CTEAM", "declare --private keys leaked"), "#2 is declared")
	r.reads(r.said("UANA", "CTEAM", "action #2 rotate them"), "“rotate them”, for nobody yet. The incident is private, so no card is made unless you ask for one.")
	r.reads(r.said("UANA", "CTEAM", "action #2 tell whose they are --card"), "its Trello card follows")
}

func TestPrivatePostIsAskedFirst(t *testing.T) {
	r := newRoom(t)
	r.reads(r.said("UANA", "CTEAM", "declare --private keys leaked"), "#1 is declared")
	asked := r.reads(r.said("UANA", "CTEAM", "postmortem #1"), ":x: Incident #1 is private", "Nothing was published yet")
	if in, err := r.service.Incident(t.Context(), 1); err != nil || in.PostWanted {
		t.Errorf("it is published: %v", err)
	}
	r.reads(r.press("UANA", "CTEAM", asked, "Open the pull request"), "on its way to a pull request")
	r.reads(r.said("UANA", "CTEAM", "postmortem #1"), "post-mortem of #1", "In a nutshell (`lead`)")
}

func TestSecondDeclarationIsPointedOut(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	told := r.reads(r.said("UBEN", "CTEAM", "declare Chekcout down!"), "#2 is declared: *Chekcout down!*", "Is it the same as #1, *checkout is down*, declared just before?")
	if want := "Yes: call off #2 | Go to #1"; labels(told) != want {
		t.Errorf("%s, want %s", labels(told), want)
	}
	r.reads(r.press("UBEN", "CTEAM", told, "Go to"), "You are invited to <#C1>")
	r.reads(r.press("UBEN", "CTEAM", told, "Yes"), "#2 is called off")
	for _, other := range []string{"search is down", "checkout is slow", "checkout eu is down", "checkout 2 is down", "--private checkout is down", "数据库"} {
		if said := r.reads(r.said("UBEN", "CTEAM", "declare "+other), "is declared"); labels(said) != "" {
			t.Errorf("%q is taken for another one: %s", other, labels(said))
		}
	}
	r.now = r.now.Add(time.Hour)
	if said := r.reads(r.said("UBEN", "CTEAM", "declare checkout is down"), "is declared"); labels(said) != "" {
		t.Errorf("an old one is pointed at: %s", labels(said))
	}
}

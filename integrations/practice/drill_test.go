package practice

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestShippedDrillsParse(t *testing.T) {
	names := Drills()
	if len(names) < 3 || names[0] != DefaultDrill {
		t.Fatalf("the drills are %q; the first one is the default", names)
	}
	for _, name := range names {
		d, err := ShippedDrill(name)
		if err != nil {
			t.Error(err)
			continue
		}
		yours, hints := 0, 0
		for _, s := range d.Steps {
			if d.yours(s) {
				yours++
			}
			if s.Do == "hint" {
				hints++
			}
		}
		if d.Title == "" || d.Story == "" || len(d.Marks) != len(protocolNames) || yours == 0 || hints < 3 {
			t.Errorf("%s: a drill that is shipped has a title, a story, a mark for each of %v, something for the person who trains to do, and 3 hints or more;\n"+
				"it has the title %q, %d bytes of story, %d marks, %d such steps and %d hints", name, protocolNames, d.Title, len(d.Story), len(d.Marks), yours, hints)
		}
	}
}

// drillText is a drill with one part replaced by the test.
func drillText(part, text string) string {
	parts := map[string]string{
		"top": "title: T\nstart: 2026-03-17 09:12\n", "cast": "ana Ana UTC you\n", "script": "ana says in #team: hello\n", "marks": "",
	}
	parts[part] = text
	return parts["top"] + "-- cast --\n" + parts["cast"] + "-- script --\n" + parts["script"] + "-- marks --\n" + parts["marks"]
}

func TestParseDrillSaysWhereAndWhat(t *testing.T) {
	for name, c := range map[string]struct{ part, text, want string }{
		"start":         {"top", "title: T\nstart: tomorrow\n", `drill d, line 2: start is "tomorrow"; write it as`},
		"no start":      {"top", "title: T\n", "has no start"},
		"heading":       {"top", "start: 2026-03-17 09:12\nspeed: 3\n", `line 2: "speed" is no heading; there are title`},
		"pace":          {"top", "start: 2026-03-17 09:12\npace: 0\n", `line 2: pace is "0"; write how many minutes`},
		"pace not":      {"top", "start: 2026-03-17 09:12\npace: NaN\n", `line 2: pace is "NaN"`},
		"examples":      {"top", "start: 2026-03-17 09:12\nexamples: maybe\n", `line 2: examples is "maybe"; write yes or no`},
		"actor":         {"cast", "\nana Ana\n", `cast: line 2: "ana Ana" is no actor`},
		"zone":          {"cast", "ana Ana Mars/Base you\n", `line 1: "Mars/Base" is no time zone`},
		"twice":         {"cast", "ana Ana UTC\nana Ana UTC\n", "line 2: ana is in the cast twice"},
		"no step":       {"script", "ana says in #team: hello\n\nana sings\n", `script: line 3: "ana sings" is no step; there are:`},
		"stranger":      {"script", "ben says in #team: hello\n", "line 1: ben is not in the cast"},
		"stranger with": {"script", "ana opens private #x with ana, ben\n", "line 1: ben is not in the cast"},
		"time":          {"script", "25:00 ana says in #team: hello\n", `line 1: "25:00" is not a time of day`},
		"fault":         {"script", "ana says in #team: hello\nfault trello POST /cards\n", `line 2: "POST /cards" is no fault; it names a call and a status`},
		"hint":          {"script", "hint ana until sunset: go home\n", `line 1: "sunset" is no step of the protocol; there are noticed,`},
		"hint for whom": {"script", "hint ben: go home\n", "line 1: ben is not in the cast"},
		"no script":     {"script", "# nothing\n", "has no script"},
		"mark":          {"marks", "# first\ndeclared soon\n", `marks: line 2: "declared soon" is no mark; write one such as`},
		"mark's length": {"marks", "declared within -5m of START\n", `line 1: "-5m" is no length of time`},
		"mark's step":   {"marks", "started within 5m of START\n", `line 1: "started" is no step of the protocol`},
		"mark of START": {"marks", "START within 5m of declared\n", `line 1: "START" is no step of the protocol`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseDrill("d", []byte(drillText(c.part, c.text)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, it should say %q", err, c.want)
			}
		})
	}
}

func TestParseDrillReads(t *testing.T) {
	d, err := ParseDrill("d", []byte(`# a comment
title: T
start: 2026-03-17 23:50
pace: 2.5
examples: yes
-- cast --
ana    Ana Maria   Europe/Berlin  you
watch  Watchtower  UTC            monitor
-- script --
23:55 watch alerts in #team: Disk full
      hint ana until declared: Declare it.
00:05 ana types in #team: /incident declare disk
      | is full
      fault slack chat.update 429 after wait 2 3 times
      fault github * cut
-- marks --
declared within 1h30m of noticed
`))
	if err != nil {
		t.Fatal(err)
	}
	if d.Pace != 2.5 || !d.Examples || d.Cast[0] != (Actor{"ana", "Ana Maria", "Europe/Berlin", RoleYou}) {
		t.Errorf("pace %v, examples %v, cast %v", d.Pace, d.Examples, d.Cast)
	}
	if at := d.Steps[2].At; !at.Equal(time.Date(2026, 3, 18, 0, 5, 0, 0, time.UTC)) || d.Steps[2].Text != "/incident declare disk\nis full" {
		t.Errorf("after midnight comes the next day: %v, %q", at, d.Steps[2].Text)
	}
	if d.Marks[0] != (Mark{StepDeclared, 90 * time.Minute, StepNoticed}) {
		t.Errorf("the mark is %v", d.Marks[0])
	}
	fault, err := readFault(d.Steps[3])
	if want := (Fault{Service: "slack", Call: "chat.update", Status: 429, After: true, RetryAfter: 2 * time.Second, Times: 3}); err != nil || fault != want {
		t.Errorf("the fault is %+v, %v", fault, err)
	}
}

func FuzzParseDrill(f *testing.F) {
	for _, name := range Drills() {
		text, err := shipped.ReadFile("drills/" + name + ".txtar")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(drillText("script", "fault slack 1 times\n"))
	f.Add(drillText("cast", "you\n"))
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDrill("fuzz", []byte(text))
		if err != nil {
			return
		}
		last := d.Start
		for _, s := range d.Steps {
			if s.At.Before(last) || s.Do == "" || s.Line == 0 {
				t.Fatalf("step %+v after %v", s, last)
			}
			last = s.At
			if s.Who != "" && d.actorNamed(s.Who) == nil {
				t.Fatalf("%q is not in the cast", s.Who)
			}
		}
	})
}

func FuzzReadPast(f *testing.F) {
	f.Add("---\ntitle: \"T\"\n---\n## Timeline (CET)\n- **2026-01-02 10:00** to **11:00** text\n  more\n* 24:59: x\n")
	f.Add("At 10:00 (CEST) it broke. At 9:99 not.\n\nAround 23:59 UTC+2 it was fixed.")
	f.Fuzz(func(t *testing.T, text string) {
		past, err := ReadPast("2026-01-02-x.md", []byte(text))
		if err != nil {
			return
		}
		d := past.Drill("x")
		for i, s := range d.Steps {
			if i > 0 && s.At.Before(d.Steps[i-1].At) {
				t.Fatalf("step %d goes back in time", i)
			}
		}
	})
}

// What contributors read about drills is what can be read.
func TestContributingTellsHowDrillsAreWritten(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "## How a drill is written\n\n```\n")
	example, after, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("there is no example")
	}
	if _, err := ParseDrill("example", []byte(example)); err != nil {
		t.Errorf("the example: %v", err)
	}
	for _, f := range forms {
		if !strings.Contains(after, "\n"+f.usage+"\n") {
			t.Errorf("a line is not told of: %s", f.usage)
		}
	}
}

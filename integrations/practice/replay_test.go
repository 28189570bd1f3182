package practice

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus is where published post-mortems lie that the project may read but does not hold.
const corpus = "../../../shared/corpus"

func corpusFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpus, "2*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("there are no posts in %s on this machine", corpus)
	}
	return files
}

// clocks counts the times of day that a post's timeline begins lines with, in the simplest way there is, to hold the
// reader against.
func clocks(text string) int {
	n, inside := 0, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			inside = strings.Contains(line, "Timeline")
		}
		words := strings.Fields(strings.NewReplacer("*", " ", "-", " ").Replace(line))
		if inside && strings.ContainsAny(line[:1], "-*") && len(words) > 0 && words[0][0] >= '0' && words[0][0] <= '9' {
			n++
		}
	}
	return n
}

func TestReplayReadsPublishedPosts(t *testing.T) {
	files := corpusFiles(t)
	t.Logf("%d posts", len(files))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			past, err := ReadPast(filepath.Base(file), text)
			if err != nil {
				t.Fatal(err)
			}
			if want := clocks(string(text)); want != len(past.Entries) && !past.FromProse {
				t.Errorf("%d entries, the timeline has %d", len(past.Entries), want)
			}
			if past.Title == "" || past.Impact == "" || strings.ContainsAny(past.Title, "\n\"") || strings.HasPrefix(past.Title, "2") {
				t.Errorf("title %q, impact %q", past.Title, past.Impact)
			}
			published, err := time.Parse(time.DateOnly, filepath.Base(file)[:10])
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range past.Entries {
				if age := published.Sub(e.At); age < -48*time.Hour || age > 30*24*time.Hour {
					t.Errorf("%s is %v before the post", e.At, age)
				}
				if e.Text == "" || strings.Contains(e.Text, "**") {
					t.Errorf("%s says %q", e.At.Format("15:04"), e.Text)
				}
			}
			for _, name := range protocolNames {
				e, ok := past.Step(name)
				t.Logf("%-10s %v %s %s", name, ok, e.At.Format("02 15:04"), shortened(e.Text, 90))
			}
			d := past.Drill("replay")
			for i, s := range d.Steps {
				if i > 0 && s.At.Before(d.Steps[i-1].At) {
					t.Errorf("step %d is at %s, the one before at %s", i, s.At, d.Steps[i-1].At)
				}
			}
		})
	}
}

func TestReplayIsADrill(t *testing.T) {
	var script strings.Builder
	d := pastDrill(t)
	script.WriteString(d.Story + "\n\n")
	for _, s := range d.Steps {
		line := strings.Join(strings.Fields(strings.Join([]string{s.At.Format("15:04"), s.Who, s.Do, s.What, s.Where + ":", s.Text}, " ")), " ")
		script.WriteString(line + "\n")
	}
	golden(t, "replay.txt", script.String())
	if d.Pace != 40.0/15 {
		t.Errorf("40 minutes pass in a quarter of an hour: the pace is %v", d.Pace)
	}
}

func TestReplayReadsTimes(t *testing.T) {
	const day = "2026-11-07"
	for name, c := range map[string]struct{ text, want string }{
		"dated":        {"## Timeline (All Time in UTC)\n- 2026-11-06 23:10: x", "06 23:10 x"},
		"day first":    {"## Timeline\n* 06/11/2026 23:10 - x", "06 23:10 x"},
		"undated":      {"## Timeline (times in UTC)\n- 09:10 x", "07 09:10 x"},
		"zone":         {"### Timeline (CEST)\n- *09:10* x", "07 07:10 x"},
		"zone inside":  {"## Timeline\n- 2026-11-06 09:10 UTC: x", "06 09:10 x"},
		"last date":    {"## Timeline\n- 2026-11-06 09:10 x\n- 09:20 y", "06 09:10 x; 06 09:20 y"},
		"midnight":     {"## Timeline\n- 23:50 x\n- 00:10 y", "07 23:50 x; 08 00:10 y"},
		"out of order": {"## Timeline\n- 09:20 y\n- 09:10 x", "07 09:10 x; 07 09:20 y"},
		"range":        {"## Timeline\n- **09:10** to **09:30** x", "07 09:10-09:30 x"},
		"range dash":   {"## Timeline\n- 09:10 - 09:30 x", "07 09:10-09:30 x"},
		"continued":    {"## Timeline\n- 09:10 x\n  - y\n\nz", "07 09:10 x y z"},
		"prose":        {"## What?\nAt **09:10** (CET) it broke. Nobody saw.\n\nIt was 09:20 when it was well.", "07 08:10 At 09:10 (CET) it broke.; 07 08:20 It was 09:20 when it was well."},
		"prose offset": {"At 09:10 (GMT+1) it broke.", "07 08:10 At 09:10 (GMT+1) it broke."},
		"day in title": {"---\ntitle: \"Down on November 5, 2026\"\n--- \n## Timeline\n- 09:10 x", "05 09:10 x"},
		"comment":      {"<!-- - 08:00 no -->\n## Timeline\n<!--\n- 08:00 no\n-->\n- 09:10 x", "07 09:10 x"},
		"no time":      {"## Timeline\n- soon", ""},
	} {
		t.Run(name, func(t *testing.T) {
			past, err := ReadPast(day+"-post-mortem.md", []byte(c.text))
			if (err != nil) != (c.want == "") {
				t.Fatal(err)
			}
			if err != nil {
				return
			}
			var got []string
			for _, e := range past.Entries {
				at := e.At.Format("02 15:04")
				if !e.Until.IsZero() {
					at += e.Until.Format("-15:04")
				}
				got = append(got, at+" "+e.Text)
			}
			if all := strings.Join(got, "; "); all != c.want {
				t.Errorf("it reads %q, not %q", all, c.want)
			}
		})
	}
}

func TestReplayGuessesStepsByWords(t *testing.T) {
	for text, want := range map[string]string{
		"We noticed a strange noise":               StepNoticed,
		"Some users informed us in the chat":       StepNoticed,
		"We informed users that it takes an hour":  StepTold,
		"We wrote on the status page":              StepTold,
		"We declared an incident":                  StepDeclared,
		"Incident announced":                       StepDeclared,
		"The on-call person declared it as over":   "",
		"We declared the incident resolved":        StepResolved,
		"Incident closed":                          StepResolved,
		"Everything is back to normal":             StepMitigated,
		"Ben took over as incident manager":        StepRoles,
		"We restarted the machine and drank a tea": "",
	} {
		p := &Past{Entries: []PastEntry{{At: time.Unix(1, 0), Text: text}}}
		var is []string
		for _, name := range protocolNames {
			if _, ok := p.Step(name); ok {
				is = append(is, name)
			}
		}
		if got := strings.Join(is, " "); got != want {
			t.Errorf("%q is taken for %q, not %q", text, got, want)
		}
	}
}

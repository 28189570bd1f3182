package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var plantedFor = flag.Duration("planted", 0, "build the bot with each of the planted bugs and give the campaign so `long` to find it")

// planted is a bug: texts of our own files and what stands in their place.
type planted struct {
	name  string
	edits [][3]string // file, text, instead
	// replicas says that it takes more than one process to do harm, and so PostgreSQL.
	replicas bool
}

// plantedBugs are what the campaign must find. They are the mistakes that others made, and that we might.
var plantedBugs = []planted{
	{name: "acknowledged before it is committed", edits: [][3]string{
		{"storage/writer.go", "\t\"sync/atomic\"\n", "\t\"sync/atomic\"\n\t\"time\"\n"},
		{"storage/writer.go", "\treturn w.commit()\n", "\tfor _, u := range w.batch {\n\t\tu.done <- u.err\n\t}\n\ttime.Sleep(10 * time.Millisecond)\n\treturn w.commit()\n"},
		{"storage/writer.go", "\t\tu.done <- err\n\t\tw.batch[i] = nil", "\t\tselect {\n\t\tcase u.done <- err:\n\t\tdefault:\n\t\t}\n\t\tw.batch[i] = nil"},
	}},
	{name: "events are not unique", edits: [][3]string{
		{"storage/events.go", "\treturn a, true, nil\n", "\treturn a, false, nil\n"},
		{"storage/events.go", "\treturn added == 0, err\n", "\treturn added < 0, err\n"},
	}},
	{name: "creates again without looking", edits: [][3]string{
		{"incidents/delivery.go", "return d.Tried > 1 && d.Receipt.ID == \"\"", "return false"},
	}},
	{name: "counts an attempt when it is over", edits: [][3]string{
		{"storage/deliveries.go", "attempt = attempt + 1, tried = tried + 1,", "attempt = attempt + 1,"},
		{"incidents/settle.go", "\td.State, d.LastError = Pending, o.Say\n", "\td.State, d.LastError = Pending, o.Say\n\td.Tried += 2\n"},
	}},
	{name: "an uncertain attempt counts as none", edits: [][3]string{
		{"incidents/settle.go", "\tif o.Verdict == Uncertain {\n", "\tif o.Verdict == Uncertain {\n\t\td.Tried = max(d.Tried-1, 0)\n"},
	}},
	{name: "settled before it is done", edits: [][3]string{
		{"integrations/attempt.go", "\to := s.attempt(d)\n", "\tif d.Kind == incidents.KindCard || d.Kind == incidents.KindTopic || d.Kind == incidents.KindTick {\n" +
			"\t\t_ = s.settle(d, incidents.Outcome{Verdict: incidents.Delivered})\n\t}\n\to := s.attempt(d)\n"},
	}},
	{name: "loses what is wished for during an attempt", edits: [][3]string{
		{"storage/deliveries.go", "ON CONFLICT (key) DO UPDATE SET again = 1,", "ON CONFLICT (key) DO UPDATE SET again = deliveries.again,"},
	}},
	{name: "wishes in a transaction of their own", edits: [][3]string{
		{"storage/apply.go", "import (\n", "import (\n\t\"context\"\n"},
		{"storage/apply.go", "\tif c.Incident.Version == 1 {\n\t\treturn t.enqueueNew(c.Wishes, now)\n\t}\n\treturn t.Enqueue(c.Wishes, now)\n",
			"\tw := t.writer\n\tgo func() {\n\t\ttime.Sleep(10 * time.Millisecond)\n\t\t_ = w.do(context.Background(), func(tx incidents.Tx) error { return tx.Enqueue(c.Wishes, now) })\n\t}()\n\treturn nil\n"},
	}},
	{name: "keeps the answer in a transaction of its own", edits: [][3]string{
		{"incidents/handling.go", "\t\tif _, err := h.remember(tx); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn h.tellPerson",
			"\t\tif s, event, kept := h.Service, h.Event, h.answer; event != \"\" {\n\t\t\tgo func() {\n\t\t\t\ttime.Sleep(10 * time.Millisecond)\n" +
				"\t\t\t\t_ = s.Remember(context.Background(), event, kept)\n\t\t\t}()\n\t\t}\n\t}\n\treturn h.tellPerson"},
	}},
	{name: "a change in two transactions", edits: [][3]string{
		{"storage/apply.go", "\tif err := t.applyParts(before, c.Incident); err != nil {\n",
			"\tif err := t.session.commit(); err != nil {\n\t\treturn err\n\t}\n\ttime.Sleep(5 * time.Millisecond)\n\tif err := t.session.start(); err != nil {\n\t\treturn err\n\t}\n\tif err := t.applyParts(before, c.Incident); err != nil {\n"},
	}},
	{name: "reads what was there a second ago", edits: [][3]string{
		{"incidents/service.go", "\tsnap.Taken = s.now().UTC()\n", "\tif old, ok := ago.Load(number); ok && s.now().Sub(old.(Snapshot).Taken) < time.Second {\n\t\treturn old.(Snapshot), nil\n\t}\n" +
			"\tdefer func() {\n\t\tif err == nil {\n\t\t\tago.Store(number, snap)\n\t\t}\n\t}()\n\tsnap.Taken = s.now().UTC()\n"},
		{"incidents/service.go", "// conflicts is how often", "var ago sync.Map\n\n// conflicts is how often"},
	}},
	{name: "what was under way when it died counts as done", edits: [][3]string{
		{"storage/deliveries.go", "`UPDATE deliveries SET due_at = $1 WHERE state = 'leased'`", "`UPDATE deliveries SET due_at = $1, state = 'done' WHERE state = 'leased'`"},
	}},
	{name: "gives up what is uncertain", edits: [][3]string{
		{"incidents/settle.go", "\tcase Impossible:\n\t\td.State", "\tcase Impossible, Uncertain:\n\t\td.State"},
	}},
	{name: "a late worker is not fenced off", replicas: true, edits: [][3]string{
		{"storage/deliveries.go", "\tif found.number(1) != d.Attempt || before == incidents.Done || before == incidents.Skipped {\n", "\tif before == incidents.Skipped {\n"},
	}},
}

// overlay writes the files of a planted bug and what the compiler needs to take them instead.
func (p planted) overlay(t *testing.T, dir string) (file string) {
	t.Helper()
	replace := map[string]string{}
	for i, edit := range p.edits {
		path, err := filepath.Abs(filepath.Join("..", edit[0]))
		if err != nil {
			t.Fatal(err)
		}
		from := replace[path]
		if from == "" {
			from = path
		}
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), edit[1]); n != 1 {
			t.Fatalf("%s holds %d times, not once, what edit %d replaces:\n%s", edit[0], n, i+1, edit[1])
		}
		replace[path] = filepath.Join(dir, strings.ReplaceAll(edit[0], "/", "_"))
		text = []byte(strings.Replace(string(text), edit[1], edit[2], 1))
		if err := os.WriteFile(replace[path], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestPlantedBugs checks that the planted bugs can still be planted. With -planted it builds the bot with each, and the
// campaign must find it.
func TestPlantedBugs(t *testing.T) {
	for _, bug := range plantedBugs {
		t.Run(bug.name, func(t *testing.T) {
			dir := t.TempDir()
			overlay := bug.overlay(t, dir)
			if *plantedFor == 0 {
				return
			}
			program := filepath.Join(dir, "bot.test")
			if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			began, on := time.Now(), *campaignOn
			if bug.replicas {
				on = "postgres"
			}
			out, err := exec.CommandContext(t.Context(), program, "-test.run", "^TestCampaign$", "-test.v", "-test.timeout", "0",
				"-campaign", plantedFor.String(), "-deeds", "120", "-shrink", "0", "-database", on).CombinedOutput()
			if err == nil {
				t.Fatalf("it was not found in %v", *plantedFor)
			}
			for line := range strings.Lines(string(out)) {
				if rule, _, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && strings.Contains(" lost doubled ghost torn disorder stale missing unowned differs late ", " "+rule+" ") {
					t.Logf("found within %v: %s", time.Since(began).Round(time.Second), strings.TrimSpace(line))
					return
				}
			}
			t.Errorf("the campaign failed and broke no promise:\n%s", out)
		})
	}
}

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

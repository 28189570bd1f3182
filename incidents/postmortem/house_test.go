package postmortem_test

import (
	"strings"
	"testing"

	"watchbell/incidents/postmortem"
)

// TestLearn learns from posts of which the newest is short of a section and has slips of its own.
func TestLearn(t *testing.T) {
	report, _ := postmortem.Template("report")
	d := weir(t)
	d.Author = "Harbour Team"
	older := d.Render(report)
	newest := strings.Replace(older, "### Action Items\n\n", "", 1)
	newest = newest[:strings.Index(newest, "- Read the sensors")] + newest[strings.Index(newest, "## Lessons"):]
	newest = strings.TrimSpace(strings.ReplaceAll(newest, "- 2025", "* 2025"))
	var posts []postmortem.Post
	for _, text := range []string{newest, older, older} {
		posts = append(posts, read(t, "2025-06-11-gates.md", text))
	}
	style := postmortem.Learn(posts)
	d.Author = ""
	want := strings.ReplaceAll(older, "- 2025", "* 2025")
	if got := d.Render(style); got != want {
		t.Errorf("in the learned style:\n%s\nwant\n%s", got, want)
	}
	if got := d.Render(postmortem.Learn(posts[:1])); strings.Contains(got, "Harbour Team") || !strings.Contains(got, "\n## Action items\n") {
		t.Errorf("one post alone tells no habit, and what it lacks comes as usual:\n%s", got)
	}
	if missing := (postmortem.Draft{}).Missing(report); strings.Contains(strings.Join(missing, " "), "Trigger") {
		t.Errorf("a section is missed that the style has not: %q", missing)
	}
}

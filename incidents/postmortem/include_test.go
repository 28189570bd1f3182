package postmortem_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// TestTimesFront: the times that are written into a post are those that are read from it, whatever its timeline says.
func TestTimesFront(t *testing.T) {
	at := func(minutes int) time.Time { return time.Date(2026, 3, 17, 9, minutes, 0, 0, time.UTC) }
	for name, times := range map[string]incidents.Times{
		"all":  {Began: at(0), Detected: at(5), Declared: at(7), Mitigated: at(30), Resolved: at(41), Published: at(0).AddDate(0, 0, 2)},
		"some": {Began: at(0), Resolved: at(41)},
	} {
		d := postmortem.Draft{
			Title: "Checkout is down", Category: "deployments", Front: postmortem.TimesFront(times, incidents.Severe),
			Timeline: []postmortem.Entry{{At: at(3), Text: "We did nothing"}, {At: at(50), Text: "We declared it over"}},
		}
		for _, template := range postmortem.Templates() {
			style, _ := postmortem.Template(template)
			text := d.Render(style)
			p, err := postmortem.ParseFile("2026-03-17-post-mortem.md", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := p.Past("2026-03-17-post-mortem.md")
			want := times
			if want.Declared.IsZero() { // then the timeline is believed
				want.Declared = at(50)
			}
			got.Times.Detected, got.Times.Mitigated = want.Detected, want.Mitigated
			if diff := cmp.Diff(want, got.Times); diff != "" || got.Severity != incidents.Severe {
				t.Errorf("%s in %s (-want +got):\n%s\n%s", name, template, diff, text)
			}
			if again := postmortem.Render(p, postmortem.Style{}); again != text {
				t.Errorf("%s in %s comes out otherwise:\n%s", name, template, cmp.Diff(text, again))
			}
		}
	}
	if f := postmortem.TimesFront(incidents.Times{}, ""); len(f) != 0 {
		t.Errorf("nothing is written as %v", f)
	}
}

// TestInclude keeps the keys that the include reads the same as those that are written, in posts or the data file.
func TestInclude(t *testing.T) {
	for _, key := range []string{postmortem.KeyBegan, postmortem.KeyDetected, postmortem.KeyDeclared, postmortem.KeyMitigated, postmortem.KeyResolved, postmortem.KeyPublished, "site.data.incidents"} {
		if !strings.Contains(postmortem.Include, key) {
			t.Errorf("the include does not read %s", key)
		}
	}
}

package postmortem_test

import (
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// The same incident is written for every kind of site, and what is written is read back as it is: so it can be merged with
// what people change in it.
func TestSites(t *testing.T) {
	day := time.Date(2025, 6, 11, 13, 0, 0, 0, time.UTC)
	for name, begins := range map[string]string{
		"jekyll":   "---\nlayout: post\ntitle: \"Post-mortem: Lock gates did not open\"\ncategory: deployments\n---\n\nFor 50 minutes",
		"hugo":     "---\ntitle: \"Post-mortem: Lock gates did not open\"\ndate: 2025-06-11\ncategories: [\"deployments\"]\n---\n\nFor 50 minutes",
		"markdown": "# Post-mortem: Lock gates did not open\n\nFor 50 minutes",
	} {
		site, ok := postmortem.SiteNamed(name)
		if !ok {
			t.Fatalf("there is no site %s", name)
		}
		for _, template := range postmortem.Templates() {
			style, _ := postmortem.Template(template)
			d, s := site.Fit(weir(t), style, day)
			text := d.Render(s)
			if template == "flat" && !strings.HasPrefix(text, begins) {
				t.Errorf("for %s the post begins\n%s\nwant\n%s", name, text[:200], begins)
			}
			p, err := postmortem.ParseFile("post.md", []byte(text))
			if err != nil || postmortem.Render(p, p.Style) != text || len(p.Timeline) != len(d.Timeline) {
				t.Errorf("%s for %s is read otherwise: %v", template, name, err)
			}
			// A person's word and an entry from Slack come together.
			theirs := strings.Replace(text, "For 50 minutes no boat", "For 50 long minutes no boat", 1)
			d.Timeline = append(d.Timeline, postmortem.Entry{At: day, Text: "The last boat was through"})
			d.Title = "Lock gates stayed shut"
			m := postmortem.Merge(text, d.Render(s), theirs)
			if !strings.Contains(m.Text, "50 long minutes") || !strings.Contains(m.Text, "The last boat was through") || !strings.Contains(m.Text, "stayed shut") || len(m.Conflicts) > 0 {
				t.Errorf("%s for %s is merged into\n%s\n%+v", template, name, m.Text, m.Conflicts)
			}
			if got := m.Changes().Sections[postmortem.Lead]; !strings.HasPrefix(got, "For 50 long minutes") || strings.Contains(got, "#") {
				t.Errorf("%s for %s: the lead is %q", template, name, got)
			}
			// The next post learns from this one.
			learned, fit := site.Fit(weir(t), postmortem.Learn([]postmortem.Post{p}), day)
			learned.Title = "Another"
			next := learned.Render(fit)
			if strings.Contains(next, "Lock gates") || !strings.Contains(next, "Another") || strings.Contains(next, "layout") != (name == "jekyll") {
				t.Errorf("%s for %s, learned:\n%s", template, name, next[:300])
			}
			linter := postmortem.Linter{Off: site.Off()}
			for _, f := range linter.Lint("notes/weir.md", []byte(text), nil, day.AddDate(1, 0, 0)) {
				if f.Rule == "front-matter" || f.Rule == "front-matter-key" || f.Rule == "file-name" && name != "jekyll" {
					t.Errorf("%s for %s: %+v", template, name, f)
				}
			}
		}
	}
}

func TestPages(t *testing.T) {
	for _, c := range []struct{ site, file, want string }{
		{"jekyll", "_posts/deployments/2026-07-08-checkout-is-down.md", "news/2026/07/08/checkout-is-down.html"},
		{"jekyll", "_posts/checkout.md", ""},
		{"hugo", "content/posts/2026-07-08-checkout-is-down.md", "posts/2026-07-08-checkout-is-down/"},
		{"hugo", "posts/x.md", ""},
		{"markdown", "incidents/2026-07-08.md", ""},
	} {
		site, _ := postmortem.SiteNamed(c.site)
		if got := site.Page(c.file, "News"); got != c.want {
			t.Errorf("%s: %s is at %q, want %q", c.site, c.file, got, c.want)
		}
	}
}

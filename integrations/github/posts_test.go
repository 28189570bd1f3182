package github_test

import (
	"context"
	"strings"
	"testing"

	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

func TestNewest(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"2026-03-01-a.md", "2026-03-03-c.md", "2026-03-02-b.md", "2026-03-04-d.html", "2026-03-05-e/x.md"} {
		w.put("master", "notes/"+name, "text of "+name)
	}
	for _, c := range []struct {
		folder, before string
		most           int
		want           string
	}{
		{"notes", "", 5, "notes/2026-03-03-c.md notes/2026-03-02-b.md notes/2026-03-01-a.md"},
		{"notes", "2026-03-03", 1, "notes/2026-03-02-b.md"},
		{"notes/2026-03-05-e", "", 5, "notes/2026-03-05-e/x.md"},
		{"notes/none", "", 5, ""},
		{"notes/2026-03-01-a.md", "", 5, ""},
	} {
		files, err := w.client.Newest(context.Background(), c.folder, c.before, c.most)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Path)
			if name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]; name != "x.md" && string(f.Text) != "text of "+name {
				t.Errorf("%s holds %q", f.Path, f.Text)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
	w.local.Faults.Add(practice.Fault{Service: "github", Call: "GET */git/blobs/*", Status: 502})
	if _, err := w.client.Newest(context.Background(), "notes", "", 5); err == nil || github.Reason(err) == "" || strings.Contains(github.Reason(err), token) {
		t.Errorf("a failing GitHub: %v, %q", err, github.Reason(err))
	}
}

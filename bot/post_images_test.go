package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

func TestImageStem(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range []struct{ name, want string }{
		{"Error Graph.PNG", "error-graph"}, {"error_graph.jpg", "error-graph-2"}, {"../../etc/passwd", "passwd"},
		{`..\..\boot.ini`, "boot"}, {"\u202egnp.exe.png", "gnp-exe"}, {"", "image"}, {".png", "image-2"}, {"画像.png", "image-3"},
		{strings.Repeat("a", 300) + ".png", strings.Repeat("a", 54)}, {"x.png?y=z#.png", "x-png-y-z"},
		{"post-mortem: x.png", "post-mortem-x"}, {"a\x00b\n.png", "ab"}, {"CON.png", "con"}, {"image.png", "image-4"},
	} {
		if got := imageStem(c.name, taken); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.name, got, c.want)
		}
	}
}

var safeStem = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func FuzzImageStem(f *testing.F) {
	for _, name := range []string{"a.png", "../x", "\u202egnp.exe", strings.Repeat("é", 300), "{{ x }}", "a](b).png", "", "...", "-"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		taken := map[string]bool{}
		one, two := imageStem(name, taken), imageStem(name, taken)
		if one == two || !safeStem.MatchString(one) || !safeStem.MatchString(two) || len(two) > 100 {
			t.Errorf("%q becomes %q and %q", name, one, two)
		}
	})
}

// Whatever an image is called and said to show, its line is one line, is safe as it stands, and is found again in the post.
func FuzzImageLine(f *testing.F) {
	for _, alt := range []string{"Errors rise", "a](b) ![c](d)", "^x", "{{ x }} {% raw %}", "<b>\n- x", "\\", "`a", "$$x$$", "|", "https://x.io", ""} {
		f.Add(alt, "n.pdf")
	}
	f.Fuzz(func(t *testing.T, alt, name string) {
		if !utf8.ValidString(alt) || !utf8.ValidString(name) {
			t.Skip("Slack sends UTF-8")
		}
		p := pictures{at: map[string]string{"F1": "images/posts/x/a.png"}, lines: map[string]string{}}
		e := incidents.Entry{Files: []incidents.File{{ID: "F1", Name: "a.png", Alt: alt}, {ID: "F2", Name: name}}}
		text := p.fileLines(incidents.Snapshot{}, e, "words")
		lines := strings.Split(text, "\n")
		if last := lines[len(lines)-1]; last != p.lines["F1"] || postmortem.Safe(last) != last {
			t.Errorf("%q gives %q, made safe %q", alt, last, postmortem.Safe(last))
		}
		words, alts := p.split(postmortem.Safe(text))
		if len(alts) != 0 || strings.Contains(words, "](/images/posts/x/a.png)") && !strings.Contains(name+alt, "](/images") {
			t.Errorf("%q is read back as %q, %q", text, words, alts)
		}
	})
}

// What people said about an image on GitHub is read without the marks of Markdown.
func TestSplitReadsAnotherDescription(t *testing.T) {
	p := pictures{at: map[string]string{"F1": "images/posts/x/a.png"}, lines: map[string]string{"F1": "![old](/images/posts/x/a.png)"}}
	words, alts := p.split("we saw it\n![new \\[and\\] better](/images/posts/x/a.png)\n![theirs](/images/posts/x/b.png)")
	if words != "we saw it\n![theirs](/images/posts/x/b.png)" || alts["F1"] != "new [and] better" {
		t.Errorf("words %q, descriptions %q", words, alts)
	}
}

// An album asks Slack once for what it has, and gives up by itself at last.
func TestAlbum(t *testing.T) {
	calls := 0
	a := &album{fetch: func(_ context.Context, id string, _ int64) ([]byte, error) {
		if calls++; id == "F1" {
			return []byte("x"), nil
		}
		return nil, errors.New("no")
	}}
	for range 3 {
		if data, _, _ := a.get(t.Context(), "F1"); string(data) != "x" || calls != 1 {
			t.Fatalf("got %q after %d calls", data, calls)
		}
	}
	var waits []string
	for range mostTries {
		_, _, after := a.get(t.Context(), "F2")
		waits = append(waits, fmt.Sprint(after))
	}
	if waits[0] != "5s" || waits[1] != "10s" || waits[mostTries-2] != "15m0s" || waits[mostTries-1] != "0s" {
		t.Errorf("waits %q", waits)
	}
}

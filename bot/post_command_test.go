package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// command runs watchbell with that standard input.
func command(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = runIn(t.Context(), args, environment{
		getenv: func(string) string { return "" }, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, now: time.Now,
	})
	return out.String(), errs.String(), code
}

const harbourPost = "---\nlayout: post\ntitle: 'The light went out'\nkeeper: \"Gulls\"\n---\n\nIt was dark on July 3, 2024.\n\n" +
	"## Timeline (times in CEST)\n\n* *12:00* out\n* *13:00* on\n"

func TestPostCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "2024-07-05-light.md")
	if err := os.WriteFile(file, []byte(harbourPost), 0o644); err != nil {
		t.Fatal(err)
	}
	model, stderr, code := command(t, "", "post", "parse", file)
	if code != exitOK || stderr != "" {
		t.Fatalf("parse: %d, %s", code, stderr)
	}
	for _, want := range []string{`"title": "The light went out"`, `"keeper": "Gulls"`, `"date": "2024-07-03"`, `"zone": "Europe/Berlin"`, `"at": "2024-07-03T10:00:00Z"`} {
		if !strings.Contains(model, want) {
			t.Errorf("the model lacks %s:\n%s", want, model)
		}
	}
	for _, args := range [][]string{{"-style-from", file, "-"}, {"-", "--style-from", file}, {"-"}} {
		if post, stderr, code := command(t, model, slices.Concat([]string{"post", "render"}, args)...); code != exitOK || post != harbourPost || stderr != "" {
			t.Errorf("render %q: %d, %s\n%s", args, code, stderr, post)
		}
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(model), &m); err != nil {
		t.Fatal(err)
	}
	m["timeline"] = append(m["timeline"].([]any), map[string]any{"at": "2024-07-03T12:30:00+02:00", "text": "looked"})
	changed, _ := json.Marshal(m)
	post, _, _ := command(t, string(changed), "post", "render", "-style-from", file, "-")
	if want := strings.Replace(harbourPost, "* *13", "* *12:30* looked\n* *13", 1); post != want {
		t.Errorf("with one entry more:\n%s", post)
	}
	post, _, _ = command(t, model, "post", "render", "-template", "report", "-")
	if !strings.Contains(post, "title: \"The light went out\"\n") || !strings.HasSuffix(post, "## Timeline (All Time in CEST)\n\n- 2024-07-03 12:00: out\n- 2024-07-03 13:00: on\n") {
		t.Errorf("as a report:\n%s", post)
	}
	byHand := `{"title": "Gate closed", "sections": [{"kind": "impact", "markdown": "Boats waited. {% x %}"}], "timeline": [{"at": "2024-07-03T10:00:00Z", "text": "closed"}]}`
	post, _, _ = command(t, byHand, "post", "render", "-")
	if !strings.Contains(post, "title: \"Gate closed\"\n") || !strings.Contains(post, "## Impact\n\nBoats waited. &#123;% x %}\n") || !strings.HasSuffix(post, "- 03/07/2024 10:00 - closed\n") {
		t.Errorf("written by hand:\n%s", post)
	}
}

func TestPostCommandRefuses(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "light.png")
	if err := os.WriteFile(binary, []byte("\x89PNG\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin, args, want string
	}{
		{"", "post", "knows parse, render, lint and include"},
		{"", "post show x", "knows parse, render, lint and include"},
		{"", "post parse", "name one"},
		{"", "post parse a b", "name one"},
		{"", "post parse " + filepath.Join(dir, "none.md"), "cannot be read"},
		{"", "post parse " + dir, "cannot be read"},
		{"", "post parse " + binary, "not text"},
		{" \n", "post parse -", "empty"},
		{"", "post render -", "it is empty"},
		{"{", "post render -", "ends in the middle"},
		{"[]", "post render -", "does not belong there"},
		{"{} {}", "post render -", "goes on"},
		{`{"timeline": 3}`, "post render -", "timeline is a number"},
		{`{"timeline": [{"text": "x"}]}`, "post render -", "has no time"},
		{`{"zone": "Mars"}`, "post render -", "Europe/Berlin"},
		{`{"date": "today"}`, "post render -", "YYYY-MM-DD"},
		{`{"front_matter": {"tags": ["a"]}}`, "post render -", "tags"},
		{`{}`, "post render -template x -", "flat, sections, fields, report"},
		{`{}`, "post render -template flat -style-from x -", "keep one"},
		{`{}`, "post render -style-from " + binary + " -", "not text"},
		{`{}`, "post render -colour -", "flag provided but not defined"},
		{"", "post include x", "it takes no"},
	} {
		stdout, stderr, code := command(t, c.stdin, strings.Fields(c.args)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %d and %q; printed %q", c.args, code, stderr, exitUsage, c.want, stdout)
		}
	}
	if _, stderr, code := command(t, `{"tittle": "x"}`, "post", "render", "-"); code != exitOK || !strings.Contains(stderr, `nothing is known by the name "tittle"`) {
		t.Errorf("a key that means nothing: %d, %q", code, stderr)
	}
}

package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// Whoever declares hears in private what was before, once, in the incident's channel; everybody can look for it later.
func TestStorySeenBefore(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	if said, _ := s.runs("import", "posts", filepath.Join(writeBlog(t), "_posts", "2025-03-04-post-mortem.md")); !strings.Contains(said, "1 posts: 1 new") {
		t.Fatal(said)
	}
	said := s.types("ana", "#team", "/incident declare the ferry timetable is gone")
	if !strings.Contains(said, "Incident #1 is declared") || strings.Contains(said, "was before") {
		t.Errorf("the answer is\n%s", said)
	}
	s.quiet()
	said = ""
	for _, m := range s.Slack.Ephemerals("ana") {
		if text := s.Slack.MessageText(m); strings.Contains(text, "was before") && m.Channel == s.made()[0].ID {
			said += text
		}
	}
	if strings.Count(said, "This was before") != 1 {
		t.Errorf("ana is told %d times what was before", strings.Count(said, "This was before"))
	}
	for _, want := range []string{"This was before, and may be alike:", "Ferry timetable vanished", "resolved after 53 minutes",
		"We restored the table from a copy.", "Still open:", "Alert on an empty timetable"} {
		if !strings.Contains(said, want) {
			t.Errorf("who declares does not read %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "Copy the table") {
		t.Errorf("what is done is said to be open:\n%s", said)
	}
	s.types("ana", "#incident", "/incident log the migration had emptied its table")
	if n := len(s.ephemerals("ana")); n != 2 { // the answers to two commands
		t.Errorf("ana was sent %d private messages: %+v", n, s.ephemerals("ana"))
	}
	for _, channel := range []string{"#team", "#incident"} {
		if all := strings.Join(s.texts(channel), "\n"); strings.Contains(all, "vanished") {
			t.Errorf("%s reads\n%s", channel, all)
		}
	}
	found := s.types("ben", "#team", "/incident find ferry tables")
	for _, want := range []string{"2 results for “ferry tables”", "#1 the ferry timetable is gone", "the migration had emptied its table", "Ferry timetable vanished"} {
		if !strings.Contains(found, want) {
			t.Errorf("ben does not find %q:\n%s", want, found)
		}
	}
	s.types("ana", "#team", "/incident declare --private ferry captain resigned")
	s.quiet()
	if found := s.types("ben", "#team", "/incident find captain"); !strings.Contains(found, "Nothing that you may see") {
		t.Errorf("ben finds\n%s", found)
	}
	if found := s.types("ana", "#team", "/incident find captain"); !strings.Contains(found, "ferry captain resigned") {
		t.Errorf("ana finds\n%s", found)
	}
}

// The numbers of a period come as text, and drawn on a page behind a link where there is a public address.
func TestStoryStatistics(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.PublicURL = "https://watch.example.org" }})
	s.ran("import", "posts", filepath.Join(writeBlog(t), "_posts", "2025-03-04-post-mortem.md"))
	s.types("ana", "#team", "/incident declare --private a breach of the vault")
	s.quiet()
	said := s.types("ana", "#team", "/incident stats all")
	for _, want := range []string{"2 incidents so far", "1 downtime", "To resolve:", "53 minutes", "known of 1"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in the answer:\n%s", want, said)
		}
	}
	s.until("the picture is there", func() bool { return len(filesIn(s, "@ana")) == 1 })
	if p := filesIn(s, "@ana")[0]; p.Type != "image/png" || !strings.Contains(p.Alt, "2 incidents") || !strings.Contains(p.Alt, "To resolve: median 53 minutes") {
		t.Errorf("the picture: %s, %q", p.Type, p.Alt)
	}
	if len(filesIn(s, "#team")) > 0 {
		t.Error("the picture is in the channel")
	}
	address := ""
	for _, m := range s.ephemerals("ana") {
		if found := statsAddress.FindString(string(m.Blocks)); found != "" {
			address = found
		}
	}
	page, r := s.reads(address)
	if r.StatusCode != http.StatusOK || !strings.Contains(page, "<strong>1</strong> in all") || !strings.Contains(page, "Ferry timetable vanished") || strings.Contains(page, "vault") {
		t.Errorf("%s: %d\n%s", address, r.StatusCode, page)
	}
}

// filesIn are the files in a conversation.
func filesIn(s *story, where string) (all []*practice.File) {
	for _, m := range s.Slack.Messages(where) {
		all = append(all, m.Files...)
	}
	return all
}

var statsAddress = regexp.MustCompile(`https://watch\.example\.org/statistics\?link=[\w.-]+`)

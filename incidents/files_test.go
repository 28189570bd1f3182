package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEntryWords(t *testing.T) {
	png := File{ID: "F1", Name: "a<b>&c.png", Type: "image/png"}
	pdf := File{ID: "F2", Name: "n.pdf", Type: "application/pdf"}
	for text, want := range map[string]string{
		"see [file: a&lt;b&gt;&amp;c.png] [file: n.pdf]": "see",
		"see [file: a<b>&c.png] [file: n.pdf]":           "see",
		"[file: n.pdf]":                                  "",
		"see [file: n.pdf] there":                        "see [file: n.pdf] there",
		"see":                                            "see",
		"see [file: other] [file: n.pdf]":                "see [file: other]",
	} {
		if got := (Entry{Text: text, Files: []File{png, pdf}}).Words(); got != want {
			t.Errorf("%q: words %q, want %q", text, got, want)
		}
	}
}

// An image is asked about when it comes, and never again: not when the message is captured again, edited or brought back.
func TestImagesAreAskedAboutOnce(t *testing.T) {
	src := Source{Channel: "C1", TS: "1700000000.000100"}
	one, two := File{ID: "F1", Name: "g.png", Type: "image/png"}, File{ID: "F2", Name: "h.png", Type: "image/png"}
	s := newStory(t).open()
	asked := func() bool { return slices.Contains(s.wishes, "inc-42/describe-2") }
	capture := CaptureMessage{Source: src, Author: "U2", Text: "see [file: g.png]", Files: []File{one}, How: ByPin, At: s.now}
	s.do(capture)
	if !asked() {
		t.Errorf("nobody is asked: %q", s.wishes)
	}
	s.wishes = nil
	s.do(DescribeFile{Number: 2, Text: " Errors\n rise "})
	capture.How, capture.At = ByReaction("pushpin"), s.now.Add(time.Second)
	s.do(capture)
	s.do(EditMessage{Source: src, Text: "look [file: g.png]", Files: []File{one}, EditedAt: s.now.Add(time.Minute)})
	s.do(RemoveEntry{Number: 2})
	s.do(RestoreEntry{Number: 2})
	if asked() {
		t.Errorf("it is asked again: %q", s.wishes)
	}
	s.do(EditMessage{Source: src, Text: "look [file: g.png] [file: h.png]", Files: []File{one, two}, EditedAt: s.now.Add(2 * time.Minute)})
	if !asked() {
		t.Errorf("nobody is asked about the second: %q", s.wishes)
	}
	// What was said about the first stays, also when Slack's plan hides its name.
	s.do(EditMessage{Source: src, Text: "look", Files: []File{{ID: "F1"}}, EditedAt: s.now.Add(3 * time.Minute)})
	if got := s.entries[2].Files; len(got) != 1 || got[0] != (File{ID: "F1", Name: "g.png", Type: "image/png", Alt: "Errors rise"}) {
		t.Errorf("the files are %+v", got)
	}
	s.do(EditMessage{Source: src, Text: "look", EditedAt: s.now.Add(4 * time.Minute)})
	if s.entries[2].Files != nil {
		t.Errorf("the files are %+v", s.entries[2].Files)
	}
}

// A form that rewrites a message does not know its files: they are read, and the person's words stay.
func TestFilesOfAMessageThatWasRewritten(t *testing.T) {
	src := Source{Channel: "C1", TS: "1700000000.000100"}
	s := newStory(t).open()
	s.do(CaptureMessage{Source: src, How: ByShortcut, At: s.now, Rewrite: "better", Look: true})
	s.settle(KindFetch, subject(src), Outcome{Verdict: Delivered, Message: &FetchedMessage{
		Found: true, Author: "U2", Text: "raw [file: g.png]", Files: []File{{ID: "F1", Name: "g.png", Type: "image/png"}},
	}})
	if e := s.entries[2]; e.Text != "better" || len(e.Files) != 1 || !slices.Contains(s.wishes, "inc-42/describe-2") {
		t.Errorf("the entry is %+v, wished is %q", e, s.wishes)
	}
}

func TestDescribeFileRefuses(t *testing.T) {
	src := Source{Channel: "C1", TS: "1700000000.000100"}
	s := newStory(t).open()
	files := []File{{ID: "F1", Name: "g.png", Type: "image/png"}, {ID: "F2", Name: "h.png", Type: "image/png"}, {ID: "F3", Name: "n.svg", Type: "image/svg+xml"}}
	s.do(CaptureMessage{Source: src, Author: "U2", Text: "see", Files: files, How: ByPin, At: s.now})
	s.do(Log{Text: "no image"})
	for _, c := range []struct {
		cmd  DescribeFile
		code Code
		says string
	}{
		{DescribeFile{Number: 9, Text: "x"}, NotFound, "no entry 9"},
		{DescribeFile{Number: 3, Text: "x"}, NotFound, "no image"},
		{DescribeFile{Number: 2, Text: " \u202e "}, Invalid, "What does the image show?"},
		{DescribeFile{Number: 2, Text: strings.Repeat("x", MaxAlt+1)}, Invalid, "501 characters"},
		{DescribeFile{Number: 2, Image: 3, Text: "x"}, Unsure, "has 2 images"},
	} {
		_, err := s.try(ana, c.cmd)
		if r := AsRefusal(err); r == nil || r.Code != c.code || !strings.Contains(r.Text, c.says) {
			t.Errorf("%+v: %v, want %s %q", c.cmd, err, c.code, c.says)
		}
	}
	s.do(DescribeFile{Number: 2, Text: "first"})
	s.do(DescribeFile{Number: 2, Text: "second"})
	if got := s.entries[2].Images(); got[0].Alt != "first" || got[1].Alt != "second" {
		t.Errorf("the images are %+v", got)
	}
	if _, err := s.try(ana, DescribeFile{Number: 2, Text: "third"}); AsRefusal(err) == nil {
		t.Error("it is not asked which image is meant")
	}
	if r := s.do(DescribeFile{Number: 2, Image: 2, Text: "second"}); !r.Unchanged {
		t.Error("the same words are a change")
	}
}

package github_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"watchbell/integrations/github"
)

// effects is what has an effect on GitHub.
var effects = regexp.MustCompile(`(?i)@\w|#\d|\bgh-\d|://|www\.\w|!\[|\]\(|<[a-z!/]|&[a-z#]|` + "```" + `|~~~|\[[a-z]|[\x00-\x1f\x{202a}-\x{202e}]`)

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"checkout is down":            "checkout is down",
		"  a\n\tb\r\n":                "a b",
		"fixes #12, cc @ana":          "fixes #|12, cc @|ana",
		"see owner/site#7 and GH-7":   "see owner/site#|7 and GH-|7",
		"https://example.org/a":       "https:|//example.org/a",
		"www.example.org":             "www.|example.org",
		"[skip ci] <b> ![x](y) [a](b": "[|skip ci] <|b> !|[|x]|(y) [|a]|(b",
		"R&D &commat;ana &#64;ana":    "R&|D &|commat;ana &|#|64;ana",
		"a\u202eb\u0000c":             "abc",
		"```":                         "`|`|`",
		"50 % < 60 %, a: b, x - y":    "50 % <| 60 %, a: b, x - y",
		"":                            "",
	} {
		if got := strings.ReplaceAll(github.Harmless(in), "\u200b", "|"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestHarmlessHasNoEffect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"@", "#", "1", "ana", "gh-", "GH-", "https:", "/", "//", "www", ".", "!", "[", "]", "(", "<", "&", "`", "~", " ", "\n", "\u202e", "\u200b", "é",
		})).Draw(t, "parts"), "")
		out := github.Harmless(in)
		if found := effects.FindString(out); found != "" {
			t.Fatalf("%q became %q, which holds %q", in, out, found)
		}
		if twice := github.Harmless(out); twice != out {
			t.Fatalf("%q became %q, and then %q", in, out, twice)
		}
	})
}

func FuzzHarmless(f *testing.F) {
	f.Add("Fixes #12 @ana <img src=x> https://example.org")
	f.Fuzz(func(t *testing.T, in string) {
		out := github.Harmless(in)
		if effects.MatchString(out) || github.Harmless(out) != out {
			t.Fatalf("%q became %q", in, out)
		}
		letters := func(text string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					return r
				}
				return -1
			}, text)
		}
		if letters(in) != letters(out) {
			t.Fatalf("%q became %q, which says something else", in, out)
		}
	})
}

func TestLongTextsFit(t *testing.T) {
	w := newWorld(t)
	p := draft("one\n")
	p.Body = strings.Repeat("é", 70_000)
	o := w.publish(p)
	w.put(branch, post, "one, reworded\n")
	p = again(draft(strings.Repeat("All of it, line by line.\n", 10_000)), o)
	p.Body = strings.Repeat("a longer story\n", 10_000)
	w.publish(p)
	if got := w.comments(); len(got) != 1 || !strings.Contains(got[0], "The beginning of the file") || !strings.HasSuffix(strings.TrimSpace(got[0]), "</details>") {
		t.Errorf("%d comments", len(got))
	}
	if o := w.client.Publish(context.Background(), again(p, o)); o.Err != nil {
		t.Error(o.Err)
	}
}

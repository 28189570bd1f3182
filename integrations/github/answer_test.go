package github_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

// remarked publishes a draft, has a reviewer say something about its third line, and returns what a look hears of it.
func remarked(t *testing.T, w *world, said string) (incidents.Outcome, incidents.Remark) {
	t.Helper()
	o := w.publish(draft("one\ntwo\nthree\nfour\n"))
	w.ok(w.local.GitHub.CommentLine(o.PullRequest.Number, "ana", post, 3, said))
	heard := w.client.Look(context.Background(), o.PullRequest, "")
	if len(heard.Remarks) != 1 {
		t.Fatalf("%+v", heard)
	}
	return o, heard.Remarks[0]
}

func (w *world) answers(o incidents.Outcome, r incidents.Remark, how incidents.HowAnswered, text string) incidents.Outcome {
	w.t.Helper()
	return w.client.Answer(context.Background(), github.Answer{
		Key: fmt.Sprintf("inc-42/reply-%s-%s-1", r.ID, how), Pull: o.PullRequest, RemarkAnswer: incidents.RemarkAnswer{Remark: r, How: how, Text: text},
	})
}

const suggestion = "Better so:\n```suggestion\nTHREE\nand more\n```\nI think."

func TestSuggestionIsApplied(t *testing.T) {
	w := newWorld(t)
	o, r := remarked(t, w, suggestion)
	if !r.Suggests || !r.OnLine {
		t.Errorf("%+v", r)
	}
	for range 2 { // the second finds that it is done
		if got := w.answers(o, r, incidents.AnswerApply, ""); got.Verdict != incidents.Delivered {
			t.Fatalf("%s: %s (%v)", got.Verdict, got.Say, got.Err)
		}
	}
	file, _ := w.local.GitHub.File(branch, post)
	if file != "one\ntwo\nTHREE\nand more\nfour\n" {
		t.Errorf("the file is %q", file)
	}
	if n := len(w.local.GitHub.Log(branch)); n != len(w.local.GitHub.Log("master"))+2 {
		t.Errorf("there are %d commits", n)
	}
	if !w.only().Lines[0].Resolved {
		t.Error("the thread is not resolved")
	}
	heard := w.client.Look(context.Background(), o.PullRequest, "")
	if !heard.Moved || len(heard.Remarks) != 1 {
		t.Errorf("a look sees %+v", heard)
	}
}

// What was changed in front of the lines, or in them, makes a suggestion one for people.
func TestSuggestionForOtherLinesIsNotApplied(t *testing.T) {
	for name, text := range map[string]string{
		"in front": "zero\none\ntwo\nthree\nfour\n", "in them": "one\ntwo\nthrice\nfour\n", "shorter": "one\n",
	} {
		w := newWorld(t)
		o, r := remarked(t, w, suggestion)
		w.ok(w.local.GitHub.EditFile(branch, post, text, "ben"))
		got := w.answers(o, r, incidents.AnswerApply, "")
		if file, _ := w.local.GitHub.File(branch, post); got.Verdict != incidents.Impossible || file != text || !strings.Contains(got.Say, "has changed since") {
			t.Errorf("%s: %s %s\n%s", name, got.Verdict, got.Say, file)
		}
	}
	w := newWorld(t)
	o, r := remarked(t, w, suggestion)
	w.ok(w.local.GitHub.EditFile(branch, post, "one\ntwo\nthree\nfour\nfive\n", "ben")) // behind them is no matter
	if got := w.answers(o, r, incidents.AnswerApply, ""); got.Verdict != incidents.Delivered {
		t.Errorf("%s: %s", got.Verdict, got.Say)
	}
	if file, _ := w.local.GitHub.File(branch, post); file != "one\ntwo\nTHREE\nand more\nfour\nfive\n" {
		t.Errorf("the file is %q", file)
	}
}

func TestRepliesAreMadeOnce(t *testing.T) {
	w := newWorld(t)
	o, r := remarked(t, w, "Which alert?")
	for range 2 {
		for how, text := range map[incidents.HowAnswered]string{incidents.AnswerReply: "The one of @ana\nfor #7", incidents.AnswerDone: ""} {
			if got := w.answers(o, r, how, text); got.Verdict != incidents.Delivered {
				t.Fatalf("%s: %s: %s (%v)", how, got.Verdict, got.Say, got.Err)
			}
		}
	}
	lines := w.only().Lines
	said := ""
	for _, c := range lines[1:] {
		said += c.Body + "\n"
		if c.ReplyTo != lines[0].ID {
			t.Errorf("not in the thread: %+v", c)
		}
	}
	if len(lines) != 3 || !strings.Contains(said, "Done.") || strings.Contains(said, "@ana") || !lines[0].Resolved {
		t.Errorf("%+v", lines)
	}
	if heard := w.client.Look(context.Background(), o.PullRequest, ""); len(heard.Remarks) != 1 {
		t.Errorf("our own replies are told of: %+v", heard.Remarks)
	}
	// In the conversation as well.
	w.ok(w.local.GitHub.Comment(o.PullRequest.Number, "ben", "Nice post\nreally"))
	heard := w.client.Look(context.Background(), o.PullRequest, "")
	talk := heard.Remarks[0]
	for range 2 {
		if got := w.answers(o, talk, incidents.AnswerReply, "Thanks"); got.Verdict != incidents.Delivered {
			t.Fatalf("%s: %s", got.Verdict, got.Say)
		}
	}
	if all := w.only().Comments; len(all) != 2 || !strings.HasSuffix(all[1].Body, "> Nice post\n\nThanks") {
		t.Errorf("%+v", all)
	}
}

func TestThreadThatTheTokenMayNotResolve(t *testing.T) {
	w := newWorld(t)
	o, r := remarked(t, w, "Which alert?")
	w.local.GitHub.SetThreads(false)
	if got := w.answers(o, r, incidents.AnswerDone, ""); got.Verdict != incidents.Delivered || len(w.only().Lines) != 2 {
		t.Errorf("%s: %s", got.Verdict, got.Say)
	}
	if got := w.answers(o, r, incidents.AnswerResolve, ""); got.Verdict != incidents.Impossible || !strings.Contains(got.Say, "does not let the bot resolve a thread") {
		t.Errorf("%s: %s", got.Verdict, got.Say)
	}
	w.local.GitHub.SetThreads(true)
	w.local.Faults.Add(practice.Fault{Service: "github", Call: "POST /graphql", Status: 502})
	if got := w.answers(o, r, incidents.AnswerResolve, ""); got.Verdict != incidents.Refused && got.Verdict != incidents.Uncertain {
		t.Errorf("%s: %s", got.Verdict, got.Say)
	}
}

// A GitHub of one's own has its two interfaces at /api/v3/ and /api/graphql.
func TestGitHubOfOnesOwn(t *testing.T) {
	w := newWorld(t)
	local := w.local.Handler()
	own := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inside := strings.TrimRight(practice.GitHubPath, "/")
		switch path, isREST := strings.CutPrefix(r.URL.Path, "/api/v3"); {
		case isREST:
			r.URL.Path = inside + path
		case r.URL.Path == "/api/graphql":
			r.URL.Path = inside + "/graphql"
		default:
			http.NotFound(rw, r)
			return
		}
		r.RequestURI = r.URL.RequestURI()
		local.ServeHTTP(rw, r)
	}))
	t.Cleanup(own.Close)
	w.url = own.URL + "/api/v3"
	w.client = w.newClient(github.Config{Base: "master"})
	o, r := remarked(t, w, suggestion)
	if got := w.answers(o, r, incidents.AnswerApply, ""); got.Verdict != incidents.Delivered {
		t.Fatalf("%s: %s (%v)", got.Verdict, got.Say, got.Err)
	}
	if !w.only().Lines[0].Resolved {
		t.Error("the thread is not resolved")
	}
}

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// edits changes the post on its branch, as a reviewer does on GitHub's page.
func (s *story) edits(pairs ...string) {
	s.Helper()
	post, path := s.post()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(post, pairs[i]) {
			s.Fatalf("there is no %q to edit in\n%s", pairs[i], post)
		}
		post = strings.Replace(post, pairs[i], pairs[i+1], 1)
	}
	s.must(s.GitHub.EditFile(s.GitHub.Pulls()[0].Head, path, post, "reviewer"))
}

// postHolds checks the post on its branch.
func (s *story) postHolds(parts ...string) {
	s.Helper()
	post, _ := s.post()
	for _, part := range parts {
		if !strings.Contains(post, part) {
			s.Errorf("the post lacks %q:\n%s", part, post)
		}
	}
}

var promptPattern = regexp.MustCompile(`\*To be written: [^\n]*\*`)

// Whatever a person writes anywhere in the file survives ten regenerations with changes from Slack in between, which all
// get there too, and what fits is known in Slack.
func TestStoryLivingPost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) {
		c.GitHub.Reviewers, c.GitHub.Labels = []string{"maintainer", "nobody-here"}, []string{"post-mortem"}
	}})
	s.GitHub.AddPerson("maintainer")
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	for _, line := range []string{"log -5m the alert fired", "log the queue was full", "log restarted the queue", "action limit the queue"} {
		s.types("dan", "#incident", "/incident "+line)
	}
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	if p := s.GitHub.Pulls()[0]; fmt.Sprint(p.Labels, p.Reviewers) != "[post-mortem] [maintainer]" {
		t.Errorf("labels and reviewers are %v %v", p.Labels, p.Reviewers)
	}
	// A sentence instead of each prompt, a word in the title, front matter, an entry, a new entry and a new heading.
	post, path := s.post()
	n := 0
	var written []string
	post = promptPattern.ReplaceAllStringFunc(post, func(string) string {
		n++
		written = append(written, fmt.Sprintf("A reviewer wrote part %d.", n))
		return written[n-1]
	})
	if n < 8 {
		t.Fatalf("only %d sections ask to be written in\n%s", n, post)
	}
	for _, pair := range [][2]string{
		{"layout: post", "layout: post\ntags: [queue, outage]"}, {"the queue was full", "the payment queue was full"},
		{"## Timeline", "## For the curious\n\nThe queue is open source.\n\n## Timeline"},
	} {
		if !strings.Contains(post, pair[0]) {
			t.Fatalf("no %q in\n%s", pair[0], post)
		}
		post = strings.Replace(post, pair[0], pair[1], 1)
		written = append(written, pair[1])
	}
	post = strings.TrimRight(post, "\n") + "\n- 17/03/2026 09:40 - We looked at what customers wrote\n"
	written = append(written, "17/03/2026 09:40 - We looked at what customers wrote")
	s.must(s.GitHub.EditFile("post-mortem/inc-1", path, post, "reviewer"))

	logged := []string{"the payment queue was full"}
	for round := range 10 {
		text := fmt.Sprintf("note number %d of the evening", round)
		s.types("ana", "#incident", fmt.Sprintf("/incident log -%dm %s", round+1, text))
		logged = append(logged, text)
		if round == 5 {
			s.restart()
		}
		s.quiet()
		s.postHolds(append(written, logged...)...)
	}
	s.types("dan", "#incident", "/incident timeline")
	s.quiet()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	var known strings.Builder
	for _, e := range snap.Entries {
		known.WriteString(e.Text + "\n")
	}
	for name, text := range snap.Sections {
		fmt.Fprintf(&known, "%s: %s\n", name, text)
	}
	for _, part := range []string{"the payment queue was full", "We looked at what customers wrote", "A reviewer wrote part 1.", "lead: A reviewer", "got_lucky: A reviewer"} {
		if !strings.Contains(known.String(), part) {
			t.Errorf("Slack does not know %q:\n%s", part, known.String())
		}
	}
	if strings.Contains(known.String(), "open source") {
		t.Error("a heading of their own got into a section")
	}
	s.holds("the pull request's text", func() string { return s.GitHub.Pulls()[0].Body }, "For the curious", "Front matter")
	if p := s.GitHub.Pulls()[0]; len(p.Lines)+len(p.Comments) > 0 {
		t.Errorf("something was asked: %+v %+v", p.Lines, p.Comments)
	}
	commits := len(s.GitHub.Log("post-mortem/inc-1"))
	s.types("dan", "#incident", "/incident postmortem")
	s.quiet()
	if again := len(s.GitHub.Log("post-mortem/inc-1")); again != commits {
		t.Errorf("asking again made %d commits", again-commits)
	}
}

// Where both sides changed the same place, the person's words stay and one comment on the line shows the other's.
func TestStoryConflictInThePost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	resolved(s)
	s.types("dan", "#incident", "/incident draft impact All shops.")
	s.quiet()
	s.edits("All shops.", "All shops but one.")
	for round := range 4 {
		// The edit on GitHub is not seen yet when Slack says something else.
		s.types("dan", "#incident", fmt.Sprintf("/incident draft impact All shops, %d minutes.", 30+min(round, 2)))
		s.types("dan", "#incident", fmt.Sprintf("/incident log something else %d", round))
		s.quiet()
		s.postHolds("All shops but one.", fmt.Sprintf("something else %d", round))
	}
	asked := s.GitHub.Pulls()[0].Lines
	if len(asked) != 1 || !strings.Contains(asked[0].Body, "```suggestion\nAll shops, 32 minutes.\n```") {
		t.Fatalf("asked %+v", asked)
	}
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	if snap.Sections["impact"] != "All shops, 32 minutes." {
		t.Errorf("Slack has %q", snap.Sections["impact"])
	}
	// Committing the suggestion ends it.
	s.edits("All shops but one.", "All shops, 32 minutes.")
	s.types("dan", "#incident", "/incident draft trigger A sale.")
	s.quiet()
	s.postHolds("All shops, 32 minutes.", "A sale.")
	if asked = s.GitHub.Pulls()[0].Lines; len(asked) != 1 || !strings.Contains(asked[0].Body, "Settled") {
		t.Errorf("asked %+v", asked)
	}
}

// The question is asked in Slack too, and answered there with a press: then both sides say the same.
func TestStoryConflictIsAnsweredInSlack(t *testing.T) {
	t.Parallel()
	for press, want := range map[string]string{"Keep GitHub's": "All shops but one.", "Take Slack's": "All shops, 32 minutes."} {
		t.Run(press, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{})
			resolved(s)
			s.types("dan", "#incident", "/incident draft impact All shops.")
			s.quiet()
			s.edits("All shops.", "All shops but one.")
			look := func() {
				t.Helper()
				s.must(s.bot.app.service.LookAtPulls(s.ctx))
				s.quiet()
			}
			for minutes := 31; minutes < 33; minutes++ { // of the two questions the newer one counts
				s.types("dan", "#incident", fmt.Sprintf("/incident draft impact All shops, %d minutes.", minutes))
				s.quiet()
				look()
			}
			look()
			var asked []string
			for _, text := range s.texts(s.channel("#incident")) {
				if strings.Contains(text, "Changed on both sides") {
					asked = append(asked, text)
				}
			}
			if len(asked) != 2 || !strings.Contains(asked[1], "All shops but one.") || !strings.Contains(asked[1], "All shops, 32 minutes.") {
				t.Fatalf("asked %q", asked)
			}
			s.presses("dan", "#incident", press)
			s.quiet()
			look()
			s.postHolds(want)
			snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
			s.must(err)
			if snap.Sections["impact"] != want {
				t.Errorf("Slack has %q", snap.Sections["impact"])
			}
			if lines := s.GitHub.Pulls()[0].Lines; !strings.Contains(lines[0].Body, "Settled") {
				t.Errorf("the question is not settled: %+v", lines)
			}
			// What is said about it later is asked anew, and the old answer does not count.
			s.clock.JumpTo(s.clock.Now().Add(time.Hour))
			s.edits(want, "No shop.")
			s.types("dan", "#incident", "/incident draft impact Three shops.")
			s.quiet()
			s.postHolds("No shop.")
			if snap, err = s.bot.app.service.Snapshot(s.ctx, 1); err != nil || snap.Sections["impact"] != "Three shops." {
				t.Errorf("Slack has %q, %v", snap.Sections["impact"], err)
			}
		})
	}
}

// hook makes the local GitHub call the bot, as people set it up in the repository's settings.
func (s *story) hook(secret string) {
	s.Helper()
	body := fmt.Sprintf(`{"events":["*"],"config":{"url":"%s/github/webhook","content_type":"json","secret":"%s"}}`, s.bot.url, secret)
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.config.urls.github+"/repos/"+s.GitHub.Repo()+"/hooks", strings.NewReader(body))
	s.must(err)
	req.Header.Set("Authorization", "Bearer practice-admin")
	resp, err := http.DefaultClient.Do(req)
	s.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		s.Fatalf("the hook could not be made: %d", resp.StatusCode)
	}
}

// What happens to the pull request is noticed by GitHub's calls alone, and by looking alone: edits, comments, closing,
// opening again, merging.
func TestStoryPullRequestIsFollowed(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"webhook", "polling"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{configure: func(c *Config) {
				c.secrets.githubHook = "shared words of the two"
				c.Post.SiteURL = "https://blog.example.org/"
			}})
			s.GitHub.AddPerson("maintainer")
			if way == "webhook" {
				s.hook("shared words of the two")
			}
			resolved(s)
			notice := func() {
				t.Helper()
				if way == "webhook" {
					s.must(s.GitHub.Delivered(s.ctx))
				} else {
					s.must(s.bot.app.service.LookAtPulls(s.ctx))
				}
				s.quiet()
			}
			said := func(parts ...string) {
				t.Helper()
				all := strings.Join(s.texts(s.channel("#incident")), "\n\n")
				for _, part := range parts {
					if strings.Count(all, part) != 1 {
						t.Errorf("the channel has %q %d times:\n%s", part, strings.Count(all, part), all)
					}
				}
			}
			s.edits(postmortem.Impact.Prompt(), "A reviewer knew the impact.")
			s.must(s.GitHub.Comment(1, "maintainer", "Who is on call? @channel <!here>"))
			_, path := s.post()
			s.must(s.GitHub.CommentLine(1, "maintainer", path, 3, "A better title, please"))
			s.must(s.GitHub.SubmitReview(1, "maintainer", "CHANGES_REQUESTED", "Say how we found it. @channel"))
			s.must(s.GitHub.SubmitReview(1, "maintainer", "COMMENTED", "")) // what comes with comments on lines
			notice()
			notice()
			in, err := s.bot.app.service.Incident(s.ctx, 1)
			s.must(err)
			if in.Sections["impact"] != "A reviewer knew the impact." {
				t.Errorf("Slack has %q", in.Sections["impact"])
			}
			said("Who is on call?", "A better title, please", "being reviewed", "Asks for changes", "Say how we found it.")
			s.must(s.GitHub.SubmitReview(1, "maintainer", "APPROVED", ""))
			notice()
			said("Asks for changes", "Approved.")
			// A suggestion is applied with a press from Slack, and known there.
			post, path := s.post()
			at := 1 + strings.Count(post[:strings.Index(post, "A reviewer knew the impact.")], "\n")
			s.must(s.GitHub.CommentLine(1, "maintainer", path, at, "Shorter:\n```suggestion\nNobody could pay.\n```"))
			notice()
			s.presses("dan", "#incident", "Apply it")
			s.quiet()
			s.postHolds("\nNobody could pay.\n")
			in, err = s.bot.app.service.Incident(s.ctx, 1)
			s.must(err)
			if by := in.Writing("impact").By; in.Sections["impact"] != "Nobody could pay." || by != incidents.Outsider("maintainer on GitHub") {
				t.Errorf("Slack has %q by %q", in.Sections["impact"], by)
			}
			said("Applied by @dan")
			s.must(s.GitHub.ClosePull(1, "maintainer"))
			notice()
			said("closed without being merged")
			s.presses("dan", "#incident", "Reopen pull request")
			s.quiet()
			if p := s.GitHub.Pulls()[0]; p.State != "open" {
				t.Errorf("the pull request is %s", p.State)
			}
			s.must(s.GitHub.Merge(1, "maintainer"))
			notice()
			const live = "https://blog.example.org/deployments/2026/03/17/checkout-is-down.html"
			s.holds("the card in the channel", s.summary, live)
			s.holds("the announcement", func() string { return strings.Join(s.texts("team"), "\n") }, live)
			said(":tada: The post-mortem")
			notice()
			for _, d := range s.deliveries() {
				if d.Target == incidents.GitHub {
					t.Errorf("left to deliver: %+v", d)
				}
			}
		})
	}
}

// A forged call is refused, a repeated one is taken once, and the rest do nothing.
func TestStoryHookIsChecked(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.secrets.githubHook = "shared words of the two" }})
	call := func(secret, event, id, body string) int {
		req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.bot.url+"/github/webhook", strings.NewReader(body))
		s.must(err)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		req.Header.Set("X-GitHub-Event", event)
		if strings.HasPrefix(body, "payload=") {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		req.Header.Set("X-GitHub-Delivery", id)
		resp, err := http.DefaultClient.Do(req)
		s.must(err)
		resp.Body.Close()
		return resp.StatusCode
	}
	const right, pull = "shared words of the two", `{"pull_request":{"number":1}}`
	for _, test := range []struct {
		secret, event, id, body string
		want                    int
	}{
		{"guessed", "pull_request", "a", pull, 401}, {"", "pull_request", "a", pull, 401}, {right, "ping", "b", `{"zen":"x"}`, 204},
		{right, "pull_request", "c", pull, 202}, {right, "pull_request", "c", pull, 202}, {right, "push", "d", `{"ref":"refs/heads/master"}`, 204},
		{right, "push", "e", `{"ref":"refs/heads/post-mortem/inc-1"}`, 202}, {right, "push", "f", `{"ref":`, 204},
		{right, "pull_request", "h", "payload=" + url.QueryEscape(pull), 202}, {right, "pull_request", "i", "payload=%zz", 204},
		{right, "push", "g", strings.Repeat(" ", hookMost+1), 413},
	} {
		if got := call(test.secret, test.event, test.id, test.body); got != test.want {
			t.Errorf("%s %s: %d, want %d", test.event, test.id, got, test.want)
		}
	}
}

// The pull request of an incident that was none is closed, and says why.
func TestStoryCalledOffWithdrawsThePost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("dan", "#incident", "/incident postmortem")
	s.quiet()
	s.types("dan", "#incident", "/incident calloff it was a test")
	s.quiet()
	p := s.GitHub.Pulls()[0]
	if p.State != "closed" || len(p.Comments) != 1 || !strings.Contains(p.Comments[0].Body, "called off") {
		t.Errorf("the pull request is %s with %+v", p.State, p.Comments)
	}
	s.must(s.bot.app.service.LookAtPulls(s.ctx))
	s.quiet()
	s.types("dan", "#incident", "/incident reopen")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	if p := s.GitHub.Pulls()[0]; p.State != "open" || len(s.GitHub.Pulls()) != 1 {
		t.Errorf("the pull request is %s", p.State)
	}
}

package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// seen is what a look remembers for the next one.
type seen struct {
	ETag    string `json:"etag,omitempty"`
	Head    string `json:"head,omitempty"`    // the commit of the branch
	Comment int64  `json:"comment,omitempty"` // the newest comment of the conversation
	Line    int64  `json:"line,omitempty"`    // the newest comment on a line
	Review  int64  `json:"review,omitempty"`  // the newest review
	// Asked are our own questions about conflicts, as Remark.ID.
	Asked []string `json:"asked,omitempty"`
}

// Look reads how a known pull request stands and what people newly said there. It changes nothing, and costs nothing when
// nothing has changed since the look that left the note, for GitHub does not count an answer of 304.
// See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
func (c *Client) Look(ctx context.Context, known incidents.PullRequest, written string) incidents.Outcome {
	if wait := c.quietFor(); wait > 0 {
		w := waiting(wait)
		return incidents.Outcome{Verdict: w.verdict, After: w.after, Say: w.say}
	}
	r := &run{c: c, p: Publication{Known: known}}
	var last seen
	_ = json.Unmarshal([]byte(written), &last) // one that cannot be read is none
	o, err := r.look(ctx, last)
	if err != nil {
		return failing(err, false)
	}
	return o
}

func (r *run) look(ctx context.Context, last seen) (o incidents.Outcome, err error) {
	number := r.p.Known.Number
	pull, now := &gh.PullRequest{}, last
	err = r.read(ctx, "look at pull request", func(ctx context.Context) error {
		req, err := r.c.api.NewRequest("GET", fmt.Sprintf("repos/%s/%s/pulls/%d", r.c.owner, r.c.repo, number), nil)
		if err != nil {
			return err
		}
		if last.ETag != "" {
			req.Header.Set("If-None-Match", last.ETag)
		}
		resp, err := r.c.api.Do(ctx, req, pull)
		if err == nil {
			now.ETag = resp.Header.Get("ETag")
			if fresh(resp.Header.Get("Date"), pull.GetUpdatedAt().Time) {
				now.ETag = ""
			}
		}
		return err
	})
	if status(err) == 304 {
		return incidents.DeliveredAs(incidents.Receipt{}), nil // as it was
	}
	if err != nil {
		return o, err
	}
	now.Head = pull.GetHead().GetSHA()
	// What cannot be merged is looked at by Publish, which can mend some of it.
	o.Moved = now.Head != last.Head || pull.Mergeable != nil && !pull.GetMergeable()
	o.PullRequest = incidents.PullRequest{Number: number, URL: cmp.Or(pull.GetHTMLURL(), r.p.Known.URL), State: stateOf(pull), MergedAt: mergedAt(pull)}
	said, err := r.conversation(ctx, number)
	if err != nil {
		return o, err
	}
	for _, c := range said {
		if now.Comment = max(now.Comment, c.GetID()); c.GetID() > last.Comment && !ours(c.GetBody()) {
			o.Remarks = append(o.Remarks, incidents.Remark{
				ID: "c" + strconv.FormatInt(c.GetID(), 10), By: c.GetUser().GetLogin(), Text: c.GetBody(), URL: c.GetHTMLURL(),
			})
		}
	}
	lines, err := r.reviewComments(ctx, number)
	if err != nil {
		return o, err
	}
	now.Asked = nil
	for _, c := range lines {
		if q, asks := questionOf(c); asks {
			if now.Asked = append(now.Asked, q.ID); !slices.Contains(last.Asked, q.ID) {
				o.Remarks = append(o.Remarks, q)
			}
		}
		if now.Line = max(now.Line, c.GetID()); c.GetID() > last.Line && !ours(c.GetBody()) {
			o.Remarks = append(o.Remarks, incidents.Remark{
				ID: "r" + strconv.FormatInt(c.GetID(), 10), By: c.GetUser().GetLogin(), Text: c.GetBody(), URL: c.GetHTMLURL(), Line: c.GetLine(),
				OnLine: true, Suggests: suggestionIn(c.GetBody()) != nil,
			})
		}
	}
	if now.Review, err = r.verdicts(ctx, last.Review, &o); err != nil {
		return o, err
	}
	text, _ := json.Marshal(now) // strings and numbers: it cannot fail
	o.Verdict = incidents.Delivered
	o.Receipt = incidents.Receipt{ID: strconv.Itoa(number), URL: pull.GetHTMLURL(), Note: string(text)}
	return o, nil
}

// fresh reports whether something changed so shortly before an answer that more may follow with the same time, which GitHub
// gives in whole seconds: of a second review nothing else shows in a pull request, so that its ETag would stay the same.
func fresh(answered string, updated time.Time) bool {
	at, err := http.ParseTime(answered)
	return err == nil && at.Sub(updated).Abs() <= 2*time.Second
}

// ours reports whether we wrote a comment.
func ours(body string) bool { return strings.HasPrefix(body, "<!-- watchbell:") }

func stateOf(pull *gh.PullRequest) incidents.PullState {
	switch {
	case pull.GetState() != "closed":
		return incidents.PullOpen
	case pull.GetMerged() || pull.MergedAt != nil:
		return incidents.PullMerged
	}
	return incidents.PullClosed
}

// mergedAt is when a pull request was merged; zero when it was not.
func mergedAt(pull *gh.PullRequest) time.Time { return pull.GetMergedAt().UTC() }

// conversation lists the comments on the pull request as a whole.
func (r *run) conversation(ctx context.Context, number int) (all []*gh.IssueComment, err error) {
	return everyPage(ctx, r, "list comments", func(ctx context.Context, at gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
		return r.c.api.Issues.ListComments(ctx, r.c.owner, r.c.repo, number, &gh.IssueListCommentsOptions{ListOptions: at})
	})
}

// verdicts adds what reviewers said of the whole after the review that was the newest, and returns the one that is now. The
// comments on lines that came with it are among the others. See https://docs.github.com/rest/pulls/reviews.
func (r *run) verdicts(ctx context.Context, newest int64, o *incidents.Outcome) (int64, error) {
	number := r.p.Known.Number
	all, err := everyPage(ctx, r, "list reviews", func(ctx context.Context, at gh.ListOptions) ([]*gh.PullRequestReview, *gh.Response, error) {
		return r.c.api.PullRequests.ListReviews(ctx, r.c.owner, r.c.repo, number, &at)
	})
	seen := newest
	for _, v := range all {
		text := strings.TrimSpace(v.GetBody())
		switch v.GetState() {
		case "PENDING": // not sent yet
			continue
		case "APPROVED":
			text = strings.TrimSpace("**Approved.**\n\n" + text)
		case "CHANGES_REQUESTED":
			text = strings.TrimSpace("**Asks for changes.**\n\n" + text)
		}
		if seen = max(seen, v.GetID()); v.GetID() > newest && text != "" && !ours(text) {
			o.Remarks = append(o.Remarks, incidents.Remark{
				ID: "v" + strconv.FormatInt(v.GetID(), 10), By: v.GetUser().GetLogin(), Text: text, URL: v.GetHTMLURL(),
			})
		}
	}
	return seen, err
}

// everyPage reads a list to its end.
func everyPage[T any](
	ctx context.Context, r *run, what string, read func(context.Context, gh.ListOptions) ([]T, *gh.Response, error),
) (all []T, err error) {
	at := gh.ListOptions{PerPage: 100}
	for {
		next := 0
		err = r.read(ctx, what, func(ctx context.Context) error {
			page, resp, err := read(ctx, at)
			if err == nil {
				all, next = append(all, page...), resp.NextPage
			}
			return err
		})
		if err != nil || next == 0 {
			return all, err
		}
		at.Page = next
	}
}

// Withdraw closes the known pull request, when it is open, with a comment that says why. The branch stays.
func (c *Client) Withdraw(ctx context.Context, known incidents.PullRequest, written, why string) incidents.Outcome {
	r := &run{c: c, p: Publication{Known: known, Branch: "withdrawn"}, note: readNote(written)}
	defer r.release()
	var pull *gh.PullRequest
	err := r.read(ctx, "read pull request", func(ctx context.Context) (err error) {
		pull, _, err = c.api.PullRequests.Get(ctx, c.owner, c.repo, known.Number)
		return err
	})
	if err != nil {
		return failing(err, false)
	}
	if pull.GetState() == "open" {
		if err := r.withdraw(ctx, pull, why); err != nil {
			return failing(err, r.wrote)
		}
	}
	o := r.delivered(pull, known.Path, r.note.Blob)
	if o.PullRequest.State = incidents.PullLeft; pull.MergedAt != nil {
		o.PullRequest.State, o.PullRequest.MergedAt = incidents.PullMerged, mergedAt(pull)
	}
	return o
}

func (r *run) withdraw(ctx context.Context, pull *gh.PullRequest, why string) error {
	const mark = "<!-- watchbell:withdrawn -->"
	there, err := r.comment(ctx, pull.GetNumber(), mark)
	if err != nil {
		return err
	}
	if there == nil {
		err = r.write(ctx, "comment", func(ctx context.Context) error {
			_, _, err := r.c.api.Issues.CreateComment(ctx, r.c.owner, r.c.repo, pull.GetNumber(), &gh.IssueComment{Body: gh.String(mark + "\n" + Harmless(why))})
			return err
		})
		if err != nil {
			return err
		}
	}
	return r.setState(ctx, pull.GetNumber(), "closed")
}

func (r *run) setState(ctx context.Context, number int, state string) error {
	return r.write(ctx, "set pull request "+state, func(ctx context.Context) error {
		_, _, err := r.c.api.PullRequests.Edit(ctx, r.c.owner, r.c.repo, number, &gh.PullRequest{State: gh.String(state)})
		return err
	})
}

// reopen opens a pull request again that was closed unmerged.
func (r *run) reopen(ctx context.Context, pull *gh.PullRequest) error {
	err := r.setState(ctx, pull.GetNumber(), "open")
	if status(err) == 422 {
		return impossible("GitHub does not let pull request #%d be opened again; its branch may be gone. Restore the branch there, then press “Try again”.", pull.GetNumber())
	}
	return err
}

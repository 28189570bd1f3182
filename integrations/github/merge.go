package github

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// merge has what people changed in the file brought together with what we would write.
func (r *run) merge(ctx context.Context, f *file, last mark, there string) error {
	theirs, err := r.content(ctx, there)
	if err != nil {
		return err
	}
	base, err := r.mergeBase(ctx, last, there, theirs)
	if err != nil {
		return err
	}
	merged, err := r.p.Merge(ctx, base, theirs, r.by)
	if err != nil {
		return &problem{verdict: incidents.Refused, say: "What people changed in the post could not be read back yet.", err: err}
	}
	if err := check(Publication{
		Branch: r.p.Branch, Path: f.path, Content: merged.Content, Title: r.p.Title, Message: r.p.Message,
	}); err != nil {
		return err
	}
	f.merged, f.content, f.asks = true, merged.Content, merged.Conflicts
	f.want = blobID(merged.Content)
	f.ours, f.write, f.remove = f.want, f.want != there, ""
	r.p.Body = merged.Body
	r.note.Base = pack(merged.Base)
	if merged.Base == nil || bytes.Equal(merged.Base, merged.Content) {
		r.note.Base = ""
	}
	return nil
}

// mergeBase is what both sides last had in common: the file as we wrote it when it was ours alone, else what the receipt
// says. When nobody knows, nothing is in common, and every difference is asked about.
func (r *run) mergeBase(ctx context.Context, last mark, there string, theirs []byte) ([]byte, error) {
	blob := last.blob
	if last.noted || last.merged {
		if base, err := unpack(r.note.Base); err == nil && base != nil {
			return base, nil
		}
		blob = r.note.Blob
	}
	switch {
	case blob == "":
		return nil, nil
	case blob == there:
		return theirs, nil
	}
	base, err := r.content(ctx, blob)
	if status(err) == 404 {
		return nil, nil // the history was rewritten, and GitHub has cleaned up
	}
	return base, err
}

// content reads a blob.
func (r *run) content(ctx context.Context, blob string) (content []byte, err error) {
	err = r.object(ctx, "read file", func(ctx context.Context, at fork) (err error) {
		content, _, err = r.c.api.Git.GetBlobRaw(ctx, at.owner, at.repo, blob)
		return err
	})
	return content, err
}

// pack makes a text short enough to be remembered.
func pack(text []byte) string {
	if text == nil {
		return ""
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text) // into memory: it cannot fail
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// mostBase bounds what a packed text may become.
const mostBase = 16 << 20

func unpack(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, mostBase+1))
	if err == nil && len(out) > mostBase {
		err = errors.New("the remembered text is too long")
	}
	return out, err
}

// conflictMark begins the first line of our question about a conflict, which nobody sees.
func (r *run) conflictMark(key string) string {
	return "<!-- watchbell:conflict " + r.p.Branch + " " + key + " "
}

// ask puts a question on each place that both sides changed: once, edited when our proposal changes, and when they agree
// again. A question that somebody deleted is not asked anew while the proposal is the same.
func (r *run) ask(ctx context.Context, pull *gh.PullRequest, f file) error {
	if len(f.asks) == 0 && len(r.note.Asked) == 0 {
		return nil
	}
	comments, err := r.reviewComments(ctx, pull.GetNumber())
	if err != nil {
		return err
	}
	asked := map[string]string{}
	for _, c := range f.asks {
		body := r.question(c, f.content)
		sum := sha256.Sum256([]byte(body))
		asked[c.Key] = hex.EncodeToString(sum[:6])
		there := r.asked(comments, c.Key)
		switch {
		case there == nil && r.note.Asked[c.Key] == asked[c.Key], there != nil && there.GetBody() == body:
			continue
		case there == nil:
			err = r.comments(ctx, pull, f, c, body)
		default:
			err = r.editComment(ctx, there, body)
		}
		if err != nil {
			return err
		}
	}
	for key := range r.note.Asked {
		if asked[key] != "" {
			continue
		}
		there := r.asked(comments, key)
		body := r.conflictMark(key) + "-->\nSettled: both sides say the same here now."
		if there != nil && there.GetBody() != body {
			if err := r.editComment(ctx, there, body); err != nil {
				return err
			}
		}
	}
	r.note.Asked = asked
	return nil
}

// asked finds our question about a conflict.
func (r *run) asked(comments []*gh.PullRequestComment, key string) *gh.PullRequestComment {
	for _, c := range comments {
		if strings.HasPrefix(c.GetBody(), r.conflictMark(key)) {
			return c
		}
	}
	return nil
}

// reviewComments lists the comments on lines of the pull request.
func (r *run) reviewComments(ctx context.Context, number int) (all []*gh.PullRequestComment, err error) {
	return everyPage(ctx, r, "list review comments", func(ctx context.Context, at gh.ListOptions) ([]*gh.PullRequestComment, *gh.Response, error) {
		return r.c.api.PullRequests.ListComments(ctx, r.c.owner, r.c.repo, number, &gh.PullRequestListCommentsOptions{ListOptions: at})
	})
}

// question is the comment on a conflict. What it suggests can be committed with a press.
func (r *run) question(c Conflict, content []byte) string {
	var b strings.Builder
	b.WriteString(r.conflictMark(c.Key) + c.Proposal + " -->\n")
	suggestion := c.Ours
	switch {
	case c.Lines == 0:
		b.WriteString("This was changed in Watchbell after it was taken out here, so it stays out. To have it back:\n\n")
		lines := strings.Split(string(content), "\n")
		suggestion = strings.TrimRight(lines[min(max(c.Line, 1), len(lines))-1], "\r") + "\n" + c.Ours
	case c.Ours == "":
		b.WriteString("This was taken out in Watchbell after it was changed here, so it stays. To take it out here too:\n\n")
	default:
		b.WriteString("This was changed here and in Watchbell, so what was written here stays. In Watchbell it says:\n\n")
	}
	if suggestion != "" {
		suggestion += "\n"
	}
	fence := fenced(suggestion, "suggestion")
	if suggestion == "" {
		fence = "```suggestion\n```"
	}
	b.WriteString(fence + "\n\nCommit the suggestion to take it, or change it in Slack to what stands here. Deleting this comment leaves both as they are.\n")
	return shortened(b.String(), maxBody)
}

// comments puts a question on its line; on the pull request as a whole where GitHub does not take the line.
func (r *run) comments(ctx context.Context, pull *gh.PullRequest, f file, c Conflict, body string) error {
	comment := &gh.PullRequestComment{
		Body: gh.String(body), CommitID: gh.String(f.tip), Path: gh.String(f.path), Side: gh.String("RIGHT"),
		Line: gh.Int(max(1, c.Line+max(0, c.Lines-1))),
	}
	if c.Lines > 1 {
		comment.StartLine, comment.StartSide = gh.Int(c.Line), gh.String("RIGHT")
	}
	err := r.write(ctx, "comment on a line", func(ctx context.Context) error {
		_, _, err := r.c.api.PullRequests.CreateComment(ctx, r.c.owner, r.c.repo, pull.GetNumber(), comment)
		return err
	})
	if status(err) != 422 {
		return err
	}
	existing, err := r.comment(ctx, pull.GetNumber(), r.conflictMark(c.Key))
	if err != nil || existing != nil {
		return err
	}
	return r.write(ctx, "comment", func(ctx context.Context) error {
		_, _, err := r.c.api.Issues.CreateComment(ctx, r.c.owner, r.c.repo, pull.GetNumber(), &gh.IssueComment{Body: gh.String(body)})
		return err
	})
}

func (r *run) editComment(ctx context.Context, c *gh.PullRequestComment, body string) error {
	return r.write(ctx, "edit review comment", func(ctx context.Context) error {
		_, _, err := r.c.api.PullRequests.EditComment(ctx, r.c.owner, r.c.repo, c.GetID(), &gh.PullRequestComment{Body: gh.String(body)})
		return err
	})
}

// greet asks for reviews and sets labels, once. Who cannot be asked is no reason to hold the post back.
func (r *run) greet(ctx context.Context, pull *gh.PullRequest) error {
	if r.note.Greeted || len(r.p.Reviewers) == 0 && len(r.p.Labels) == 0 {
		return nil
	}
	var people, teams []string
	for _, who := range r.p.Reviewers {
		if _, team, ok := strings.Cut(who, "/"); ok {
			teams = append(teams, team)
		} else if !strings.EqualFold(who, pull.GetUser().GetLogin()) {
			people = append(people, who)
		}
	}
	if len(r.p.Labels) > 0 {
		err := r.write(ctx, "add labels", func(ctx context.Context) error {
			_, _, err := r.c.api.Issues.AddLabelsToIssue(ctx, r.c.owner, r.c.repo, pull.GetNumber(), r.p.Labels)
			return err
		})
		if err != nil && !unasked(err) {
			return err
		}
	}
	// One name that GitHub does not know refuses them all, so each is asked for alone.
	request := func(who gh.ReviewersRequest) error {
		err := r.write(ctx, "request a review", func(ctx context.Context) error {
			_, _, err := r.c.api.PullRequests.RequestReviewers(ctx, r.c.owner, r.c.repo, pull.GetNumber(), who)
			return err
		})
		if unasked(err) {
			r.unasked = append(r.unasked, append(who.Reviewers, who.TeamReviewers...)...)
			return nil
		}
		return err
	}
	for _, who := range people {
		if err := request(gh.ReviewersRequest{Reviewers: []string{who}}); err != nil {
			return err
		}
	}
	for _, team := range teams {
		if err := request(gh.ReviewersRequest{TeamReviewers: []string{team}}); err != nil {
			return err
		}
	}
	r.note.Greeted = true
	return nil
}

// unasked reports whether GitHub refuses a reviewer or label: unknown to it, or not for those who may not push.
func unasked(err error) bool {
	code := status(err)
	return code == 422 || code == 403 || code == 404
}

// unaskedSay tells who could not be asked for a review.
func (r *run) unaskedSay() string {
	if len(r.unasked) == 0 {
		return ""
	}
	return fmt.Sprintf("GitHub does not let %s be asked for a review: check github.reviewers.", strings.Join(r.unasked, ", "))
}

package github

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// maxProposal is how many bytes of a post fit into a comment, of which GitHub takes 65,536 characters.
const maxProposal = 60_000

// propose shows in one comment what we would have written to a file that people changed. The comment is found by its
// first line, which nobody sees, and edited when the proposal changes.
func (r *run) propose(ctx context.Context, pull *gh.PullRequest) error {
	mine := "<!-- watchbell:proposal " + r.p.Branch + " "
	body := r.proposal(mine)
	comment, err := r.comment(ctx, pull.GetNumber(), mine)
	if err != nil {
		return err
	}
	if comment == nil {
		return r.write(ctx, "comment", func(ctx context.Context) error {
			_, _, err := r.c.api.Issues.CreateComment(ctx, r.c.owner, r.c.repo, pull.GetNumber(),
				&gh.IssueComment{Body: gh.String(body)})
			return err
		})
	}
	first, _, _ := strings.Cut(body, "\n")
	if strings.HasPrefix(comment.GetBody(), first) {
		return nil
	}
	return r.write(ctx, "edit comment", func(ctx context.Context) error {
		_, _, err := r.c.api.Issues.EditComment(ctx, r.c.owner, r.c.repo, comment.GetID(),
			&gh.IssueComment{Body: gh.String(body)})
		return err
	})
}

// comment finds our comment; nil when there is none.
func (r *run) comment(ctx context.Context, number int, mine string) (*gh.IssueComment, error) {
	said, err := r.conversation(ctx, number)
	for _, c := range said {
		if strings.HasPrefix(c.GetBody(), mine) {
			return c, nil
		}
	}
	return nil, err
}

func (r *run) proposal(mine string) string {
	text, whole := cutLines(string(r.p.Content), maxProposal)
	say := "The whole file as it would be now:"
	if !whole {
		say = "The beginning of the file as it would be now (all of it is too long for a comment):"
	}
	return fmt.Sprintf("%s%s -->\nThe draft changed in Watchbell after this file was edited on GitHub. "+
		"The edits here were left as they are; please take over by hand what is missing.\n\n"+
		"<details><summary>The draft in Watchbell</summary>\n\n%s\n\n%s\n\n</details>\n",
		mine, blobID(r.p.Content), say, fenced(text, "markdown"))
}

package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// Publication is what a pull request should hold.
type Publication struct {
	// Branch is where the post lives until it is merged: "post-mortem/inc-42". The pull request is found by it.
	Branch string
	// Path is the file in the repository. When the base branch holds another file there, a suffix -2, -3 … goes before
	// the extension.
	Path string
	// Content is the file, UTF-8.
	Content []byte
	// Files go beside the post in the same commit. What we put there before and is not among them any more is removed.
	Files []Attachment
	// Data is a file of the site that says what the post is about.
	Data Data
	// Title and Message (of the commits) may hold text from chat: they are made harmless here. Body is sent as it is, so
	// the caller puts such text through Harmless.
	Title, Body, Message string
	// Draft asks for a draft pull request where the repository's plan has them.
	Draft bool
	// Merge brings what people changed in the file together with Content: theirs is the file as it is on the branch, base
	// what both sides last had in common, by who changed it last as far as GitHub says. nil when a changed file is to be
	// left as it is.
	Merge func(ctx context.Context, base, theirs []byte, by string) (Merged, error)
	// Inspect reads the file as it is going to be, and says what a reviewer would; nil when nobody asks. It is shown as the
	// status of the commit, or in the description where the token may not set one ("Commit statuses: write").
	Inspect func(path string, text []byte) Report
	// Reviewers are asked for a review and Labels set when the pull request is opened: logins, "owner/team" for a team.
	Reviewers, Labels []string
	// Reopen says that the pull request is to be opened again when it was closed unmerged.
	Reopen bool
	// Known is the pull request as it was returned before; zero the first time. Written is the Note of that receipt.
	Known   incidents.PullRequest
	Written string
	// Since is when the incident was recorded. Pull requests from before belong to another incident that had the same
	// number, in a database that is no more; zero when every pull request of the branch counts.
	Since time.Time
}

// Merged is what Publication.Merge made of the two sides.
type Merged struct {
	// Content is the file as it should be, Body the description that goes with it.
	Content []byte
	Body    string
	// Base is what the next merge has for a base; nil when that is Content.
	Base []byte
	// Conflicts are the places that both sides changed, where Content has what people wrote.
	Conflicts []Conflict
}

// Conflict is a place that both sides changed differently.
type Conflict struct {
	Key     string // stays the same while the conflict lasts
	Heading string // what the place is called, for people
	// Line is its first line in Content, from 1, Lines how many there are. When people took it out, Lines is 0 and Line is
	// the line before.
	Line, Lines int
	Ours        string // what we would have there; empty for nothing
	// Proposal names Ours, in twelve hexadecimal digits: whoever answers says it, so that they answer what they were asked.
	Proposal string
}

// skew is how far GitHub's clock may be behind ours before Since misleads.
const skew = 10 * time.Minute

// before reports whether something on GitHub is older than the incident.
func (p Publication) before(at time.Time) bool {
	return !p.Since.IsZero() && at.Before(p.Since.Add(-skew))
}

// note is what a receipt remembers. What it says can also be found on GitHub; it is for when people rewrote that.
type note struct {
	Blob string `json:"blob,omitempty"` // git's id of the file as we wrote it last
	// Tip is the commit that the branch was on then.
	Tip string `json:"tip,omitempty"`
	// Base is the next merge's base, packed, where that is not the file as we wrote it.
	Base string `json:"base,omitempty"`
	// Asked are the conflicts that were asked about: the digest of the question by the conflict's key.
	Asked map[string]string `json:"asked,omitempty"`
	// Told is the digest of the status that was set last, and its commit.
	Told string `json:"told,omitempty"`
	// Files are git's ids of the files beside the post that are ours, by path; of our item alone for the data file.
	Files map[string]string `json:"files,omitempty"`
	// Joined is git's id of the base branch's data file that ours has already.
	Joined string `json:"joined,omitempty"`
	// Renamed is the path that people gave to the file; empty while it has ours.
	Renamed string `json:"renamed,omitempty"`
	// Greeted says that reviewers and labels were seen to.
	Greeted bool `json:"greeted,omitempty"`
}

// run is one call of Publish.
type run struct {
	c     *Client
	p     Publication
	note  note
	trees map[string]*gh.Tree // by id: they never change

	// unasked are the reviewers whom GitHub did not take.
	unasked []string
	// found is what Inspect said, where no status could say it.
	found string
	left  string            // why the data file was left alone
	had   map[string]string // the files beside the post that we wrote last, as in note.Files
	by    string            // who made the branch's newest commit

	holds bool // the turn to write is ours
	wrote bool // something was sent that may have had an effect
}

// Publish brings branch, file and pull request in line with p. It reads before it writes and may be called again at
// any time. Receipt.ID is the pull request's number.
//
// A file that people changed on the branch is left as it is; a comment then shows what we would have written. A merged
// pull request is left alone and counts as delivered, one that was closed unmerged is Impossible until a person reopens
// it.
func (c *Client) Publish(ctx context.Context, p Publication) incidents.Outcome {
	if wait := c.quietFor(); wait > 0 {
		w := waiting(wait)
		return incidents.Outcome{Verdict: w.verdict, After: w.after, Say: w.say}
	}
	p.Title = shortened(Harmless(p.Title), maxTitle)
	p.Message = harmlessLines(p.Message)
	if err := check(p); err != nil {
		return failing(err, false)
	}
	r := &run{c: c, p: p, note: readNote(p.Written), trees: map[string]*gh.Tree{}}
	defer r.release()
	o, err := r.publish(ctx)
	if err != nil {
		return failing(err, r.wrote)
	}
	return o
}

// check refuses what would need escaping, or would write where no post belongs.
func check(p Publication) error {
	switch {
	case !validBranch(p.Branch):
		return impossible("%q is no name for a branch that we can use.", p.Branch)
	case p.Path == "" || path.Clean(p.Path) != p.Path || path.IsAbs(p.Path) || strings.HasPrefix(p.Path, "..") ||
		!utf8.ValidString(p.Path) || strings.ContainsFunc(p.Path, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }):
		return impossible("%q is no path for a post: change post.path.", p.Path)
	case strings.HasPrefix(p.Path, ".git"):
		// Workflows live there: a post must not become one.
		return impossible("%q belongs to GitHub itself: change post.path.", p.Path)
	case !utf8.Valid(p.Content):
		return impossible("The post is not valid UTF-8, so it cannot be written to GitHub unchanged.")
	case slices.ContainsFunc(p.Files, func(a Attachment) bool { return !attached.MatchString(a.Path) }):
		return impossible("A file beside the post has a path that none may have.")
	case p.Data.Path != "" && !ValidData(p.Data.Path):
		return impossible("%q is no path for a data file: change post.data.", p.Data.Path)
	case p.Title == "" || p.Message == "":
		return impossible("The pull request has no title or its commit no message.")
	}
	return nil
}

func failing(err error, wrote bool) incidents.Outcome {
	var p *problem
	if !errors.As(err, &p) {
		return incidents.Failing(incidents.Refused, "The post could not be written to GitHub.", err)
	}
	o := incidents.Failing(p.verdict, p.say, err)
	o.After = p.after
	if wrote && o.Verdict == incidents.Deferred {
		// Deferred would mean that GitHub has seen nothing of this attempt.
		o.Verdict = incidents.Refused
	}
	return o
}

func (r *run) publish(ctx context.Context) (incidents.Outcome, error) {
	pull, err := r.find(ctx)
	if err != nil {
		return incidents.Outcome{}, err
	}
	if pull != nil && r.p.Reopen && stateOf(pull) == incidents.PullClosed {
		if err := r.reopen(ctx, pull); err != nil {
			return incidents.Outcome{}, err
		}
		pull.State = gh.String("open")
	}
	if pull != nil && pull.GetState() == "closed" {
		return r.over(pull)
	}
	f, err := r.file(ctx, pull)
	if err != nil {
		return incidents.Outcome{}, err
	}
	if f.published && pull == nil {
		return incidents.Outcome{
			Verdict: incidents.Delivered, PullRequest: incidents.PullRequest{Path: f.path},
			Say: fmt.Sprintf("The post is already on %s as it is, in %s: there is nothing to ask for.", f.base, f.path),
		}, nil
	}
	if err := r.join(ctx, &f); err != nil {
		return incidents.Outcome{}, err
	}
	if err := r.attachments(ctx, &f); err != nil {
		return incidents.Outcome{}, err
	}
	if err := r.data(ctx, &f); err != nil {
		return incidents.Outcome{}, err
	}
	if err := r.commit(ctx, &f); err != nil {
		return incidents.Outcome{}, err
	}
	r.status(ctx, f)
	if pull, err = r.ensure(ctx, pull); err != nil {
		return incidents.Outcome{}, err
	}
	if err := r.greet(ctx, pull); err != nil {
		return incidents.Outcome{}, err
	}
	if f.merged {
		if err := r.ask(ctx, pull, f); err != nil {
			return incidents.Outcome{}, err
		}
	}
	r.note.Tip = f.tip
	o := r.delivered(pull, f.path, f.ours)
	if !f.theirs {
		o.Say = r.unaskedSay()
		return o, nil
	}
	o.Say = fmt.Sprintf("The file in pull request #%d was changed on GitHub, so it was left as it is.", pull.GetNumber())
	if f.ours == f.want {
		// Nothing has changed here since: there is nothing to propose.
		return o, nil
	}
	o.Say += " Our newer text is in a comment there."
	return o, r.propose(ctx, pull)
}

// over is when the pull request is not open any more.
func (r *run) over(pull *gh.PullRequest) (incidents.Outcome, error) {
	if pull.MergedAt == nil {
		return incidents.Outcome{}, impossible("The pull request #%d was closed: reopen it on GitHub, then press “Try again”.",
			pull.GetNumber())
	}
	where := r.p.Known.Path
	if where == "" {
		where = r.p.Path
	}
	o := r.delivered(pull, where, r.note.Blob)
	o.PullRequest.State, o.PullRequest.MergedAt = incidents.PullMerged, mergedAt(pull)
	o.Say = fmt.Sprintf("The pull request #%d is already merged: changes to the post are made on GitHub now.", pull.GetNumber())
	return o, nil
}

func (r *run) delivered(pull *gh.PullRequest, path, blob string) incidents.Outcome {
	r.note.Blob = blob
	text, _ := json.Marshal(r.note) // strings: it cannot fail
	o := incidents.DeliveredAs(incidents.Receipt{
		ID: strconv.Itoa(pull.GetNumber()), URL: pull.GetHTMLURL(), Note: string(text),
	})
	o.PullRequest = incidents.PullRequest{Number: pull.GetNumber(), URL: pull.GetHTMLURL(), Path: path}
	return o
}

// readNote reads the note of a receipt. One that cannot be read is none: everything can be found again.
func readNote(text string) note {
	var n note
	_ = json.Unmarshal([]byte(text), &n)
	return n
}

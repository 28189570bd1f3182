package practice

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AddPerson makes somebody a collaborator of the repository, so that they can be asked for a review.
func (g *GitHub) AddPerson(login string) {
	g.mu.Lock()
	g.collaborators = appendNew(g.collaborators, login)
	g.mu.Unlock()
	g.changed()
}

// byHand makes a change that no token stands behind, with webhook calls like any other.
func (g *GitHub) byHand(change func() error) error {
	err := func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		defer g.flush()
		return change()
	}()
	if err == nil {
		g.changed()
	}
	return err
}

// EditFile commits new content of one file to a branch, as a reviewer does on GitHub's page. The file is made when the
// branch lacks it; the branch must exist.
func (g *GitHub) EditFile(branch, path, content, author string) error {
	return g.byHand(func() error {
		if _, found := g.refs["refs/heads/"+branch]; !found {
			return fmt.Errorf("practice: there is no branch %q", branch)
		}
		if !pathAllowed(path) {
			return fmt.Errorf("practice: %q is no path in a repository", path)
		}
		who := g.personNamed(author)
		file := gitFile{mode: "100644", sha: g.store.put("blob", []byte(content))}
		g.commitOn(branch, "Update "+path, who, who, author, func(files map[string]gitFile) { setFile(files, path, file) })
		return nil
	})
}

// onPullByHand runs a person's change on a pull request.
func (g *GitHub) onPullByHand(n int, change func(*Pull) error) error {
	return g.byHand(func() error {
		p := g.pull(n)
		if p == nil {
			return fmt.Errorf("practice: there is no pull request #%d", n)
		}
		return change(p)
	})
}

// Comment writes into the conversation of a pull request.
func (g *GitHub) Comment(n int, by, text string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		g.addComment(p, by, text)
		return nil
	})
}

// Ready takes the mark "draft" off a pull request. On GitHub only people and GraphQL can do that.
func (g *GitHub) Ready(n int, by string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		g.markReady(p, by)
		return nil
	})
}

func (g *GitHub) markReady(p *Pull, by string) {
	if p.Draft && p.State == "open" {
		p.Draft, p.Updated = false, g.o.Now()
		g.pullEvent("ready_for_review", p, by)
	}
}

// Merge merges a pull request with a merge commit, marking it as ready first if it is a draft.
func (g *GitHub) Merge(n int, by string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		if p.State != "open" || !g.mergeable(p) {
			return fmt.Errorf("practice: pull request #%d cannot be merged", n)
		}
		g.markReady(p, by)
		if refused := g.merge(p, by, false, ""); refused != nil {
			return fmt.Errorf("practice: merging #%d: status %d", n, refused.status)
		}
		return nil
	})
}

// ClosePull closes a pull request without merging it.
func (g *GitHub) ClosePull(n int, by string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		if p.State != "open" {
			return fmt.Errorf("practice: pull request #%d is closed already", n)
		}
		g.closePull(p, by)
		return nil
	})
}

// DeleteBranch deletes a branch; open pull requests from it are closed.
func (g *GitHub) DeleteBranch(name, by string) error {
	return g.byHand(func() error {
		if _, found := g.refs["refs/heads/"+name]; !found || name == githubBase {
			return fmt.Errorf("practice: branch %q cannot be deleted", name)
		}
		g.dropRef("refs/heads/"+name, by)
		return nil
	})
}

// dropRef removes a reference. GitHub closes a pull request whose branch is gone.
func (g *GitHub) dropRef(name, by string) {
	delete(g.refs, name)
	home := g.home()
	for _, p := range home.pulls {
		if p.State == "open" && home.headOf(p) == g && name == "refs/heads/"+p.Head {
			home.closePull(p, by)
		}
	}
}

// Pulls returns copies of all pull requests, oldest first.
func (g *GitHub) Pulls() []Pull {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Pull, 0, len(g.pulls))
	for _, p := range g.pulls {
		c := p.clone()
		c.URL = g.web(pullPath(p))
		out = append(out, c)
	}
	return out
}

// Branches lists the names of all branches in order.
func (g *GitHub) Branches() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	names := g.refNames("refs/heads/")
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, "refs/heads/")
	}
	return names
}

// File reads a file at a branch, tag or commit; the default branch when ref is empty.
func (g *GitHub) File(ref, path string) (content string, found bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sha, found := g.resolve(ref)
	if !found {
		return "", false
	}
	c, _ := g.store.commit(sha)
	entry, found := g.store.entryAt(c.tree, path)
	if !found {
		return "", false
	}
	data, found := g.store.blob(entry.sha)
	return string(data), found
}

// Files lists the paths of all files at a branch, tag or commit, in order.
func (g *GitHub) Files(ref string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var paths []string
	for path := range g.filesAt(ref) {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// filesAt is every file at a reference; nothing when there is no such reference.
func (g *GitHub) filesAt(ref string) map[string]gitFile {
	sha, found := g.resolve(ref)
	if !found {
		return nil
	}
	c, _ := g.store.commit(sha)
	return g.store.files(c.tree)
}

// LogEntry is a commit as a list of commits shows it.
type LogEntry struct {
	SHA, Author, Message string
	Parents              []string
	At                   time.Time
}

// Log lists the commits of a branch, tag or commit, newest first.
func (g *GitHub) Log(ref string) []LogEntry {
	g.mu.Lock()
	defer g.mu.Unlock()
	sha, found := g.resolve(ref)
	if !found {
		return nil
	}
	var out []LogEntry
	for _, c := range g.store.history(sha) {
		out = append(out, LogEntry{
			SHA: c.sha, Author: c.author.name, Message: c.message, Parents: slices.Clone(c.parents), At: c.author.at,
		})
	}
	return out
}

// Diff is what a pull request changes, as git diff prints it; empty when there is no such pull request.
func (g *GitHub) Diff(n int) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pull(n)
	if p == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range g.pullChanges(p) {
		b.WriteString(c.text())
	}
	return b.String()
}

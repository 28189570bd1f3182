package practice

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// siteFiles is a small Jekyll site of an invented company, the first content of the repository.
//
//go:embed all:site
var siteFiles embed.FS

// siteFirstCommit is when the site was committed; fixed, so that the first commit has the same name in each run.
var siteFirstCommit = time.Date(2025, 9, 3, 8, 0, 0, 0, time.UTC)

// seed commits the site to the default branch.
func (g *GitHub) seed() {
	files := make(map[string]gitFile)
	err := fs.WalkDir(siteFiles, "site", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := siteFiles.ReadFile(path)
		if err != nil {
			return err
		}
		files[path[len("site/"):]] = gitFile{mode: "100644", sha: g.store.put("blob", data)}
		return nil
	})
	if err != nil {
		panic("practice: the embedded site cannot be read: " + err.Error())
	}
	who := gitPerson{name: "ana", email: "ana@users.noreply.github.com", at: siteFirstCommit}
	g.refs["refs/heads/"+githubBase] = g.store.putCommit(gitCommit{
		tree: g.store.putFiles(files), author: who, committer: who, message: "Begin the site\n",
	})
}

// WriteSite writes every file at a branch, tag or commit under dir, which is made when it is missing. Files that are
// there already are overwritten, others stay. Paths in a repository cannot lead out of dir.
func (g *GitHub) WriteSite(dir, ref string) error {
	contents := make(map[string][]byte)
	g.mu.Lock()
	_, found := g.resolve(ref)
	for path, f := range g.filesAt(ref) {
		if data, is := g.store.blob(f.sha); is {
			contents[path] = data
		}
	}
	g.mu.Unlock()
	if !found {
		return fmt.Errorf("practice: the repository has no branch or commit %q", ref)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("practice: writing the site: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("practice: writing the site: %w", err)
	}
	defer root.Close()
	for path, data := range contents {
		name := filepath.FromSlash(path)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("practice: writing the site: %w", err)
		}
		if err := root.WriteFile(name, data, 0o644); err != nil {
			return fmt.Errorf("practice: writing the site: %w", err)
		}
	}
	return nil
}

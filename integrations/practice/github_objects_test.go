package practice

import (
	"bytes"
	"compress/zlib"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"
	"pgregory.net/rapid"
)

// git runs git in a folder, without anybody's configuration.
func git(t *testing.T, dir string, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// export writes every object and reference of the store into a real repository.
func export(t *testing.T, g *GitHub) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: the objects are not compared with it")
	}
	dir := t.TempDir()
	git(t, dir, "", "init", "--quiet", "--bare", ".")
	write := func(path string, data []byte) {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for sha, o := range g.store.objects {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		if _, err := z.Write(append([]byte(o.kind+" "+strconv.Itoa(len(o.data))+"\x00"), o.data...)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		write("objects/"+sha[:2]+"/"+sha[2:], packed.Bytes())
	}
	for name, sha := range g.refs {
		write(name, []byte(sha+"\n"))
	}
	return dir
}

func TestGitHubObjectsAreGits(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "ä first\nno last line break")
	if _, err := a.open("post-mortem/inc-1", false); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.EditFile("post-mortem/inc-1", "_layouts.txt", "sorted beside a folder\n", "ben"); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.EditFile("post-mortem/inc-1", "README.md", "# Another\n", "ben"); err != nil {
		t.Fatal(err)
	}
	diff := w.GitHub.Diff(1)
	if err := w.GitHub.Merge(1, "ana"); err != nil {
		t.Fatal(err)
	}
	repo := export(t, w.GitHub)
	git(t, repo, "", "fsck", "--full", "--strict", "--no-dangling")
	for _, path := range w.GitHub.Files("master") {
		content, _ := w.GitHub.File("master", path)
		if got := git(t, repo, "", "show", "master:"+path); got != content {
			t.Errorf("%s: git reads %q", path, got)
		}
		stored := strings.TrimSpace(git(t, repo, "", "rev-parse", "master:"+path))
		if hashed := strings.TrimSpace(git(t, repo, content, "hash-object", "--stdin")); hashed != stored {
			t.Errorf("%s: git names it %s, the store %s", path, hashed, stored)
		}
	}
	log := w.GitHub.Log("master")
	if n := strings.Count(git(t, repo, "", "log", "--format=%H", "master"), "\n"); n != len(log) || n != 5 {
		t.Errorf("git counts %d commits, the store %d, want 5", n, len(log))
	}
	if s := strings.TrimSpace(git(t, repo, "", "log", "-1", "--format=%an %P")); s != "ana "+strings.Join(log[0].Parents, " ") {
		t.Errorf("git shows the merge as %q", s)
	}
	work := t.TempDir()
	git(t, work, "", "clone", "--quiet", repo, ".")
	git(t, work, "", "checkout", "--quiet", "master~1")
	git(t, work, diff, "apply", "--index", "-")
	if after, want := strings.TrimSpace(git(t, work, "", "write-tree")), strings.TrimSpace(git(t, repo, "", "rev-parse", "master^{tree}")); after != want {
		t.Errorf("applying the diff gives tree %s, the merge has %s:\n%s", after, want, diff)
	}
}

// What a set of files becomes as trees can be read back as the same set.
func TestGitHubTreesHoldWhatWasPutIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := gitStore{objects: make(map[string]gitObject)}
		files := make(map[string]gitFile)
		paths := rapid.SliceOf(rapid.StringMatching(`[ab.-]{1,2}(/[ab]{1,2}){0,2}`)).Draw(t, "paths")
		for _, path := range paths {
			if pathAllowed(path) {
				setFile(files, path, gitFile{mode: "100644", sha: s.put("blob", []byte(path))})
			}
		}
		tree := s.putFiles(files)
		back := s.files(tree)
		if len(back) != len(files) {
			t.Fatalf("%d files became %d", len(files), len(back))
		}
		for path, f := range files {
			if back[path] != f {
				t.Fatalf("%s = %v, want %v", path, back[path], f)
			}
			if e, found := s.entryAt(tree, path); !found || e.sha != f.sha {
				t.Fatalf("%s is not found", path)
			}
		}
		if again := s.putFiles(back); again != tree {
			t.Fatalf("the same files have trees %s and %s", tree, again)
		}
	})
}

// The lines of a diff without its additions are the old text, without its removals the new one.
func TestGitHubDiffKeepsBothSides(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`([abc]\n){0,12}[ab]?`)
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var was, is strings.Builder
		for _, l := range compare(splitLines(before), splitLines(after)) {
			if l.mark != '+' {
				was.WriteString(l.text)
			}
			if l.mark != '-' {
				is.WriteString(l.text)
			}
		}
		if was.String() != before || is.String() != after {
			t.Fatalf("from %q to %q the diff goes from %q to %q", before, after, was.String(), is.String())
		}
	})
}

func TestGitHubDiff(t *testing.T) {
	t.Parallel()
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"
	after := "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm"
	patch, added, removed := unified(before, after)
	want := "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -10,3 +10,4 @@\n j\n k\n l\n+m\n\\ No newline at end of file"
	if patch != want || added != 2 || removed != 1 {
		t.Errorf("+%d -%d\n%s", added, removed, patch)
	}
}

// Every way in which entries change a tree, as the client writes them.
func TestGitHubTreeEntries(t *testing.T) {
	t.Parallel()
	_, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	c, _, err := a.c.Git.GetCommit(a.ctx, "owner", "site", a.head("master"))
	if err != nil {
		t.Fatal(err)
	}
	blob, _, err := a.c.Git.CreateBlob(a.ctx, "owner", "site", &github.Blob{Content: github.String("AAEC"), Encoding: github.String("base64")})
	if err != nil {
		t.Fatal(err)
	}
	tree, _, err := a.c.Git.CreateTree(a.ctx, "owner", "site", c.Tree.GetSHA(), []*github.TreeEntry{
		{Path: github.String("README.md"), Mode: github.String("100644"), Type: github.String("blob")}, // no sha: deleted
		{Path: github.String("assets/1.png"), Mode: github.String("100644"), Type: github.String("blob"), SHA: blob.SHA},
	})
	if err != nil {
		t.Fatal(err)
	}
	whole, _, err := a.c.Git.GetTree(a.ctx, "owner", "site", tree.GetSHA(), true)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, e := range whole.Entries {
		paths = append(paths, e.GetPath())
	}
	all := strings.Join(paths, " ")
	if strings.Contains(all, "README.md") || !strings.Contains(all, "assets assets/1.png") || !strings.Contains(all, "_posts/deployments/2025-03-11-post-mortem-uploads.md") {
		t.Errorf("tree = %s", all)
	}
	raw, _, err := a.c.Git.GetBlobRaw(a.ctx, "owner", "site", blob.GetSHA())
	if err != nil || !bytes.Equal(raw, []byte{0, 1, 2}) {
		t.Errorf("blob = %v, %v", raw, err)
	}
	_, _, err = a.c.Git.CreateTree(a.ctx, "owner", "site", c.Tree.GetSHA(), []*github.TreeEntry{
		{Path: github.String("nothing.md"), Mode: github.String("100644"), Type: github.String("blob")},
	})
	says(t, "deleting what is not there", err, 422, "BadObjectState")
}

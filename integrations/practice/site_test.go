package practice

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSiteIsWritten(t *testing.T) {
	t.Parallel()
	w := New(Options{Now: newTestClock().now})
	if err := w.GitHub.EditFile("master", "notes/a.md", "hello\n", "ana"); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := w.GitHub.WriteSite(dir, "master"); err != nil {
		t.Fatal(err)
	}
	for _, path := range w.GitHub.Files("master") {
		want, _ := w.GitHub.File("master", path)
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if err := w.GitHub.WriteSite(dir, "no-such-branch"); err == nil {
		t.Error("a branch that is not there was written")
	}
}

// The first commit is the same in each run, so that what a drill prints does not change.
func TestSiteIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	one, two := New(Options{Now: clock.now}), New(Options{})
	if a, b := one.GitHub.Log("")[0].SHA, two.GitHub.Log("")[0].SHA; a != b {
		t.Errorf("the first commit is %s and %s", a, b)
	}
}

func TestSiteIsBuiltByJekyll(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("building the site takes a second or two")
	}
	jekyll, err := exec.LookPath("jekyll")
	if err != nil {
		t.Skip("jekyll is not installed: the site is not built")
	}
	w := New(Options{Now: newTestClock().now})
	dir := t.TempDir()
	if err := w.GitHub.WriteSite(dir, ""); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(jekyll, "build", "--strict_front_matter", "--source", dir, "--destination", filepath.Join(dir, "_site"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("jekyll: %v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.Join(dir, "_site/2025/03/11/post-mortem-uploads/index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "<h2") || !strings.Contains(string(page), "11/03/2025 09:19") || strings.Contains(string(page), "<table") {
		t.Errorf("page:\n%s", page)
	}
	index, err := os.ReadFile(filepath.Join(dir, "_site/index.html"))
	if err != nil || strings.Count(string(index), "<time") != 2 {
		t.Errorf("index: %v\n%s", err, index)
	}
}

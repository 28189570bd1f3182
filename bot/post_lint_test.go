package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const lintedPost = "---\nlayout: post\ntitle: \"The light went out\"\n---\n\nIt was dark, see https://light.example/1.\n\n" +
	"## Timeline (times in UTC)\n\n- 2024-07-03 12:00: out\n- 2024-07-03 13:00: on, I think\n"

// posts writes files into a folder of their own.
func posts(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "_posts")
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestPostLint(t *testing.T) {
	clean := strings.NewReplacer("https://light.example/1", "the log", ", I think", "").Replace(lintedPost)
	folder := posts(t, map[string]string{"2024-07-05-light.md": lintedPost, "a/2024-07-06-clean.md": clean})
	file := filepath.Join(folder, "2024-07-05-light.md")

	stdout, stderr, code := command(t, "", "post", "lint", folder)
	want := file + ":6: warning: The page does not link https://light.example/1. Write <https://light.example/1> or [words](https://light.example/1). [bare-url]\n" +
		file + ":11: warning: \"I\" speaks of one person. Write we, or name the team or role. [first-person]\n"
	if stdout != want || stderr != "" || code != exitFailed {
		t.Errorf("exit code %d, %s\n%s\nwant\n%s", code, stderr, stdout, want)
	}
	stdout, _, _ = command(t, "", "post", "lint", "-format", "github", file)
	if want := ",line=11,title=first-person::\"I\" speaks of one person. Write we, or name the team or role.\n"; !strings.HasPrefix(stdout, "::warning file=") || !strings.HasSuffix(stdout, want) {
		t.Errorf("annotations:\n%s", stdout)
	}
	stdout, _, _ = command(t, "", "post", "lint", file, "-format=json")
	var found []map[string]any
	if err := json.Unmarshal([]byte(stdout), &found); err != nil || len(found) != 2 || found[0]["rule"] != "bare-url" || found[0]["line"] != 6.0 || found[0]["fixable"] != true || found[1]["level"] != "warning" {
		t.Errorf("%v: %s", err, stdout)
	}
	if stdout, _, code = command(t, "", "post", "lint", "-off", "bare-url,first-person", file); code != exitOK || stdout != "" {
		t.Errorf("with the rules off: %d, %s", code, stdout)
	}
	if stdout, _, code = command(t, "", "post", "lint", "-fail-on", "error", file); code != exitOK || stdout == "" {
		t.Errorf("only errors fail: %d, %s", code, stdout)
	}
	if stdout, _, code = command(t, lintedPost, "post", "lint", "-"); code != exitFailed || !strings.HasPrefix(stdout, "-:6: ") {
		t.Errorf("from the standard input: %d, %s", code, stdout)
	}
	stdout, _, code = command(t, "", "post", "lint", "-fix", file)
	text, _ := os.ReadFile(file)
	if want := strings.Replace(lintedPost, "https://light.example/1", "<https://light.example/1>", 1); string(text) != want || code != exitFailed || strings.Contains(stdout, "bare-url") {
		t.Errorf("mended: %d\n%s\n%s", code, stdout, text)
	}
	if stdout, _, code = command(t, "", "post", "lint", filepath.Join(folder, "a")); code != exitOK || stdout != "" {
		t.Errorf("a clean post: %d, %s", code, stdout)
	}
	if stdout, _, _ = command(t, "", "post", "lint", "-rules"); strings.Count(stdout, "\n") < 35 || !strings.Contains(stdout, "same-url ") {
		t.Errorf("the rules:\n%s", stdout)
	}

	// One folder for each category does not keep addresses apart.
	folder = posts(t, map[string]string{"a/2024-07-05-light.md": clean, "b/2024-07-05-light.md": clean})
	if stdout, _, code = command(t, "", "post", "lint", filepath.Join(folder, "b", "2024-07-05-light.md")); code != exitFailed || !strings.Contains(stdout, "[same-url]") || !strings.Contains(stdout, "/2024/07/05/light/") {
		t.Errorf("two posts with one address: %d, %s", code, stdout)
	}
}

func TestPostLintRefuses(t *testing.T) {
	empty := t.TempDir()
	for args, want := range map[string]string{
		"post lint":                       "no file is named",
		"post lint " + empty:              "holds no Markdown file",
		"post lint " + empty + "/none.md": "cannot be read",
		"post lint -fix -":                "name a file",
		"post lint -format xml x.md":      "text, json and github",
		"post lint -fail-on doubt x.md":   "error, warning and note",
		"post lint -off salt x.md":        "-rules lists them",
		"post lint -colour x.md":          "flag provided but not defined",
	} {
		if stdout, stderr, code := command(t, "", strings.Fields(args)...); code != exitUsage || !strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %d and %q; printed %q", args, code, stderr, exitUsage, want, stdout)
		}
	}
}

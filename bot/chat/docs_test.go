package chat

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// onButtons are verbs that nobody types: buttons send them.
var onButtons = []string{"take", "keep", "suggestion", "remark", "fine"}

// What can be typed is in the table of commands, and what is in the table can be typed.
func TestDocsHaveEveryVerb(t *testing.T) {
	text, err := os.ReadFile("../../docs/using.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| command | what it does |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	typed := map[string]bool{}
	for row := range strings.Lines(table) {
		for _, m := range regexp.MustCompile("`([a-z]+)").FindAllStringSubmatch(strings.Split(row, " | ")[0], -1) {
			typed[m[1]] = true
		}
	}
	for _, v := range verbs() {
		if !typed[v.name] && !slices.Contains(onButtons, v.name) {
			t.Errorf("docs/using.md does not tell of the verb %q: add `%s` and what it does to the table under Commands", v.name, strings.TrimSpace(v.name+" "+v.usage))
		}
		delete(typed, v.name)
	}
	for name := range typed {
		t.Errorf("docs/using.md tells of the verb %q, which is not in the table of bot/chat/verbs.go", name)
	}
}

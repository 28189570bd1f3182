package github

import "testing"

// What a reviewer suggests is read as GitHub reads it, whatever stands in it and around it.
func TestSuggestionIn(t *testing.T) {
	for name, test := range map[string]struct {
		body, want string
		none       bool
	}{
		"plain":                {"Better:\n```suggestion\nOne.\nTwo.\n```\nbye", "One.\nTwo.\n", false},
		"carriage returns":     {"x\r\n```suggestion\r\nOne.\r\n```\r\n", "One.\n", false},
		"nothing":              {"```suggestion\n```", "", false},
		"fence in the text":    {"```suggestion\nUse ```x``` here\n```", "Use ```x``` here\n", false},
		"code in it":           {"````suggestion\n```sh\nls\n```\n````", "```sh\nls\n```\n", false},
		"tildes":               {"~~~suggestion\nOne.\n~~~", "One.\n", false},
		"indented":             {"Hm\n  ```suggestion\n  One.\n    Two.\n  ```", "One.\n  Two.\n", false},
		"behind other code":    {"```\nold\n```\n``` suggestion\nnew\n```", "new\n", false},
		"shown, not meant":     {"````\n```suggestion\nOne.\n```\n````", "", true},
		"not closed":           {"```suggestion\nOne.", "", true},
		"another word":         {"```suggestions\nOne.\n```", "", true},
		"in a line":            {"write ```suggestion``` above it", "", true},
		"what we ask with":     {fenced("```\nls\n```", "suggestion"), "```\nls\n```\n", false},
		"too far to the right": {"    ```suggestion\n    One.\n    ```", "", true},
	} {
		if got := suggestionIn(test.body); string(got) != test.want || (got == nil) != test.none {
			t.Errorf("%s: %q, %v", name, got, got == nil)
		}
	}
}

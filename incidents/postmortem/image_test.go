package postmortem

import (
	"strings"
	"testing"
	"time"
)

// An image stands below its entry's words, in the same item, and is read back as it was written.
func TestImagesBelowAnEntry(t *testing.T) {
	line := Image("Errors] rise\n{{ x }} <b>", "/images/posts/checkout-is-down/graph.png")
	if Safe(line) != line || strings.Contains(line, "{{") || strings.Contains(line, "\n") {
		t.Errorf("the line is %q, made safe %q", line, Safe(line))
	}
	at := time.Date(2026, 3, 17, 9, 10, 0, 0, time.UTC)
	for _, name := range Templates() {
		style, _ := Template(name)
		d := Draft{Title: "x", Timeline: []Entry{
			{At: at, Text: "errors rise\n" + line + "\n" + Image("", "/images/posts/checkout-is-down/b.png")}, {At: at.Add(time.Minute), Text: "then"},
		}}
		text := d.Render(style)
		p, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := Render(p, p.Style); got != text {
			t.Errorf("%s: rendered again\n%s\nwant\n%s", name, got, text)
		}
		if len(p.Timeline) != 2 || p.Timeline[0].Text != d.Timeline[0].Text {
			t.Errorf("%s: read as %+v from\n%s", name, p.Timeline, text)
		}
	}
}

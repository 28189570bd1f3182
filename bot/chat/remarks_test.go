package chat

import (
	"strings"
	"testing"

	"watchbell/incidents"
)

func TestRemarks(t *testing.T) {
	in := incidents.Incident{Number: 7}
	all := []Remark{{"Impact", "34 minutes <b>", "Write 45"}, {"Timeline", "two", "b"}, {"Timeline", "three", "c"}}
	m := WithRemarks(Message{}, in, all)
	if want := "*A reviewer of the post of #7 would say* 3 things:\n• *Impact*: 34 minutes &lt;b&gt;. _Write 45._\n• *Timeline*: two. _b._\n• *Timeline*: three. _c._"; m.Text != want || len(m.Blocks) != 1 {
		t.Errorf("%d blocks, %s", len(m.Blocks), m.Text)
	}
	m = WithRemarks(Message{Text: "First."}, in, append(all, Remark{Where: "Timeline", Text: "four", Fix: "d"}))
	last := m.Blocks[len(m.Blocks)-1]
	if !strings.HasPrefix(m.Text, "First.\n*A reviewer") || strings.Contains(m.Text, "four") || len(last.Buttons) != 1 || last.Buttons[0].Label != "Show all 4" || last.Buttons[0].Action != "lint" {
		t.Errorf("%s\n%+v", m.Text, last)
	}
	if m := WithRemarks(Message{Text: "First."}, in, nil); m.Text != "First." || len(m.Blocks) != 0 {
		t.Errorf("without any: %+v", m)
	}
}

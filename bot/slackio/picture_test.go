package slackio

import (
	"strings"
	"testing"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// TestPicture: it goes to the person alone, once for an event, and when it cannot they are told why.
func TestPicture(t *testing.T) {
	r := newRig(t)
	n := incidents.Notice{Key: "command/1", Channel: r.id(practice.TeamChannel), User: r.id("ana")}
	p := &chat.Picture{Name: "p.png", Text: "*2 incidents*", Draw: func() ([]byte, string, error) { return []byte("\x89PNG\r\n\x1a\n"), "two", nil }}
	for range 2 {
		r.in.picture(t.Context(), n, p)
		r.in.Close(t.Context())
	}
	r.in.picture(t.Context(), n, nil)
	shared := 0
	for _, c := range r.s.Channels() {
		for _, m := range r.s.Messages(c.ID) {
			for _, f := range m.Files {
				if shared++; !c.IsIM || m.Text != "*2 incidents*" || f.Alt != "two" || f.Name != "p.png" {
					t.Errorf("in %+v: %+v", c, m)
				}
			}
		}
	}
	if shared != 1 {
		t.Errorf("%d pictures came", shared)
	}
	r.valid()
	for call, want := range map[string]string{
		"files.getUploadURLExternal":   "scope files:write",
		"files.completeUploadExternal": "trouble of its own",
		"upload":                       "trouble of its own",
	} {
		fault := practice.Fault{Service: "slack", Call: call, Status: 503, Times: 1}
		if strings.Contains(want, "scope") {
			fault.Status, fault.Body = 200, `{"ok":false,"error":"missing_scope","needed":"files:write"}`
		}
		r.w.Faults.Add(fault)
		n.Key = "command/" + call
		r.in.picture(t.Context(), n, p)
		r.in.Close(t.Context())
		told := r.s.Ephemerals("ana")
		if last := told[len(told)-1].Text; !strings.Contains(last, want) || !strings.HasPrefix(last, ":x: The picture could not be sent") {
			t.Errorf("%s: they are told %q", call, last)
		}
	}
}

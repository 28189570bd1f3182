package practice

import (
	"strings"
	"testing"
	"time"
)

// What somebody typed can be read back from what the bot gets, and holds no reference that they did not make.
func FuzzSlackTyped(f *testing.F) {
	for _, seed := range []string{
		"", "@ana", "@ANA, #team.", "<!channel> & <@U1>", "https://x.io/?a=1&b=<c>", "`@ana`", "``` x ```", "&amp;lt;", "mail@ana", "@", "http://",
	} {
		f.Add(seed)
	}
	w := New(Options{Now: func() time.Time { return time.Unix(1700000000, 0) }})
	w.Slack.AddUser("ana", "Ana Example", "UTC")
	f.Fuzz(func(t *testing.T, text string) {
		s := w.Slack
		s.mu.Lock()
		defer s.mu.Unlock()
		message, blocks := s.encodeTyped(text)
		for _, encoded := range []string{message, s.encodeCommand(text)} {
			if strings.Contains(encoded, "<!") {
				t.Errorf("%q became %q", text, encoded)
			}
			if got := s.mrkdwn(encoded); !strings.Contains(text, "|") && !strings.EqualFold(got, text) {
				t.Errorf("%q is read back as %q", text, got)
			}
		}
		if text != "" && len(blocks) == 0 {
			t.Errorf("%q has no blocks", text)
		}
	})
}

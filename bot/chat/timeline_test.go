package chat

import (
	"strings"
	"testing"
)

func TestReadView(t *testing.T) {
	for _, c := range []struct {
		args   string
		page   int
		filter string
	}{
		{"", 1, ""}, {"mine", 1, "mine"}, {"page 3", 3, ""}, {"page 2 all", 2, "all"}, {"all page 2", 2, "all"},
		{"the queue page 12", 12, "the queue"}, {"page", 1, "page"}, {"homepage 2", 1, "homepage 2"}, {"<@U1|ana>", 1, "<@U1|ana>"},
	} {
		v := readView(c.args)
		if v.page != c.page || v.filter != c.filter {
			t.Errorf("%q: %+v", c.args, v)
		}
		if again := readView(v.args()); again != v {
			t.Errorf("%q: %+v comes back as %+v", c.args, v, again)
		}
	}
}

func TestMentionsStayInSlackAndGoOutside(t *testing.T) {
	for _, c := range []struct{ text, inSlack, outside string }{
		{"asked <@U1>", "asked <@U1>", "asked the ops role"},
		{"asked **<@U2|ben>** in <#C1|deploys>", "asked *<@U2>* in <#C1>", "asked **someone** in a private channel"},
		{"<!channel> look", "&lt;!channel&gt; look", "<!channel> look"}, // what is written outside is made safe elsewhere
		{"x < y", "x &lt; y", "x < y"},
	} {
		if got := mentioned(Slack(unmentioned(c.text))); got != c.inSlack {
			t.Errorf("%q in Slack: %q", c.text, got)
		}
		names := Names{User: func(id string) string { return map[string]string{"U1": "the ops role"}[id] }}
		if got := Unnamed(c.text, names); got != c.outside {
			t.Errorf("%q outside: %q", c.text, got)
		}
	}
	if got := mentioned(Typed("asked &lt;@U9&gt; and <@U1|ana>", keepNames)); strings.Contains(got, "<@U9") || !strings.Contains(got, "<@U1>") {
		t.Errorf("typed: %q", got)
	}
}

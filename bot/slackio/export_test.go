package slackio

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"watchbell/incidents"
)

func exportOf(files ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		fs[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fs
}

const exportChannels = `[{"id":"C1","name":"general"},{"id":"C2","name":"outage","members":["U1"]}]`

func TestReadExport(t *testing.T) {
	files := exportOf(
		"export/channels.json", exportChannels,
		"export/users.json", `[{"id":"U1","name":"ana","profile":{"real_name":"Ana Lima"}},{"id":"U2","name":"ben","profile":5}]`,
		"export/outage/2023-06-21.json", `[{"type":"message","user":"U2","text":"late reply","ts":"1687300000.000200","thread_ts":"1687262520.000100"}]`,
		"export/outage/2023-06-20.json", `[
			{"type":"message","subtype":"channel_join","user":"U1","text":"<@U1> has joined","ts":"1687262400.000100"},
			{"type":"message","user":"U1","text":"it is down, <@U2>","ts":"1687262520.000100","thread_ts":"1687262520.000100",
			 "edited":{"user":"U1","ts":"1687262530.000000"},"reactions":[{"name":"pushpin","users":["U2"],"count":1},{"name":"wave::skin-tone-2","count":2}]},
			{"type":"message","user":"U1","text":"it is down, <@U2>","ts":"1687262520.000100"},
			{"type":"message","subtype":"bot_message","bot_id":"B1","text":"","ts":"1687262500.000000","attachments":[{"fallback":"ALERT checkout"}]},
			{"type":"message","user":"U1","text":"","ts":"1687262600.000000","files":[{"name":"graph.png","url_private":"https://files.example/secret"}]},
			{"type":"message","user":"U9","text":"ours","ts":"1687262700.000000","metadata":{"event_type":"watchbell","event_payload":{"key":"inc-1/summary"}}},
			{"type":"message","user":"U1","text":"no time","ts":"yesterday"},
			{"type":"message","user":"U1","text":5,"ts":"1687262800.000000"},
			7
		]`,
		"export/outage/notes.txt", "no messages",
		"export/outage/2023-06-22.json", `{"broken`,
	)
	got, err := ReadExport(files, "#Outage")
	if err != nil {
		t.Fatal(err)
	}
	if got.Channel != (incidents.Channel{ID: "C2", Name: "outage"}) || got.Names["U1"] != "Ana Lima" || got.Names["U2"] != "ben" {
		t.Errorf("channel %+v, names %v", got.Channel, got.Names)
	}
	var texts []string
	for _, m := range got.Messages {
		texts = append(texts, m.Text)
	}
	if all := strings.Join(texts, " | "); all != "ALERT checkout | it is down, <@U2> | [file: graph.png] | late reply" {
		t.Errorf("the messages are %s", all)
	}
	m := got.Messages[1]
	if m.Source != (incidents.Source{Channel: "C2", TS: "1687262520.000100"}) || m.At != time.Date(2023, 6, 20, 12, 2, 0, 100_000, time.UTC) ||
		m.Author != "U1" || m.Reply || m.EditedAt.Unix() != 1687262530 || strings.Join(m.Reactions, " ") != "pushpin wave" {
		t.Errorf("the message is %+v", m)
	}
	if !got.Messages[3].Reply {
		t.Errorf("the reply is %+v", got.Messages[3])
	}
	problems := strings.Join(got.Problems, "\n")
	for _, want := range []string{"2023-06-22.json was left out: it is not JSON", "2023-06-20.json: message 7 was left out"} {
		if !strings.Contains(problems, want) {
			t.Errorf("%q is not among the problems\n%s", want, problems)
		}
	}
}

func TestReadExportExplains(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"nothing":            {exportOf(), "this is no export of Slack's"},
		"something else":     {exportOf("readme.md", "hello"), "this is no export of Slack's"},
		"another channel":    {exportOf("channels.json", exportChannels), `has no channel "missing"; it has general, outage`},
		"broken index":       {exportOf("channels.json", "{"), "the export names no channel: channels.json: it is not JSON"},
		"no folder":          {exportOf("groups.json", `[{"id":"G1","name":"missing"}]`), "there is no folder of that name"},
		"a way out":          {exportOf("groups.json", `[{"id":"G1","name":"missing"},{"id":"../..","name":"../../etc"}]`), "there is no folder of that name"},
		"index of odd kinds": {exportOf("channels.json", `[5,{"id":7},{"name":"missing"}]`), "the export has no channel"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadExport(c.files, "missing"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, wanted %q", err, c.want)
			}
		})
	}
	if _, err := ReadExport(exportOf("channels.json", `[{"id":"../..","name":"../../etc"}]`), "../../etc"); err == nil {
		t.Error("a channel's name leads out of the export")
	}
}

func FuzzReadExport(f *testing.F) {
	f.Add(exportChannels, `[{"user":"U1","text":"x","ts":"1687262520.000100","reactions":[{"name":"pushpin"}]}]`)
	f.Fuzz(func(t *testing.T, index, day string) {
		got, err := ReadExport(exportOf("channels.json", index, "outage/2023-06-20.json", day), "outage")
		if err != nil {
			return
		}
		for _, m := range got.Messages {
			if m.At.IsZero() || m.Source.Channel == "" || strings.TrimSpace(m.Text) == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}

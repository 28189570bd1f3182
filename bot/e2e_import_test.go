package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watchbell/incidents"
)

// writeExport writes an export as Slack makes them, as a folder and as a ZIP file. id is that of the channel "outage".
func writeExport(t *testing.T, id string, day string) (folder, archive string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "export")
	archive = folder + ".zip"
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	packed := zip.NewWriter(f)
	for name, text := range map[string]string{
		"channels.json":          `[{"id":"` + id + `","name":"outage"}]`,
		"users.json":             `[{"id":"U7","profile":{"real_name":"Gil"}}]`,
		"outage/2023-06-20.json": day,
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := packed.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return folder, archive
}

const exportDay = `[
	{"user":"U7","text":"checkout &lt;shop&gt; is *down*, <@U8>","ts":"1687262520.000100","reactions":[{"name":"pushpin"}]},
	{"user":"U8","text":"lunch?","ts":"1687262580.000000"},
	{"user":"U7","text":"rolled back","ts":"1687263000.000000","thread_ts":"1687262520.000100","reactions":[{"name":"pushpin"}]}
]`

// A past incident from an export: recorded once however often it is imported, and written up as if it had been captured.
func TestStoryImportOfAPastIncident(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	folder, archive := writeExport(t, "COLD", exportDay)
	first := []string{"import", "slack-export", folder, "-channel", "#outage", "-title", "Checkout was  down"}
	if got := s.ran(append(first, "-dry-run")...); !strings.Contains(got, "Nothing was added to a new past incident") || !strings.Contains(got, "2 were asked for") && !strings.Contains(got, "of which 2 were asked for") {
		t.Errorf("the dry run says\n%s", got)
	}
	if got := s.ran(first...); !strings.Contains(got, "2023-06-20 12:02:00 UTC Gil: ") || !strings.Contains(got, "2 were added to #1, Checkout was down (new)") {
		t.Errorf("the import says\n%s", got)
	}
	if got := s.ran("import", "slack-export", "-channel", "COLD", "-title", "Checkout was down", archive); !strings.Contains(got, "0 were added to #1, Checkout was down; 2 were there already") {
		t.Errorf("the second import says\n%s", got)
	}
	if got := s.ran("import", "slack-export", archive, "-channel", "outage", "-incident", "1", "-since", "2023-06-20 12:03", "-until", "2023-06-20 12:05", "-zone", "UTC"); !strings.Contains(got, "1 were added") {
		t.Errorf("the third import says\n%s", got)
	}
	s.quiet()
	s.types("ana", "#team", "/incident postmortem #1")
	s.quiet()
	post, _ := s.post()
	for _, want := range []string{"12:02", "checkout", "is **down**, someone", "lunch?", "rolled back"} {
		if !strings.Contains(post, want) {
			t.Errorf("%q is not in the post\n%s", want, post)
		}
	}
	if strings.Count(post, "rolled back") != 1 {
		t.Errorf("the post is\n%s", post)
	}
}

// What was captured in Slack already is not added again from the export of the same channel.
func TestStoryImportOfTheIncidentsOwnChannel(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	ts := s.captures("ben", "the disk is full", "ana")
	s.quiet()
	c := s.Slack.Channel(s.channel("#incident"))
	folder, _ := writeExport(t, c.ID, `[{"user":"U1","text":"the disk is full","ts":"`+ts+`"},{"user":"U1","text":"we made room","ts":"1773738000.000001"}]`)
	if got := s.ran("import", "slack-export", folder, "-channel", "outage", "-incident", "1", "-all"); !strings.Contains(got, "1 were added to #1, checkout is down; 1 were there already") {
		t.Errorf("the import says\n%s", got)
	}
	s.quiet()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	found := 0
	for _, e := range snap.Entries {
		if e.Format == incidents.Mrkdwn {
			found++
		}
	}
	if found != 2 {
		t.Errorf("the entries are %+v", snap.Entries)
	}
}

func TestImportCommandLine(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	folder, archive := writeExport(t, "COLD", exportDay)
	s.must(os.Symlink("/etc", filepath.Join(folder, "away")))
	s.must(os.WriteFile(filepath.Join(folder, "groups.json"), []byte(`[{"id":"G1","name":"away"}]`), 0o600))
	broken := archive + ".cut"
	data, err := os.ReadFile(archive)
	s.must(err)
	s.must(os.WriteFile(broken, data[:len(data)/2], 0o600))
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"import", exitUsage, "write watchbell import posts FOLDER, or watchbell import slack-export"},
		{"import slack-export " + folder, exitUsage, "say which channel"},
		{"import slack-export " + folder + " -channel outage", exitUsage, "say either which incident"},
		{"import slack-export " + folder + " -channel outage -incident 1 -title x", exitUsage, "say either which incident"},
		{"import slack-export " + folder + " -channel outage -incident 1 -all -reaction eyes", exitUsage, "leave -reaction out"},
		{"import slack-export " + folder + " -channel outage -incident 1 -since noon", exitUsage, "is not a time with its date"},
		{"import slack-export " + folder + " -channel outage -incident 1", exitFailed, "there is no incident #1"},
		{"import slack-export " + folder + " -channel quiet -title x", exitFailed, `no channel "quiet"; it has away, outage`},
		{"import slack-export " + folder + " -channel away -title x", exitFailed, "there is no folder of that name"},
		{"import slack-export " + broken + " -channel outage -title x", exitFailed, "neither a folder nor a ZIP file"},
		{"import slack-export nowhere -channel outage -title x", exitFailed, "nowhere"},
		{"import slack-export " + folder + " -channel outage -title x -reaction tada", exitOK, "No message wears :tada:"},
	} {
		said, code := s.runs(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("watchbell %s: exit %d\n%s", c.args, code, said)
		}
	}
}

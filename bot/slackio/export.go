package slackio

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// Export is what a workspace's export holds of one channel.
type Export struct {
	Channel  incidents.Channel
	Messages []ExportedMessage // in the order of their times, replies in threads among them
	Names    map[string]string // of people, by their user ids; as far as the export says
	// Problems are sentences about what could not be read and was left out.
	Problems []string
}

// ExportedMessage is a message of an export that people, or their tools, wrote.
type ExportedMessage struct {
	Source    incidents.Source
	At        time.Time // UTC
	Author    string    // Slack user id; empty for a tool's
	Text      string    // mrkdwn, with the names of files behind it
	Files     []incidents.File
	EditedAt  time.Time // zero for never
	Reply     bool      // in a thread
	Reactions []string  // emoji without colons and skin
}

// Bounds on exports. They are far above what a channel of an incident holds; a bomb of a ZIP file ends there.
const (
	longestExportFile = 64 << 20
	longestExport     = 512 << 20
	mostProblems      = 20
)

// exportIndexes name the channels; which of them there are depends on the kind of the export.
// See https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports.
var exportIndexes = []string{"channels.json", "groups.json", "mpims.json", "dms.json"}

type exportReader struct {
	files fs.FS
	left  int64
	out   Export
}

type exportedChannel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type exportedUser struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Profile struct {
		RealName string `json:"real_name"`
	} `json:"profile"`
}

// exported is a message as exports hold it: that of conversations.history, with reactions and who wrote it.
type exported struct {
	message
	Hidden      bool `json:"hidden"`
	Attachments []struct {
		Fallback string `json:"fallback"`
		Text     string `json:"text"`
	} `json:"attachments"`
	Reactions []struct {
		Name string `json:"name"`
	} `json:"reactions"`
}

// ReadExport reads one channel of an export, which is a folder or a ZIP file, by the channel's name or id. Its errors are
// sentences for whoever asked; what is broken in parts is left out and named in Problems.
func ReadExport(files fs.FS, channel string) (Export, error) {
	r := exportReader{files: files, left: longestExport}
	if err := r.root(); err != nil {
		return Export{}, err
	}
	if err := r.find(strings.TrimPrefix(strings.TrimSpace(channel), "#")); err != nil {
		return Export{}, err
	}
	r.people()
	if err := r.days(); err != nil {
		return Export{}, err
	}
	slices.SortFunc(r.out.Messages, func(a, b ExportedMessage) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Source.TS, b.Source.TS))
	})
	r.out.Messages = slices.CompactFunc(r.out.Messages, func(a, b ExportedMessage) bool { return a.Source == b.Source })
	return r.out, nil
}

// root looks for the index, at the top or in the one folder there: archives are often packed with it.
func (r *exportReader) root() error {
	hasIndex := func(files fs.FS) bool {
		return slices.ContainsFunc(exportIndexes, func(name string) bool {
			_, err := fs.Stat(files, name)
			return err == nil
		})
	}
	if hasIndex(r.files) {
		return nil
	}
	top, err := fs.ReadDir(r.files, ".")
	if err != nil {
		return fmt.Errorf("the export cannot be read: %w", err)
	}
	for _, e := range top {
		if inside, err := fs.Sub(r.files, e.Name()); e.IsDir() && err == nil && hasIndex(inside) {
			r.files = inside
			return nil
		}
	}
	return errors.New("this is no export of Slack's: it has no channels.json; name the folder or the ZIP file that holds it")
}

// read decodes a file. The error is a sentence without the file's name.
func (r *exportReader) read(name string, into any) error {
	f, err := r.files.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, min(longestExportFile, r.left)+1))
	r.left -= int64(len(data))
	switch {
	case err != nil:
		return err
	case len(data) > longestExportFile || r.left < 0:
		return errors.New("it is too long to be a day of a channel")
	}
	if _, err := decode(data, into); err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	return nil
}

func (r *exportReader) problem(format string, args ...any) {
	switch n := len(r.out.Problems); {
	case n < mostProblems:
		r.out.Problems = append(r.out.Problems, fmt.Sprintf(format, args...))
	case n == mostProblems:
		r.out.Problems = append(r.out.Problems, "… and more of that kind")
	}
}

func (r *exportReader) find(wanted string) error {
	var names []string
	for _, index := range exportIndexes {
		var list []exportedChannel
		if err := r.read(index, &list); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			r.problem("%s: %v", index, err)
			continue
		}
		for _, c := range list {
			if c.ID != "" && (strings.EqualFold(c.Name, wanted) || c.ID == wanted) {
				r.out.Channel = incidents.Channel{ID: c.ID, Name: c.Name}
				return nil
			}
			names = append(names, cmp.Or(c.Name, c.ID))
		}
	}
	if len(names) == 0 {
		return errors.New("the export names no channel" + because(r.out.Problems))
	}
	slices.Sort(names)
	more := ""
	if len(names) > 20 {
		names, more = names[:20], " …"
	}
	return fmt.Errorf("the export has no channel %q; it has %s%s", wanted, strings.Join(names, ", "), more)
}

func because(problems []string) string {
	if len(problems) == 0 {
		return ""
	}
	return ": " + strings.Join(problems, "; ")
}

func (r *exportReader) people() {
	r.out.Names = map[string]string{}
	for _, name := range []string{"users.json", "org_users.json"} {
		var list []exportedUser
		if err := r.read(name, &list); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				r.problem("%s: %v; people are shown by their ids", name, err)
			}
			continue
		}
		for _, u := range list {
			r.out.Names[u.ID] = cmp.Or(u.Profile.RealName, u.Name, u.ID)
		}
	}
}

// days reads the channel's folder: a file for each day.
func (r *exportReader) days() error {
	folder := r.out.Channel.Name
	var list []fs.DirEntry
	err := fs.ErrNotExist
	for _, folder = range []string{r.out.Channel.Name, r.out.Channel.ID} {
		if folder == "" || strings.ContainsAny(folder, `/\`) || !fs.ValidPath(folder) {
			continue
		}
		if list, err = fs.ReadDir(r.files, folder); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("the export has no messages of #%s: there is no folder of that name", r.out.Channel.Name)
	}
	for _, e := range list {
		if e.IsDir() || path.Ext(e.Name()) != ".json" {
			continue
		}
		name := path.Join(folder, e.Name())
		var day []json.RawMessage
		if err := r.read(name, &day); err != nil {
			r.problem("%s was left out: %v", name, err)
			continue
		}
		for i, raw := range day {
			if err := r.add(raw); err != nil {
				r.problem("%s: message %d was left out: %v", name, i+1, err)
			}
		}
	}
	return nil
}

// add takes a message that somebody wrote, and passes over what Slack tells: who joined, what was renamed.
func (r *exportReader) add(raw []byte) error {
	var m exported
	if _, err := decode(raw, &m); err != nil {
		return err
	}
	switch m.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
	default:
		return nil
	}
	if m.Hidden || m.Meta.EventType == metadataEvent {
		return nil
	}
	at, err := incidents.ParseTS(m.TS)
	if err != nil {
		return err
	}
	text := m.words()
	for _, a := range m.Attachments { // tools put their words there
		if strings.TrimSpace(text) == "" {
			text = cmp.Or(a.Text, a.Fallback)
		}
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	out := ExportedMessage{
		Source: incidents.Source{Channel: r.out.Channel.ID, TS: m.TS}, At: at, Author: m.User, Text: text,
		Files: m.files(), EditedAt: instant(m.Edited.TS), Reply: m.ThreadTS != "" && m.ThreadTS != m.TS,
	}
	for _, reaction := range m.Reactions {
		name, _, _ := strings.Cut(reaction.Name, "::")
		out.Reactions = append(out.Reactions, name)
	}
	r.out.Messages = append(r.out.Messages, out)
	return nil
}

package practice

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Upload is a file to be put on a message.
type Upload struct {
	Name string // as it is called where it comes from, however odd
	Type string // its MIME type; by the bytes when empty
	Data []byte
	// Mode is "hosted" when empty. "snippet" is text; "external" lies in another service, at Link; "hidden_by_limit" is
	// older than what the workspace's plan shows; "tombstone" was deleted.
	Mode string
	Link string
}

// File is a file on a message as the workspace keeps it. See https://docs.slack.dev/reference/objects/file-object.
type File struct {
	ID, Name, Type, Mode, Link string
	Alt                        string // what a picture shows, in words
	Data                       []byte
	by, at                     string
}

// SayWithFiles types a message with files on it, into a thread when one is given, and returns its ts. The text may be empty.
func (s *Slack) SayWithFiles(who, channel, threadTS, text string, files ...Upload) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", errors.New("practice: no file is given")
	}
	var parent *Message
	if threadTS != "" {
		if parent = c.threadParent(threadTS); parent == nil {
			return "", fmt.Errorf("practice: there is no message %s in #%s", threadTS, c.Name)
		}
	}
	m := &Message{User: u.ID, Subtype: fileShare}
	if strings.TrimSpace(text) != "" {
		m.Text, m.Blocks = s.encodeTyped(text)
	}
	for _, up := range files {
		f, err := s.keepFile(u.ID, up)
		if err != nil {
			return "", err
		}
		m.Files = append(m.Files, f)
	}
	s.post(c, m, parent)
	return m.TS, nil
}

// fileShare is the subtype of a message with files.
const fileShare = "file_share"

func (s *Slack) keepFile(user string, up Upload) (*File, error) {
	switch up.Mode {
	case "":
		up.Mode = "hosted"
	case "hosted", "snippet", "external", "hidden_by_limit", "tombstone":
	default:
		return nil, fmt.Errorf("practice: there is no mode %q of a file", up.Mode)
	}
	if !utf8.ValidString(up.Name) || up.Name == "" && up.Mode != "tombstone" && up.Mode != "hidden_by_limit" {
		return nil, errors.New("practice: a file needs a name, in UTF-8")
	}
	if up.Type == "" {
		up.Type = http.DetectContentType(up.Data)
	}
	f := &File{
		ID: s.nextID("F"), Name: up.Name, Type: up.Type, Mode: up.Mode, Link: up.Link, Data: slices.Clone(up.Data),
		by: user, at: s.eventTS(),
	}
	if s.files == nil {
		s.files = map[string]*File{}
	}
	s.files[f.ID] = f
	return f, nil
}

// DeleteFile takes a file from the workspace as its owner does: its messages show that it is gone.
func (s *Slack) DeleteFile(who, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return err
	}
	f := s.files[id]
	if f == nil || f.by != u.ID {
		return fmt.Errorf("practice: %s has no file %s", u.Name, id)
	}
	for _, c := range s.channels {
		for _, m := range c.messages {
			i := slices.Index(m.Files, f)
			if i < 0 {
				continue
			}
			before := m.copy()
			before.Files = slices.Clone(m.Files)
			m.Files = slices.Clone(m.Files)
			m.Files[i] = &File{ID: f.ID, Mode: "tombstone"}
			s.emitChanged(c, m, &before)
		}
	}
	delete(s.files, id)
	s.bump()
	return nil
}

// fileJSON is a file as messages and files.info tell of it: of one that is gone or hidden, hardly anything.
func (s *Slack) fileJSON(f *File) slackAnswer {
	if f.Mode == "tombstone" || f.Mode == "hidden_by_limit" {
		return slackAnswer{"id": f.ID, "mode": f.Mode}
	}
	external := f.Mode == "external"
	out := slackAnswer{
		"id": f.ID, "name": f.Name, "title": f.Name, "mimetype": f.Type, "mode": f.Mode, "is_external": external,
		"size": len(f.Data), "user": f.by, "is_public": true, "editable": f.Mode == "snippet",
		"url_private": f.Link, "permalink": slackURL + "files/" + f.by + "/" + f.ID,
	}
	if f.Alt != "" {
		out["alt_txt"] = f.Alt
	}
	if !external {
		at := s.baseURL() + "/files-pri/" + slackTeam + "-" + f.ID + "/"
		out["url_private"], out["url_private_download"] = at+url.PathEscape(f.Name), at+"download/"+url.PathEscape(f.Name)
	}
	return out
}

func (c *slackCall) filesInfo() (slackAnswer, error) {
	id := c.args.str("file")
	if id == "" {
		return nil, refuseInvalid("invalid_arguments", "file is missing")
	}
	f := c.s.files[id]
	if f == nil || f.Mode == "tombstone" {
		return nil, refuse("file_not_found", id)
	}
	return slackAnswer{"file": c.s.fileJSON(f), "comments": []any{}, "response_metadata": slackAnswer{"next_cursor": ""}}, nil
}

// serveFile serves a file's bytes to whoever has a token in the header, and Slack's sign-in page to everybody else. A
// token in the address is a mistake that is remembered.
func (s *Slack) serveFile(rest string, rw http.ResponseWriter, r *http.Request) {
	at, _, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	f := s.files[strings.TrimPrefix(at, slackTeam+"-")]
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	allowed := checkToken(token, false) == nil
	switch {
	case strings.Contains(r.URL.RawQuery, "xox"):
		s.invalid = append(s.invalid, "file: a token is in the address")
	case r.Method != http.MethodGet:
		s.invalid = append(s.invalid, "file: "+r.Method)
	}
	var data []byte
	kind := ""
	if f != nil && f.Mode != "external" && f.Mode != "hidden_by_limit" && f.Mode != "tombstone" {
		data, kind = f.Data, f.Type
	}
	s.mu.Unlock()
	switch {
	case !allowed:
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = rw.Write([]byte("<!DOCTYPE html><title>Sign in | Slack</title>"))
	case kind == "":
		http.NotFound(rw, r)
	default:
		rw.Header().Set("Content-Type", kind)
		rw.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = rw.Write(data)
	}
}

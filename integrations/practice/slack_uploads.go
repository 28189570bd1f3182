package practice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of an upload: the longest description of a picture, and, smaller than at Slack, the largest file.
const (
	longestAlt = 1000
	mostUpload = 20 << 20
)

// upload is a file of the app's own on its way: first it has a place, then bytes, then it is shared.
type upload struct {
	file   *File
	length int
	secret string // the end of its address, which is all that it takes to put bytes there
}

// filesGetUploadURL makes a place for a file. See https://docs.slack.dev/reference/methods/files.getUploadURLExternal.
func (c *slackCall) filesGetUploadURL() (slackAnswer, error) {
	name, alt := c.args.str("filename"), c.args.str("alt_txt")
	length, err := strconv.Atoi(c.args.str("length"))
	switch {
	case name == "" || !c.args.has("length"):
		return nil, refuseInvalid("invalid_arguments", "filename and length are required")
	case err != nil || length < 1:
		return nil, refuseInvalid("invalid_arguments", "length %q", c.args.str("length"))
	case length > mostUpload:
		return nil, refuseInvalid("file_upload_size_restricted", "%d bytes", length)
	case utf8.RuneCountInString(alt) > longestAlt:
		return nil, refuseInvalid("alt_txt_too_large", "%d characters", utf8.RuneCountInString(alt))
	}
	f := &File{ID: c.s.nextID("F"), Name: name, Mode: "hosted", Alt: alt, by: BotUser, at: c.s.eventTS()}
	if c.s.uploads == nil {
		c.s.uploads = map[string]*upload{}
	}
	up := &upload{file: f, length: length, secret: randomHex(16)}
	c.s.uploads[f.ID] = up
	return slackAnswer{"upload_url": c.s.baseURL() + "/upload/v1/" + f.ID + "-" + up.secret, "file_id": f.ID}, nil
}

// serveUpload takes the bytes of a file at its place: raw or as a form, as many as were announced, once. The address is
// all that it takes.
func (s *Slack) serveUpload(rest string, rw http.ResponseWriter, r *http.Request) {
	data, err := uploaded(rw, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	id, secret, _ := strings.Cut(rest, "-")
	up := s.uploads[id]
	why := ""
	switch {
	case r.Method != http.MethodPost:
		why = r.Method
	case strings.Contains(r.URL.RawQuery, "xox"):
		why = "a token is in the address"
	case err != nil:
		why = err.Error()
	case up == nil || up.secret != secret || up.file.Data != nil:
		why = "there is no place for it"
	case len(data) != up.length:
		why = fmt.Sprintf("%d bytes were announced and %d came", up.length, len(data))
	}
	if why != "" {
		s.invalid = append(s.invalid, "upload: "+why)
		http.Error(rw, "Bad Request", http.StatusBadRequest)
		return
	}
	up.file.Data, up.file.Type = data, http.DetectContentType(data)
	_, _ = fmt.Fprintf(rw, "OK - %d", len(data))
}

func uploaded(rw http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, mostUpload+1<<16))
	if err != nil {
		return nil, err
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return body, nil
	}
	part, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).NextPart()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(part)
}

// filesCompleteUpload shares what was uploaded, in a message of its own where a conversation is named. See
// https://docs.slack.dev/reference/methods/files.completeUploadExternal.
func (c *slackCall) filesCompleteUpload() (slackAnswer, error) {
	var named []struct{ ID, Title string }
	if json.Unmarshal(c.args.raw("files"), &named) != nil || len(named) == 0 {
		return nil, refuseInvalid("invalid_arguments", "files is a list of {id, title}")
	}
	m := &Message{User: BotUser, BotID: slackBot, Subtype: fileShare, Text: c.args.str("initial_comment")}
	var shown []slackAnswer
	for _, n := range named {
		up := c.s.uploads[n.ID]
		if up == nil || up.file.Data == nil {
			return nil, refuseInvalid("file_not_found", "%s was not uploaded", n.ID)
		}
		m.Files = append(m.Files, up.file)
		shown = append(shown, slackAnswer{"id": n.ID, "title": n.Title})
	}
	if to := c.args.str("channel_id"); to != "" {
		ch := c.s.channelByID(to)
		switch {
		case ch == nil:
			return nil, refuse("invalid_channel", to)
		case !ch.has(BotUser):
			return nil, refuse("not_in_channel", ch.Name)
		case ch.Archived:
			return nil, refuse("is_archived", ch.Name)
		}
		parent, err := c.thread(ch)
		if err != nil {
			return nil, err
		}
		c.s.post(ch, m, parent)
	}
	if c.s.files == nil {
		c.s.files = map[string]*File{}
	}
	for _, f := range m.Files {
		c.s.files[f.ID] = f
		delete(c.s.uploads, f.ID)
	}
	return slackAnswer{"files": shown}, nil
}

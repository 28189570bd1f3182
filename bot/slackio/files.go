package slackio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

// file is a file on a message. See https://docs.slack.dev/reference/objects/file-object.
type file struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"mimetype"`
	Mode     string `json:"mode"`
	External bool   `json:"is_external"`
	Size     int64  `json:"size"`
	Address  string `json:"url_private_download"`
	Private  string `json:"url_private"`
}

// What a file's mode may say: it is gone, it is older than what the workspace's plan shows, or it lies elsewhere.
const (
	fileDeleted  = "tombstone"
	fileLimited  = "hidden_by_limit"
	fileExternal = "external"
)

func (f *file) read(r *reader) {
	r.object(func(name []byte) {
		switch string(name) {
		case "id":
			f.ID = r.text()
		case "name":
			f.Name = r.text()
		case "mimetype":
			f.Type = r.text()
		case "mode":
			f.Mode = r.text()
		case "is_external":
			f.External = r.space() == 't'
			r.skip()
		default:
			r.skip()
		}
	})
}

// fate says in a word what has become of a file that has no name.
func (f *file) fate() string {
	switch f.Mode {
	case fileDeleted:
		return "deleted"
	case fileLimited:
		return "hidden by Slack's plan"
	}
	return "without a name"
}

// files are the files of a message, without those that were deleted. Where they lie is not kept: it is asked for when
// they are fetched, for the addresses may hold credentials.
func (m *message) files() []incidents.File {
	var all []incidents.File
	for _, f := range m.Files {
		if f.ID == "" || f.Mode == fileDeleted {
			continue
		}
		kept := incidents.File{ID: f.ID, Name: f.Name, Type: f.Type}
		if f.External || f.Mode == fileExternal {
			kept.Type = incidents.LinkType
		}
		all = append(all, kept)
	}
	return all
}

// limited reports whether Slack hides a file of the message because of the workspace's plan: then what it shows of the
// message is no edit.
func (m *message) limited() bool {
	for _, f := range m.Files {
		if f.Mode == fileLimited {
			return true
		}
	}
	return false
}

// fileInfo is what we read of files.info. See https://docs.slack.dev/reference/methods/files.info.
type fileInfo struct {
	history      // ok and error alone
	File    file `json:"file"`
}

// noFile is why a file cannot be had, for people. More of the same cannot help.
type noFile struct{ say string }

func (e *noFile) Error() string { return e.say }

// FileTrouble says for people why a file could not be fetched, and whether trying again may help.
func FileTrouble(err error) (say string, again bool) {
	var none *noFile
	var t *trouble
	switch {
	case errors.As(err, &none):
		return none.say, false
	case errors.As(err, &t):
		return t.Say, t.Verdict != incidents.Impossible
	}
	return "Slack did not answer properly.", true
}

// File fetches the bytes of a file, at most so many. The token goes to Slack's own address alone, and neither that address
// nor the token is in an error; FileTrouble words it.
func (c *Client) File(ctx context.Context, id string, most int64) ([]byte, error) {
	var info fileInfo
	if err := c.read(ctx, methodFileInfo, url.Values{"file": {id}}, &info); err != nil {
		if isCode(err, "file_not_found", "file_deleted", "files_not_found") {
			return nil, &noFile{"it is not in Slack any more"}
		}
		return nil, fmt.Errorf("file %s: %w", id, err)
	}
	f := info.File
	address := f.Address
	if address == "" {
		address = f.Private
	}
	switch {
	case f.External || f.Mode == fileExternal:
		return nil, &noFile{"it does not lie in Slack"}
	case f.Mode == fileDeleted:
		return nil, &noFile{"it is not in Slack any more"}
	case f.Mode == fileLimited:
		return nil, &noFile{"Slack hides it, because the workspace's plan does not show files that old"}
	case f.Size > most:
		return nil, tooLarge(most)
	case !c.ownFile(address):
		return nil, &noFile{"it does not lie where Slack keeps files"}
	}
	var data []byte
	err := c.call(ctx, methodFile, "", func(ctx context.Context) (err error) {
		data, err = c.download(ctx, address, most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", id, err)
	}
	if int64(len(data)) > most {
		return nil, tooLarge(most)
	}
	return data, nil
}

func tooLarge(most int64) error {
	return &noFile{fmt.Sprintf("it is larger than %d MB", most>>20)}
}

// ownFile reports whether an address is one to which the token may go.
func (c *Client) ownFile(address string) bool {
	at, err := url.Parse(address)
	base, baseErr := url.Parse(c.base)
	if err != nil || baseErr != nil || at.User != nil || at.Host == "" {
		return false
	}
	return at.Scheme == "https" && at.Host == "files.slack.com" || at.Scheme == base.Scheme && at.Host == base.Host
}

// download reads what is at an address, and one byte more than the most where there is more.
func (c *Client) download(ctx context.Context, address string, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errors.New("the file's address is none")
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.hooks.Do(req)
	if where := (*url.Error)(nil); errors.As(err, &where) {
		return nil, where.Err // without the address, which may hold a credential
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, slack.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); strings.EqualFold(kind, "text/html") {
		// Slack shows its sign-in page to a token that may not read files.
		return nil, slack.SlackErrorResponse{Err: "missing_scope", Needed: "files:read"}
	}
	return io.ReadAll(io.LimitReader(resp.Body, most+1))
}

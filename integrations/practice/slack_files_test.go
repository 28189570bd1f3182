package practice

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A file is served to whoever shows a token in the header, and to nobody else; files.info tells where it is.
func TestSlackFiles(t *testing.T) {
	r := newSlackRig(t)
	get := func(address, token string) (string, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body), resp.Header.Get("Content-Type")
	}
	r.s.ServedAt(r.url)
	if _, err := r.s.SayWithFiles("ana", TeamChannel, "", "see", Upload{Name: "x.png", Mode: "odd"}); err == nil {
		t.Error("a mode that there is none of was taken")
	}
	ts, err := r.s.SayWithFiles("ana", TeamChannel, "", "see", Upload{Name: "../x y.png", Type: "image/png", Data: []byte("bytes")},
		Upload{Name: "far", Mode: "external", Link: "https://example.org/x"})
	if err != nil {
		t.Fatal(err)
	}
	var files []*File
	for _, m := range r.s.Messages(TeamChannel) {
		if m.TS == ts {
			files = m.Files
		}
	}
	info, _, _, err := r.api.GetFileInfo(files[0].ID, 0, 0)
	if err != nil || info.Name != "../x y.png" || info.Size != 5 || info.Mode != "hosted" {
		t.Fatalf("files.info: %+v, %v", info, err)
	}
	if body, kind := get(info.URLPrivateDownload, r.s.BotToken()); body != "bytes" || kind != "image/png" {
		t.Errorf("served %q as %s", body, kind)
	}
	for _, token := range []string{"", "xoxb-other", r.s.AppToken()} {
		if body, _ := get(info.URLPrivateDownload, token); !strings.Contains(body, "Sign in") {
			t.Errorf("with the token %q: %q", token, body)
		}
	}
	if external, _, _, err := r.api.GetFileInfo(files[1].ID, 0, 0); err != nil || !external.IsExternal || external.URLPrivateDownload != "" {
		t.Errorf("external: %+v, %v", external, err)
	}
	if err := r.s.DeleteFile("ben", files[0].ID); err == nil {
		t.Error("ben deleted ana's file")
	}
	if err := r.s.DeleteFile("ana", files[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := r.api.GetFileInfo(files[0].ID, 0, 0); err == nil || err.Error() != "file_not_found" {
		t.Errorf("a deleted file: %v", err)
	}
	get(info.URLPrivateDownload+"?t="+r.s.BotToken(), "")
	if invalid := strings.Join(r.s.Invalid(), "\n"); !strings.Contains(invalid, "a token is in the address") {
		t.Errorf("invalid is %q", invalid)
	}
}

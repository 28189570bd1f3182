package practice

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// TestSlackUploads: a file of the bot's takes three steps, each as strict as Slack's; then it is a message, and the page
// shows the picture with its words.
func TestSlackUploads(t *testing.T) {
	r := newSlackRig(t)
	r.s.ServedAt(r.url)
	const picture = "\x89PNG\r\n\x1a\n rest"
	direct, _, _, err := r.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{r.id("ana")}})
	r.must(err)
	place := func() *slack.GetUploadURLExternalResponse {
		t.Helper()
		p, err := r.api.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "p.png", FileSize: len(picture), AltTxt: "two incidents"})
		r.must(err)
		return p
	}
	share := func(id, channel string) error {
		_, err := r.api.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: id, Title: "p.png"}}, Channel: channel, InitialComment: "*See*"})
		return err
	}
	post := func(to, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(body))
		r.must(err)
		resp, err := http.DefaultClient.Do(req)
		r.must(err)
		r.must(resp.Body.Close())
		return resp.StatusCode
	}
	p := place()
	if err := share(p.FileID, direct.ID); err == nil || !strings.Contains(err.Error(), "file_not_found") {
		t.Errorf("shared before it was there: %v", err)
	}
	for why, code := range map[string]int{
		"too short":        post(p.UploadURL, "x"),
		"with a token":     post(p.UploadURL+"?token="+r.s.BotToken(), picture),
		"at another place": post(p.UploadURL+"x", picture),
	} {
		if code != http.StatusBadRequest {
			t.Errorf("%s: %d", why, code)
		}
	}
	if code := post(p.UploadURL, picture); code != http.StatusOK {
		t.Fatalf("the upload: %d", code)
	}
	if code := post(p.UploadURL, picture); code != http.StatusBadRequest {
		t.Errorf("twice: %d", code)
	}
	if err := share(p.FileID, "C404"); err == nil || !strings.Contains(err.Error(), "invalid_channel") {
		t.Errorf("into no channel: %v", err)
	}
	r.must(share(p.FileID, direct.ID))
	said := r.s.Messages(direct.ID)
	if m := said[len(said)-1]; m.Text != "*See*" || len(m.Files) != 1 || m.Files[0].Alt != "two incidents" || m.Files[0].Type != "image/png" || string(m.Files[0].Data) != picture {
		t.Errorf("it reads %+v", m)
	}
	p = place()
	r.must(r.api.UploadToURL(t.Context(), slack.UploadToURLParameters{UploadURL: p.UploadURL, Reader: strings.NewReader(picture), Filename: "p.png"}))
	for _, bad := range []slack.GetUploadURLExternalParameters{
		{FileName: "p.png", FileSize: -1}, {FileName: "p.png", FileSize: mostUpload + 1}, {FileName: "p.png", FileSize: 1, AltTxt: strings.Repeat("ä", longestAlt+1)},
	} {
		if _, err := r.api.GetUploadURLExternalContext(t.Context(), bad); err == nil {
			t.Errorf("%d bytes with %d of words were taken", bad.FileSize, len(bad.AltTxt))
		}
	}
	get := func(at string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		r.w.Page().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+at, http.NoBody))
		return rec
	}
	id := said[len(said)-1].Files[0].ID
	if page := get("/?as=ana&channel=" + direct.ID).Body.String(); !strings.Contains(page, `<img src="/practice/page/picture/`+id+`" alt="two incidents">`) {
		t.Errorf("the page lacks the picture:\n%s", page)
	}
	if got := get("/practice/page/picture/" + id); got.Body.String() != picture || got.Header().Get("Content-Type") != "image/png" {
		t.Errorf("the page serves %q", got.Body)
	}
	if got := get("/practice/page/picture/F404"); got.Code != http.StatusNotFound {
		t.Errorf("no picture: %d", got.Code)
	}
}

package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestSlackTokens(t *testing.T) {
	r := newSlackRig(t)
	for token, code := range map[string]string{
		r.s.BotToken():         "",
		"xoxb-practice-any":    "",
		"xoxb-1234-5678-real":  "invalid_auth",
		"xoxb-practice-":       "invalid_auth",
		"":                     "not_authed",
		r.s.AppToken():         "not_allowed_token_type",
		"xoxp-practice-person": "invalid_auth",
	} {
		api := slack.New(token, slack.OptionAPIURL(r.url+SlackPath))
		_, err := api.AuthTest()
		wantErr(t, "auth.test with "+token, err, code)
	}
	who, err := r.api.AuthTest()
	r.must(err)
	if who.UserID != BotUser || who.BotID == "" || who.TeamID == "" {
		t.Errorf("auth.test says %+v", who)
	}
}

func TestSlackChannelNames(t *testing.T) {
	r := newSlackRig(t)
	for name, code := range map[string]string{
		"inc-20261107-42-checkout": "", "": "invalid_name_required", "Upper": "invalid_name_specials",
		"with space": "invalid_name_specials", "---": "invalid_name_punctuation", "team": "name_taken",
		strings.Repeat("x", 81): "invalid_name_maxlength", strings.Repeat("x", 80): "", "dot.ted": "invalid_name_specials",
	} {
		_, err := r.api.CreateConversation(slack.CreateConversationParams{ChannelName: name})
		wantErr(t, "conversations.create "+name, err, code)
	}
	r.must(r.api.ArchiveConversation(r.id("inc-20261107-42-checkout")))
	_, err := r.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-20261107-42-checkout"})
	wantErr(t, "the name of an archived channel", err, "name_taken")
}

func TestSlackChannelLife(t *testing.T) {
	r := newSlackRig(t)
	ch, err := r.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1", IsPrivate: true})
	r.must(err)
	if ch.Creator != BotUser || !ch.IsPrivate || !ch.IsMember || ch.Created.Time().Unix() != r.clock.now().Unix() {
		t.Errorf("created %+v", ch)
	}
	_, err = r.api.InviteUsersToConversation(ch.ID, r.id("ana"))
	r.must(err)
	_, err = r.api.InviteUsersToConversation(ch.ID, r.id("ana"))
	wantErr(t, "inviting a member", err, "already_in_channel")
	_, err = r.api.InviteUsersToConversation(ch.ID, BotUser)
	wantErr(t, "inviting oneself", err, "cant_invite_self")
	_, err = r.api.InviteUsersToConversation(ch.ID, r.id("ben"), "U404")
	wantErr(t, "inviting a stranger", err, "user_not_found")
	if c := r.s.Channel("inc-1"); len(c.Members) != 2 {
		t.Errorf("one bad guest must stop all: members %v", c.Members)
	}
	_, err = r.api.ForceInviteUsersToConversation(ch.ID, r.id("ben"), "U404")
	wantErr(t, "forced invitation", err, "")
	if c := r.s.Channel("inc-1"); len(c.Members) != 3 {
		t.Errorf("force invites the others: members %v", c.Members)
	}
	_, err = r.api.SetTopicOfConversation(ch.ID, strings.Repeat("é", 250))
	wantErr(t, "a topic of 250", err, "")
	_, err = r.api.SetTopicOfConversation(ch.ID, strings.Repeat("é", 251))
	wantErr(t, "a topic of 251", err, "too_long")
	_, err = r.api.RenameConversation(ch.ID, "inc-1-checkout")
	wantErr(t, "renaming", err, "")
	_, err = r.api.RenameConversation(r.id("team"), "crew")
	wantErr(t, "renaming the team channel", err, "")
	members, _, err := r.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	r.must(err)
	if len(members) != 3 {
		t.Errorf("members %v", members)
	}
	r.must(r.api.ArchiveConversation(ch.ID))
	wantErr(t, "archiving twice", r.api.ArchiveConversation(ch.ID), "already_archived")
	_, _, err = r.api.PostMessage(ch.ID, slack.MsgOptionText("hello", false))
	wantErr(t, "posting into an archived channel", err, "is_archived")
}

func TestSlackPrivateChannelsAreHidden(t *testing.T) {
	r := newSlackRig(t)
	secret, err := r.s.AddChannel("secret", true, "ana")
	r.must(err)
	open, err := r.s.AddChannel("open", false, "ana")
	r.must(err)
	_, _, err = r.api.PostMessage(secret.ID, slack.MsgOptionText("x", false))
	wantErr(t, "posting to a private channel from outside", err, "channel_not_found")
	_, err = r.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: secret.ID})
	wantErr(t, "looking at it", err, "channel_not_found")
	_, _, err = r.api.PostMessage(open.ID, slack.MsgOptionText("x", false))
	wantErr(t, "posting to a public channel from outside", err, "")
	_, err = r.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: open.ID})
	wantErr(t, "reading it", err, "not_in_channel")
	_, _, _, err = r.api.JoinConversation(open.ID)
	wantErr(t, "joining it", err, "")
	list, err := r.api.GetAllConversations(slack.GetConversationsOptionTypes([]string{"public_channel", "private_channel"}))
	r.must(err)
	for _, c := range list {
		if c.ID == secret.ID {
			t.Error("the private channel is listed")
		}
	}
}

func TestSlackMessageRoundTrip(t *testing.T) {
	r := newSlackRig(t)
	team := r.id("team")
	meta := slack.SlackMetadata{EventType: "watchbell", EventPayload: map[string]any{"key": "inc-1/announcement"}}
	block := slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*db* is down", false, true), nil, nil)
	_, ts, err := r.api.PostMessage(team, slack.MsgOptionText("db is down", false), slack.MsgOptionBlocks(block), slack.MsgOptionMetadata(meta))
	r.must(err)
	_, reply, err := r.api.PostMessage(team, slack.MsgOptionText("looking", false), slack.MsgOptionTS(ts))
	r.must(err)
	if reply <= ts {
		t.Errorf("ts must grow: %s then %s", ts, reply)
	}
	read := func(all bool) slack.Message {
		t.Helper()
		h, err := r.api.GetConversationHistory(&slack.GetConversationHistoryParameters{
			ChannelID: team, Oldest: ts, Inclusive: true, IncludeAllMetadata: all,
		})
		r.must(err)
		if len(h.Messages) != 1 {
			t.Fatalf("history holds %d messages, a reply in a thread among them?", len(h.Messages))
		}
		return h.Messages[0]
	}
	if m := read(true); m.Metadata.EventPayload["key"] != "inc-1/announcement" || m.ReplyCount != 1 || len(m.Blocks.BlockSet) != 1 {
		t.Errorf("read back %+v", m)
	}
	if m := read(false); m.Metadata.EventType != "watchbell" || m.Metadata.EventPayload != nil {
		t.Errorf("without asking for it the payload came: %+v", m.Metadata)
	}
	_, _, _, err = r.api.UpdateMessage(team, ts, slack.MsgOptionText("db is up", false))
	r.must(err)
	if m := read(true); m.Text != "db is up" || len(m.Blocks.BlockSet) != 0 || m.Metadata.EventPayload["key"] == nil {
		t.Errorf("text alone removes the blocks and keeps the metadata: %+v", m)
	}
	replies, _, _, err := r.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: team, Timestamp: ts})
	r.must(err)
	if len(replies) != 2 || replies[0].Timestamp != ts || replies[1].Text != "looking" {
		t.Errorf("thread %+v", replies)
	}
	_, _, err = r.api.DeleteMessage(team, ts)
	r.must(err)
	if m := r.s.Message("team", ts); m == nil || m.Subtype != "tombstone" {
		t.Errorf("a deleted parent leaves a tombstone: %+v", m)
	}
	r.nothingRefused()
}

func TestSlackUpdatesOnlyItsOwn(t *testing.T) {
	r := newSlackRig(t)
	ts := r.say("ana", "team", "mine")
	_, _, _, err := r.api.UpdateMessage(r.id("team"), ts, slack.MsgOptionText("theirs", false))
	wantErr(t, "another's message", err, "cant_update_message")
	_, _, _, err = r.api.UpdateMessage(r.id("team"), "1700000000.000001", slack.MsgOptionText("x", false))
	wantErr(t, "no message", err, "message_not_found")
	_, own, err := r.api.PostMessage("#team", slack.MsgOptionText(strings.Repeat("x", 4001), false))
	r.must(err)
	_, _, _, err = r.api.UpdateMessage(r.id("team"), own, slack.MsgOptionText(strings.Repeat("x", 4001), false))
	wantErr(t, "4001 characters", err, "msg_too_long")
	_, _, err = r.api.PostMessage("#team", slack.MsgOptionText("  ", false))
	wantErr(t, "nothing to say", err, "no_text")
	_, err = r.api.PostEphemeral(r.id("team"), "U404", slack.MsgOptionText("x", false))
	wantErr(t, "to a stranger", err, "user_not_found")
	c, err := r.s.AddChannel("ops", false, "ana", BotName)
	r.must(err)
	_, err = r.api.PostEphemeral(c.ID, r.id("ben"), slack.MsgOptionText("x", false))
	wantErr(t, "to somebody outside", err, "user_not_in_channel")
}

func TestSlackHistoryPages(t *testing.T) {
	r := newSlackRig(t)
	var want []string
	for i := range 25 {
		r.clock.add(time.Second)
		want = append(want, r.say("ana", "team", fmt.Sprintf("message %d", i)))
	}
	var got []string
	params := &slack.GetConversationHistoryParameters{ChannelID: r.id("team"), Limit: 10}
	for {
		h, err := r.api.GetConversationHistory(params)
		r.must(err)
		for _, m := range h.Messages {
			got = append([]string{m.Timestamp}, got...)
		}
		if params.Cursor = h.ResponseMetaData.NextCursor; params.Cursor == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("paged history:\n%v\nwant\n%v", got, want)
	}
	h, err := r.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: r.id("team"), Oldest: want[20]})
	r.must(err)
	if len(h.Messages) != 4 {
		t.Errorf("oldest is exclusive: %d messages, want 4", len(h.Messages))
	}
	_, err = r.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: r.id("team"), Oldest: "yesterday"})
	wantErr(t, "oldest that is no ts", err, "invalid_ts_oldest")
}

func TestSlackMarks(t *testing.T) {
	r := newSlackRig(t)
	team := r.id("team")
	ref := slack.NewRefToMessage(team, r.say("ana", "team", "deployed 4.2"))
	for _, step := range []struct {
		what string
		err  error
		code string
	}{
		{"react", r.api.AddReaction("white_check_mark", ref), ""},
		{"react again", r.api.AddReaction("white_check_mark", ref), "already_reacted"},
		{"react with nonsense", r.api.AddReaction("Nö nö", ref), "invalid_name"},
		{"unreact", r.api.RemoveReaction("white_check_mark", ref), ""},
		{"unreact again", r.api.RemoveReaction("white_check_mark", ref), "no_reaction"},
		{"pin", r.api.AddPin(team, ref), ""},
		{"pin again", r.api.AddPin(team, ref), "already_pinned"},
		{"unpin", r.api.RemovePin(team, ref), ""},
		{"unpin again", r.api.RemovePin(team, ref), "no_pin"},
		{"react to nothing", r.api.AddReaction("eyes", slack.NewRefToMessage(team, "1.000001")), "message_not_found"},
	} {
		wantErr(t, step.what, step.err, step.code)
	}
	b, err := r.api.AddBookmark(team, slack.AddBookmarkParameters{Title: "Post", Type: "link", Link: "https://example.org"})
	r.must(err)
	_, err = r.api.EditBookmark(team, b.ID, slack.EditBookmarkParameters{Link: "https://example.org/2"})
	r.must(err)
	_, err = r.api.AddBookmark(team, slack.AddBookmarkParameters{Title: "Post", Type: "link", Link: "ftp://example.org"})
	wantErr(t, "a bookmark without http", err, "invalid_link")
	list, err := r.api.ListBookmarks(team)
	r.must(err)
	if len(list) != 1 || list[0].Link != "https://example.org/2" || list[0].Title != "Post" {
		t.Errorf("bookmarks %+v", list)
	}
	r.must(r.api.RemoveBookmark(team, b.ID))
	link, err := r.api.GetPermalink(&slack.PermalinkParameters{Channel: team, Ts: ref.Timestamp})
	r.must(err)
	if !strings.HasSuffix(link, "/archives/"+team+"/p"+strings.ReplaceAll(ref.Timestamp, ".", "")) {
		t.Errorf("permalink %s", link)
	}
}

func TestSlackUnknownMethodIsRemembered(t *testing.T) {
	r := newSlackRig(t)
	_, err := r.api.GetDNDInfo(nil)
	wantErr(t, "dnd.info", err, "unknown_method")
	if got := r.s.Unknown(); len(got) != 1 || got[0] != "dnd.info" {
		t.Errorf("unknown methods %v", got)
	}
}

func TestSlackRateLimits(t *testing.T) {
	r := newSlackRig(t)
	r.s.RateLimits(true)
	var limited *slack.RateLimitedError
	for i := range 21 {
		_, err := r.api.SetTopicOfConversation(r.id("team"), fmt.Sprint(i))
		if i < 20 {
			r.must(err)
		} else if !errors.As(err, &limited) || limited.RetryAfter <= 0 || limited.RetryAfter > time.Minute {
			t.Errorf("call 21 of a tier 2 method: %v", err)
		}
	}
	r.clock.add(time.Minute)
	_, err := r.api.SetTopicOfConversation(r.id("team"), "later")
	wantErr(t, "a minute later", err, "")
	posted := 0
	for range 20 {
		if _, _, err := r.api.PostMessage(r.id("team"), slack.MsgOptionText("x", false)); err == nil {
			posted++
		} else if !errors.As(err, &limited) {
			t.Fatal(err)
		}
	}
	if posted < 2 || posted > 10 {
		t.Errorf("a burst of %d messages was let through", posted)
	}
	r.clock.add(limited.RetryAfter)
	_, _, err = r.api.PostMessage(r.id("team"), slack.MsgOptionText("x", false))
	wantErr(t, "after Retry-After", err, "")
}

func TestSlackFaults(t *testing.T) {
	r := newSlackRig(t)
	post := func() error {
		_, _, err := r.api.PostMessage(r.id("team"), slack.MsgOptionText("once", false))
		return err
	}
	count := func() (n int) {
		for _, m := range r.s.Messages("team") {
			if m.Text == "once" {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		name  string
		fault Fault
		want  int // messages afterwards
	}{
		{"an error without the effect", Fault{Status: 500, Times: 1}, 0},
		{"an error with the effect", Fault{Status: 500, After: true, Times: 1}, 1},
		{"a cut connection without the effect", Fault{Cut: true, Times: 1}, 1},
		{"a cut connection with the effect", Fault{Cut: true, After: true, Times: 1}, 2},
		{"no fault any more", Fault{Service: "trello"}, 3},
	} {
		if c.fault.Service == "" {
			c.fault.Service, c.fault.Call = "slack", "chat.*"
		}
		r.w.Faults.Add(c.fault)
		err := post()
		if failed := err != nil; failed != (c.fault.Service == "slack") {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := count(); got != c.want {
			t.Errorf("%s: %d messages, want %d", c.name, got, c.want)
		}
	}
}

func TestSlackArgumentsInBothForms(t *testing.T) {
	r := newSlackRig(t)
	call := func(kind, body string) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url+SlackPath+"chat.postMessage", strings.NewReader(body))
		r.must(err)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Authorization", "Bearer "+r.s.BotToken())
		resp, err := http.DefaultClient.Do(req)
		r.must(err)
		defer func() { _ = resp.Body.Close() }()
		var out map[string]any
		r.must(json.NewDecoder(resp.Body).Decode(&out))
		return out
	}
	blocks := `[{"type":"divider"}]`
	form := url.Values{"channel": {"team"}, "text": {"a"}, "blocks": {blocks}}.Encode()
	for body, kind := range map[string]string{
		form: "application/x-www-form-urlencoded",
		`{"channel":"team","text":"b","blocks":` + blocks + `}`:                  "application/json; charset=utf-8",
		`{"channel":"team","text":"c","blocks":"[{\"type\":\"divider\"}]"}`:      "application/json",
		`{"channel":"team","text":"d","blocks":null,"metadata":{},"x":{"y":[]}}`: "application/json",
	} {
		if out := call(kind, body); out["ok"] != true {
			t.Errorf("%s: %v", body, out)
		}
	}
	for body, code := range map[string]string{`{`: "invalid_json", `[]`: "json_not_object"} {
		if out := call("application/json", body); out["error"] != code {
			t.Errorf("%s: %v, want %s", body, out["error"], code)
		}
	}
}

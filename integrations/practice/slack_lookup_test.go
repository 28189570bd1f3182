package practice

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestSlackPeopleAndGroups(t *testing.T) {
	r := newSlackRig(t)
	u, err := r.api.GetUserInfo(r.id("ana"))
	r.must(err)
	if u.Name != "ana" || u.RealName != "Ana Example" || u.TZ != "Europe/Berlin" || u.TZOffset != 3600 || u.IsBot {
		t.Errorf("ana is %+v", u)
	}
	_, err = r.api.GetUserInfo("U404")
	wantErr(t, "a stranger", err, "user_not_found")
	everybody, err := r.api.GetUsers(slack.GetUsersOptionLimit(2))
	r.must(err)
	if len(everybody) != 3 || len(r.s.Users()) != 3 {
		t.Errorf("%d people over pages of two, want 3", len(everybody))
	}
	group, err := r.s.AddUsergroup("oncall", "ben")
	r.must(err)
	members, err := r.api.GetUserGroupMembers(group)
	r.must(err)
	if len(members) != 1 || members[0] != r.id("ben") {
		t.Errorf("on call: %v", members)
	}
	groups, err := r.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
	r.must(err)
	if len(groups) != 1 || groups[0].Handle != "oncall" || len(groups[0].Users) != 1 {
		t.Errorf("groups %+v", groups)
	}
	team, err := r.api.GetTeamInfo()
	r.must(err)
	bot, err := r.api.GetBotInfo(slack.GetBotInfoParameters{Bot: slackBot})
	r.must(err)
	if team.ID != slackTeam || bot.UserID != BotUser {
		t.Errorf("team %+v, bot %+v", team, bot)
	}
	mine, _, err := r.api.GetConversationsForUser(&slack.GetConversationsForUserParameters{UserID: r.id("ana")})
	r.must(err)
	if len(mine) != 1 || mine[0].Name != TeamChannel {
		t.Errorf("ana's channels %+v", mine)
	}
}

func TestSlackWhatPeopleSee(t *testing.T) {
	r := newSlackRig(t)
	_, err := r.s.AddChannel("inc-1", false, "ana", BotName)
	r.must(err)
	head := r.say("ana", "inc-1", "who takes it?")
	if _, err := r.s.Say("ben", "inc-1", "me"); err == nil {
		t.Error("ben spoke in a channel that he is not in")
	}
	r.must(r.s.Join("ben", "inc-1"))
	_, err = r.s.Reply("ben", "inc-1", head, "me")
	r.must(err)
	if thread := r.s.Thread("inc-1", head); len(thread) != 2 || thread[1].Text != "me" {
		t.Errorf("thread %v", thread)
	}
	system := 0
	for _, m := range r.s.Messages("inc-1") {
		if m.System() {
			system++
		}
	}
	if system != 1 {
		t.Errorf("%d system lines, want ben's joining", system)
	}
	r.must(r.s.Pin("ana", "inc-1", head))
	pins, _, err := r.api.ListPins(r.id("inc-1"))
	r.must(err)
	if len(pins) != 1 || pins[0].Message.Timestamp != head || len(r.s.Pins("inc-1")) != 1 {
		t.Errorf("pins %+v", pins)
	}
	r.must(r.s.Unpin("ana", "inc-1", head))
	r.must(r.s.React("ben", "inc-1", head, ":eyes:"))
	item, err := r.api.GetReactions(slack.NewRefToMessage(r.id("inc-1"), head), slack.GetReactionsParameters{})
	r.must(err)
	if len(item.Reactions) != 1 || item.Reactions[0].Name != "eyes" {
		t.Errorf("reactions %+v", item.Reactions)
	}
	if err := r.s.EditMessage("ben", "inc-1", head, "x"); err == nil {
		t.Error("ben edited ana's message")
	}
	r.must(r.s.ArchiveChannel("ana", "inc-1"))
	if _, err := r.s.Say("ana", "inc-1", "anybody?"); err == nil {
		t.Error("an archived channel was spoken in")
	}
	want := "message message/channel_join member_joined_channel message pin_added pin_removed reaction_added message/channel_archive channel_archive"
	if got := strings.Join(r.events(), " "); got != want {
		t.Errorf("events\n%s\nwant\n%s", got, want)
	}
	r.nothingRefused()
}

func TestSlackInsideForms(t *testing.T) {
	r := newSlackRig(t)
	ctx := context.Background()
	r.must(r.s.Shortcut(ctx, "ana", "declare"))
	more := slack.NewActionBlock("acts", slack.NewButtonBlockElement("more", "1", plainText("More")))
	external := slack.NewInputBlock("service", plainText("Service"), nil, slack.NewOptionsSelectBlockElement("external_select", nil, "value"))
	view := slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText("Declare"), Submit: plainText("Go"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{more, external}},
	}
	_, err := r.api.OpenView(payload(t, r.bot.requests("/slack/interactions")[0]).TriggerID, view)
	r.must(err)
	r.must(r.s.PressView(ctx, "ana", "more"))
	ic := payload(t, r.bot.requests("/slack/interactions")[1])
	if ic.Container.Type != "view" || ic.View.ID != r.s.View("ana").ID || ic.ActionCallback.BlockActions[0].Value != "1" {
		t.Errorf("press inside a form %+v", ic)
	}
	offer := `{"options":[{"text":{"type":"plain_text","text":"Checkout"},"value":"checkout"}]}`
	r.bot.reply(func(rw http.ResponseWriter, _ gotten) { _, _ = rw.Write([]byte(offer)) })
	got, err := r.s.Suggest(ctx, "ana", "service", "che")
	r.must(err)
	if len(got) != 1 || got[0].Value != "checkout" {
		t.Errorf("suggestions %v", got)
	}
	if ic := payload(t, r.bot.requests("/slack/options")[0]); ic.Value != "che" || ic.BlockID != "service" {
		t.Errorf("asked for %+v", ic)
	}
	r.must(r.s.Fill("ana", "service", "checkout"))
	if in := r.s.View("ana").Inputs(); len(in) != 1 || in[0].Value != "checkout" {
		t.Errorf("inputs %+v", in)
	}
	offer = `{}`
	if _, err = r.s.Suggest(ctx, "ana", "service", "x"); err == nil || len(r.s.Invalid()) != 1 {
		t.Errorf("options that are missing: %v", err)
	}
}

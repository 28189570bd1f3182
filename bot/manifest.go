package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"watchbell/bot/chat"
)

// scope is a permission of the bot's token. Some are needed only with posts, or where protocol or rights name user groups.
type scope struct {
	name, why             string
	posts, groups, canvas bool
}

// features are what a configuration switches on.
type features struct{ posts, groups, canvas bool }

func (c *Config) features() features {
	f := features{posts: c.GitHub.Repo != "", groups: len(c.rights().Groups()) > 0 || c.OnCall.UserGroup != "", canvas: c.Slack.Canvas}
	if _, followed := protocolInRepo(c.Protocol); followed {
		f.groups = true // it may name one any day
	}
	for _, rule := range c.protocol.RoleRules() {
		for _, holder := range rule.Holders {
			f.groups = f.groups || strings.HasPrefix(holder, "S")
		}
	}
	return f
}

func (f features) need(s scope) bool {
	return (f.posts || !s.posts) && (f.groups || !s.groups) && (f.canvas || !s.canvas)
}

var scopes = []scope{
	{name: "commands", why: "the slash command and the shortcuts"},
	{name: "chat:write", why: "the announcement, the card, answers"},
	{name: "chat:write.public", why: "announce in the team channel without being a member"},
	{name: "app_mentions:read", why: "@watchbell log … in threads"},
	{name: "channels:read", why: "find the team channel by its name"},
	{name: "channels:history", why: "read a captured message; follow edits and deletions"},
	{name: "channels:manage", why: "open the incident's channel, set its topic, invite"},
	{name: "groups:read", why: "the same for private incidents"},
	{name: "groups:history"},
	{name: "groups:write"},
	{name: "im:history", why: "verbs in a direct message to the bot"},
	{name: "im:write", why: "an answer where no channel can carry it"},
	{name: "reactions:read", why: "the capture reaction"},
	{name: "reactions:write", why: "the tick on captured messages"},
	{name: "pins:read", why: "what people pin is in the timeline"},
	{name: "pins:write", why: "pin the card"},
	{name: "bookmarks:read", why: "the link to the pull request, once", posts: true},
	{name: "bookmarks:write", posts: true},
	{name: "canvases:write", why: "the state document in the channel's canvas", canvas: true},
	{name: "canvases:read", why: "know our own canvas from another's", canvas: true},
	{name: "usergroups:read", why: "who is on call, may hold a role or has a right, where a user group is named", groups: true},
	{name: "files:read", why: "images on captured messages, for the post", posts: true},
	{name: "files:write", why: "the picture of /incident stats"},
	{name: "users:read", why: "time zones; who is a guest"},
}

// events are what Slack tells the bot.
var events = []struct{ name, why string }{
	{"app_home_opened", "the Home tab"},
	{"app_mention", ""},
	{"channel_archive", "whoever leads is told that an incident's channel was archived or deleted"}, {"group_archive", ""},
	{"channel_deleted", ""}, {"group_deleted", ""},
	{"channel_left", "and that somebody has taken the bot out of it"}, {"group_left", ""},
	{"channel_unarchive", "what is shown there is brought up to date, and what was missed read back"}, {"group_unarchive", ""},
	{"member_joined_channel", "who comes into an incident's channel is told how things stand"},
	{"member_left_channel", "a role is not left with nobody when its holder leaves"},
	{"message.channels", ""}, {"message.groups", ""}, {"message.im", ""},
	{"pin_added", ""}, {"pin_removed", ""}, {"reaction_added", ""}, {"reaction_removed", ""},
	{groupEvent, "who comes on call is invited"},
}

// groupEvent needs the scope usergroups:read.
const groupEvent = "subteam_members_changed"

// scopes are the names of those that are needed.
func (f features) scopes() (names []string) {
	for _, s := range scopes {
		if f.need(s) {
			names = append(names, s.name)
		}
	}
	return names
}

// runManifest prints the manifest of the Slack app.
func runManifest(_ context.Context, args []string, env environment) error {
	flags := newFlags("manifest", env)
	file := flags.String("config", "", "the configuration `FILE` that serve has; without it, everything is asked for, over Socket Mode")
	http := flags.Bool("http", false, "have Slack call public_url, although SLACK_APP_TOKEN is set")
	if err := parse(flags, args); err != nil {
		return err
	}
	c := defaultConfig()
	with := features{posts: true, groups: true, canvas: true}
	if *file != "" {
		var err error
		if c, err = loadConfig(*file, env.getenv); err != nil {
			return err
		}
		with = c.features()
	}
	socket := c.PublicURL == "" || (c.secrets.slackApp != "" && !*http)
	if *http && c.PublicURL == "" {
		return errors.New("it is Slack that needs an address to call: set public_url in the configuration, and name it with -config")
	}
	c.manifest(env.stdout, socket, with)
	return nil
}

// manifest writes what api.slack.com takes. See https://docs.slack.dev/reference/app-manifest.
func (c *Config) manifest(w io.Writer, socket bool, with features) {
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	url := func(indent, key, path string) {
		if !socket {
			line("%s%s: %q", indent, key, strings.TrimRight(c.PublicURL, "/")+path)
		}
	}
	way := "Socket Mode, which needs no public address. With public_url in the configuration and no SLACK_APP_TOKEN,\n# `watchbell manifest -config watchbell.yml` prints the form in which Slack calls that address."
	if !socket {
		way = "HTTP: Slack calls " + strings.TrimRight(c.PublicURL, "/") + "."
	}
	line("# The Slack app, to paste into https://api.slack.com/apps → Create New App → From a manifest.\n# Printed by `watchbell manifest`, for %s", way)
	line("display_information:\n  name: Watchbell\n  description: Guides through an incident, keeps its timeline, drafts the post-mortem")
	line("features:\n  bot_user:\n    display_name: watchbell\n    always_online: true")
	line("  app_home:\n    home_tab_enabled: true\n    messages_tab_enabled: true\n    messages_tab_read_only_enabled: false")
	line("  slash_commands:\n    - command: %s", c.Slack.Command)
	url("      ", "url", "/slack/commands")
	line("      description: Declare and run an incident\n      usage_hint: \"declare what is wrong | log [time] text | help\"\n      should_escape: true")
	line("  shortcuts:")
	for _, s := range shortcuts {
		kind := "global"
		if s.onMessage {
			kind = "message"
		}
		line("    - name: %s\n      type: %s\n      callback_id: %s\n      description: %s", s.label, kind, s.callback, s.help)
	}
	line("oauth_config:\n  scopes:\n    bot:")
	for _, s := range scopes {
		switch {
		case !with.need(s):
		case s.why == "":
			line("      - %s", s.name)
		default:
			line("      - %-19s # %s", s.name, s.why)
		}
	}
	line("settings:\n  event_subscriptions:")
	url("    ", "request_url", "/slack/events")
	line("    bot_events:")
	for _, e := range events {
		switch {
		case e.name == groupEvent && !with.groups:
		case e.why == "":
			line("      - %s", e.name)
		default:
			line("      - %-23s # %s", e.name, e.why)
		}
	}
	line("  interactivity:\n    is_enabled: true")
	url("    ", "request_url", "/slack/interactions")
	line("  org_deploy_enabled: false\n  socket_mode_enabled: %t\n  token_rotation_enabled: false", socket)
}

// shortcut is an entry of the app in Slack's own menus.
type shortcut struct {
	callback, label, help string
	onMessage             bool
}

var shortcuts = []shortcut{
	{chat.ShortcutDeclare, "Declare an incident", "Open the form", false},
	{chat.ShortcutAddToTimeline, "Add to the timeline", "Put this message into the incident's timeline", true},
	{chat.ShortcutAddThread, "Add the thread", "Choose what of this thread goes into the timeline", true},
}

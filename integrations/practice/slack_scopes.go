package practice

import (
	"net/http"
	"strings"
)

// slackGranted are the scopes that the bot's token has: those of the app's manifest and of what else exists here.
const slackGranted = "app_mentions:read,bookmarks:read,bookmarks:write,canvases:read,canvases:write,channels:history,channels:join,channels:manage,channels:read," +
	"chat:write,chat:write.public,commands,emoji:read,files:read,files:write,groups:history,groups:read,groups:write,im:history,im:read,im:write," +
	"metadata.message:read,mpim:history,mpim:read,mpim:write,pins:read,pins:write,reactions:read,reactions:write,team:read," +
	"usergroups:read,users.profile:read,users:read,users:read.email"

// slackScopes are the scopes that a method asks for, any of them, by the method or by the beginning of its name.
// Source: the page of each method below https://docs.slack.dev/reference/methods.
var slackScopes = map[string]string{
	"apps.connections.open": "connections:write",
	"bookmarks.":            "bookmarks:write", "bookmarks.list": "bookmarks:read",
	"bots.":     "users:read",
	"canvases.": "canvases:write", "canvases.sections.lookup": "canvases:read",
	"conversations.canvases.create": "canvases:write",
	"chat.":                         "chat:write",
	"conversations.":                "channels:manage,groups:write,im:write,mpim:write",
	"conversations.history":         "channels:history,groups:history,mpim:history,im:history",
	"conversations.info":            "channels:read,groups:read,mpim:read,im:read",
	"conversations.join":            "channels:join",
	"conversations.list":            "channels:read,groups:read,mpim:read,im:read",
	"conversations.members":         "channels:read,groups:read,mpim:read,im:read",
	"conversations.replies":         "channels:history,groups:history,mpim:history,im:history",
	"emoji.":                        "emoji:read",
	"files.":                        "files:write",
	"files.info":                    "files:read",
	"pins.":                         "pins:write", "pins.list": "pins:read",
	"reactions.": "reactions:write", "reactions.get": "reactions:read", "reactions.list": "reactions:read",
	"team.":               "team:read",
	"usergroups.":         "usergroups:read",
	"users.":              "users:read",
	"users.conversations": "channels:read,groups:read,mpim:read,im:read",
	"users.lookupByEmail": "users:read.email",
	"users.profile.get":   "users.profile:read",
}

// scopeHeaders tells a caller with a good token what the token may do and what the method needs, as Slack does.
func scopeHeaders(h http.Header, method, token string) {
	app := strings.HasPrefix(token, "xapp-")
	if checkToken(token, app) != nil {
		return
	}
	granted := slackGranted
	if app {
		granted = "connections:write"
	}
	h.Set("X-OAuth-Scopes", granted)
	family, _, _ := strings.Cut(method, ".")
	needed, known := slackScopes[method]
	if !known {
		needed = slackScopes[family+"."]
	}
	if needed != "" {
		h.Set("X-Accepted-OAuth-Scopes", needed)
	}
}

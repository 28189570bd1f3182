package main

import (
	"watchbell/bot/chat"
	"watchbell/integrations/practice"
)

// practiceApp is what the page of the practice workspace shows of the bot in Slack's own menus.
func practiceApp(command string) practice.App {
	app := practice.App{Command: command, Shortcuts: []practice.AppShortcut{
		{Callback: chat.ShortcutDeclare, Label: "Declare an incident"},
		{Callback: chat.ShortcutAddToTimeline, Label: "Add to the timeline", OnMessage: true},
		{Callback: chat.ShortcutAddThread, Label: "Add the thread", OnMessage: true},
	}}
	for _, v := range chat.VerbTable() {
		app.Verbs = append(app.Verbs, practice.AppVerb{Verb: v.Verb, Usage: v.Usage, Help: v.Help})
	}
	return app
}

package main

import (
	"watchbell/bot/chat"
	"watchbell/integrations/practice"
)

// practiceApp is what the page of the practice workspace shows of the bot in Slack's own menus.
func practiceApp(command string) practice.App {
	app := practice.App{Command: command}
	for _, s := range shortcuts {
		app.Shortcuts = append(app.Shortcuts, practice.AppShortcut{Callback: s.callback, Label: s.label, OnMessage: s.onMessage})
	}
	for _, v := range chat.VerbTable() {
		app.Verbs = append(app.Verbs, practice.AppVerb{Verb: v.Verb, Usage: v.Usage, Help: v.Help})
	}
	return app
}

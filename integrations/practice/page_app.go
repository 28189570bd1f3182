package practice

import (
	"encoding/json"
	"net/http"
	"slices"
)

// App is what the bot under practice offers in Slack's own menus, for the page to show. The bot hands it in, because this
// package knows no bot.
type App struct {
	// Command is the slash command with its slash.
	Command   string
	Verbs     []AppVerb
	Shortcuts []AppShortcut
}

// AppVerb is a word that may follow the slash command, what follows it in turn, and what it does.
type AppVerb struct{ Verb, Usage, Help string }

// AppShortcut is a shortcut of the app by its callback id; OnMessage ones stand in the menu of a message.
type AppShortcut struct {
	Callback, Label string
	OnMessage       bool
}

// Install tells the page what the bot offers.
func (w *Workspace) Install(a App) {
	w.page.room.mu.Lock()
	w.page.room.app = a
	w.page.room.mu.Unlock()
	w.page.changed()
}

// installed is what the bot offers, of shortcuts those for messages or the others.
func (p *page) installed(onMessage bool) []AppShortcut {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.room.app.Shortcuts), func(s AppShortcut) bool { return s.OnMessage != onMessage })
}

// hintJSON is a suggestion of the composer: what it puts in, and what it says about it.
type hintJSON struct {
	Insert string `json:"insert"`
	Usage  string `json:"usage,omitempty"`
	Help   string `json:"help,omitempty"`
}

// serveHints gives the composer what it may suggest: commands, people and the channels that the person sees.
func (p *page) serveHints(rw http.ResponseWriter, r *http.Request) {
	p.room.mu.Lock()
	app := p.room.app
	p.room.mu.Unlock()
	out := map[string][]hintJSON{"command": {}, "person": {}, "channel": {}}
	for _, v := range app.Verbs {
		out["command"] = append(out["command"], hintJSON{app.Command + " " + v.Verb, v.Usage, v.Help})
	}
	s := p.w.Slack
	s.mu.Lock()
	for _, u := range s.users {
		out["person"] = append(out["person"], hintJSON{"@" + u.Name, u.RealName, ""})
	}
	if me := s.viewer(r.URL.Query().Get("as")); me != nil {
		for _, c := range s.channels {
			if !c.IsIM && !c.Archived && s.sees(me, c) {
				out["channel"] = append(out["channel"], hintJSON{"#" + c.Name, "", s.mrkdwn(c.Topic)})
			}
		}
	}
	s.mu.Unlock()
	raw, err := json.Marshal(out)
	if err != nil {
		p.log.Error("practice: the hints could not be written", "error", err)
		http.Error(rw, "The hints could not be written.", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = rw.Write(raw)
}

package practice

import "time"

// lookView is everything on the page at one moment.
type lookView struct {
	// Version is that of the workspace before it was read: what changes meanwhile brings the browser back.
	Version int
	// Run tells one start of the program from the next.
	Run     string
	Now     time.Time
	Missing string // the channel that was asked for and is not there
	Me      *personView
	Joined  []placeView // channels, Others those that the person may join
	Others  []placeView
	Direct  []placeView
	People  []personView
	Room    roomView
	Home    *homeView
	Views   []formView // the forms in front of the person, the top one last
	// Shortcuts start from anywhere, MessageShortcuts from a message's menu.
	Shortcuts, MessageShortcuts []AppShortcut
	sideView
}

// look reads the workspace as one person sees it. Each service is locked for itself, Slack always after the others, as
// everywhere.
func (p *page) look(as, channel, tab string) lookView {
	w := p.w
	v := lookView{
		Version: w.Slack.Version(), Run: p.run, Now: p.now().UTC(), sideView: p.sideView(),
		Shortcuts: p.installed(false), MessageShortcuts: p.installed(true),
	}
	v.read(w, as, channel, tab, p.away())
	return v
}

func (v *lookView) read(w *Workspace, as, channel, tab string, away map[string]bool) {
	// The links in all three services lead to each other, so their text is read while Slack is locked.
	w.Trello.mu.Lock()
	defer w.Trello.mu.Unlock()
	w.GitHub.mu.Lock()
	defer w.GitHub.mu.Unlock()
	w.Slack.mu.Lock()
	defer w.Slack.mu.Unlock()
	s, r := w.Slack, reader{s: w.Slack, local: w.localLinks, away: away}
	v.sideView.read(w, r)
	r.me = s.viewer(as)
	c, found := s.room(r.me, channel)
	if !found {
		v.Missing = channel
	}
	v.places(r, c, as != "")
	v.People = s.people(v.Now, r.me, c)
	for i := range v.People {
		if v.People[i].Me {
			v.Me = &v.People[i]
		}
	}
	v.Room = s.roomView(c, r)
	if r.me != nil {
		v.Room.Tabs = c.IsIM && c.has(r.me.ID)
		if v.Room.Tabs && tab == "home" {
			v.Home = s.homeView(r)
		}
		for _, form := range s.stacks[r.me.ID] {
			v.Views = append(v.Views, s.formView(form, r))
		}
	}
}

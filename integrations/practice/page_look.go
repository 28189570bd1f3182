package practice

import "time"

// lookView is everything on the page at one moment.
type lookView struct {
	// Version is that of the workspace before it was read: what changes meanwhile brings the browser back.
	Version int
	Now     time.Time
	Missing string // the channel that was asked for and is not there
	Places  []placeView
	People  []personView
	Room    roomView
	sideView
}

// look reads the workspace. Each service is locked for itself, Slack always after the others, as everywhere.
func (p *page) look(channel string) lookView {
	w := p.w
	v := lookView{Version: w.Slack.Version(), Now: p.now().UTC(), sideView: p.sideView()}
	v.read(w, channel)
	return v
}

func (v *lookView) read(w *Workspace, channel string) {
	// The links in all three services lead to each other, so their text is read while Slack is locked.
	w.Trello.mu.Lock()
	defer w.Trello.mu.Unlock()
	w.GitHub.mu.Lock()
	defer w.GitHub.mu.Unlock()
	w.Slack.mu.Lock()
	defer w.Slack.mu.Unlock()
	s, r := w.Slack, reader{s: w.Slack, local: w.localLinks}
	v.sideView.read(w, r)
	c, found := s.room(channel)
	if !found {
		v.Missing = channel
	}
	v.Places = s.places(c)
	v.People = s.people(v.Now)
	v.Room = s.roomView(c, r)
}

package practice

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"
)

// Show puts a session on the page, with what steers it and, at its end, the debrief. Whoever made it runs it.
func (w *Workspace) Show(s *Session) {
	w.page.mu.Lock()
	w.page.training = s
	w.page.mu.Unlock()
	changed, cancel := s.Subscribe()
	go func() {
		defer cancel()
		for {
			select {
			case <-changed:
				w.page.changed()
			case <-w.Slack.ctx.Done():
				return
			}
		}
	}()
	w.page.changed()
}

// onTrain begins a drill that ships with the bot, for a person who takes part.
func (p *page) onTrain(in sideCall) error {
	drill, err := ShippedDrill(in.field("drill"))
	if err != nil {
		return err
	}
	o, free := p.begin("training")
	if !free {
		return errors.New("a drill is going on already. End it to begin another one")
	}
	s := p.w.NewSession(drill, SessionOptions{Clock: o.options.Clock, Shift: true})
	p.w.Show(s)
	go s.Run(p.w.Slack.ctx)
	return nil
}

// onSession steers the session.
func (p *page) onSession(in sideCall) error {
	p.mu.Lock()
	s := p.training
	p.mu.Unlock()
	if s == nil {
		return errors.New("no drill is going on")
	}
	do := map[string]func(){
		"pause": s.Pause, "resume": s.Resume, "faster": s.Faster, "slower": s.Slower, "skip": s.Skip, "end": s.End,
	}[in.field("do")]
	if do == nil {
		return errors.New("a drill can be paused and resumed, go faster and slower, skip and end, nothing else")
	}
	do()
	return nil
}

// sessionView is a session as the page shows it.
type sessionView struct {
	Title              string
	Story              template.HTML
	You, Name          string // the person who trains: their name in Slack, and in life
	State              SessionState
	Running, Paused    bool
	Over, Told, Steers bool
	Pace               string
	Steps, All         int
	Next               time.Time
	Lines              []lineView
	Choices            []drillChoice // what can be played next
	// Advice is what the person could do now, Hint the first of it; nil when there is none.
	Advice []lineView
	Hint   *lineView
	// Debrief is set at the end: as it reads, and as Markdown.
	Debrief  template.HTML
	Markdown string
}

type lineView struct {
	Number    int
	Kind      LineKind
	Time, Who string
	text      string
	Marked    []stretch
}

func (p *page) sessionView() *sessionView {
	p.mu.Lock()
	s, next := p.training, p.offer != nil
	p.mu.Unlock()
	if s == nil {
		return nil
	}
	st := s.Status()
	v := &sessionView{
		Title: s.Drill().Title, Story: drawMarkdown(s.Drill().Story), State: st.State, Next: st.Next.UTC(), Steps: st.Steps, All: st.All,
		Running: st.State == SessionRunning, Paused: st.State == SessionPaused, Over: st.State == SessionOver,
		Told: st.State == SessionTold, Pace: paceWords(st.Pace),
	}
	v.Steers = v.Running || v.Paused
	for _, a := range s.Drill().Cast {
		if a.Role == RoleYou && v.You == "" {
			v.You, v.Name = a.Name, a.RealName
		}
	}
	for i, l := range st.Lines {
		v.Lines = append(v.Lines, viewLine(i+1, l))
	}
	for i, l := range st.Advice {
		v.Advice = append(v.Advice, viewLine(i+1, l))
	}
	if st.Debrief != nil {
		v.Markdown = st.Debrief.Markdown()
		v.Debrief = drawMarkdown(v.Markdown)
		if next {
			v.Choices = drillChoices()
		}
	}
	return v
}

func viewLine(number int, l Line) lineView {
	return lineView{Number: number, Kind: l.Kind, Time: l.At.UTC().Format("15:04"), Who: l.Who, text: l.Text}
}

// mark draws the texts of the lines. Slack is locked.
func (v *sessionView) mark(r reader) {
	for _, list := range [][]lineView{v.Lines, v.Advice} {
		for i := range list {
			list[i].Marked = r.mrkdwn(outdent(list[i].text))
		}
	}
	// There is room for one line at the top: what can be done as it stands goes before why.
	if i := slices.IndexFunc(v.Advice, func(l lineView) bool { return l.Kind == LineTurn }); i >= 0 {
		v.Hint = &v.Advice[i]
	} else if len(v.Advice) > 0 {
		v.Hint = &v.Advice[0]
	}
}

// paceWords says how fast the story goes.
func paceWords(pace float64) string {
	if pace == 1 {
		return "as in life"
	}
	return fmt.Sprintf("%s× life", strconv.FormatFloat(pace, 'g', -1, 64))
}

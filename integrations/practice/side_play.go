package practice

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// pagePause is the rest between two steps of a drill that is played for people.
const pagePause = 1500 * time.Millisecond

// offer is the drill that the page can play, and how its play is going.
type offer struct {
	drill   Drill
	options PlayOptions
	state   string // "", "playing", "met", "missed", "broken" or "training"
	steps   []pageStep
	result  string
}

// pageStep is one line of a drill's play. Kind is "step" for what somebody does, "answer" for what the bot told them,
// "met" and "missed" for expectations.
type pageStep struct {
	Number                int
	Kind, Time, Who, Text string
	Marked                []stretch // Text, drawn
}

// Offer puts a drill on the page: its cast comes into the workspace, and a button plays it once, at a pace that people can
// follow. The clock must be the one of the workspace and of the bot. Offer nothing while a drill is being played.
func (w *Workspace) Offer(d Drill, clock *Clock) {
	w.addCast(d.Cast)
	w.page.mu.Lock()
	defer w.page.mu.Unlock()
	w.page.offer = &offer{drill: d, options: PlayOptions{
		Clock: clock, Pause: pagePause, Within: 10 * time.Second, Shift: true,
	}}
}

// begin says that a drill is played from now on, as the state of what is on offer; false when one is going on already.
// What the last one has broken is mended.
func (p *page) begin(state string) (*offer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.offer
	if o == nil || o.state == "playing" || p.training != nil && p.training.Status().State != SessionOver {
		return nil, false
	}
	if o.state != "" || p.training != nil {
		p.w.Faults.Clear("")
	}
	o.state, o.steps, o.result, p.training = state, nil, "", nil
	return o, true
}

// servePlay plays the drill on offer. It can be played again: a later play is about the incident that it declares itself.
func (p *page) servePlay(rw http.ResponseWriter, r *http.Request) {
	o, free := p.begin("playing")
	if !free {
		http.Error(rw, "A drill is going on already, or there is none to play.", http.StatusConflict)
		return
	}
	p.changed()
	go p.play(p.w.Slack.ctx, o)
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

func (p *page) play(ctx context.Context, o *offer) {
	options := o.options
	options.Out = stepWriter{p, o}
	report, err := p.w.Play(ctx, o.drill, options)
	p.mu.Lock()
	switch n := len(report.Failed); {
	case errors.Is(err, context.Canceled):
		o.state, o.result = "broken", "The drill was stopped."
	case err != nil:
		o.state, o.result = "broken", "The drill could not go on: "+err.Error()
	case n > 0:
		o.state, o.result = "missed", fmt.Sprintf("%d steps, %d of the expectations not met", report.Steps, n)
	default:
		o.state, o.result = "met", fmt.Sprintf("%d steps, every expectation met", report.Steps)
	}
	p.mu.Unlock()
	p.changed()
}

// changed tells whoever looks that there is something new to see.
func (p *page) changed() {
	p.w.Slack.mu.Lock()
	defer p.w.Slack.mu.Unlock()
	p.w.Slack.bump()
}

// stepWriter takes what Play prints; each write is one line of the play.
type stepWriter struct {
	page  *page
	offer *offer
}

var stepForm = regexp.MustCompile(`(?s)^(\d\d:\d\d)  (\S+) +(.*)$`)

func (w stepWriter) Write(text []byte) (int, error) {
	step, ok := readStep(string(text))
	if ok {
		w.page.mu.Lock()
		step.Number = len(w.offer.steps) + 1
		w.offer.steps = append(w.offer.steps, step)
		w.page.mu.Unlock()
		w.page.changed()
	}
	return len(text), nil
}

// readStep takes a line apart; what is none, as the story at the beginning, is not shown as one.
func readStep(line string) (pageStep, bool) {
	line = strings.TrimRight(line, "\n")
	if m := stepForm.FindStringSubmatch(line); m != nil {
		return pageStep{Kind: "step", Time: m[1], Who: strings.Trim(m[2], "-"), Text: outdent(m[3])}, true
	}
	line = strings.TrimSpace(line)
	for mark, kind := range map[string]string{"→ ": "answer", "✓ ": "met", "✗ ": "missed"} {
		if text, is := strings.CutPrefix(line, mark); is {
			return pageStep{Kind: kind, Text: outdent(text)}, true
		}
	}
	return pageStep{}, false
}

func outdent(text string) string { return regexp.MustCompile(`\n +`).ReplaceAllString(text, "\n") }

// drillView is the drill as the page shows it.
type drillView struct {
	Title         string
	Story         template.HTML
	State, Result string // see offer
	Steps         []pageStep
	Last          *pageStep // the newest thing that somebody did
	Choices       []drillChoice
}

// drillChoice is a drill that people can take part in.
type drillChoice struct{ Name, Title string }

// drillChoices are the drills that ship with the bot.
var drillChoices = sync.OnceValue(func() []drillChoice {
	var all []drillChoice
	for _, name := range Drills() {
		if d, err := ShippedDrill(name); err == nil {
			all = append(all, drillChoice{name, d.Title})
		}
	}
	return all
})

func (p *page) drill() *drillView {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.offer == nil {
		return nil
	}
	o := p.offer
	v := &drillView{Title: o.drill.Title, Story: drawMarkdown(o.drill.Story), State: o.state, Result: o.result, Steps: slices.Clone(o.steps), Choices: drillChoices()}
	for i := range v.Steps {
		if v.Steps[i].Kind == "step" {
			v.Last = &v.Steps[i]
		}
	}
	return v
}

// mark draws the texts of the steps. Slack is locked.
func (v *drillView) mark(r reader) {
	for i := range v.Steps {
		v.Steps[i].Marked = r.mrkdwn(v.Steps[i].Text)
	}
}

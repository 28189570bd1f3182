package practice

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// roomState is what the page itself keeps of Slack's half.
type roomState struct {
	mu        sync.Mutex
	app       App
	dismissed map[string]bool // messages for one person that they have put away, by channel and ts
}

// pageWaits is how long a deed may take: longer than Slack gives the bot, so that its own words are the answer.
const pageWaits = 15 * time.Second

// maxDeed bounds the size of a deed: a message of 40,000 characters, each of four bytes written as %XX, fits.
const maxDeed = 1 << 20

// routeRoom lets in what people do in Slack. A deed is a POST of a form to /practice/page/do/NAME; "as" says who does it.
// What they could not do is answered with 422 and a sentence for them.
func (p *page) routeRoom() {
	p.room.dismissed = map[string]bool{}
	p.mux.HandleFunc("GET /practice/page/hints", p.serveHints)
	for name, do := range p.deeds() {
		p.route("POST /practice/page/do/"+name, func(rw http.ResponseWriter, r *http.Request) { p.serveDeed(rw, r, do) })
	}
}

// pageDeed is something that somebody does with what they have filled in.
type pageDeed func(ctx context.Context, who string, in url.Values) error

func (p *page) serveDeed(rw http.ResponseWriter, r *http.Request, do pageDeed) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxDeed)
	if err := r.ParseForm(); err != nil {
		http.Error(rw, "That is more than fits into a message.", http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWaits)
	defer cancel()
	if err := do(ctx, r.PostForm.Get("as"), r.PostForm); err != nil {
		text := strings.ReplaceAll(err.Error(), "practice: ", "")
		http.Error(rw, strings.ToUpper(text[:1])+text[1:]+".", http.StatusUnprocessableEntity)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

func (p *page) deeds() map[string]pageDeed {
	s := p.w.Slack
	on := func(do func(who, channel, ts string) error) pageDeed {
		return func(_ context.Context, who string, in url.Values) error {
			return do(who, in.Get("channel"), in.Get("ts"))
		}
	}
	in := func(do func(who, channel string) error) pageDeed {
		return func(_ context.Context, who string, in url.Values) error { return do(who, in.Get("channel")) }
	}
	return map[string]pageDeed{
		"say": func(_ context.Context, who string, in url.Values) error {
			_, err := s.Reply(who, in.Get("channel"), in.Get("thread"), in.Get("text"))
			return err
		},
		"command": func(ctx context.Context, who string, in url.Values) error {
			if err := p.known(in.Get("text")); err != nil {
				return err
			}
			_, err := s.Command(ctx, who, in.Get("channel"), in.Get("text"))
			return err
		},
		"edit": func(_ context.Context, who string, in url.Values) error {
			return s.EditMessage(who, in.Get("channel"), in.Get("ts"), in.Get("text"))
		},
		"react": func(_ context.Context, who string, in url.Values) error {
			return s.reactTyped(who, in.Get("channel"), in.Get("ts"), in.Get("emoji"))
		},
		"unreact": func(_ context.Context, who string, in url.Values) error {
			return s.Unreact(who, in.Get("channel"), in.Get("ts"), in.Get("emoji"))
		},
		"delete": on(s.DeleteMessage), "pin": on(s.Pin), "unpin": on(s.Unpin), "dismiss": on(p.dismiss),
		"join": in(s.Join), "leave": in(s.Leave),
		"home": func(_ context.Context, who string, _ url.Values) error { return s.OpenHome(who) },
		"shortcut": func(ctx context.Context, who string, in url.Values) error {
			if in.Get("ts") == "" {
				return s.Shortcut(ctx, who, in.Get("callback"))
			}
			return s.MessageShortcut(ctx, who, in.Get("channel"), in.Get("ts"), in.Get("callback"))
		},
		"press": func(ctx context.Context, who string, in url.Values) error {
			return s.pressShown(ctx, who, in)
		},
		"view-press": func(ctx context.Context, who string, in url.Values) error {
			if err := s.fillView(who, in); err != nil {
				return err
			}
			return s.pressView(ctx, who, in.Get("view"), strings.ReplaceAll(in.Get("value"), "\r\n", "\n"), func(e placed) bool {
				return e.actionID == in.Get("action") && e.blockID == in.Get("block")
			})
		},
		"view-submit": func(ctx context.Context, who string, in url.Values) error {
			if err := s.fillView(who, in); err != nil {
				return err
			}
			_, err := s.Submit(ctx, who)
			return err
		},
		"view-close": func(ctx context.Context, who string, in url.Values) error {
			if v := s.View(who); v == nil || v.ID != in.Get("view") {
				return nil // it is closed already
			}
			return s.CloseView(ctx, who)
		},
	}
}

// known refuses a slash command that nobody has installed, as Slack does itself: the app never hears of it.
func (p *page) known(line string) error {
	p.room.mu.Lock()
	installed := p.room.app.Command
	p.room.mu.Unlock()
	command, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if installed == "" || command == installed {
		return nil
	}
	return fmt.Errorf("%s is not a valid command; there is %s. To send it as a message, begin with a blank", command, installed)
}

// pressShown presses or chooses from an element of a message. The bot may have changed the message since the page was
// drawn, and blocks without an id of their own get a new one then; the action still says what is meant.
func (s *Slack) pressShown(ctx context.Context, who string, in url.Values) error {
	block, action := in.Get("block"), in.Get("action")
	exact := func(e placed) bool { return e.actionID == action && e.blockID == block }
	s.mu.Lock()
	u, c, err := s.lively(who, in.Get("channel"))
	if err == nil {
		_, _, err = s.findElement(u, c, in.Get("ts"), exact)
	}
	s.mu.Unlock()
	if err != nil {
		exact = func(e placed) bool { return e.actionID == action }
	}
	return s.act(ctx, who, in.Get("channel"), in.Get("ts"), in.Get("value"), exact)
}

// reactTyped is React for what a person has typed as an emoji's name.
func (s *Slack) reactTyped(who, channel, ts, emoji string) error {
	name := strings.ToLower(strings.Trim(strings.TrimSpace(emoji), ":"))
	if !emojiName.MatchString(name) {
		return fmt.Errorf("practice: %q is not the name of an emoji; write one such as pushpin", emoji)
	}
	return s.React(who, channel, ts, name)
}

// fillView enters what stands in the form on the page. Fields are named "f/BLOCK"; several values of a field are the
// boxes that are ticked.
func (s *Slack) fillView(who string, in url.Values) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.shown(who, in.Get("view"))
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		block, is := strings.CutPrefix(name, "f/")
		if !is {
			continue
		}
		chosen := slices.DeleteFunc(slices.Clone(in[name]), func(s string) bool { return s == "" })
		text := strings.ReplaceAll(strings.Join(chosen, ","), "\r\n", "\n")
		if err := s.fill(v, block, text); err != nil {
			return err
		}
	}
	return nil
}

// dismiss puts a message for one person alone out of their sight. It stays in what is known of the incident.
func (p *page) dismiss(who, channel, ts string) error {
	s := p.w.Slack
	s.mu.Lock()
	_, c, err := s.scene(who, channel)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	p.room.mu.Lock()
	p.room.dismissed[c.ID+" "+ts] = true
	p.room.mu.Unlock()
	p.changed()
	return nil
}

// away are the messages that were put away.
func (p *page) away() map[string]bool {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return maps.Clone(p.room.dismissed)
}

package practice

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// plain is a deed that answers nothing.
func (c *control) plain(name string, do func(context.Context, controlCall) error) {
	c.deeds[name] = func(ctx context.Context, in controlCall) (jsonObject, error) { return nil, do(ctx, in) }
}

// talk is what people do with messages.
func (c *control) talk() {
	s := c.w.Slack
	c.deeds["say"] = func(_ context.Context, in controlCall) (jsonObject, error) {
		if len(in.Files) > 0 {
			ts, err := s.SayWithFiles(in.Who, in.Channel, in.Thread, in.Text, in.Files...)
			return jsonObject{"ts": ts}, err
		}
		ts, err := s.Reply(in.Who, in.Channel, in.Thread, in.Text)
		return jsonObject{"ts": ts}, err
	}
	c.deeds["command"] = func(ctx context.Context, in controlCall) (jsonObject, error) {
		a, err := s.Command(ctx, in.Who, in.Channel, in.Text)
		if err != nil {
			return nil, err
		}
		answer := jsonObject{"text": a.Text, "in_channel": a.InChannel, "message": nil}
		if a.Message != nil {
			answer["message"] = c.message(*a.Message)
		}
		return answer, nil
	}
	c.plain("edit", func(_ context.Context, in controlCall) error {
		return s.EditMessage(in.Who, in.Channel, in.TS, in.Text)
	})
	c.plain("delete", func(_ context.Context, in controlCall) error {
		return s.DeleteMessage(in.Who, in.Channel, in.TS)
	})
	c.plain("react", func(_ context.Context, in controlCall) error {
		return s.React(in.Who, in.Channel, in.TS, in.Emoji)
	})
	c.plain("unreact", func(_ context.Context, in controlCall) error {
		return s.Unreact(in.Who, in.Channel, in.TS, in.Emoji)
	})
	c.plain("pin", func(_ context.Context, in controlCall) error { return s.Pin(in.Who, in.Channel, in.TS) })
	c.plain("unpin", func(_ context.Context, in controlCall) error { return s.Unpin(in.Who, in.Channel, in.TS) })
}

// use is what people do with buttons and forms.
func (c *control) use() {
	s := c.w.Slack
	c.plain("press", func(ctx context.Context, in controlCall) error {
		switch {
		case in.Channel == "":
			return s.PressView(ctx, in.Who, in.Action)
		case in.Action == "":
			return s.PressLabel(ctx, in.Who, in.Channel, in.TS, in.Label)
		}
		return s.Press(ctx, in.Who, in.Channel, in.TS, in.Action)
	})
	c.plain("choose", func(ctx context.Context, in controlCall) error {
		if in.Channel == "" {
			return s.ChooseView(ctx, in.Who, in.Action, in.Value)
		}
		return s.Choose(ctx, in.Who, in.Channel, in.TS, in.Action, in.Value)
	})
	c.plain("shortcut", func(ctx context.Context, in controlCall) error {
		if in.TS == "" {
			return s.Shortcut(ctx, in.Who, in.Callback)
		}
		return s.MessageShortcut(ctx, in.Who, in.Channel, in.TS, in.Callback)
	})
	c.plain("fill", func(_ context.Context, in controlCall) error { return s.Fill(in.Who, in.Block, in.Value) })
	c.deeds["suggest"] = func(ctx context.Context, in controlCall) (jsonObject, error) {
		options, err := s.Suggest(ctx, in.Who, in.Block, in.Value)
		return jsonObject{"options": listOf(options, choiceState)}, err
	}
	c.deeds["submit"] = func(ctx context.Context, in controlCall) (jsonObject, error) {
		a, err := s.Submit(ctx, in.Who)
		if err != nil {
			return nil, err
		}
		return jsonObject{"errors": a.Errors, "view": c.view(a.View)}, nil
	}
	c.plain("close", func(ctx context.Context, in controlCall) error { return s.CloseView(ctx, in.Who) })
	c.plain("home", func(_ context.Context, in controlCall) error { return s.OpenHome(in.Who) })
}

// arrange sets the stage, and upsets it.
func (c *control) arrange() {
	s := c.w.Slack
	c.deeds["user"] = func(_ context.Context, in controlCall) (jsonObject, error) {
		if in.Who == "" {
			return nil, errors.New("practice: a person needs a name")
		}
		name, zone := in.Name, in.Zone
		if name == "" {
			name = in.Who
		}
		if zone == "" {
			zone = "UTC"
		}
		return jsonObject{"id": s.AddUser(in.Who, name, zone).ID}, nil
	}
	c.deeds["channel"] = func(_ context.Context, in controlCall) (jsonObject, error) {
		if in.Channel == "" {
			return nil, errors.New("practice: a channel needs a name")
		}
		ch, err := s.AddChannel(in.Channel, in.Private, in.People...)
		return jsonObject{"id": ch.ID}, err
	}
	c.plain("join", func(_ context.Context, in controlCall) error { return s.Join(in.Who, in.Channel) })
	c.plain("leave", func(_ context.Context, in controlCall) error { return s.Leave(in.Who, in.Channel) })
	c.plain("invite", func(_ context.Context, in controlCall) error {
		return s.Invite(in.Who, in.Channel, in.People...)
	})
	c.plain("connect", func(_ context.Context, in controlCall) error { s.Connect(in.URL); return nil })
	c.deeds["verify"] = func(ctx context.Context, _ controlCall) (jsonObject, error) {
		return jsonObject{"verified": true}, s.Verify(ctx)
	}
	c.plain("delivered", func(ctx context.Context, _ controlCall) error { return s.Delivered(ctx) })
	c.plain("limits", func(_ context.Context, in controlCall) error { s.RateLimits(in.On); return nil })
	c.plain("disconnect", func(_ context.Context, in controlCall) error {
		if in.Reason == "cut" {
			s.CutSockets()
			return nil
		}
		s.Disconnect(in.Reason)
		return nil
	})
	c.plain("fault", func(_ context.Context, in controlCall) error {
		if in.Status != 0 && (in.Status < http.StatusContinue || in.Status > 599) {
			return errors.New("practice: there is no such status")
		}
		c.w.Faults.Add(Fault{
			Service: in.Service, Call: in.Call, Status: in.Status, Cut: in.Cut, After: in.After, Times: in.Times,
			RetryAfter: seconds(in.RetryAfter), Delay: seconds(in.Delay),
		})
		return nil
	})
	c.plain("heal", func(_ context.Context, in controlCall) error { c.w.Faults.Clear(in.Service); return nil })
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// rawJSON is JSON kept by the workspace, null when there is none.
func rawJSON(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	return raw
}

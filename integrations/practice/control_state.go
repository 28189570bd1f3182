package practice

import (
	"net/http"
	"strings"
)

// serveState answers with everything that people see, and what went wrong.
func (c *control) serveState(rw http.ResponseWriter, r *http.Request) {
	s, only := c.w.Slack, strings.TrimPrefix(r.URL.Query().Get("channel"), "#")
	people := listOf(s.Users(), func(u User) jsonObject {
		return jsonObject{
			"id": u.ID, "name": u.Name, "real_name": u.RealName, "zone": u.TZ, "is_bot": u.IsBot,
			"view": c.view(s.View(u.ID)), "home": c.view(s.Home(u.ID)),
			"ephemerals": listOf(s.Ephemerals(u.ID), c.message),
		}
	})
	channels := make([]jsonObject, 0)
	for _, ch := range s.Channels() {
		if only != "" && ch.Name != only && ch.ID != only {
			continue
		}
		pins := listOf(s.Pins(ch.ID), func(m Message) jsonObject { return jsonObject{"ts": m.TS} })
		channels = append(channels, jsonObject{
			"id": ch.ID, "name": ch.Name, "private": ch.IsPrivate, "im": ch.IsIM, "mpim": ch.IsMpim, "archived": ch.Archived,
			"topic": ch.Topic, "purpose": ch.Purpose, "members": append([]string{}, ch.Members...), "pins": pins,
			"bookmarks": listOf(s.Bookmarks(ch.ID), func(b Bookmark) jsonObject { return jsonObject{"title": b.Title, "link": b.Link} }),
			"messages":  listOf(s.Messages(ch.ID), c.message),
		})
	}
	cards := make([]jsonObject, 0)
	for _, b := range c.w.Trello.Boards() {
		for _, card := range c.w.Trello.Cards(b.ID) {
			cards = append(cards, jsonObject{
				"board": b.Name, "id": card.ID, "list": card.IDList, "name": card.Name, "desc": card.Desc, "closed": card.Closed,
			})
		}
	}
	pulls := listOf(c.w.GitHub.Pulls(), func(p Pull) jsonObject {
		return jsonObject{
			"number": p.Number, "title": p.Title, "body": p.Body, "state": p.State, "draft": p.Draft, "merged": p.Merged,
			"head": p.Head, "base": p.Base,
		}
	})
	controlAnswer(rw, http.StatusOK, jsonObject{
		"ok": true, "version": s.Version(), "people": people, "channels": channels, "cards": cards, "pulls": pulls,
		"sockets": s.Sockets(), "undelivered": append([]string{}, s.Undelivered()...),
		"refused": append([]string{}, s.Refused()...), "invalid": append([]string{}, s.Invalid()...),
		"unknown": jsonObject{
			"slack": append([]string{}, s.Unknown()...), "trello": append([]string{}, c.w.Trello.Unknown()...),
			"github": append([]string{}, c.w.GitHub.Unknown()...),
		},
	})
}

// message is one message as people see it, with the JSON that makes it.
func (c *control) message(m Message) jsonObject {
	return jsonObject{
		"ts": m.TS, "thread": m.ThreadTS, "user": m.User, "bot": m.BotID != "", "subtype": m.Subtype, "channel": m.Channel,
		"shown": c.w.Slack.MessageText(m), "text": m.Text, "blocks": rawJSON(m.Blocks), "metadata": rawJSON(m.Metadata),
		"reactions": listOf(m.Reactions, func(r Reaction) jsonObject {
			return jsonObject{"name": r.Name, "users": append([]string{}, r.Users...)}
		}),
		"buttons": listOf(m.Buttons(), func(b Button) jsonObject {
			return jsonObject{
				"block": b.BlockID, "action": b.ActionID, "kind": b.Kind, "label": b.Label, "value": b.Value, "url": b.URL,
				"options": listOf(b.Options, choiceState),
			}
		}),
		"files": listOf(m.Files, func(f *File) jsonObject {
			return jsonObject{"id": f.ID, "name": f.Name, "type": f.Type, "mode": f.Mode, "size": len(f.Data)}
		}),
		"ephemeral": m.Ephemeral(),
	}
}

func choiceState(o Choice) jsonObject {
	return jsonObject{"label": o.Label, "value": o.Value, "description": o.Description}
}

// view is a form or a Home tab as people see it; nil when there is none.
func (c *control) view(v *View) any {
	if v == nil {
		return nil
	}
	return jsonObject{
		"id": v.ID, "type": v.Type, "callback": v.CallbackID, "title": v.Title, "submit": v.SubmitLabel, "close": v.CloseLabel,
		"shown": c.w.Slack.ViewText(v), "errors": v.Errors, "private_metadata": v.PrivateMetadata, "blocks": rawJSON(v.Blocks),
		"inputs": listOf(v.Inputs(), func(i Input) jsonObject {
			return jsonObject{
				"block": i.BlockID, "action": i.ActionID, "kind": i.Kind, "label": i.Label, "value": i.Value, "error": i.Error,
				"optional": i.Optional, "options": listOf(i.Options, choiceState),
			}
		}),
	}
}

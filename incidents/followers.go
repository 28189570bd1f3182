package incidents

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFollowers is how many people can follow an incident: each of them is written to by name, and Slack lets a bot send
// about one message a second.
const maxFollowers = 100

// UpdateRequest is somebody's wish to hear how things stand. There is at most one: the next update answers it.
type UpdateRequest struct {
	By string    `json:"by"` // Slack user id
	At time.Time `json:"at"` // UTC
}

// News is what followers are told: an update to stakeholders, or where the incident stands now. Fields may be added,
// never renamed: it is kept in deliveries.
type News struct {
	Update Update `json:"update,omitzero"`
	Status Status `json:"status,omitempty"`
}

// Follows reports whether a person follows the incident.
func (i Incident) Follows(user string) bool { return slices.Contains(i.Followers, user) }

// around decides the commands about who and what is around an incident: people, other incidents, cards.
func (d *decision) around(cmd Command) error {
	switch c := cmd.(type) {
	case Relate:
		return d.relate(c)
	case relatedBack:
		d.relatedBack(c)
	case Follow:
		return d.follow(c)
	case CallOut:
		d.callOut()
	case Left:
		d.left(c)
	case Came:
		d.there(c.User)
		d.Result.Unchanged = len(d.Wishes) == 0
	case AskForUpdate:
		return d.askForUpdate()
	case FinishAction:
		return d.finishAction(c)
	case GiveAction:
		return d.giveAction(c)
	case CardAction:
		return d.cardAction(c)
	case LookAtCards:
		d.lookAtCards()
	}
	return nil
}

func (d *decision) follow(c Follow) error {
	user := d.by.User
	if _, outside := OutsiderName(user); user == "" || outside {
		return Refuse(Invalid, "Only somebody who is in Slack can follow an incident: the news come as direct messages.")
	}
	if d.before.Follows(user) == !c.Stop {
		d.Result.Unchanged = true
		return nil
	}
	if c.Stop {
		d.Incident.Followers = slices.DeleteFunc(slices.Clone(d.before.Followers), func(f string) bool { return f == user })
		return nil
	}
	if !d.before.Status.Open() {
		return d.over()
	}
	if len(d.before.Followers) >= maxFollowers {
		return Refuse(TooLate, "%d people follow incident #%d already, and that is the most.", maxFollowers, d.before.Number).
			Next("Its updates are posted in a channel as well; `join #%d` brings you into the incident's own.", d.before.Number)
	}
	d.Incident.Followers = append(slices.Clone(d.before.Followers), user)
	return nil
}

// askForUpdate has whoever owes the next update told that somebody waits for it.
func (d *decision) askForUpdate() error {
	if !d.before.Status.Open() {
		return d.over()
	}
	if d.before.Private {
		return Refuse(TooLate, "Incident #%d is private, so no updates are sent about it.", d.before.Number).
			Next("Ask in its channel.")
	}
	if !d.before.Wanted.At.IsZero() {
		d.Result.Unchanged = true
		return nil
	}
	d.Incident.Wanted = UpdateRequest{By: d.by.User, At: d.now}
	if d.Incident.Channel.ID != "" {
		d.want(KindAsked, "")
	}
	d.show(true, false)
	return nil
}

// tellFollowers wishes that those who follow the incident hear what is new in it. It is called once the rest is decided.
func (d *decision) tellFollowers() {
	if len(d.before.Followers) == 0 {
		return
	}
	var news []News
	if u := d.Incident.Update; u.Number > d.before.Update.Number {
		news = append(news, News{Update: u})
	}
	if d.Incident.Status != d.before.Status {
		news = append(news, News{Status: d.Incident.Status})
	}
	for n, one := range news {
		payload, _ := json.Marshal(one) // strings, a number and times: it cannot fail
		for _, user := range d.before.Followers {
			w := d.Incident.wish(KindNews, strconv.Itoa(d.Incident.Version)+"."+strconv.Itoa(n+1)+"/"+user)
			w.Lane, w.Payload = d.Incident.lane("news/"+user), payload
			d.Wishes = append(d.Wishes, w)
		}
	}
}

// News returns what a KindNews tells, and the Slack user id of whom.
func (d Delivery) News() (n News, user string, err error) {
	if err := json.Unmarshal(d.Payload, &n); err != nil {
		return News{}, "", fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	_, user, _ = strings.Cut(d.Subject, "/")
	return n, user, nil
}

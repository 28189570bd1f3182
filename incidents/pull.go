package incidents

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Remark is what somebody said about a pull request.
type Remark struct {
	ID   string `json:"id"` // the service's, unique among its kind
	By   string `json:"by"` // a login
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
	Line int    `json:"line,omitempty"` // of the post's file; 0 for the conversation
	// Suggests says that it holds a change that can be applied, OnLine that it is in a thread that can be resolved.
	Suggests bool `json:"suggests,omitempty"`
	OnLine   bool `json:"on_line,omitempty"`
	// Conflict says that it is our own question, about a place that both sides changed, and names what we propose there.
	Conflict string `json:"conflict,omitempty"`
}

// Remark returns what a KindRemark carries.
func (d Delivery) Remark() (r Remark, err error) {
	if err := json.Unmarshal(d.Payload, &r); err != nil {
		return r, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return r, nil
}

// looked is when somebody looked how the pull request stands.
func (d *decision) looked(o Outcome) {
	in := &d.Incident
	if o.PullRequest.Number == in.Post.Number && o.PullRequest.Number > 0 {
		now := o.PullRequest
		now.Path = in.Post.Path
		if now.State == PullClosed && (in.Post.State == PullLeft || in.Post.State == PullReopening) {
			now.State = in.Post.State // somebody has answered
		}
		was := in.Post
		if in.Post = now; was.State != now.State || was.Live != now.Live {
			d.turned()
		}
	}
	if len(o.Remarks) > 0 && in.Channel.ID != "" {
		d.want(KindOffer, "")
		for _, r := range o.Remarks {
			w := in.wish(KindRemark, r.ID)
			w.Payload, _ = json.Marshal(r) // strings and a number: it cannot fail
			w.Once = true
			d.Wishes = append(d.Wishes, w)
		}
	}
	if o.Moved && in.Post.State == PullOpen && in.PostWanted {
		d.want(KindPost, "")
	}
}

// turned is when the pull request was merged, closed or opened again: everybody is shown so.
func (d *decision) turned() {
	if d.Incident.Channel.ID != "" {
		d.want(KindOffer, "")
	}
	d.show(true, false)
}

// answerPull decides what becomes of a pull request that was closed unmerged.
func (d *decision) answerPull(c AnswerPull) error {
	in := &d.Incident
	switch in.Post.State {
	case PullClosed, PullLeft:
	default:
		return Refuse(TooLate, "The pull request of #%d is not closed any more.", in.Number).Next("`postmortem` says how it stands.")
	}
	if in.Status == CalledOff && c.Reopen {
		return Refuse(TooLate, "Incident #%d was called off, so there is nothing to publish.", in.Number).Next("Reopen it first if it was an incident after all.")
	}
	in.Post.State = PullLeft
	if c.Reopen {
		in.Post.State, in.PostWanted = PullReopening, true
		d.want(KindPost, "")
	}
	d.turned()
	return nil
}

// pullsFollowed is how many of the newest incidents are looked through for pull requests.
const pullsFollowed = 1000

// LookAtPulls queues a look at every pull request that is not merged: it is called now and then, so that nothing is missed
// when GitHub cannot call us.
func (s *Service) LookAtPulls(ctx context.Context) error {
	now := s.now().UTC()
	queued := false
	err := s.store.Update(ctx, func(tx Tx) error {
		found, err := tx.Find(Query{Limit: pullsFollowed})
		if err != nil {
			return err
		}
		var wishes []Wish
		for _, in := range found {
			if in.Post.Number > 0 && in.Post.State != PullMerged && !s.without[GitHub] &&
				(in.Status.Open() || in.StatusAt.After(now.Add(-followFor)) || in.Post.State == PullOpen) {
				wishes = append(wishes, in.wish(KindPull, ""))
			}
		}
		queued = len(wishes) > 0
		return tx.Enqueue(wishes, now)
	})
	if err == nil && queued {
		s.wake(now)
	}
	return err
}

// LookAtPull queues a look at the pull request of the incidents that a test accepts, once for an event: GitHub says that
// something happened there, and what it was is then read from GitHub itself.
func (s *Service) LookAtPull(ctx context.Context, event string, is func(Incident) bool) error {
	now := s.now().UTC()
	err := s.store.Update(ctx, func(tx Tx) error {
		if known, err := tx.Remember(event, Answer{}, now); err != nil || known {
			return err
		}
		found, err := tx.Find(Query{Limit: pullsFollowed})
		if err != nil {
			return err
		}
		var wishes []Wish
		for _, in := range slices.DeleteFunc(found, func(in Incident) bool { return in.Post.Number == 0 || !is(in) }) {
			wishes = append(wishes, in.wish(KindPull, ""))
		}
		return tx.Enqueue(wishes, now)
	})
	if err == nil {
		s.wake(now)
	}
	return err
}

// LookEvery is how often pull requests are looked at when nobody says that something happened.
const LookEvery = 3 * time.Minute

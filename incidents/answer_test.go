package incidents_test

import (
	"encoding/json"
	"testing"
	"time"

	"watchbell/incidents"
)

func TestRemarkIsAnsweredOnce(t *testing.T) {
	in := incidents.Incident{Number: 1, Status: incidents.Resolved, Channel: incidents.Channel{ID: "C1"}, Post: incidents.PullRequest{Number: 3}}
	about := func(r incidents.Remark) *incidents.Delivery {
		payload, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return &incidents.Delivery{Payload: payload}
	}
	plain, suggests := about(incidents.Remark{ID: "r7", OnLine: true}), about(incidents.Remark{ID: "r7", OnLine: true, Suggests: true})
	merged := in
	merged.Post.State = incidents.PullMerged
	answered := func(how incidents.HowAnswered) incidents.Incident {
		o := in
		o.Answered = []incidents.Answered{{Remark: "r7", How: how}}
		return o
	}
	for name, c := range map[string]struct {
		in    incidents.Incident
		about *incidents.Delivery
		how   incidents.HowAnswered
		text  string
		code  incidents.Code // empty: it is taken
	}{
		"done":                    {in, plain, incidents.AnswerDone, "", ""},
		"a reply":                 {in, plain, incidents.AnswerReply, "Yes", ""},
		"an empty reply":          {in, plain, incidents.AnswerReply, " ", incidents.Invalid},
		"nothing to apply":        {in, plain, incidents.AnswerApply, "", incidents.Invalid},
		"applied":                 {in, suggests, incidents.AnswerApply, "", ""},
		"applied when merged":     {merged, suggests, incidents.AnswerApply, "", incidents.TooLate},
		"done twice":              {answered(incidents.AnswerDone), plain, incidents.AnswerResolve, "", incidents.TooLate},
		"done after a reply":      {answered(incidents.AnswerReply), plain, incidents.AnswerDone, "", ""},
		"a reply when it is done": {answered(incidents.AnswerDone), plain, incidents.AnswerReply, "More", ""},
		"unknown":                 {in, nil, incidents.AnswerDone, "", incidents.NotFound},
	} {
		change, err := incidents.Decide(incidents.Before{Incident: c.in, About: c.about}, incidents.Actor{User: "UANA", In: "C1"},
			incidents.AnswerRemark{Remark: "r7", How: c.how, Text: c.text}, time.Now())
		refused := incidents.AsRefusal(err)
		switch {
		case c.code == "" && err != nil, c.code != "" && (refused == nil || refused.Code != c.code):
			t.Errorf("%s: %v", name, err)
		case c.code == "":
			kinds := map[incidents.Kind]incidents.Wish{}
			for _, w := range change.Wishes {
				kinds[w.Kind] = w
			}
			a, err := kinds[incidents.KindReply].RemarkAnswer()
			if err != nil || a.How != c.how || a.Text != c.text || a.Remark.ID != "r7" || kinds[incidents.KindRemark].Key != "inc-1/remark-r7" || kinds[incidents.KindReply].Target != incidents.GitHub {
				t.Errorf("%s: %v %+v", name, err, change.Wishes)
			}
		}
	}
}

package practice

import (
	"encoding/json"
	"fmt"
)

// flood is what Slack does when an app causes more events than it is sent in an hour: it drops them, and says once for
// each minute that it did. See https://docs.slack.dev/apis/events-api#rate_limiting.
type flood struct {
	on      bool
	minutes []int64 // those in which events were dropped, in seconds since 1970
}

// LoseEvents drops every event from now on, until it is called with false: then the bot is told, with an
// app_rate_limited for each minute in which events were dropped. What was dropped does not come again.
func (s *Slack) LoseEvents(lose bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flood.on = lose
	if lose {
		return
	}
	for _, minute := range s.flood.minutes {
		body, err := json.Marshal(slackAnswer{
			"token": "deprecated", "type": "app_rate_limited", "minute_rate_limited": minute,
			"team_id": slackTeam, "api_app_id": slackApp,
		})
		if err != nil {
			s.log.Error("practice: a notice could not be written", "error", err)
			continue
		}
		s.enqueue(parcel{
			id: fmt.Sprintf("app_rate_limited/%d", minute), kind: "app_rate_limited", envelope: "events_api",
			path: "/slack/events", contentType: "application/json", body: body,
		})
	}
	s.flood.minutes = nil
}

// drops reports whether an event is dropped, and notes the minute. The lock is held.
func (s *Slack) drops() bool {
	if !s.flood.on {
		return false
	}
	minute := s.now().Unix() / 60 * 60
	if n := len(s.flood.minutes); n == 0 || s.flood.minutes[n-1] != minute {
		s.flood.minutes = append(s.flood.minutes, minute)
	}
	return true
}

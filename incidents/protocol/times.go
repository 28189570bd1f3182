package protocol

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents"
)

// span reads how long something takes: 90s, 20m, 1h30m, 2d. It is 0 when it is left out or wrong.
func (f *file) span(m mapping, key string, least, most time.Duration) time.Duration {
	value := m.text(key)
	if value == "" {
		return 0
	}
	d, err := duration(value)
	if err != nil || d < least || d > most {
		f.say(m.at(key), "%q is %q; write how long, such as 20m, 1h30m or 2d, from %s to %s", key, value, short(least), short(most))
		return 0
	}
	return d
}

// duration reads what Go reads, and days.
func duration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 3650 {
			return 0, errNoTime
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

// short writes a duration as people do.
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "0m"
	case d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var anchors = []string{
	string(incidents.SinceDeclared), string(incidents.SinceStatus), string(incidents.SinceResolved), string(incidents.SinceUpdate),
}

// due reads "5m after declared".
func (f *file) due(m mapping) incidents.Due {
	value := m.text("due")
	if value == "" {
		return incidents.Due{}
	}
	words := strings.Fields(value)
	if len(words) == 3 && words[1] == "after" && contains(anchors, words[2]) {
		if d, err := duration(words[0]); err == nil && d >= 0 && d <= 365*24*time.Hour {
			return incidents.Due{After: d, Since: incidents.Anchor(words[2])}
		}
	}
	f.say(m.at("due"), "due is %q; write how long after what, such as 5m after declared (%s)", value, listed(anchors))
	return incidents.Due{}
}

func (f *file) reminders(n *yaml.Node) incidents.ReminderRule {
	rule := incidents.ReminderRule{Every: 10 * time.Minute}
	m, ok := f.mapping(n, "reminders", "most", "every", "working_hours")
	if !ok {
		return rule
	}
	rule.Most = max(m.number("most", 100), 0)
	if every := f.span(m, "every", time.Minute, 24*time.Hour); every > 0 {
		rule.Every = every
	}
	value := m.text("working_hours")
	if value == "" {
		return rule
	}
	hours, zone, _ := strings.Cut(value, " ")
	from, to, _ := strings.Cut(hours, "-")
	begin, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if zone == "" {
		zone = "UTC"
	}
	_, err3 := time.LoadLocation(zone)
	if err1 != nil || err2 != nil || err3 != nil || !begin.Before(end) {
		f.say(m.at("working_hours"), "working_hours is %q; write them with their zone, such as 09:00-17:00 Europe/Berlin", value)
		return rule
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	rule.From, rule.To, rule.Zone = begin.Sub(midnight), end.Sub(midnight), zone
	return rule
}

package protocol

import (
	"slices"
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
	string(incidents.SinceDraft), string(incidents.SincePost), string(incidents.SinceSilence),
}

// mostWorking is how many working days a step may be due after.
const mostWorking = 60

// due reads "5m after declared" and "2 working days after post".
func (f *file) due(m mapping) incidents.Due {
	value := m.text("due")
	if value == "" {
		return incidents.Due{}
	}
	words := strings.Fields(value)
	n := len(words)
	if n >= 3 && words[n-2] == "after" && contains(anchors, words[n-1]) {
		due, ok := span(words[:n-2])
		if due.Since = incidents.Anchor(words[n-1]); ok {
			return due
		}
	}
	f.say(m.at("due"), "due is %q; write how long after what, such as 5m after declared or 2 working days after resolved (%s)", value, listed(anchors))
	return incidents.Due{}
}

// span reads "5m", "1 working day" and "4 working hours".
func span(words []string) (due incidents.Due, ok bool) {
	if len(words) == 1 {
		d, err := duration(words[0])
		due.After = d
		return due, err == nil && d >= 0 && d <= 365*24*time.Hour
	}
	if len(words) != 3 || words[1] != "working" {
		return due, false
	}
	n, err := strconv.Atoi(words[0])
	switch strings.TrimSuffix(words[2], "s") {
	case "day":
		due.Days = n
	case "hour":
		due.Hours = time.Duration(n) * time.Hour
	default:
		return due, false
	}
	return due, err == nil && n > 0 && n <= mostWorking
}

// workdays are the days of the week as they are written, Monday first.
var workdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// days reads "Mon-Fri" and "Mon,Wed,Sat-Sun"; ok is false when it is neither.
func days(value string) (on [7]bool, ok bool) {
	for part := range strings.SplitSeq(value, ",") {
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		from, to := dayOf(first), dayOf(last)
		if from < 0 || to < 0 {
			return on, false
		}
		for day := from; ; day = (day + 1) % 7 {
			on[(day+1)%7] = true // time.Weekday begins with Sunday
			if day == to {
				break
			}
		}
	}
	return on, true
}

func dayOf(word string) int {
	return slices.IndexFunc(workdays, func(day string) bool {
		return len(word) >= 3 && strings.EqualFold(day, word[:3]) && strings.HasPrefix(strings.ToLower(longDays[day]), strings.ToLower(word))
	})
}

var longDays = map[string]string{
	"Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
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
	words := strings.Fields(value)
	on, named := days(words[0])
	if named && len(words) > 1 {
		words = words[1:]
	} else {
		on, _ = days("Mon-Fri")
	}
	from, to, _ := strings.Cut(words[0], "-")
	begin, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	zone := strings.Join(words[1:], " ")
	_, err3 := time.LoadLocation(zone)
	if err1 != nil || err2 != nil || err3 != nil || !begin.Before(end) {
		f.say(m.at("working_hours"), "working_hours is %q; write days, hours and their zone, such as Mon-Fri 09:00-17:00 Europe/Berlin", value)
		return rule
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	rule.From, rule.To, rule.Days, rule.Zone = begin.Sub(midnight), end.Sub(midnight), on, zone
	return rule
}

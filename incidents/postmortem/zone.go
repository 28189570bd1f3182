package postmortem

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// zones are the abbreviations that people write, and where their clocks are. Whoever writes "CEST" in winter means the
// clock on the wall: the place decides, by date.
var zones = map[string]string{
	"UTC": "UTC", "GMT": "UTC", "Z": "UTC",
	"CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin",
	"BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon", "EET": "Europe/Helsinki", "EEST": "Europe/Helsinki",
	"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
	"MSK": "Europe/Moscow", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
	"UTC-03": "America/Sao_Paulo",
	"ET":     "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
	"Eastern Time": "America/New_York", "Central Time": "America/Chicago", "Mountain Time": "America/Denver", "Pacific Time": "America/Los_Angeles",
}

var (
	abbreviations = `(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|CES?T|MESZ|MEZ|BST|WES?T|EES?T|[ECMP][SD]?T|(?:Eastern|Central|Mountain|Pacific) Time|MSK|IST|JST|AE[SD]T`
	// zoneLabel finds a zone in a heading or a sentence: "UTC", "CET/CEST", "UTC+02:00", "Europe/Berlin".
	zoneLabel = regexp.MustCompile(`\b(?:(?:` + abbreviations + `)(?:/(?:` + abbreviations + `))*|(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][A-Za-z_]+)(?:$|\b)`)
	// zoneSuffix finds the zone behind a time.
	zoneSuffix = regexp.MustCompile(`^( ?\(?)(` + abbreviations + `|Z)(\)?)(?:$|\W)`)
	zoneOffset = regexp.MustCompile(`^(?:UTC|GMT)([+-])(\d{1,2}):?(\d{2})?$`)
)

// locationOf is the place with an IANA name or one of the usual abbreviations; UTC for anything else.
func locationOf(name string) *time.Location {
	if name == "" || name == "UTC" {
		return time.UTC
	}
	if loc, ok := zoneNamed(name); ok {
		return loc
	}
	return time.UTC
}

// zoneNamed finds the place that a label means.
func zoneNamed(label string) (*time.Location, bool) {
	name, _, _ := strings.Cut(label, "/")
	if known, ok := zones[name]; ok {
		label = known
	} else if m := zoneOffset.FindStringSubmatch(label); m != nil {
		if m[3] != "" && m[3] != "00" {
			return fixedZone(label, m)
		}
		sign := map[string]string{"+": "-", "-": "+"}[m[1]] // the zone database counts westwards
		label = "Etc/GMT" + sign + strings.TrimPrefix(m[2], "0")
	}
	if label == "Local" || label == "" {
		return nil, false
	}
	loc, err := time.LoadLocation(label)
	return loc, err == nil
}

func fixedZone(label string, m []string) (*time.Location, bool) {
	seconds := (int(m[2][0]-'0')*60 + int(m[3][0]-'0')*10 + int(m[3][1]-'0')) * 60
	if len(m[2]) == 2 {
		seconds += (int(m[2][0]-'0')*9 + int(m[2][1]-'0')) * 3600
	}
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone(label, seconds), true
}

// findZone is the first zone that a text names.
func findZone(text string) (label string, ok bool) {
	label = zoneLabel.FindString(text)
	if label == "" {
		return "", false
	}
	_, ok = zoneNamed(label)
	return label, ok
}

// nameOf is the abbreviation of the zone at that time: "CEST", or "UTC-03" where the zone database has none.
func nameOf(t time.Time) string {
	name, _ := t.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

// labelFor names the zone as it was on the days of the timeline: "UTC", "CEST", or "CET/CEST" across a change of clocks.
func labelFor(loc *time.Location, timeline []Entry) string {
	if loc == time.UTC || len(timeline) == 0 {
		return "UTC"
	}
	var names []string
	last := ""
	for _, e := range timeline {
		for _, t := range []time.Time{e.At, e.Until} {
			if t.IsZero() {
				continue
			}
			if name := nameOf(t.In(loc)); name != last && !slices.Contains(names, name) {
				names, last = append(names, name), name
			}
		}
	}
	return strings.Join(names, "/")
}

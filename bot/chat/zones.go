package chat

import (
	"fmt"
	"strings"
	"time"
)

// abbreviations gives the words for zones that people type after a time, as
// minutes east of UTC. They are fixed offsets: "CEST" in November is what the
// writer wrote, and is read as such. Where one word has several meanings
// (IST, CST, BST) the most common one is here; the writer's own zone goes
// first, see ownAbbreviation. Only upper case counts, so that no ordinary word
// is taken for a zone.
var abbreviations = map[string]int{
	"UTC": 0, "GMT": 0, "WET": 0,
	"WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "WAT": 60,
	"CEST": 120, "MESZ": 120, "EET": 120, "CAT": 120, "SAST": 120,
	"EEST": 180, "MSK": 180, "EAT": 180, "TRT": 180,
	"PKT": 300, "IST": 330, "WIB": 420,
	"SGT": 480, "HKT": 480, "AWST": 480, "PHT": 480,
	"JST": 540, "KST": 540, "ACST": 570, "ACDT": 630,
	"AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
	"NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "BRT": -180, "ART": -180,
	"EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
	"MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
	"AKST": -540, "AKDT": -480, "HST": -600,
}

// The offsets in use reach from 12 hours behind UTC, at sea, to 14 ahead of
// it, in Kiribati. In minutes.
const minOffset, maxOffset = -12 * 60, 14 * 60

// abbreviation returns the zone that a word such as CEST stands for, or nil.
// The writer's own zone and the time of writing decide about words with
// several meanings: IST is Irish for somebody in Dublin.
func abbreviation(word string, writer *time.Location, now time.Time) *time.Location {
	if strings.EqualFold(word, "UTC") {
		return time.UTC // no ordinary word, in any case
	}
	if strings.EqualFold(word, "GMT") {
		return time.FixedZone("GMT", 0)
	}
	if loc := ownAbbreviation(word, writer, now); loc != nil {
		return loc
	}
	if minutes, ok := abbreviations[word]; ok {
		return time.FixedZone(word, minutes*60)
	}
	return nil
}

// ownAbbreviation looks the word up among those that the writer's zone uses
// during the year, and returns it as a fixed offset.
func ownAbbreviation(word string, writer *time.Location, now time.Time) *time.Location {
	if len(word) < 3 || strings.ToUpper(word) != word {
		return nil
	}
	for _, months := range []int{0, 3, 6, 9} {
		name, offset := now.AddDate(0, months, 0).In(writer).Zone()
		if name == word {
			return time.FixedZone(word, offset)
		}
	}
	return nil
}

// namedZone loads an IANA name such as Europe/Berlin; it must hold a slash. A
// name typed in lower case is understood as well. It returns nil for any other
// text ("and/or", "up/down").
func namedZone(name string) *time.Location {
	area, _, found := strings.Cut(name, "/")
	if !found || len(name) > 40 || area == "posix" || area == "right" {
		return nil
	}
	for _, r := range name {
		if !asciiLetter(r) && !asciiDigit(r) && !strings.ContainsRune("/_+-", r) {
			return nil
		}
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	if loc, err := time.LoadLocation(capitalisedZone(name)); err == nil {
		return loc
	}
	return nil
}

// capitalisedZone writes america/new_york as the database of zones does.
func capitalisedZone(name string) string {
	b, start := []byte(name), true
	for i, c := range b {
		if start && 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		start = c == '/' || c == '_' || c == '-'
	}
	return string(b)
}

// offsetZone returns the zone that is minutes east of UTC, named after its
// offset ("UTC+05:30"), and UTC itself for zero.
func offsetZone(minutes int) *time.Location {
	if minutes == 0 {
		return time.UTC
	}
	return time.FixedZone(offsetName(minutes*60), minutes*60)
}

// offsetName writes an offset in seconds as "UTC+05:30".
func offsetName(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("UTC%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}

// zoneLabel is the word for the zone of t, for people: "CEST", or "UTC-03:00"
// where the database of zones has no word for it.
func zoneLabel(t time.Time) string {
	name, offset := t.Zone()
	if name == "" || name[0] == '+' || name[0] == '-' {
		return offsetName(offset)
	}
	return name
}

func asciiDigit(r rune) bool  { return '0' <= r && r <= '9' }
func asciiLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

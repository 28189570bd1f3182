package chat

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// period is a stretch of days: from is part of it, to is not.
type period struct {
	from, to time.Time
	name     string // "in 2026", "in the last 90 days"
}

var (
	periodYear    = regexp.MustCompile(`^(20\d\d)$`)
	periodMonth   = regexp.MustCompile(`^(20\d\d)-(\d\d?)$`)
	periodNamed   = regexp.MustCompile(`^([a-z]{3,9})(?: (20\d\d))?$`)
	periodQuarter = regexp.MustCompile(`^(?:(20\d\d)[ -]?)?q([1-4])(?:[ -]?(20\d\d))?$`)
	periodBack    = regexp.MustCompile(`^(?:(?:last|past) )?(\d{1,4}) ?(d|days?|w|weeks?|m|months?|y|years?)$`)
	periodNext    = regexp.MustCompile(`^(this|last|previous) (week|month|quarter|year)$`)
)

// readPeriod reads "2026", "2026-03", "march 2026", "q1 2026", "90d", "last 6 months", "last quarter", "this year", "all";
// nothing is the last twelve months. Days are those of now's zone.
func readPeriod(text string, now time.Time) (period, bool) {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "in "), "the ")
	y, m, d := now.Date()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	tomorrow := day(y, m, d+1)
	months := func(y int, m time.Month, n int, name string) (period, bool) {
		return period{day(y, m, 1), day(y, m+time.Month(n), 1), name}, true
	}
	quarter := func(y, q int) (period, bool) {
		return months(y, time.Month(3*q-2), 3, fmt.Sprintf("in the quarter %d of %d", q, y))
	}
	switch text {
	case "":
		return period{day(y-1, m, d+1), tomorrow, "in the last twelve months"}, true
	case "all", "ever", "all time":
		return period{time.Unix(0, 0), tomorrow, "so far"}, true
	}
	if found := periodYear.FindStringSubmatch(text); found != nil {
		return months(number0(found[1]), time.January, 12, "in "+found[1])
	}
	if found := periodMonth.FindStringSubmatch(text); found != nil {
		if n := number0(found[2]); n >= 1 && n <= 12 {
			return months(number0(found[1]), time.Month(n), 1, fmt.Sprintf("in %s %s", time.Month(n), found[1]))
		}
	}
	if found := periodQuarter.FindStringSubmatch(text); found != nil && (found[1] == "" || found[3] == "") {
		of := number0(found[1] + found[3])
		if of == 0 {
			of = y
		}
		return quarter(of, number0(found[2]))
	}
	if found := periodBack.FindStringSubmatch(text); found != nil {
		n := number0(found[1])
		switch found[2][0] {
		case 'd':
			return period{day(y, m, d+1-n), tomorrow, "in the last " + count(n, "day", "days")}, n > 0
		case 'w':
			return period{day(y, m, d+1-7*n), tomorrow, "in the last " + count(n, "week", "weeks")}, n > 0
		case 'm':
			return period{day(y, m-time.Month(n), d+1), tomorrow, "in the last " + count(n, "month", "months")}, n > 0
		}
		return period{day(y-n, m, d+1), tomorrow, "in the last " + count(n, "year", "years")}, n > 0 && n <= 100
	}
	if found := periodNext.FindStringSubmatch(text); found != nil {
		back := 1
		if found[1] == "this" {
			back = 0
		}
		switch found[2] {
		case "week":
			monday := d - (int(now.Weekday())+6)%7 - 7*back
			return period{day(y, m, monday), day(y, m, monday+7), "in the week of " + day(y, m, monday).Format("2 January 2006")}, true
		case "month":
			first := day(y, m-time.Month(back), 1)
			return months(first.Year(), first.Month(), 1, "in "+first.Format("January 2006"))
		case "quarter":
			first := day(y, m-time.Month(3*back), 1)
			return quarter(first.Year(), (int(first.Month())+2)/3)
		}
		return months(y-back, time.January, 12, "in "+strconv.Itoa(y-back))
	}
	if found := periodNamed.FindStringSubmatch(text); found != nil {
		for month := time.January; month <= time.December; month++ {
			name := strings.ToLower(month.String())
			if !strings.HasPrefix(name, found[1]) {
				continue
			}
			of := number0(found[2])
			if of == 0 {
				if of = y; month > m { // the latest one
					of--
				}
			}
			return months(of, month, 1, fmt.Sprintf("in %s %d", month, of))
		}
	}
	return period{}, false
}

func number0(digits string) int {
	n, _ := strconv.Atoi(digits) // a pattern has seen to it
	return n
}

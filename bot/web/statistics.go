package web

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// ReadStatistics is the right to see the incidents of a period, with nobody's name.
const ReadStatistics Purpose = "statistics"

const statisticsPath = "/statistics"

// StatisticsURL is the address of the page that a token opens, below the address where Watchbell is reached.
func StatisticsURL(base, token string) string { return opens(base, token, statisticsPath) }

// statisticsPage draws how long incidents took, one small picture for each length, and lists them for who cannot see it.
type statisticsPage struct {
	Style, Title, Period, Read, Ends string
	Refresh                          int
	Count                            int
	Panels                           []panel
	Rows                             []statisticsRow
	Names                            []string
}

// panel is a picture: a dot for each incident, by its day and, on a scale in which each step is ten times the one before, how
// long it took; a line lies at the median.
type panel struct {
	Name, About        string
	Dots               []dot
	Levels             []level
	Marks              []mark
	Median, Longest    string
	MedianY            float64
	Width, Height      float64
	Left, Right, Floor float64
	Known, Of          int
}

type (
	dot struct {
		X, Y  float64
		About string
		Bad   bool // the worst severity, which has a ring as well
	}
	level struct {
		Y     float64
		Label string
	}
	mark struct {
		X     float64
		Label string
	}
	statisticsRow struct {
		Day, Title, URL, Severity string
		Unsure                    bool
		Took                      []string
	}
)

// The size of a picture, in its own units.
const (
	panelWidth  = 640.0
	panelHeight = 150.0
	panelLeft   = 56.0
	panelRight  = 628.0
	panelTop    = 10.0
	panelFloor  = 126.0
)

// levels are the lengths that a picture marks.
var levels = []struct {
	took  time.Duration
	label string
}{
	{time.Minute, "1 min"}, {10 * time.Minute, "10 min"}, {time.Hour, "1 h"}, {10 * time.Hour, "10 h"}, {24 * time.Hour, "1 day"},
	{7 * 24 * time.Hour, "1 week"}, {30 * 24 * time.Hour, "30 days"}, {365 * 24 * time.Hour, "1 year"},
}

func (p *Pages) showStatistics(w http.ResponseWriter, r *http.Request) {
	right, _, ok := p.right(w, r, ReadStatistics)
	if !ok {
		return
	}
	st, err := p.o.Statistics(r.Context(), time.Unix(right.From, 0).UTC(), time.Unix(right.To, 0).UTC())
	if err != nil {
		p.o.Log.Error("the statistics could not be read", "error", err)
		p.say(w, http.StatusServiceUnavailable, "The database does not answer", "Nothing can be counted right now.", "Try again in a minute.")
		return
	}
	p.render(w, http.StatusOK, "statistics.html", p.statistics(st, right))
}

func (p *Pages) statistics(st incidents.Statistics, right Right) statisticsPage {
	page := statisticsPage{
		Style: styleVersion, Title: "Incidents", Count: len(st.All), Read: utcTime(p.o.Now()), Ends: right.Expires.Format("2 January 2006"),
		Period: periodOf(st),
	}
	titles := make([]string, len(st.All))
	for i, c := range st.All {
		titles[i] = strings.Map(drawn, p.outside(incidents.Incident{}, strings.ToValidUTF8(c.Title, "\uFFFD")))
		row := statisticsRow{
			Day: c.Day.UTC().Format("2006-01-02"), Title: titles[i], URL: webAddress(c.URL), Severity: string(c.Severity), Unsure: c.Unsure,
		}
		for _, l := range incidents.Lengths {
			took, known := l.Of(c.Times)
			row.Took = append(row.Took, shownLength(took, known))
		}
		page.Rows = append(page.Rows, row)
	}
	slices.Reverse(page.Rows)
	for _, l := range incidents.Lengths {
		page.Names = append(page.Names, "to "+l.Name)
		if picture := draw(st, l, titles); picture.Known > 0 {
			page.Panels = append(page.Panels, picture)
		}
	}
	return page
}

func shownLength(took time.Duration, known bool) string {
	switch {
	case !known:
		return ""
	case took < time.Minute:
		return "at once"
	}
	return chat.Lasted(took)
}

// periodOf names the days of the first and the last incident, where the period has no end of its own.
func periodOf(st incidents.Statistics) string {
	from, last := st.From, st.To.AddDate(0, 0, -1)
	if from.Year() < 2000 && len(st.All) > 0 {
		from = st.All[0].Day
	}
	return from.UTC().Format("2 January 2006") + " to " + last.UTC().Format("2 January 2006")
}

// draw puts one kind of length into a picture. titles are those of the incidents; nil leaves out what each dot is about.
func draw(st incidents.Statistics, l incidents.Length, titles []string) panel {
	sp := st.Spread(l)
	out := panel{
		Name: "To " + l.Name, Width: panelWidth, Height: panelHeight, Left: panelLeft, Right: panelRight, Floor: panelFloor, Known: sp.Known, Of: len(st.All),
		About: fmt.Sprintf("from when %s to when %s", l.From, l.To),
	}
	if sp.Known == 0 {
		return out
	}
	from, to := st.All[0].Day, st.All[len(st.All)-1].Day
	if from.Before(st.From) || st.From.Year() >= 2000 {
		from = st.From
	}
	to = latest(to, st.To)
	top := latestLevel(sp.Longest)
	height := func(took time.Duration) float64 {
		minutes := max(1, took.Minutes())
		return round(panelFloor - (panelFloor-panelTop)*math.Log(minutes)/math.Log(top.Minutes()))
	}
	across := func(at time.Time) float64 {
		return round(panelLeft + (panelRight-panelLeft)*at.Sub(from).Seconds()/max(1, to.Sub(from).Seconds()))
	}
	for _, lv := range levels {
		const apart = 14 // so that no label lies on another
		y := height(lv.took)
		if n := len(out.Levels); lv.took <= top && (n == 0 || out.Levels[n-1].Y-y >= apart) {
			out.Levels = append(out.Levels, level{y, lv.label})
		}
	}
	out.Marks = marks(from, to, across)
	out.Median, out.Longest, out.MedianY = shownLength(sp.Median, true), shownLength(sp.Longest, true), height(sp.Median)
	for i, c := range st.All {
		took, known := l.Of(c.Times)
		if !known {
			continue
		}
		d := dot{X: across(c.Day), Y: height(took), Bad: c.Severity == incidents.Downtime}
		if titles != nil {
			d.About = strings.Join(append([]string{c.Day.UTC().Format("2 Jan 2006"), titles[i], shownLength(took, true)}, severityOf(c)...), " · ")
		}
		out.Dots = append(out.Dots, d)
	}
	return out
}

func severityOf(c incidents.Counted) []string {
	if c.Severity == "" {
		return nil
	}
	return []string{string(c.Severity)}
}

// latestLevel is the lowest level above what took longest, so that every dot has its place.
func latestLevel(longest time.Duration) time.Duration {
	for _, lv := range levels[1:] {
		if longest <= lv.took {
			return lv.took
		}
	}
	return longest
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// marks are the beginnings of years, or of months where there is not even one year to mark.
func marks(from, to time.Time, across func(time.Time) float64) (all []mark) {
	const most = 12
	every, layout := 12, "2006"
	if to.Sub(from) <= 400*24*time.Hour {
		every, layout = 1, "Jan"
	} else if years := to.Year() - from.Year(); years > most {
		every = 12 * (years/most + 1)
	}
	for at := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC); at.Before(to); at = at.AddDate(0, every, 0) {
		if !at.Before(from.Add(-24*time.Hour)) && across(at) < panelRight-20 {
			all = append(all, mark{max(across(at), panelLeft), at.Format(layout)})
		}
	}
	return all
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// drawn leaves out what must not be in a picture's text. See https://www.w3.org/TR/xml/#charsets.
func drawn(r rune) rune {
	if unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

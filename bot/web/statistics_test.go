package web

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchbell/incidents"
)

func (r *rig) statistics(from, to time.Time) (page string, code int) {
	r.Helper()
	token := r.links.Sign(Right{Purpose: ReadStatistics, From: from.Unix(), To: to.Unix(), Expires: noon.Add(time.Hour)})
	w := r.asks("GET", StatisticsURL("https://watchbell.example.org/", token), nil)
	return w.Body.String(), w.Code
}

// TestStatisticsPage: the picture and the table have every incident that anybody may see, and no other.
func TestStatisticsPage(t *testing.T) {
	r := newRig(t)
	for _, p := range []incidents.PastPost{
		{
			Path: "_posts/a.md", Title: "Ferry </svg><script>x</script>", URL: "https://blog.example.org/a.html", Day: noon.AddDate(0, -2, 0), Severity: incidents.Downtime,
			Times: incidents.Times{Began: noon.AddDate(0, -2, 0), Resolved: noon.AddDate(0, -2, 0).Add(53 * time.Minute)}, Unsure: []string{"began"},
		},
		{Path: "_posts/b.md", Title: "Without times", URL: "javascript:alert(1)", Day: noon.AddDate(0, -1, 0)},
	} {
		if _, err := r.service.KeepPost(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	r.does(incidents.Declare{Title: "A breach of the vault", Private: true}, 0)
	r.does(incidents.StartDrill{Title: "The queue burns"}, 0)
	page, code := r.statistics(noon.AddDate(-1, 0, 0), noon.AddDate(0, 0, 1))
	if code != http.StatusOK {
		t.Fatalf("%d\n%s", code, page)
	}
	for _, want := range []string{"<strong>2</strong> in all", "To resolve", "median 53 minutes, known of 1 of 2", "Ferry &lt;/svg&gt;&lt;script&gt;", "53 minutes", "times guessed", `class="ring"`, "Without times"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
	for _, never := range []string{"breach", "queue burns", "<script", "javascript:", "style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q is on the page:\n%s", never, page)
		}
	}
	if w := r.asks("GET", "https://watchbell.example.org/statistics", nil); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "/incident stats") {
		t.Errorf("without a link: %d\n%s", w.Code, w.Body)
	}
	other := r.links.Sign(Right{Purpose: ReadState, Incident: 1, Expires: noon.Add(time.Hour)})
	if w := r.asks("GET", StatisticsURL("https://watchbell.example.org/", other), nil); w.Code != http.StatusForbidden {
		t.Errorf("with the link of another page: %d", w.Code)
	}
}

var pictures = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// TestPicturesAreWhole: whatever incidents there were, the pictures are XML, and every dot lies within them.
func TestPicturesAreWhole(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 2e9).Draw(rt, "from"), 0).UTC()
		st := incidents.Statistics{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 20_000).Draw(rt, "hours")) * time.Hour)}
		long := rapid.IntRange(0, 1_000_000)
		at := st.From
		for range rapid.IntRange(0, 6).Draw(rt, "incidents") {
			at = at.Add(time.Duration(rapid.Int64Range(0, int64(st.To.Sub(at))).Draw(rt, "later")))
			c := incidents.Counted{Title: rapid.String().Draw(rt, "title"), Day: at, Severity: rapid.SampledFrom(incidents.Severities).Draw(rt, "severity")}
			c.Times = incidents.Times{Began: at, Detected: at.Add(time.Duration(long.Draw(rt, "detect")) * time.Minute), Resolved: at.Add(time.Duration(long.Draw(rt, "resolve")) * time.Minute)}
			st.All = append(st.All, c)
		}
		page := r.pages.statistics(st, Right{})
		for _, p := range page.Panels {
			for _, d := range p.Dots {
				if d.X < p.Left-1 || d.X > p.Right+1 || d.Y < panelTop-1 || d.Y > p.Floor+1 {
					rt.Fatalf("%s: the dot %+v lies outside; %+v", p.Name, d, st)
				}
			}
		}
		var b strings.Builder
		if err := pages.ExecuteTemplate(&b, "statistics.html", page); err != nil {
			rt.Fatal(err)
		}
		for _, picture := range pictures.FindAllString(b.String(), -1) {
			for in := xml.NewDecoder(strings.NewReader(picture)); ; {
				if _, err := in.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					rt.Fatalf("%v in\n%s", err, picture)
				}
			}
		}
	})
}

package web

import (
	"bytes"
	"flag"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

var keepPicture = flag.String("picture", "", "write the statistics' picture to this `FILE`, to look at")

// TestPicture: what Slack shows has a dot where each incident belongs, on a background of its own, and its words have the
// same numbers.
func TestPicture(t *testing.T) {
	st := incidents.Statistics{From: noon.AddDate(-1, 0, 0), To: noon}
	if data, words, err := Picture(st); data != nil || words != "" || err != nil {
		t.Fatalf("of no incident there is a picture: %d bytes, %q, %v", len(data), words, err)
	}
	for n := range 40 {
		began := st.From.Add(time.Duration(n) * 9 * 24 * time.Hour)
		minutes := func(m int) time.Time { return began.Add(time.Duration(m) * time.Minute) }
		c := incidents.Counted{Number: n + 1, Title: "never drawn", Day: began, Times: incidents.Times{
			Began: began, Detected: minutes(n % 11), Declared: minutes(n%11 + n%5), Mitigated: minutes(20 + n*7), Resolved: minutes(40 + n*13), Published: minutes(60 * 24 * (1 + n)),
		}}
		if n%9 == 0 {
			c.Severity = incidents.Downtime
		}
		st.All = append(st.All, c)
	}
	data, words, err := Picture(st)
	if err != nil {
		t.Fatal(err)
	}
	if *keepPicture != "" {
		if err := os.WriteFile(*keepPicture, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"40 incidents, ", "To detect: median ", "To declare: ", "To mitigate: median 2 hours 37 minutes", "To resolve: ", "To publish: ", "longest 39 days"} {
		if !strings.Contains(words, want) {
			t.Errorf("the words lack %q: %s", want, words)
		}
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.RGBAModel.Convert(img.At(0, 0)); c != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("the background is %v", c)
	}
	if len(data) > 300_000 {
		t.Errorf("the picture has %d bytes", len(data))
	}
	p := draw(st, incidents.Lengths[3], nil) // to resolve: second column of the second row
	for _, d := range p.Dots {
		b := brush{x: panelWidth + 10, y: pictureHead + pictureRow + pictureHead - 10}
		x, y := b.at(d.X, d.Y)
		if r, _, blue, _ := img.At(x, y).RGBA(); r>>8 > 120 || blue>>8 < 120 {
			t.Errorf("there is no dot at %d,%d: %v", x, y, img.At(x, y))
		}
	}
}

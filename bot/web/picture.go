package web

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/go-analyze/charts/chartdraw/drawing"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// How the picture for Slack is laid out: panels in two columns, each below its name, in the panels' own units. Each unit is
// pictureScale pixels wide, so that it stays sharp when somebody opens it.
const (
	pictureScale   = 2
	pictureColumns = 2
	pictureHead    = 40.0 // above the panels, and above each panel for its name
	pictureWidth   = pictureColumns*panelWidth + 20
	pictureRow     = pictureHead + panelHeight
)

// The picture brings its own background, so it reads the same in Slack's light and dark themes.
var (
	inkPaper = drawing.ColorFromHex("ffffff")
	inkText  = drawing.ColorFromHex("1d1c1d")
	inkFaint = drawing.ColorFromHex("5c5b5d")
	inkGrid  = drawing.ColorFromHex("d5d5d5")
	inkDot   = drawing.ColorFromHex("1264a3").WithAlpha(200)
	inkMain  = drawing.ColorFromHex("1264a3")
)

// Picture draws how long the incidents of a period took, as a PNG: the panels of the page, without any title. It returns nil
// where there is nothing to draw. words say what it shows, for who cannot see it.
func Picture(st incidents.Statistics) (png []byte, words string, err error) {
	var panels []panel
	said := []string{fmt.Sprintf("%d incidents, %s.", len(st.All), periodOf(st))}
	if len(st.All) == 1 {
		said[0] = fmt.Sprintf("1 incident, %s.", periodOf(st))
	}
	for _, l := range incidents.Lengths {
		p := draw(st, l, nil)
		if p.Known == 0 {
			continue
		}
		panels = append(panels, p)
		said = append(said, fmt.Sprintf("%s: median %s, longest %s, known of %d.", p.Name, p.Median, p.Longest, p.Known))
	}
	if len(panels) == 0 {
		return nil, "", nil
	}
	rows := (len(panels) + pictureColumns - 1) / pictureColumns
	height := pictureHead + float64(rows)*pictureRow
	b := brush{r: chartdraw.PNG(pictureScale*int(pictureWidth), pictureScale*int(height))}
	b.r.SetFont(chartdraw.GetDefaultFont())
	b.r.SetDPI(72) // a point is a pixel
	b.area(0, 0, pictureWidth, height)
	b.text(15, inkText, said[0], 16, 24, 0)
	b.text(11, inkFaint, "A dot is an incident; the higher, the longer it took. A ring: downtime. Dashed: the median.", pictureWidth-16, 24, 1)
	for i, p := range panels {
		b.x, b.y = float64(i%pictureColumns)*panelWidth+10, pictureHead+float64(i/pictureColumns)*pictureRow
		b.panel(p)
	}
	var out bytes.Buffer
	if err := b.r.Save(&out); err != nil {
		return nil, "", fmt.Errorf("draw the statistics: %w", err)
	}
	return out.Bytes(), chat.Shorten(strings.Join(said, " "), mostWords), nil
}

// mostWords is how long a picture's description may be. See https://docs.slack.dev/reference/methods/files.getUploadURLExternal.
const mostWords = 1000

// brush draws at a place of its own, in the panels' units.
type brush struct {
	r    chartdraw.Renderer
	x, y float64
}

func (b brush) at(x, y float64) (int, int) {
	return int((b.x + x) * pictureScale), int((b.y + y) * pictureScale)
}

func (b brush) area(x, y, width, height float64) {
	b.r.SetFillColor(inkPaper)
	b.r.MoveTo(b.at(x, y))
	b.r.LineTo(b.at(x+width, y))
	b.r.LineTo(b.at(x+width, y+height))
	b.r.LineTo(b.at(x, y+height))
	b.r.Close()
	b.r.Fill()
}

func (b brush) line(width float64, ink drawing.Color, dashes []float64, x1, y1, x2, y2 float64) {
	b.r.SetStrokeColor(ink)
	b.r.SetStrokeWidth(width * pictureScale)
	b.r.SetStrokeDashArray(dashes)
	b.r.MoveTo(b.at(x1, y1))
	b.r.LineTo(b.at(x2, y2))
	b.r.Stroke()
}

// text writes on a line. side is which part of it lies at x: 0 its beginning, 1 its end.
func (b brush) text(size float64, ink drawing.Color, text string, x, y, side float64) {
	b.r.SetFontSize(size * pictureScale)
	b.r.SetFontColor(ink)
	left, base := b.at(x, y)
	b.r.Text(text, left-int(side*float64(b.r.MeasureText(text).Width())), base)
}

func (b brush) panel(p panel) {
	b.text(14, inkText, p.Name, p.Left, 22, 0)
	b.text(11, inkFaint, fmt.Sprintf("median %s, longest %s, known of %d of %d", p.Median, p.Longest, p.Known, p.Of), p.Right, 22, 1)
	b.y += pictureHead - 10
	for _, lv := range p.Levels {
		b.line(.5, inkGrid, nil, p.Left, lv.Y, p.Right, lv.Y)
		b.text(11, inkFaint, lv.Label, p.Left-6, lv.Y+4, 1)
	}
	for _, m := range p.Marks {
		b.text(11, inkFaint, m.Label, m.X, p.Floor+18, 0)
	}
	b.line(1, inkMain, []float64{5 * pictureScale, 4 * pictureScale}, p.Left, p.MedianY, p.Right, p.MedianY)
	b.r.SetStrokeDashArray(nil)
	for _, d := range p.Dots {
		x, y := b.at(d.X, d.Y)
		b.r.SetFillColor(inkDot)
		b.r.Circle(3.5*pictureScale, x, y)
		b.r.Fill()
		if d.Bad {
			b.r.SetStrokeColor(inkMain)
			b.r.SetStrokeWidth(pictureScale)
			b.r.Circle(6*pictureScale, x, y)
			b.r.Stroke()
		}
	}
}

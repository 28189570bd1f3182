package practice

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
	"go.yaml.in/yaml/v4"
)

// postView is a post as the site will show it, near enough to read it through before it is merged.
type postView struct {
	// Title, Date, Category and the other fields come from the front matter.
	Title, Date, Category string
	Others                []postField
	// Trouble says why the site could not be built from this post; empty when it can.
	Trouble string
	Body    template.HTML
	// Cut says that the post is longer than what is drawn.
	Cut bool
}

type postField struct{ Name, Value string }

// longestPost bounds what is drawn of a post, in bytes.
const longestPost = 200_000

// postMarkdown draws Markdown with no way out: HTML in it is shown as text, pictures by their words, and only links to
// the web and to mailboxes stay links.
var postMarkdown = goldmark.New(
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.Strikethrough,
	),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(postRenderer{}, 100))),
)

// datedName is how a post's file is called; the site takes the date from there when the front matter has none.
var datedName = regexp.MustCompile(`(?:^|/)(\d{4}-\d\d-\d\d)-[^/]*$`)

// sitesOwn are the folders in which Jekyll and Hugo look for posts, which they know by their front matter. A file elsewhere
// is read where it lies.
var sitesOwn = regexp.MustCompile(`(?:^|/)(?:_posts|_drafts)/|^content/`)

// drawPost draws a post.
func drawPost(path, text string) postView {
	var v postView
	if m := datedName.FindStringSubmatch(path); m != nil {
		v.Date = readableDate(m[1])
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	front, body := cutFrontMatter(text)
	switch {
	case front != "":
		v.readFront(front)
	case sitesOwn.MatchString(path):
		v.Trouble = "The post has no front matter, so the site would not show it as a post."
	}
	if len(body) > longestPost {
		body, v.Cut = strings.ToValidUTF8(body[:longestPost], ""), true
	}
	v.Body = drawMarkdown(body)
	return v
}

// drawMarkdown draws a text by postMarkdown.
func drawMarkdown(text string) template.HTML {
	var out bytes.Buffer
	if err := postMarkdown.Convert([]byte(text), &out); err != nil { // writing to memory does not fail
		return template.HTML("<pre>" + template.HTMLEscapeString(text) + "</pre>") //nolint:gosec // escaped
	}
	return template.HTML(out.String()) //nolint:gosec // postMarkdown lets no markup of the text through
}

// outwardForm is a link as openLink writes it.
var outwardForm = regexp.MustCompile(`<a href="([^"]*)" target="_blank" rel="noopener noreferrer">`)

// localized has the links of what postMarkdown drew stay on the page where what they lead to is shown there: the services
// are local, and nothing answers for their addresses.
func localized(drawn template.HTML, local func(string) string) template.HTML {
	return template.HTML(outwardForm.ReplaceAllStringFunc(string(drawn), func(tag string) string { //nolint:gosec // as it was, and escaped
		here := local(html.UnescapeString(outwardForm.FindStringSubmatch(tag)[1]))
		if here == "" {
			return tag
		}
		return `<a href="` + template.HTMLEscapeString(here) + `">`
	}))
}

// cutFrontMatter splits a file at the lines "---" that Jekyll looks for.
// See https://jekyllrb.com/docs/front-matter/.
func cutFrontMatter(text string) (front, body string) {
	rest, found := strings.CutPrefix(text, "---\n")
	if !found {
		return "", text
	}
	front, body, found = strings.Cut("\n"+rest, "\n---\n")
	if !found {
		if front, found = strings.CutSuffix("\n"+rest, "\n---"); !found {
			return "", text
		}
	}
	return front + "\n", body
}

func (v *postView) readFront(front string) {
	var fields yaml.Node
	if err := yaml.Unmarshal([]byte(front), &fields); err != nil {
		v.Trouble = "The front matter cannot be read, so the site could not be built: " + err.Error()
		return
	}
	if len(fields.Content) == 0 || fields.Content[0].Kind != yaml.MappingNode {
		v.Trouble = "The front matter holds no fields."
		return
	}
	pairs := fields.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i].Value, frontValue(pairs[i+1])
		switch name {
		case "title":
			v.Title = value
		case "date":
			v.Date = readableDate(value)
		case "category", "categories":
			v.Category = value
		default:
			v.Others = append(v.Others, postField{name, value})
		}
	}
	if v.Title == "" {
		v.Trouble = "The front matter has no title."
	}
}

func frontValue(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Value
	case yaml.SequenceNode:
		var parts []string
		for _, part := range n.Content {
			parts = append(parts, part.Value)
		}
		return strings.Join(parts, ", ")
	}
	return "…"
}

// readableDate writes a date as people do; one in no known form stays as it is.
func readableDate(text string) string {
	for layout, shown := range map[string]string{
		"2006-01-02 15:04:05 -0700": "2 January 2006, 15:04 -0700", "2006-01-02 15:04 -0700": "2 January 2006, 15:04 -0700",
		time.DateTime: "2 January 2006, 15:04", time.DateOnly: "2 January 2006", time.RFC3339: "2 January 2006, 15:04 -0700",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return strings.Replace(at.Format(shown), "+0000", "UTC", 1)
		}
	}
	return text
}

// postRenderer draws what could lead or reach out of the page.
type postRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (postRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindLink, drawLink)
	r.Register(ast.KindAutoLink, drawAutoLink)
	r.Register(ast.KindImage, drawImage)
	r.Register(ast.KindRawHTML, drawRawHTML)
	r.Register(ast.KindHTMLBlock, drawHTMLBlock)
	r.Register(ast.KindHeading, drawHeading)
}

// drawHeading draws a heading below those of the page itself, which end at the third level.
func drawHeading(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "<h"
	if !entering {
		tag = "</h"
	}
	_, _ = fmt.Fprintf(w, "%s%d>", tag, min(node.(*ast.Heading).Level+2, 6))
	return ast.WalkContinue, nil
}

// outward is an address that may be followed from the preview; empty when it may not.
func outward(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host != "" {
			return u.String()
		}
	case "mailto":
		return u.String()
	}
	return ""
}

func openLink(w util.BufWriter, address string) {
	_, _ = fmt.Fprintf(w, `<a href="%s" target="_blank" rel="noopener noreferrer">`, template.HTMLEscapeString(address))
}

// drawLink draws the words of a link, and where a link that is none here would lead.
func drawLink(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	target := string(node.(*ast.Link).Destination)
	address := outward(target)
	switch {
	case address != "" && entering:
		openLink(w, address)
	case address != "":
		_, _ = w.WriteString("</a>")
	case !entering:
		_, _ = w.WriteString(` <span class="weak">(` + template.HTMLEscapeString(target) + ")</span>")
	}
	return ast.WalkContinue, nil
}

func drawAutoLink(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	link := node.(*ast.AutoLink)
	address, words := string(link.URL(source)), template.HTMLEscapeString(string(link.Label(source)))
	if link.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
		address = "mailto:" + address
	}
	if address = outward(address); address == "" {
		_, _ = w.WriteString(words)
		return ast.WalkContinue, nil
	}
	openLink(w, address)
	_, _ = w.WriteString(words + "</a>")
	return ast.WalkContinue, nil
}

// drawImage draws a picture's words: the page loads nothing from elsewhere.
func drawImage(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<span class="picture">Picture: `)
		return ast.WalkContinue, nil
	}
	target := string(node.(*ast.Image).Destination)
	_, _ = w.WriteString(` <span class="weak">(` + template.HTMLEscapeString(target) + ")</span></span>")
	return ast.WalkContinue, nil
}

func drawRawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(shownMarkup(node.(*ast.RawHTML).Segments.Value(source)))
	}
	return ast.WalkSkipChildren, nil
}

func drawHTMLBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := node.(*ast.HTMLBlock)
	text := block.Lines().Value(source)
	if block.HasClosure() {
		text = append(bytes.Clone(text), block.ClosureLine.Value(source)...)
	}
	if shown := shownMarkup(text); shown != "" {
		_, _ = w.WriteString("<p>" + shown + "</p>\n")
	}
	return ast.WalkContinue, nil
}

// shownMarkup is HTML as the text that it is. A comment is shown by nothing, as on the site.
func shownMarkup(text []byte) string {
	shown := strings.TrimSpace(string(text))
	if strings.HasPrefix(shown, "<!--") && strings.Index(shown, "-->") == len(shown)-len("-->") {
		return ""
	}
	return template.HTMLEscapeString(shown)
}

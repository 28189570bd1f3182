package practice

import (
	"encoding/json"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Canvas is the document of a channel. Edits counts how often it was replaced.
type Canvas struct {
	ID, Markdown string
	Edits        int
}

type canvasDocument struct {
	Type     string `json:"type"`
	Markdown string `json:"markdown"`
}

// longestCanvas is ours: Slack names no bound.
const longestCanvas = 500_000

func (c *slackCall) document(raw json.RawMessage) (string, error) {
	var doc canvasDocument
	switch {
	case len(raw) == 0:
		return "", nil
	case json.Unmarshal(raw, &doc) != nil || doc.Type != "markdown":
		return "", refuseInvalid("invalid_arguments", "document_content must be of type markdown")
	case len(doc.Markdown) > longestCanvas || !utf8.ValidString(doc.Markdown):
		return "", refuseInvalid("canvas_creation_failed", "%d bytes", len(doc.Markdown))
	}
	return doc.Markdown, nil
}

// conversationsCanvasesCreate makes the one canvas that a channel may have.
// See https://docs.slack.dev/reference/methods/conversations.canvases.create.
func (c *slackCall) conversationsCanvasesCreate() (slackAnswer, error) {
	ch, err := c.writable("channel_id")
	if err != nil {
		return nil, err
	}
	if ch.canvas.ID != "" {
		return nil, refuse("channel_canvas_already_exists", ch.Name)
	}
	text, err := c.document(c.args.raw("document_content"))
	if err != nil {
		return nil, err
	}
	ch.canvas = Canvas{ID: c.s.nextID("F"), Markdown: text}
	return slackAnswer{"canvas_id": ch.canvas.ID}, nil
}

func (c *slackCall) canvas() (*slackChannel, error) {
	id := c.args.str("canvas_id")
	i := slices.IndexFunc(c.s.channels, func(ch *slackChannel) bool { return id != "" && ch.canvas.ID == id })
	if i < 0 || !c.s.channels[i].has(BotUser) {
		return nil, refuse("canvas_not_found", id)
	}
	return c.s.channels[i], nil
}

// canvasesEdit takes one change at a time, and of those only the one that replaces everything.
// See https://docs.slack.dev/reference/methods/canvases.edit.
func (c *slackCall) canvasesEdit() (slackAnswer, error) {
	ch, err := c.canvas()
	if err != nil {
		return nil, err
	}
	var changes []struct {
		Operation string          `json:"operation"`
		SectionID string          `json:"section_id"`
		Document  json.RawMessage `json:"document_content"`
	}
	if err := json.Unmarshal(c.args.raw("changes"), &changes); err != nil || len(changes) != 1 {
		return nil, refuseInvalid("invalid_arguments", "changes must hold one change")
	}
	if changes[0].Operation != "replace" || changes[0].SectionID != "" {
		return nil, refuseInvalid("canvas_editing_failed", "%s of %q is not played here", changes[0].Operation, changes[0].SectionID)
	}
	text, err := c.document(changes[0].Document)
	if err != nil {
		return nil, err
	}
	ch.canvas.Markdown = text
	ch.canvas.Edits++
	return nil, nil
}

// canvasesSectionsLookup finds headings of the first level that contain a text.
// See https://docs.slack.dev/reference/methods/canvases.sections.lookup.
func (c *slackCall) canvasesSectionsLookup() (slackAnswer, error) {
	ch, err := c.canvas()
	if err != nil {
		return nil, err
	}
	var criteria struct {
		Types    []string `json:"section_types"`
		Contains string   `json:"contains_text"`
	}
	if err := json.Unmarshal(c.args.raw("criteria"), &criteria); err != nil || !slices.Equal(criteria.Types, []string{"h1"}) {
		return nil, refuseInvalid("invalid_arguments", "criteria")
	}
	found := []slackAnswer{}
	for line := range strings.Lines(ch.canvas.Markdown) {
		if heading, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(heading, criteria.Contains) {
			found = append(found, slackAnswer{"id": c.s.nextID("temp:C:")})
		}
	}
	return slackAnswer{"sections": found}, nil
}

// Canvas is what a channel's canvas holds; zero when it has none.
func (s *Slack) Canvas(channel string) Canvas {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channelByID(channel); c != nil {
		return c.canvas
	}
	return Canvas{}
}

var canvasMention = regexp.MustCompile(`!\[\]\(@(U\w+)\)`)

// drawCanvas draws a canvas with the names of whom it mentions.
func (s *Slack) drawCanvas(c *slackChannel) template.HTML {
	if c.canvas.ID == "" {
		return ""
	}
	return drawMarkdown(canvasMention.ReplaceAllStringFunc(c.canvas.Markdown, func(m string) string {
		if u := s.userByID(canvasMention.FindStringSubmatch(m)[1]); u != nil {
			return "@" + u.RealName
		}
		return "@somebody"
	}))
}

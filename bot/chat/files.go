package chat

import (
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// altVerb is the callback id of the form that asks what an image shows.
const altVerb = "file_alt"

// wordsOnly is entryText without the names of the entry's files.
func wordsOnly(e incidents.Entry) string {
	e.Text = e.Words()
	for _, f := range e.Files {
		if !f.Image() && f.Name != "" {
			name := f.Name
			if e.Format == incidents.Mrkdwn {
				name = escaped(name)
			}
			e.Text += " [file: " + name + "]"
		}
	}
	return entryText(e)
}

// maxName is how much of a file's name is shown, in characters.
const maxName = 60

// shownName is the name of a file in a sentence.
func shownName(f incidents.File) string {
	return "“" + inline(Shorten(oneLine(strings.Map(visibleRune, f.Name)), maxName)) + "”"
}

// visibleRune leaves out what could turn the direction of the text around a name.
func visibleRune(r rune) rune {
	if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c' {
		return -1
	}
	return r
}

// Describe asks what the images of an entry show. There is nothing to ask when all are described.
func Describe(s incidents.Snapshot, e incidents.Entry) Message {
	var row []Button
	var names []string
	images := e.Images()
	for i, f := range images {
		if f.Alt != "" {
			continue
		}
		names = append(names, shownName(f))
		label := "Describe it"
		if len(images) > 1 {
			label = fmt.Sprintf("Describe image %d", i+1)
		}
		if len(row) < 5 {
			row = append(row, Button{Label: label, Action: fmt.Sprintf("alt:%d.%d", e.Number, i+1), Value: number(s.Incident)})
		}
	}
	if len(names) == 0 {
		return Message{}
	}
	shows := "What does it show? People"
	if len(names) > 1 {
		shows = "What do they show? People"
	}
	return drilled(s.Drill, *say(fmt.Sprintf("Entry %d of #%d has %s: %s. %s who cannot see the post's images read that instead. By text: `alt %d what it shows`.",
		e.Number, s.Number, count(len(names), "image", "images"), strings.Join(names, ", "), shows, e.Number), row...))
}

// runAlt says what an image of an entry shows, or opens the form for it.
func runAlt(t *turn) (Reply, error) {
	word, rest := firstWord(t.args)
	entry, image, picked := strings.Cut(word, ".")
	which := 0
	if n, err := strconv.Atoi(image); picked && err == nil && n > 0 {
		which = n
	} else if picked {
		entry = word
	}
	t.args = strings.TrimSpace(entry + " " + rest)
	n, err := t.entryNumber()
	if err != nil {
		return Reply{}, err
	}
	if t.args == "" && t.canForm {
		return t.altForm(n, which)
	}
	result, err := t.handle(incidents.DescribeFile{Number: n, Image: which, Text: decoded(t.args)})
	if err != nil {
		return Reply{}, err
	}
	return t.entryDone(result, altSaid(result))
}

func altSaid(r incidents.Result) string {
	if r.Unchanged {
		return fmt.Sprintf("The image of entry %d is described so already.", r.Entry)
	}
	return fmt.Sprintf("The image of entry %d has its description.", r.Entry)
}

// altForm asks what an image shows. It asks about the first that nobody has described when none is named.
func (t *turn) altForm(entry, image int) (Reply, error) {
	versions, err := t.versions(entry)
	if err != nil {
		return Reply{}, err
	}
	var images []incidents.File
	if len(versions) > 0 {
		images = versions[len(versions)-1].Images()
	}
	for i, f := range images {
		if image == 0 && f.Alt == "" {
			image = i + 1
		}
	}
	image = max(image, 1)
	if image > len(images) {
		return Reply{}, incidents.Refuse(incidents.NotFound, "Entry %d has no such image.", entry).
			Next("`%s timeline` shows which entries have one.", t.o.Command)
	}
	c := t.context()
	c.Entry, c.Image = entry, image
	return Reply{Form: &Form{Verb: altVerb, Title: "What does it show?", Submit: "Save", Context: c,
		Intro: fmt.Sprintf("%s, in entry %d.", shownName(images[image-1]), entry),
		Fields: []Field{{Name: "text", Label: "Description", Kind: LongField, Value: images[image-1].Alt,
			Placeholder: "Errors rise from 14:02 on",
			Hint:        "A sentence for people who cannot see the image. It stands in the post."}},
	}}, nil
}

func (t *turn) altSubmitted(s Submitted) (Reply, error) {
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: t.actor(), Incident: t.number,
		Command: incidents.DescribeFile{Number: s.Context.Entry, Image: s.Context.Image, Text: s.Values["text"]},
	})
	if err != nil {
		return Reply{}, err
	}
	t.verb = &verb{name: "alt"}
	return t.entryDone(result, altSaid(result))
}

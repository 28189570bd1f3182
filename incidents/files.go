package incidents

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxAlt is how long the description of an image may be, in characters.
const MaxAlt = 500

// LinkType is the Type of a file that is no more than a link to another service: it has no bytes to be had.
const LinkType = "text/uri-list"

// imageTypes are the images that a post shows. SVG is none: it can hold scripts.
var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// Image reports whether a file says of itself that it is an image which a post can show.
func (f File) Image() bool { return slices.Contains(imageTypes, f.Type) }

// Images are those of the entry's files that are images.
func (e Entry) Images() []File {
	var all []File
	for _, f := range e.Files {
		if f.Image() {
			all = append(all, f)
		}
	}
	return all
}

// Words is the entry's text without the names of its files, which stand behind the words of a captured message as
// "[file: name]"; empty when the message had no words.
func (e Entry) Words() string {
	text := strings.TrimSpace(e.Text)
	for _, f := range slices.Backward(e.Files) {
		for _, name := range []string{f.Name, mrkdwnName.Replace(f.Name)} {
			if rest, found := strings.CutSuffix(text, "[file: "+name+"]"); found && f.Name != "" {
				text = strings.TrimSpace(rest)
				break
			}
		}
	}
	return text
}

// mrkdwnName escapes a name as Slack escapes text.
var mrkdwnName = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// takeFiles gives the entry the files of its message. What people said about one of them stays, and so does what was known
// of one that Slack does not tell about any more.
func (e *Entry) takeFiles(files []File) {
	taken := make([]File, 0, len(files))
	for _, f := range files {
		if i := slices.IndexFunc(e.Files, func(k File) bool { return k.ID == f.ID }); i >= 0 {
			known := e.Files[i]
			f.Alt = known.Alt
			if f.Name == "" {
				f.Name, f.Type = known.Name, known.Type
			}
		}
		taken = append(taken, f)
	}
	if e.Files = taken; len(taken) == 0 {
		e.Files = nil
	}
}

// takeAlts takes over what people say that images show, and reports whether that is news.
func (e *Entry) takeAlts(alts map[string]string) (news bool) {
	files := slices.Clone(e.Files)
	for i, f := range files {
		alt, said := alts[f.ID]
		if said && alt != f.Alt && utf8.RuneCountInString(alt) <= MaxAlt {
			files[i].Alt, news = alt, true
		}
	}
	if news {
		e.Files = files
	}
	return news
}

// HasFiles reports whether these are the files of the entry, whatever people said about them.
func (e Entry) HasFiles(files []File) bool {
	return slices.EqualFunc(e.Files, files, func(a, b File) bool { return a.ID == b.ID })
}

// askAlt has whoever captured an image asked, once, what it shows. The wish comes with the image: files that were there
// before are not asked about again.
func (d *decision) askAlt(before []File, e Entry) {
	if d.Incident.Channel.ID == "" || e.Gone || e.Waiting {
		return
	}
	for _, f := range e.Images() {
		if f.Alt == "" && !slices.ContainsFunc(before, func(k File) bool { return k.ID == f.ID }) {
			d.want(KindDescribe, strconv.Itoa(e.Number))
			return
		}
	}
}

// filesBefore are the files of the entry that a command concerns, before it.
func (d *decision) filesBefore() []File {
	if d.before.Entry == nil {
		return nil
	}
	return d.before.Entry.Files
}

func (d *decision) describe(e Entry, c DescribeFile) error {
	text := strings.Join(strings.Fields(strings.Map(shown, c.Text)), " ")
	images := e.Images()
	number := c.Image
	if number == 0 { // the first that nobody has described
		number = slices.IndexFunc(images, func(f File) bool { return f.Alt == "" }) + 1
		if number == 0 && len(images) == 1 {
			number = 1
		}
	}
	switch n := utf8.RuneCountInString(text); {
	case len(images) == 0:
		return Refuse(NotFound, "Entry %d has no image to describe.", e.Number).
			Next("`timeline` shows which entries have one.").In("text")
	case number == 0 || number > len(images):
		return Refuse(Unsure, "Entry %d has %d images. Which one is it?", e.Number, len(images)).
			Next("Write `alt %d.1 what it shows` for the first, `alt %[1]d.2 …` for the second.", e.Number).In("text")
	case n == 0:
		return Refuse(Invalid, "What does the image show?").
			Next("Write it in a sentence: `alt %d Errors rise from 14:02 on`.", e.Number).In("text")
	case n > MaxAlt:
		return Refuse(Invalid, "That description has %d characters and %d is the most.", n, MaxAlt).
			Next("Say in a sentence what the image shows.").In("text")
	}
	d.Result.Entry, d.Result.At = e.Number, e.At
	id := images[number-1].ID
	files := slices.Clone(e.Files)
	i := slices.IndexFunc(files, func(f File) bool { return f.ID == id })
	if files[i].Alt == text {
		d.Result.Unchanged = true
		return nil
	}
	files[i].Alt = text
	e.Files = files
	d.write(e, DeedDescribed)
	d.show(false, true)
	return nil
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"watchbell/bot/slackio"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

const (
	// mostImage bounds one image, mostImages those of one post together, in bytes.
	mostImage  = 10 << 20
	mostImages = 50 << 20
	// fetchFor is how long one attempt at a post fetches images; the next one goes on. An attempt has 20 seconds in all.
	fetchFor = 5 * time.Second
	// mostTries is how often a file that Slack does not give is asked for by itself. Each new version of the post asks again.
	mostTries = 30
)

// extensions are those of the images that a post shows, by what their bytes say.
var extensions = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}

// pictures are the images of a post, as far as they could be had.
type pictures struct {
	at    map[string]string // by the file's id: the path in the repository
	lines map[string]string // by the file's id: the line that shows it
	files []github.Attachment
	// missing says, for the pull request, what is not there and why. After is when the rest is to be tried again; zero when
	// trying again cannot help.
	missing []string
	after   time.Duration
}

// album fetches images from Slack and keeps them for a while, so that a post that is brought up to date often does not
// fetch them each time. It is safe for concurrent use.
type album struct {
	// fetch returns the bytes of a file; its error is for slackio.FileTrouble.
	fetch func(ctx context.Context, id string, most int64) ([]byte, error)

	mu    sync.Mutex
	kept  map[string][]byte
	size  int
	tries map[string]int
}

// get returns the bytes of a file. again: trying it later, after that long, may help.
func (a *album) get(ctx context.Context, id string) (data []byte, say string, after time.Duration) {
	a.mu.Lock()
	data, there := a.kept[id]
	a.mu.Unlock()
	if there {
		return data, "", 0
	}
	data, err := a.fetch(ctx, id, mostImage)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil || a.size+len(data) > mostImages+mostImage {
		a.kept, a.size = map[string][]byte{}, 0
	}
	if a.tries == nil || len(a.tries) > 10_000 {
		a.tries = map[string]int{}
	}
	if err == nil {
		a.kept[id] = data
		a.size += len(data)
		delete(a.tries, id)
		return data, "", 0
	}
	say, again := slackio.FileTrouble(err)
	if a.tries[id]++; again && a.tries[id] < mostTries {
		after = min(5*time.Second<<min(a.tries[id]-1, 8), 15*time.Minute)
	}
	return nil, say, after
}

// pictures fetches the images of a post into a folder of the repository. Those of internal entries stay where they are.
func (w *postWriter) pictures(ctx context.Context, s incidents.Snapshot) (pictures, error) {
	p := pictures{at: map[string]string{}, lines: map[string]string{}}
	entries := slices.Clone(s.Entries)
	// In the order of recording, so that a name stays the same when another entry is moved.
	slices.SortFunc(entries, func(a, b incidents.Entry) int { return a.Number - b.Number })
	ctx, cancel := context.WithTimeout(ctx, 2*fetchFor)
	defer cancel()
	folder, taken, total, began := "", map[string]bool{}, 0, time.Now()
	for _, e := range entries {
		for _, f := range e.Files {
			if e.Internal || w.album == nil || f.Type != "" && !strings.HasPrefix(f.Type, "image/") {
				continue
			}
			if folder == "" {
				var err error
				if folder, err = w.imageFolder(ctx, s.Incident); err != nil {
					return p, err
				}
			}
			stem := imageStem(s.Masked(f.Name), taken)
			named := fmt.Sprintf("%s of entry %d", quotedName(s.Masked(f.Name)), e.Number)
			if time.Since(began) > fetchFor {
				p.lacks(named, "it comes with the next commit", time.Second)
				continue
			}
			data, say, after := w.album.get(ctx, f.ID)
			clean := bare(data)
			switch extension := extensions[http.DetectContentType(data)]; {
			case data == nil:
				p.lacks(named, say, after)
			case extension == "":
				if f.Type != "" {
					p.lacks(named, "its bytes are no PNG, JPEG, GIF or WebP", 0)
				}
			case total+len(data) > mostImages:
				p.lacks(named, fmt.Sprintf("the images of one post are %d MB together at most", mostImages>>20), 0)
			case clean == nil:
				p.lacks(named, "what it tells besides its pixels, such as where it was taken, could not be taken off", 0)
			default:
				total += len(clean)
				p.at[f.ID] = folder + stem + extension
				p.files = append(p.files, github.Attachment{Path: p.at[f.ID], Bytes: clean})
			}
		}
	}
	return p, nil
}

// lacks notes an image that is not there.
func (p *pictures) lacks(name, why string, after time.Duration) {
	line := name + ": " + why
	if after > 0 {
		line = strings.TrimSuffix(line, ".") + "; it is tried again"
		if p.after == 0 || after < p.after {
			p.after = after
		}
	}
	p.missing = append(p.missing, line)
}

// body says what is not there.
func (p pictures) body() string {
	if len(p.missing) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nImages that are not here:\n\n")
	for _, line := range p.missing {
		b.WriteString("- " + github.Harmless(line) + "\n")
	}
	return b.String()
}

// imagesFolder is where the images of posts are.
const imagesFolder = "images/posts/"

// imageFolder is the folder for the images of an incident's post. An older incident of the same title keeps its own.
func (w *postWriter) imageFolder(ctx context.Context, in incidents.Incident) (string, error) {
	slug := postmortem.Slug(in.Struck(in.Title))
	all, err := w.others(ctx)
	if err != nil {
		return "", fmt.Errorf("folder of the images of incident %d: %w", in.Number, err)
	}
	for _, other := range all {
		if other.Number < in.Number && postmortem.Slug(other.Struck(other.Title)) == slug {
			return fmt.Sprintf("%s%s-inc-%d/", imagesFolder, slug, in.Number), nil
		}
	}
	return imagesFolder + slug + "/", nil
}

// imageStem makes a file's name, whatever it is, fit for a path and a web address, without its extension: lower-case ASCII
// letters, digits and single dashes. No two of a post are the same.
func imageStem(name string, taken map[string]bool) string {
	name = strings.ReplaceAll(name, "\\", "/")
	name = path.Base("/" + name)
	name = strings.TrimSuffix(name, path.Ext(name))
	stem := "image"
	if strings.ContainsFunc(name, func(r rune) bool { return r > ' ' }) {
		if slug := postmortem.Slug("image " + name); slug != "image" {
			stem = strings.TrimPrefix(slug, "image-")
		}
	}
	free := stem
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", stem, n)
	}
	taken[free] = true
	return free
}

// quotedName is a file's name in a sentence.
func quotedName(name string) string {
	if short := []rune(name); len(short) > 60 {
		name = string(short[:59]) + "…"
	}
	return "“" + name + "”"
}

// fileLines are an entry's files, as they stand behind its words: images that are there as a line of their own each, others
// as a name.
func (p pictures) fileLines(s incidents.Snapshot, e incidents.Entry, words string) string {
	images := ""
	for _, f := range e.Files {
		at, there := p.at[f.ID]
		switch {
		case there:
			p.lines[f.ID] = postmortem.Image(s.Masked(f.Alt), "/"+at)
			images += "\n" + p.lines[f.ID]
		case f.Name != "":
			words = strings.TrimSpace(words + " " + postmortem.Escape("[file: "+s.Masked(f.Name)+"]"))
		}
	}
	if images != "" && words == "" {
		words = "An image was shared."
	}
	return words + images
}

// escapedMark is a mark that Markdown is kept from reading.
var escapedMark = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

// split takes the lines of our images off an entry's text as it was read from the post, and returns what they say anew
// that the images show, by the file's id.
func (p pictures) split(text string) (words string, alts map[string]string) {
	var kept []string
	alts = map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		ours := false
		for id, at := range p.at {
			label, found := strings.CutSuffix(strings.TrimSpace(line), "](/"+at+")")
			if label, image := strings.CutPrefix(label, "!["); found && image {
				if ours = true; strings.TrimSpace(line) != p.lines[id] {
					alts[id] = escapedMark.ReplaceAllString(label, "$1")
				}
			}
		}
		if !ours {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n")), alts
}

package postmortem

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"
)

// Site is what a post is written for.
type Site interface {
	// Fit makes draft and style those of such a site. day is the post's date, in the zone of its times.
	Fit(d Draft, s Style, day time.Time) (Draft, Style)
	// Page is the path of a published file's page below the address of the site; empty when that is not known.
	Page(file, category string) string
	// Off are the rules of the lint that do not hold there.
	Off() []string
}

// The sites, by the names that [SiteNamed] knows.
var sites = []struct {
	name string
	site Site
}{{"jekyll", jekyll{}}, {"hugo", hugo{}}, {"markdown", plain{}}}

// Sites are the names that [SiteNamed] knows, the default first.
func Sites() (names []string) {
	for _, s := range sites {
		names = append(names, s.name)
	}
	return names
}

// SiteNamed returns a site: "jekyll"; "hugo", which has its own front matter; "markdown", a folder of files that are read
// where they lie. ok is false for a name that is none of [Sites].
func SiteNamed(name string) (site Site, ok bool) {
	for _, s := range sites {
		if s.name == name {
			return s.site, true
		}
	}
	return nil, false
}

// jekyll is what the templates are made for.
type jekyll struct{}

func (jekyll) Fit(d Draft, s Style, _ time.Time) (Draft, Style) { return d, s }
func (jekyll) Off() []string                                    { return nil }

// Page implements Site by Jekyll's usual permalink: /category/2026/07/08/name.html. See https://jekyllrb.com/docs/permalinks.
func (jekyll) Page(file, category string) string {
	name := strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".md"), ".markdown")
	day, words, ok := cutDay(name)
	if !ok || name == path.Base(file) {
		return ""
	}
	page := strings.ReplaceAll(day, "-", "/") + "/" + words + ".html"
	if category = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(category)), " ", "-"); category != "" {
		page = category + "/" + page
	}
	return page
}

// cutDay splits a name that begins with a day.
func cutDay(name string) (day, words string, ok bool) {
	const n = len(time.DateOnly)
	if len(name) < n+2 || name[n] != '-' {
		return "", "", false
	}
	_, err := time.Parse(time.DateOnly, name[:n])
	return name[:n], name[n+1:], err == nil
}

// hugo has no layouts in the front matter, several categories, and sorts by date. See https://gohugo.io/content-management/front-matter.
type hugo struct{}

func (hugo) Off() []string {
	return []string{"file-name", "front-matter-key", "date-mismatch", "same-url", "link-post"}
}

func (hugo) Fit(d Draft, s Style, day time.Time) (Draft, Style) {
	if s.Name != "" { // a template, made for Jekyll
		s.FrontMatter.Fields = []FieldStyle{{Key: "title", Quotes: "double"}, {Key: "date", Quotes: "plain"}, {Key: "categories", Quotes: "yaml"}, {Key: "author"}}
	}
	category := d.Category
	d.Layout, d.Category = "", ""
	set := func(key, value string) {
		if slices.ContainsFunc(s.FrontMatter.Fields, func(f FieldStyle) bool { return f.Key == key && f.Value == "" }) {
			d.Front = append(slices.Clone(d.Front), Field{key, value})
		}
	}
	set("date", day.Format(time.DateOnly))
	if category != "" {
		list, _ := json.Marshal([]string{category}) // a string: it cannot fail
		set("categories", " "+string(list))
	}
	return d, s
}

// Page implements Site by Hugo's usual permalink: content/posts/name.md is at /posts/name/.
// See https://gohugo.io/content-management/urls.
func (hugo) Page(file, _ string) string {
	page, ok := strings.CutPrefix(strings.TrimSuffix(file, ".md"), "content/")
	if !ok {
		return ""
	}
	return strings.ToLower(page) + "/"
}

// plain is Markdown that is read as it lies in the repository: its title is a heading.
type plain struct{}

func (plain) Page(string, string) string { return "" }

func (plain) Off() []string {
	return []string{"file-name", "front-matter", "front-matter-key", "date-mismatch", "date-future", "same-url", "liquid", "excerpt", "link-post"}
}

func (plain) Fit(d Draft, s Style, _ time.Time) (Draft, Style) {
	s.FrontMatter, s.Headline = FrontStyle{}, true
	s.Sections = slices.Clone(s.Sections)
	for i, section := range s.Sections {
		if section.Kind == Lead { // learned from a file: its heading is that file's title
			s.Sections[i] = SectionStyle{Kind: Lead}
		}
	}
	d.Layout, d.Category, d.Author = "", "", ""
	return d, s
}

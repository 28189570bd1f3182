package postmortem

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// unreadable reports a file that there is nothing else to say about.
func (c *check) unreadable() bool {
	switch {
	case strings.TrimSpace(c.text) == "":
		c.report(0, "unreadable", "The file is empty", "Write the post, or delete the file")
	case !utf8.ValidString(c.text), strings.IndexByte(c.text, 0) >= 0:
		for i, line := range c.lines {
			if !utf8.ValidString(line) || strings.IndexByte(line, 0) >= 0 {
				c.report(i, "unreadable", "The line holds bytes that are no text in UTF-8", "Save the file as UTF-8")
				break
			}
		}
	default:
		return false
	}
	return true
}

var postName = regexp.MustCompile(`^(\d{4}-\d{1,2}-\d{1,2})-(.+)\.(?:md|markdown|mkdown|mkdn|mkd|html)$`)

// day is the day that the file's name begins with; zero when it holds none.
func (c *check) day() time.Time { return dayOfName(c.name) }

func dayOfName(name string) time.Time {
	if m := postName.FindStringSubmatch(baseName(name)); m != nil {
		day, _ := time.Parse("2006-1-2", m[1])
		return day
	}
	return time.Time{}
}

// file looks at the name, and at the others.
func (c *check) file() {
	if c.name == "" || c.name == "-" {
		return
	}
	base := baseName(c.name)
	day := c.day()
	if day.IsZero() {
		c.report(0, "file-name", fmt.Sprintf("The name %s is not that of a post, so Jekyll passes the file over", base), "Name it after its day and subject: 2026-07-08-post-mortem.md")
		return
	}
	url := c.url(c.name, c.text)
	for _, o := range c.others {
		if baseName(o.Name) == base && o.Name == c.name {
			continue
		}
		if c.url(o.Name, string(o.Text)) == url {
			c.report(0, "same-url", fmt.Sprintf("%s has the same address %s, and one of the two overwrites the other", baseName(o.Name), url), "Give the file another name, such as "+suffixedName(base))
			break
		}
	}
}

// url is the post's address on its site: /:year/:month/:day/:title/.
func (c *check) url(name, text string) string {
	m := postName.FindStringSubmatch(baseName(name))
	if m == nil {
		return ""
	}
	day := dayOfName(name)
	var p Post
	p.readFront(strings.Split(text, "\n"))
	if t, ok := frontDay(p.FrontMatter.Get("date")); ok {
		day = t
	}
	slug := m[2]
	if own := strings.Trim(p.FrontMatter.Get("slug"), `"' `); own != "" {
		slug = own
	}
	if own := strings.Trim(p.FrontMatter.Get("permalink"), `"' `); own != "" && !strings.Contains(own, ":") {
		return own
	}
	return day.Format("/2006/01/02/") + slug + "/"
}

func suffixedName(base string) string {
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		return base[:i] + "-2" + base[i:]
	}
	return base + "-2"
}

func frontDay(text string) (time.Time, bool) {
	text = strings.Trim(text, `"' `)
	if len(text) < len(time.DateOnly) {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
	return day, err == nil
}

// front looks at the front matter.
func (c *check) front() {
	fence := isFrontFence(strings.TrimPrefix(c.lines[0], "\uFEFF"))
	switch {
	case !fence:
		c.report(0, "front-matter", "The post has no front matter, so Jekyll does not make a page of it", "Begin the file with --- , layout, title and --- on lines of their own")
		return
	case c.body == 0:
		c.report(0, "front-matter", "The front matter is not closed", "Write --- on a line of its own behind its last key")
		return
	}
	inner := strings.Join(c.lines[1:c.body-1], "\n")
	var keys map[string]any
	if err := yaml.Load([]byte(inner+"\n"), &keys); err != nil && strings.TrimSpace(inner) != "" {
		c.frontError(err)
		return
	}
	for _, key := range []string{"layout", "title"} {
		if text, ok := keys[key]; ok && strings.TrimSpace(fmt.Sprint(text)) != "" && text != nil {
			continue
		}
		what := map[string]string{"layout": "the page comes out bare", "title": "the page is named after its file"}[key]
		c.report(max(0, c.keyLine(key)), "front-matter-key", fmt.Sprintf("The front matter has no %s: %s", key, what), fmt.Sprintf("Add %s: as the site's other posts have it", key))
	}
	c.frontDate(keys["date"])
}

// frontError finds the line that is wrong and quotes a value that only lacks quotes.
func (c *check) frontError(err error) {
	line := 0
	for i := 1; i < c.body-1; i++ {
		m := frontPair.FindStringSubmatch(c.lines[i])
		if m == nil {
			continue
		}
		value := strings.TrimSpace(m[2])
		if value == "" || isOneKey(m[1], m[2]) || i+1 < c.body-1 && strings.HasPrefix(c.lines[i+1], " ") {
			continue
		}
		reason := fmt.Sprintf("The value of %s is no YAML as it stands, so the post goes missing", m[1])
		fix := "Put it into double quotes"
		quoted := m[1] + ": " + yamlQuote(value)
		if m[2][0] != ' ' || strings.IndexByte("\"'[{&*|>#!%@`", value[0]) >= 0 || strings.Contains(value, " #") || !isOneKey(m[1], " "+yamlQuote(value)) {
			c.report(i, "front-matter", reason, fix+", and escape those that are in it")
			return
		}
		c.report(i, "front-matter", reason, fix, c.cut(i, 0, len(c.lines[i]), quoted))
		return
	}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits
	}
	c.report(min(max(line, 1), c.body-1), "front-matter", "The front matter is no YAML, so the post goes missing", "Write one key: value on a line, with values in double quotes")
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func (c *check) keyLine(key string) int {
	for i := 1; i < c.body; i++ {
		if strings.HasPrefix(c.lines[i], key+":") {
			return i
		}
	}
	return -1
}

// frontDate compares the dates, and looks whether the post lies ahead.
func (c *check) frontDate(value any) {
	named, line := c.day(), 0
	text := ""
	switch v := value.(type) {
	case time.Time:
		text = v.Format(time.DateOnly)
	case string:
		text = v
	}
	day, ok := frontDay(text)
	if at := c.keyLine("date"); ok && at >= 0 {
		line = at
	}
	if ok && !named.IsZero() && !day.Equal(named) {
		c.report(line, "date-mismatch", fmt.Sprintf("The front matter says %s and the name of the file %s", day.Format(time.DateOnly), named.Format(time.DateOnly)), "Write the same day in both, or leave it out of the front matter")
	}
	if !ok {
		day = named
	}
	// Sites are built where it may be tomorrow already.
	if !c.now.IsZero() && day.After(c.now.Add(14*time.Hour)) {
		c.report(line, "date-future", fmt.Sprintf("The post is dated %s, which is still ahead: a production build leaves it out until then", day.Format(time.DateOnly)), "Date it the day on which it is published")
	}
}

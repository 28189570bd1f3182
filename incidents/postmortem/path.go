package postmortem

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Path fills in where the post's file goes: {date} becomes the day as YYYY-MM-DD in day's own zone (hand in the time at
// which the incident began, in the post's zone), {number} the incident's number, {slug} the slug. The template is one
// that CheckPath accepts.
func Path(template string, day time.Time, number int, slug string) string {
	return strings.NewReplacer(
		"{date}", day.Format(time.DateOnly),
		"{number}", strconv.Itoa(number),
		"{slug}", slug,
	).Replace(template)
}

// CheckPath says what is wrong with a template for Path, in words for the person who configures it.
func CheckPath(template string) error {
	filled := Path(template, time.Date(2006, 1, 2, 0, 0, 0, 0, time.UTC), 1, "slug")
	base := path.Base(template)
	switch {
	case strings.TrimSpace(template) == "":
		return errors.New("the path is empty; write for example _posts/{date}-{slug}.md")
	case strings.ContainsAny(filled, "{}"):
		return fmt.Errorf("the path %q holds a placeholder that is not known; there are {date}, {number} and {slug}", template)
	case strings.HasPrefix(template, "/"):
		return fmt.Errorf("the path %q is absolute; write it from the top of the repository", template)
	case strings.IndexFunc(template, unusual) >= 0:
		return fmt.Errorf("the path %q holds a space or another unusual character; use letters, digits, - _ . and /", template)
	case path.Clean(template) != template || template == ".." || strings.HasPrefix(template, "../"):
		return fmt.Errorf("the path %q leaves the repository or holds empty parts; write it without .., . and //", template)
	case !strings.HasSuffix(template, ".md") || base == ".md":
		return fmt.Errorf("the path %q must name a file that ends in .md", template)
	case strings.Contains("/"+template, "/_posts/") && (!strings.HasPrefix(base, "{date}-") || base == "{date}-.md"):
		return fmt.Errorf("the file name in %q must begin with {date}- and go on with words, or Jekyll does not see a post", template)
	}
	return nil
}

func unusual(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./{}", r)
}

// maxSlug bounds a slug, in bytes.
const maxSlug = 60

// Slug makes a title fit for a file name and a web address: lower-case ASCII letters, digits and single dashes, 60 at
// most, never empty. "Post-mortem: " in front is left out, so that both ways to write a title give the same file.
func Slug(title string) string {
	title = oneLine(title)
	if len(title) >= len(titlePrefix) && strings.EqualFold(title[:len(titlePrefix)], titlePrefix) {
		title = title[len(titlePrefix):]
	}
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(title) {
		word := latin[r]
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			word = string(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r): // "can't" is one word; accents may be characters of their own
			continue
		case word == "":
			dash = true
			continue
		}
		if dash && b.Len() > 0 {
			b.WriteByte('-')
		}
		dash = false
		b.WriteString(word)
	}
	slug := b.String()
	if len(slug) > maxSlug {
		cut := strings.LastIndexByte(slug[:maxSlug+1], '-')
		if cut < maxSlug/2 {
			cut = maxSlug
		}
		slug = slug[:cut]
	}
	if slug == "" {
		return "post-mortem"
	}
	return slug
}

// latin spells the letters of common Latin alphabets in ASCII, by their base letter.
var latin = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d", 'ĳ': "ij"}
	for _, group := range []string{
		"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľŀł", "nñńņňŋ",
		"oòóôõöøōŏő", "rŕŗř", "sśŝşšș", "tţťŧț", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž",
	} {
		for _, r := range group[1:] {
			m[r] = group[:1]
		}
	}
	return m
}()

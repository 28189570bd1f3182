package postmortem

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// frontMatter writes the keys in their order between the fences.
func (w *writer) frontMatter(p *Post) {
	s := w.style.FrontMatter
	if !isFrontFence(s.Open) {
		return
	}
	w.b.WriteString(s.Open + "\n")
	for _, f := range s.ordered(p.FrontMatter) {
		style := w.style.field(f.Key)
		if f.Key == "title" {
			if f.Value = p.Title; style.Quotes == "yaml" && p.Title == yamlValue("title", p.FrontMatter.Get("title")) {
				f.Value = p.FrontMatter.Get("title")
			}
		}
		w.b.WriteString(frontLine(f, style.Quotes) + "\n")
	}
	end := s.Close
	if !isFrontFence(end) && end != "..." {
		end = "---"
	}
	w.b.WriteString(end + "\n")
}

// ordered puts the keys that the style knows into its order, in front of the others: a model may have been through a
// program that sorts keys.
func (s FrontStyle) ordered(f FrontMatter) FrontMatter {
	all := make(FrontMatter, 0, len(f))
	known := map[string]bool{}
	for _, style := range s.Fields {
		for _, field := range f {
			if field.Key == style.Key && !known[field.Key] {
				known[field.Key], all = true, append(all, field)
			}
		}
	}
	for _, field := range f {
		if !known[field.Key] {
			all = append(all, field)
		}
	}
	return all
}

var (
	frontFence = regexp.MustCompile(`^---[ \t]*$`)
	frontEnd   = regexp.MustCompile(`^(?:---|\.\.\.)[ \t]*$`)
	frontKey   = regexp.MustCompile(`^[\pL_][\pL\pN_.-]*$`)
	frontPair  = regexp.MustCompile(`^([\pL_][\pL\pN_.-]*):(.*)$`)
	fullPrefix = regexp.MustCompile(`(?i)^post[- ]?mortem: `)
)

func isFrontFence(s string) bool { return frontFence.MatchString(s) }

// frontLine writes one key, or a comment. A value that would not be read back is quoted.
func frontLine(f Field, quotes string) string {
	switch {
	case f.Key == "" && isYAML(f.Value):
		return f.Value
	case strings.HasPrefix(f.Key, "#") || !frontKey.MatchString(f.Key):
		line := oneLine(f.Value)
		if strings.HasPrefix(strings.TrimSpace(f.Value), "#") && !strings.ContainsAny(f.Value, "\r\n") {
			return f.Value
		} else if line != "" {
			line = "# " + line
		}
		return line
	}
	switch {
	case quotes == "single" && f.Value == oneLine(f.Value):
		return f.Key + ": '" + strings.ReplaceAll(f.Value, "'", "''") + "'"
	case quotes == "plain" && f.Value != "" && isPlain(f.Key, f.Value):
		return f.Key + ": " + f.Value
	case quotes == "yaml" && isOneKey(f.Key, f.Value):
		return f.Key + ":" + f.Value
	case quotes == "double" || f.Key == "title":
		value := f.Value
		if value = oneLine(value); startsTag(value) && f.Key == "title" {
			value = strings.NewReplacer("<", "‹", ">", "›").Replace(value)
		}
		return f.Key + ": " + yamlQuote(value)
	}
	return f.Key + ": " + yamlWord(oneLine(f.Value))
}

// isPlain reports whether a bare value is read back as it is written.
func isPlain(key, value string) bool {
	if value != oneLine(value) {
		return false
	}
	var node yaml.Node
	if err := yaml.Load([]byte(key+": "+value+"\n"), &node); err != nil || !isPair(&node) {
		return false
	}
	v := node.Content[0].Content[1]
	return v.Kind == yaml.ScalarNode && v.Value == value && v.Anchor == "" && v.Style&^yaml.TaggedStyle == 0 && v.LineComment == ""
}

func isPair(node *yaml.Node) bool {
	return node.Kind == yaml.DocumentNode && len(node.Content) == 1 && node.Content[0].Kind == yaml.MappingNode && len(node.Content[0].Content) == 2
}

// isOneKey reports whether the text is the YAML of one value.
func isOneKey(key, text string) bool {
	var node yaml.Node
	return isYAML(text) && yaml.Load([]byte(key+":"+text+"\n"), &node) == nil && isPair(&node) && node.Content[0].Content[0].Value == key
}

// isYAML keeps the fences of the front matter out of it.
func isYAML(text string) bool {
	for line := range strings.Lines(text) {
		if frontEnd.MatchString(strings.TrimRight(line, "\r\n")) {
			return false
		}
	}
	return true
}

// yamlValue is the value of a key whose text is given as YAML; empty when it is no scalar.
func yamlValue(key, text string) string {
	var node yaml.Node
	if yaml.Load([]byte(key+":"+text+"\n"), &node) != nil || !isPair(&node) {
		return ""
	}
	return node.Content[0].Content[1].Value
}

// readFront takes the front matter apart. lines are those between the fences.
func readFront(lines []string) (FrontMatter, []FieldStyle) {
	var all FrontMatter
	var styles []FieldStyle
	for i := 0; i < len(lines); {
		line := lines[i]
		if t := strings.TrimSpace(line); t == "" || t[0] == '#' {
			all = append(all, Field{"#" + strconv.Itoa(i+1), line})
			styles = append(styles, FieldStyle{Key: "#" + strconv.Itoa(i+1)})
			i++
			continue
		}
		m := frontPair.FindStringSubmatch(line)
		n := i + 1
		for n < len(lines) && lines[n] != "" && (lines[n][0] == ' ' || lines[n][0] == '\t' || strings.HasPrefix(lines[n], "- ") || lines[n] == "-") {
			n++
		}
		if m == nil || all.Get(m[1]) != "" {
			return FrontMatter{{"", strings.Join(lines, "\n")}}, nil
		}
		text := strings.Join(append([]string{m[2]}, lines[i+1:n]...), "\n")
		value, quotes := readValue(m[1], text)
		if quotes == "yaml" && !isOneKey(m[1], text) { // not YAML: the body can be read all the same
			return FrontMatter{{"", strings.Join(lines, "\n")}}, nil
		}
		all = append(all, Field{m[1], value})
		styles = append(styles, FieldStyle{Key: m[1], Quotes: quotes})
		i = n
	}
	return all, styles
}

// readValue finds the quotes with which the value comes out again as it was.
func readValue(key, text string) (value, quotes string) {
	value = yamlValue(key, text)
	for _, quotes := range []string{"plain", "double", "single"} {
		if frontLine(Field{key, value}, quotes) == key+":"+text {
			return value, quotes
		}
	}
	return text, "yaml"
}

// titled puts the prefix in front unless there is one. Themes print titles without escaping them, so what would become a
// tag gets the angle quotes that look like it.
func titled(prefix, t string) string {
	t = oneLine(t)
	if t == "" {
		t = "untitled incident"
	}
	if startsTag(t) {
		t = strings.NewReplacer("<", "‹", ">", "›").Replace(t)
	}
	if fullPrefix.MatchString(t + " ") {
		return t
	}
	return prefix + t
}

const titlePrefix = "Post-mortem: "

func startsTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '<' && !plainLess(s[i+1:]) {
			return true
		}
	}
	return false
}

// oneLine makes text fit for a line of the front matter: no control characters, no line breaks, single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// yamlQuote writes a double-quoted scalar. Control characters are gone by then; only quote and backslash need an escape.
// Jekyll runs no Liquid over the front matter, but other tools may.
func yamlQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "{{", `{\x7B`, "{%", `{\x25`).Replace(s) + `"`
}

// yamlWord leaves a name or a word bare where no YAML reader can take it for anything else.
func yamlWord(s string) string {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0x24F && r != 0xD7 && r != 0xF7
		inner := r >= '0' && r <= '9' || strings.ContainsRune(" -_.,@<>", r)
		if !letter && (i == 0 || !inner) {
			return yamlQuote(s)
		}
	}
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return yamlQuote(s)
	}
	return s
}

package protocol

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// file collects the mistakes of a file while it is read.
type file struct {
	wrong Mistakes
	verbs []string // what a step may do; empty for anything
}

func (f *file) say(n *yaml.Node, format string, args ...any) {
	f.wrong = append(f.wrong, Mistake{n.Line, fmt.Sprintf(format, args...)})
}

// largest is far more than a protocol needs; more is a file given by mistake.
const largest = 256 << 10

var lineInError = regexp.MustCompile(`line (\d+)`)

// document parses a file's text. A syntax error is the only mistake that it names.
func document(text string) (*yaml.Node, error) {
	if len(text) > largest {
		return nil, Mistakes{{1, fmt.Sprintf("the file has %d bytes, and %d is the most", len(text), largest)}}
	}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		line := 1
		if m := lineInError.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		said, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
		return nil, Mistakes{{line, "this is not YAML: " + said}}
	}
	if len(root.Content) == 0 {
		return nil, Mistakes{{1, "the file is empty; `watchbell protocol print` shows one to start from"}}
	}
	return root.Content[0], nil
}

// mapping is a block of keys and values.
type mapping struct {
	*file
	node   *yaml.Node
	values map[string]*yaml.Node
}

// mapping reads a block that may hold the given keys.
func (f *file) mapping(n *yaml.Node, what string, known ...string) (mapping, bool) {
	m := mapping{f, n, map[string]*yaml.Node{}}
	if n.Kind == yaml.AliasNode {
		f.say(n, "%s is an alias; write it out", what)
		return m, false
	}
	if n.Kind != yaml.MappingNode {
		f.say(n, "%s is not a block of keys; it has %s", what, listed(known))
		return m, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case m.values[key.Value] != nil:
			f.say(key, "%s says %q twice; keep one of them", what, key.Value)
		case !contains(known, key.Value):
			f.say(key, "%s has no %q; it has %s", what, key.Value, listed(known))
		default:
			m.values[key.Value] = n.Content[i+1]
		}
	}
	return m, true
}

// at is where a key's value stands, or the block itself where it is missing.
func (m mapping) at(key string) *yaml.Node {
	if n := m.values[key]; n != nil {
		return n
	}
	return m.node
}

// text is a value in one word or sentence; empty when it is left out.
func (m mapping) text(key string) string {
	n := m.values[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		m.say(n, "%q must be a word or a sentence", key)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// needed is a text that must be there.
func (m mapping) needed(key, what string) string {
	value := m.text(key)
	if value == "" && (m.values[key] == nil || m.values[key].Kind == yaml.ScalarNode) {
		m.say(m.at(key), "%s has no %q", what, key)
	}
	return value
}

// list are the items of a list; none when it is left out.
func (m mapping) list(key string) []*yaml.Node {
	n := m.values[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.say(n, "%q must be a list: a line with a dash for each", key)
		return nil
	}
	return n.Content
}

// texts are the items of a list of words or sentences.
func (m mapping) texts(key string) (all []string) {
	for _, n := range m.list(key) {
		if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
			m.say(n, "each of %q must be a word or a sentence", key)
			continue
		}
		all = append(all, strings.TrimSpace(n.Value))
	}
	return all
}

// number is a value from 0 to most; -1 when it is left out or wrong.
func (m mapping) number(key string, most int) int {
	value := m.text(key)
	if value == "" {
		return -1
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		m.say(m.at(key), "%q is %q; write a number from 0 to %d", key, value, most)
		return -1
	}
	return n
}

// yes is a value that is true or false; false when it is left out.
func (m mapping) yes(key string) bool {
	value := m.text(key)
	if value != "" && value != "true" && value != "false" {
		m.say(m.at(key), "%s is %q; write true or false", key, value)
	}
	return value == "true"
}

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// listed writes words as people say them.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

var errNoTime = errors.New("no time")

package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// mistakes collects what is wrong with a configuration.
type mistakes struct{ list []string }

func (m *mistakes) add(where, format string, args ...any) {
	m.list = append(m.list, where+" "+fmt.Sprintf(format, args...))
}

func (m *mistakes) unless(ok bool, where, format string, args ...any) {
	if !ok {
		m.add(where, format, args...)
	}
}

// about reports whether something is known to be wrong there.
func (m *mistakes) about(where string) bool {
	return slices.ContainsFunc(m.list, func(one string) bool { return strings.HasPrefix(one, where+" ") })
}

// What the YAML reader says, as go.yaml.in/yaml/v4 words it.
var (
	yamlNoField = regexp.MustCompile(`^line (\d+): field (\S+) not found in type main\.(\S+)$`)
	yamlNoValue = regexp.MustCompile("^line (\\d+): cannot construct (\\S+)(?: `(.*)`)? into (.*)$")
	yamlTwice   = regexp.MustCompile(`^line (\d+): mapping key "(.*)" already defined at line (\d+)$`)
	yamlSyntax  = regexp.MustCompile(`^go-yaml load error in .* at L(\d+)\.\S+: (.*)$`)
)

// addYAML takes the errors of a YAML reader apart.
func (m *mistakes) addYAML(file, text string, err error) {
	const example = "watchbell.example.yml shows them all"
	said := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "construct errors: ")
	for _, one := range strings.FieldsFunc(said, func(r rune) bool { return r == ';' || r == '\n' }) {
		one = strings.TrimSpace(one)
		if f := yamlNoField.FindStringSubmatch(one); f != nil {
			m.add(file+" line "+f[1], "has a key %s that means nothing there; there are %s", f[2], strings.Join(keysOf(reflect.TypeFor[Config](), f[3]), ", "))
		} else if f := yamlNoValue.FindStringSubmatch(one); f != nil {
			m.add(file+" line "+f[1], "has %s where %s belongs; %s", yamlFound(f[2], f[3]), yamlWanted(f[4]), example)
		} else if f := yamlTwice.FindStringSubmatch(one); f != nil {
			m.add(file+" line "+f[1], "has the key %s, which is in line %s already; write what belongs to it in one place", f[2], f[3])
		} else if f := yamlSyntax.FindStringSubmatch(one); f != nil && tabbed(text) {
			m.add(file+" line "+f[1], "cannot be read: lines are indented with spaces, not with tabs")
		} else if f != nil {
			m.add(file+" line "+f[1], "is not YAML (%s); indent what belongs to a key with spaces, and put quotes around a value with : or #", f[2])
		} else if strings.Contains(one, "found multiple") {
			m.add(file, "holds several documents; leave out the lines ---")
		} else if one != "" {
			m.add(file, "is not YAML that can be read: %s; %s", one, example)
		}
	}
}

// keysOf are the keys of the struct with this name, which is the given one or in it.
func keysOf(t reflect.Type, name string) (keys []string) {
	for i := range t.NumField() {
		field := t.Field(i)
		key := field.Tag.Get("yaml")
		switch {
		case key == "":
		case t.Name() == name:
			keys = append(keys, key)
		case field.Type.Kind() == reflect.Struct && len(keys) == 0:
			keys = keysOf(field.Type, name)
		}
	}
	return keys
}

// tabbed reports whether a line is indented with a tab.
func tabbed(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(strings.TrimLeft(line, " "), "\t")
	})
}

// yamlFound names what stands in a place of the file, by its tag and the value as the reader has shortened it.
func yamlFound(tag, value string) string {
	switch {
	case value != "":
		return "the value " + value
	case tag == "!!seq":
		return "a list"
	case tag == "!!map":
		return "a block of keys"
	}
	return "something"
}

// yamlWanted names what belongs there, by its type in Go.
func yamlWanted(kind string) string {
	switch {
	case kind == "string":
		return "a text"
	case kind == "int":
		return "a whole number"
	case kind == "bool":
		return "true or false"
	case strings.HasPrefix(kind, "[]"), strings.HasSuffix(kind, ".people"):
		return "a list"
	}
	return "a block of keys"
}

func (m *mistakes) err() error {
	if len(m.list) == 0 {
		return nil
	}
	return &configError{slices.SortedFunc(slices.Values(m.list), func(a, b string) int { return strings.Compare(inLineOrder(a), inLineOrder(b)) })}
}

var numberedLine = regexp.MustCompile(`\bline \d+`)

// inLineOrder is a text by which line 9 comes before line 10.
func inLineOrder(text string) string {
	return numberedLine.ReplaceAllStringFunc(text, func(line string) string {
		return "line " + strings.Repeat("0", max(0, 12-len(line))) + strings.TrimPrefix(line, "line ")
	})
}

// configError is every mistake in a configuration.
type configError struct{ list []string }

func (e *configError) Error() string {
	mistakes := "a mistake"
	if len(e.list) > 1 {
		mistakes = fmt.Sprintf("%d mistakes", len(e.list))
	}
	return fmt.Sprintf("the configuration has %s:\n  - %s", mistakes, strings.Join(e.list, "\n  - "))
}

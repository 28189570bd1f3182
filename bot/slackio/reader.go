package slackio

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// reader reads JSON in one pass and decodes only what it is asked for. Events come by the thousand and are mostly blocks,
// which nobody here needs; encoding/json takes ten times as long for them. What it accepts is what encoding/json accepts,
// apart from names in other letter case.
type reader struct {
	data []byte
	at   int
	bad  bool
}

// deepest is how deep values may be nested, as in encoding/json.
const deepest = 10_000

// space passes over blanks and returns what follows; 0 at the end.
func (r *reader) space() byte {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// fail gives up: everything after it reads as the end.
func (r *reader) fail() {
	r.bad = true
	r.at = len(r.data)
}

// raw is the next value as it was written; nil when it is none.
func (r *reader) raw() json.RawMessage {
	r.space()
	from := r.at
	if r.skip(); r.bad {
		return nil
	}
	return r.data[from:r.at]
}

func (r *reader) expect(c byte) bool {
	if r.space() != c || r.at >= len(r.data) {
		r.fail()
		return false
	}
	r.at++
	return true
}

// object reads an object; member must read or skip the value of the name that it gets, which is not to be kept. A value
// of another kind is skipped.
func (r *reader) object(member func(name []byte)) { r.objectAt(0, member) }

func (r *reader) objectAt(depth int, member func(name []byte)) {
	if r.space() != '{' {
		r.skipAt(depth)
		return
	}
	if depth >= deepest {
		r.fail()
		return
	}
	r.at++
	if r.space() == '}' {
		r.at++
		return
	}
	for !r.bad {
		if r.space() != '"' {
			r.fail()
			return
		}
		raw, escaped := r.quoted()
		name := raw
		if escaped {
			name = []byte(r.decoded(raw))
		}
		if r.bad || !r.expect(':') {
			return
		}
		member(name)
		if r.space() != ',' {
			r.expect('}')
			return
		}
		r.at++
	}
}

// array reads an array; element must read or skip one value. A value of another kind is skipped.
func (r *reader) array(element func()) { r.arrayAt(0, element) }

func (r *reader) arrayAt(depth int, element func()) {
	if r.space() != '[' {
		r.skipAt(depth)
		return
	}
	if depth >= deepest {
		r.fail()
		return
	}
	r.at++
	if r.space() == ']' {
		r.at++
		return
	}
	for !r.bad {
		element()
		if r.space() != ',' {
			r.expect(']')
			return
		}
		r.at++
	}
}

// quoted reads a string as it stands, without its quotes, and reports whether it must be decoded.
func (r *reader) quoted() (raw []byte, escaped bool) {
	start := r.at + 1
	for i := start; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.at = i + 1
			return r.data[start:i], escaped
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			r.fail()
			return nil, false
		}
	}
	r.fail()
	return nil, false
}

// decoded resolves the escapes in a string.
func (r *reader) decoded(raw []byte) string {
	var s string
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	if json.Unmarshal(quoted, &s) != nil {
		r.fail()
	}
	return s
}

// text reads a string; a value of another kind is skipped and reads as empty.
func (r *reader) text() string {
	if r.space() != '"' {
		r.skip()
		return ""
	}
	raw, escaped := r.quoted()
	if escaped {
		return r.decoded(raw)
	}
	if !utf8.Valid(raw) {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(raw)
}

// skip passes over a value.
func (r *reader) skip() { r.skipAt(0) }

func (r *reader) skipAt(depth int) {
	switch c := r.space(); c {
	case '{':
		r.objectAt(depth, func([]byte) { r.skipAt(depth + 1) })
	case '[':
		r.arrayAt(depth, func() { r.skipAt(depth + 1) })
	case '"':
		if raw, escaped := r.quoted(); escaped && !r.bad {
			r.checkEscapes(raw)
		}
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		r.number()
	}
}

// checkEscapes does for a string that nobody needs what decoding would find wrong.
func (r *reader) checkEscapes(raw []byte) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // quoted made sure that something follows
		if raw[i] != 'u' {
			if bytes.IndexByte([]byte(`"\/bfnrt`), raw[i]) < 0 {
				r.fail()
				return
			}
			continue
		}
		for range 4 {
			i++
			if i >= len(raw) || !isHex(raw[i]) {
				r.fail()
				return
			}
		}
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (r *reader) word(word string) {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		r.fail()
		return
	}
	r.at += len(word)
}

// number passes over a number, as https://www.rfc-editor.org/rfc/rfc8259#section-6 has it.
func (r *reader) number() {
	rest := r.data[r.at:]
	i := 0
	peek := func() byte {
		if i < len(rest) {
			return rest[i]
		}
		return 0
	}
	digits := func() bool {
		start := i
		for c := peek(); '0' <= c && c <= '9'; c = peek() {
			i++
		}
		return i > start
	}
	if peek() == '-' {
		i++
	}
	whole := true
	if peek() == '0' {
		i++
	} else {
		whole = digits()
	}
	if whole && peek() == '.' {
		i++
		whole = digits()
	}
	if c := peek(); whole && (c == 'e' || c == 'E') {
		i++
		if c := peek(); c == '+' || c == '-' {
			i++
		}
		whole = digits()
	}
	if !whole {
		r.fail()
		return
	}
	r.at += i
}

// integer reads a whole number; a value of another kind is skipped and reads as 0.
func (r *reader) integer() int64 {
	r.space()
	start := r.at
	r.skip()
	if r.bad {
		return 0
	}
	n := int64(0)
	for _, c := range r.data[start:r.at] {
		if c < '0' || c > '9' || n > 1<<50 {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// end reports whether the data was one whole value and nothing else.
func (r *reader) end() bool {
	return !r.bad && r.space() == 0 && r.at == len(r.data)
}

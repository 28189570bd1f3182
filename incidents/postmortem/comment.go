package postmortem

import "strings"

// uncommented is a line without the HTML comments that stand on it outside code.
func uncommented(line string) string {
	var b strings.Builder
	from := 0
	for i := 0; i < len(line); {
		switch line[i] {
		case '\\':
			i += 2
			continue
		case '`':
			end, _ := codeSpan(line, i)
			i = max(end, i+run(line[i:], '`'))
			continue
		case '<':
			if !strings.HasPrefix(line[i:], "<!--") {
				break
			}
			n := strings.Index(line[i+4:], "-->")
			if n < 0 {
				i = len(line)
				continue
			}
			before := line[from:i]
			b.WriteString(before)
			from = i + 4 + n + 3
			if b.Len() == 0 || strings.HasSuffix(before, " ") {
				from += run(line[from:], ' ')
			} else {
				b.WriteByte(' ') // what stood apart is not to become one
			}
			i = from
			continue
		}
		i++
	}
	if from == 0 {
		return line
	}
	if from == len(line) {
		return strings.TrimRight(b.String(), " \t")
	}
	return b.String() + line[from:]
}

// uncomment takes the comments out of a line, and one that begins it with all its lines. It returns the index of the line to
// go on with: i, unless nothing is left of it.
func (s *blocks) uncomment(lines []string, i int) int {
	line := expandIndent(lines[i])
	rest := strings.TrimLeft(line, " ")
	if !strings.Contains(rest, "<!--") || s.coded(len(line)-len(rest)) {
		return i
	}
	rest = uncommented(rest)
	if strings.HasPrefix(rest, "<!--") { // it goes on below
		for j := i + 1; j <= s.last; j++ {
			if _, after, ends := strings.Cut(lines[j], "-->"); ends {
				i, rest = j, strings.TrimLeft(after, " \t")
				break
			}
		}
	}
	if rest != "" {
		lines[i] = line[:len(line)-len(strings.TrimLeft(line, " "))] + rest
		return i
	}
	for s.prev == blank && i+1 < len(lines) && strings.TrimSpace(lines[i+1]) == "" {
		i++ // nor is there a gap left
	}
	return i + 1
}

// lastComment is the last line that can end a comment; -1 when none can.
func lastComment(lines []string) int {
	last := len(lines) - 1
	for last >= 0 && !strings.Contains(lines[last], "-->") {
		last--
	}
	return last
}

// noted reports whether a unit is a comment alone: what people wrote on GitHub for each other, which ours never has.
func (u *unit) noted() bool {
	return u.kind == proseUnit && strings.HasPrefix(u.body, "<!--") && strings.TrimSpace(Safe(u.body)) == ""
}

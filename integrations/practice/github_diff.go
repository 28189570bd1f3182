package practice

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fileChange is what happened to one file between two trees.
type fileChange struct {
	path, status, sha string // status as GitHub says it: added, removed, modified
	added, removed    int
	patch             string // hunks without the file header
}

// changes compares two trees file by file, in the order of the paths.
func (s *gitStore) changes(before, after string) []fileChange {
	a, b := s.files(before), s.files(after)
	paths := slices.Compact(slices.Sorted(maps.Keys(union(a, b))))
	var out []fileChange
	for _, path := range paths {
		old, isOld := a[path]
		now, isNew := b[path]
		if old == now {
			continue
		}
		c := fileChange{path: path, status: "modified", sha: now.sha}
		if !isOld {
			c.status = "added"
		}
		if !isNew {
			c.status, c.sha = "removed", old.sha
		}
		was, _ := s.blob(old.sha)
		is, _ := s.blob(now.sha)
		c.patch, c.added, c.removed = unified(string(was), string(is))
		out = append(out, c)
	}
	return out
}

func union(a, b map[string]gitFile) map[string]gitFile {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// text is the change as git diff prints it.
func (c fileChange) text() string {
	from, to := "a/"+c.path, "b/"+c.path
	head := "diff --git " + from + " " + to + "\n"
	switch c.status {
	case "added":
		from, head = "/dev/null", head+"new file mode 100644\n"
	case "removed":
		to, head = "/dev/null", head+"deleted file mode 100644\n"
	}
	if c.patch == "" {
		return head
	}
	return head + "--- " + from + "\n+++ " + to + "\n" + c.patch + "\n"
}

// diffLine is one line of a comparison: ' ' in both, '-' only before, '+' only after.
type diffLine struct {
	mark byte
	text string
}

// unified compares two texts and returns the hunks, with three lines around each change, and how many lines were
// added and removed.
func unified(before, after string) (patch string, added, removed int) {
	lines := compare(splitLines(before), splitLines(after))
	for _, l := range lines {
		switch l.mark {
		case '+':
			added++
		case '-':
			removed++
		}
	}
	const around = 3
	var hunks []string
	for i := 0; i < len(lines); {
		if lines[i].mark == ' ' {
			i++
			continue
		}
		start, end := max(0, i-around), i
		for j := i; j < len(lines) && j <= end+2*around; j++ {
			if lines[j].mark != ' ' {
				end = j
			}
		}
		stop := min(len(lines), end+1+around)
		hunks = append(hunks, hunk(lines, start, stop))
		i = stop
	}
	return strings.Join(hunks, "\n"), added, removed
}

// hunk prints lines[start:stop] with its header.
func hunk(lines []diffLine, start, stop int) string {
	count := func(part []diffLine, other byte) (n int) {
		for _, l := range part {
			if l.mark != other {
				n++
			}
		}
		return n
	}
	side := func(other byte) string {
		n, first := count(lines[start:stop], other), count(lines[:start], other)
		if n > 0 {
			first++
		}
		return fmt.Sprintf("%d,%d", first, n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@@ -%s +%s @@", side('+'), side('-'))
	for _, l := range lines[start:stop] {
		text, ended := strings.CutSuffix(l.text, "\n")
		fmt.Fprintf(&b, "\n%c%s", l.mark, text)
		if !ended {
			b.WriteString("\n\\ No newline at end of file")
		}
	}
	return b.String()
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// longestTable bounds the table of the comparison; beyond it everything between the first and the last change counts
// as changed, which is still a true diff.
const longestTable = 4 << 20

// compare finds a shortest way from one text to the other by the longest common subsequence of what lies between
// their common beginning and end.
func compare(a, b []string) []diffLine {
	var out, tail []diffLine
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		out = append(out, diffLine{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, diffLine{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	if len(a)*len(b) <= longestTable {
		out = append(out, commonLines(a, b)...)
	} else {
		for _, l := range a {
			out = append(out, diffLine{'-', l})
		}
		for _, l := range b {
			out = append(out, diffLine{'+', l})
		}
	}
	return append(out, tail...)
}

func commonLines(a, b []string) []diffLine {
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	var out []diffLine
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, diffLine{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || (i < len(a) && longest[(i+1)*width+j] >= longest[i*width+j+1]):
			out = append(out, diffLine{'-', a[i]})
			i++
		default:
			out = append(out, diffLine{'+', b[j]})
			j++
		}
	}
	return out
}

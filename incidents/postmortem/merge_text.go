package postmortem

import (
	"slices"
	"strconv"
	"strings"
)

// joinTails chooses the line ends and blank lines between the units.
func (m *merger) joinTails() {
	for i := range m.out {
		p := &m.out[i]
		switch {
		case p.theirs != none && (p.base == none || m.theirs[p.theirs].tail != m.base[p.base].tail):
			p.tail = m.theirs[p.theirs].tail
		case p.ours != none:
			p.tail = m.ours[p.ours].tail
		}
		if i+1 == len(m.out) || i == 0 {
			continue
		}
		next := &m.out[i+1]
		there, here := p.theirs != none && next.theirs == p.theirs+1, p.ours != none && next.ours == p.ours+1
		switch { // what stands between the two is known from the side where they are neighbours
		case there && !here:
			p.tail = m.theirs[p.theirs].tail
		case here && !there:
			p.tail = m.ours[p.ours].tail
		}
		if (there || here) && strings.Contains(p.tail, "\n") {
			continue
		}
		end := "\n"
		if strings.HasSuffix(p.tail, "\r\n") {
			end = "\r\n"
		}
		blank := strings.Count(p.tail, "\n") > 1
		switch list := p.kind == next.kind && (p.kind == itemUnit || p.kind == rowUnit || p.kind == frontUnit); {
		case list && i > 1 && m.out[i-1].kind == p.kind && strings.Contains(m.out[i-1].tail, "\n"):
			p.tail = m.out[i-1].tail
		case list:
			p.tail = end
		case !blank:
			p.tail = end + end
		}
	}
}

// text is the merged post. It fills in the lines of the conflicts.
func (m *merger) text() string {
	var b strings.Builder
	lines := make([]int, len(m.out)+1) // the first line of each unit
	line := 1
	for i := range m.out {
		p := &m.out[i]
		lines[i] = line
		b.WriteString(p.body + p.tail)
		line += strings.Count(p.body, "\n") + strings.Count(p.tail, "\n")
		if p.conflict > 0 {
			c := &m.conflicts[p.conflict-1]
			c.Line, c.Lines = lines[i], strings.Count(p.body, "\n")+1
		}
	}
	for i := range m.conflicts {
		if c := &m.conflicts[i]; c.Line < 0 {
			before := -c.Line - 1
			c.Line = max(1, lines[before]+strings.Count(m.out[before].body, "\n"))
		}
	}
	slices.SortStableFunc(m.conflicts, func(a, b Conflict) int { return a.Line - b.Line })
	seen := map[string]int{}
	for i := range m.conflicts {
		c := &m.conflicts[i]
		if seen[c.Key]++; seen[c.Key] > 1 {
			c.Key += "-" + strconv.Itoa(seen[c.Key])
		}
		c.Proposal = keyOf(c.Key, c.Ours)
	}
	return b.String()
}

// agreed is the base of the next merge: ours, but for what is in conflict, which stays as it was.
func (m *merger) agreed() string {
	var b strings.Builder
	back := map[int][]int{} // units of the base that go behind one of ours
	for base := range m.base {
		if m.gone[base] == 0 {
			continue
		}
		before := base - 1
		for before > 0 && m.o.to[before] == none {
			before--
		}
		back[m.o.to[before]] = append(back[m.o.to[before]], base)
	}
	for i := range m.ours {
		body := m.ours[i].body
		if base := m.o.from[i]; base != none && m.disputed[base] {
			body = m.base[base].body
		}
		if !m.waits[i] {
			b.WriteString(body + m.ours[i].tail)
		}
		for _, base := range back[i] {
			b.WriteString(m.base[base].body + m.base[base].tail)
		}
	}
	return b.String()
}

// numbered is the provenance of the units when the merged text is one side's as it is.
func (m *merger) numbered(isTheirs, same bool) []placed {
	var all []placed
	if isTheirs {
		for j := range m.theirs {
			p := placed{unit: m.theirs[j], base: m.t.from[j], ours: m.same.from[j], theirs: j}
			if p.base != none {
				p.ours = m.o.to[p.base]
			}
			if same {
				p.ours = j
			}
			all = append(all, p)
		}
		return all
	}
	for i := range m.ours {
		all = append(all, placed{unit: m.ours[i], base: m.o.from[i], ours: i, theirs: none})
	}
	return all
}

package postmortem

import (
	"cmp"
	"slices"
	"strconv"
)

// none says that a unit has no counterpart.
const none = -1

// matching pairs the units of two texts: to[i] is the counterpart of the i-th unit of the one in the other, from the other
// way round.
type matching struct{ to, from []int }

func newMatching(n, m int) matching {
	return matching{slices.Repeat([]int{none}, n), slices.Repeat([]int{none}, m)}
}

func (m *matching) pair(i, j int) { m.to[i], m.from[j] = j, i }

// match pairs the units of a base with those of a side. Entries are known by their text and their time, wherever they
// stand; all else by its place among what is the same.
func match(base, side []unit) matching {
	m := newMatching(len(base), len(side))
	m.pair(0, 0)
	m.matchEntries(base, side)
	m.matchFlow(base, side)
	m.matchGaps(base, side)
	return m
}

// mostPairs bounds the work on what has no exact counterpart.
const mostPairs = 1 << 20

// matchFlow finds the longest common sequence of what is no entry. What is alike counts less than what is the same.
func (m *matching) matchFlow(base, side []unit) {
	var rows, cols []int
	for i := range base {
		if base[i].entry == 0 && i > 0 {
			rows = append(rows, i)
		}
	}
	for j := range side {
		if side[j].entry == 0 && j > 0 {
			cols = append(cols, j)
		}
	}
	// What is the same at both ends needs no search.
	for len(rows) > 0 && len(cols) > 0 && base[rows[0]].body == side[cols[0]].body {
		m.pair(rows[0], cols[0])
		rows, cols = rows[1:], cols[1:]
	}
	for r, c := len(rows)-1, len(cols)-1; r >= 0 && c >= 0 && base[rows[r]].body == side[cols[c]].body; r, c = r-1, c-1 {
		m.pair(rows[r], cols[c])
		rows, cols = rows[:r], cols[:c]
	}
	if len(rows)*len(cols) > mostPairs {
		return // nothing is sure of what is left: it counts as written anew
	}
	width := len(cols) + 1
	best := make([]float64, (len(rows)+1)*width)
	weight := func(r, c int) float64 {
		a, b := &base[rows[r]], &side[cols[c]]
		switch {
		case a.body == b.body:
			return 1
		case a.kind != b.kind:
			return 0
		}
		if likeness := alike(a, b); likeness >= 0.4 {
			return likeness / 2
		}
		return 0
	}
	weights := make([]float64, len(rows)*len(cols))
	for r := len(rows) - 1; r >= 0; r-- {
		for c := len(cols) - 1; c >= 0; c-- {
			w := weight(r, c)
			weights[r*len(cols)+c] = w
			at := r*width + c
			best[at] = max(best[at+width], best[at+1])
			if w > 0 {
				best[at] = max(best[at], best[at+width+1]+w)
			}
		}
	}
	for r, c := 0, 0; r < len(rows) && c < len(cols); {
		at := r*width + c
		w := weights[r*len(cols)+c]
		switch {
		case w > 0 && best[at] == best[at+width+1]+w:
			m.pair(rows[r], cols[c])
			r, c = r+1, c+1
		case best[at] == best[at+width]:
			r++
		default:
			c++
		}
	}
}

// matchGaps pairs the one unit that went away between two that stayed with the one of its kind that came.
func (m *matching) matchGaps(base, side []unit) {
	start := 0
	for i := 1; i <= len(base); i++ {
		if i < len(base) && (m.to[i] == none || base[i].entry > 0) {
			continue
		}
		from, to := m.to[start]+1, len(side)
		if i < len(base) {
			to = m.to[i]
		}
		if !hasHeading(base[start+1 : i]) {
			// A section that was put in between does not count.
			if k := slices.IndexFunc(side[from:max(from, to)], func(u unit) bool { return u.kind == headingUnit }); k >= 0 {
				to = from + k
			}
		}
		b := lone(base, m.to, start+1, i)
		s := lone(side, m.from, from, to)
		if b != none && s != none && base[b].kind == side[s].kind &&
			(base[b].kind != itemUnit || alike(&base[b], &side[s]) >= 0.2) { // another item is another thing to do
			m.pair(b, s)
		}
		start = i
	}
}

func hasHeading(units []unit) bool {
	return slices.ContainsFunc(units, func(u unit) bool { return u.kind == headingUnit })
}

// lone is the only unit without a counterpart in a range, that is no entry.
func lone(units []unit, paired []int, from, to int) int {
	found := none
	for i := from; i < to; i++ {
		if paired[i] != none || units[i].entry > 0 {
			continue
		}
		if found != none {
			return none
		}
		found = i
	}
	return found
}

// matchEntries pairs entries: those that are the same, then those of one text, then those of one time, the most alike first,
// then those that are much alike.
func (m *matching) matchEntries(base, side []unit) {
	key := func(u *unit) string { return u.body }
	m.matchBy(base, side, key, false)
	m.matchBy(base, side, func(u *unit) string { return u.text }, true)
	var left, right []int
	for i := range base {
		if base[i].entry > 0 && m.to[i] == none {
			left = append(left, i)
		}
	}
	for j := range side {
		if side[j].entry > 0 && m.from[j] == none {
			right = append(right, j)
		}
	}
	if len(left)*len(right) > mostPairs/16 {
		return
	}
	type candidate struct {
		i, j  int
		grade float64
	}
	var all []candidate
	for _, i := range left {
		for _, j := range right {
			grade := alike(&base[i], &side[j])
			switch sameTime := base[i].at.Equal(side[j].at); {
			case sameTime:
				grade += 1
			case grade < 0.6:
				continue
			}
			all = append(all, candidate{i, j, grade})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.grade, a.grade) })
	for _, c := range all {
		if m.to[c.i] == none && m.from[c.j] == none {
			m.pair(c.i, c.j)
		}
	}
}

// matchBy pairs entries with the same key in their order; when unique, only those whose key no other entry has.
func (m *matching) matchBy(base, side []unit, key func(*unit) string, unique bool) {
	byKey := map[string][]int{}
	for j := range side {
		if side[j].entry > 0 && m.from[j] == none {
			byKey[key(&side[j])] = append(byKey[key(&side[j])], j)
		}
	}
	count := map[string]int{}
	for i := range base {
		if base[i].entry > 0 && m.to[i] == none {
			count[key(&base[i])]++
		}
	}
	for i := range base {
		if base[i].entry == 0 || m.to[i] != none {
			continue
		}
		k := key(&base[i])
		if there := byKey[k]; len(there) > 0 && (!unique || len(there) == 1 && count[k] == 1) {
			m.pair(i, there[0])
			byKey[k] = there[1:]
		}
	}
}

// sayings are the units that are new on their side, by what they say, in their order.
type sayings map[string][]int

func sayingsOf(units []unit, from []int) sayings {
	all := sayings{}
	for i := 1; i < len(units); i++ {
		if u := &units[i]; from[i] == none {
			all[u.saying()] = append(all[u.saying()], i)
			if u.entry > 0 {
				all[u.told()] = append(all[u.told()], i)
			}
		}
	}
	return all
}

// first is the first free unit that says something; none when there is none. What is not free is never free again.
func (s sayings) first(what string, free func(int) bool) int {
	list := s[what]
	for len(list) > 0 && !free(list[0]) {
		list = list[1:]
	}
	if s[what] = list; len(list) > 0 {
		return list[0]
	}
	return none
}

// saying is what a unit says, and where, whatever its spaces.
func (u *unit) saying() string { return strconv.Itoa(int(u.kind)) + u.within(spaced(u.body)) }

// told is what an entry says, and of when, however that is written.
func (u *unit) told() string { return u.at.UTC().String() + u.within(spaced(u.text)) }

// outOfOrder says which entries of a side stand elsewhere than their counterparts in the base: all that are not in the
// longest run that kept its order.
func (m *matching) outOfOrder(side []unit) []bool {
	moved := make([]bool, len(side))
	var seq []int // entries of the side with a counterpart
	for j := range side {
		if side[j].entry > 0 && m.from[j] != none {
			seq = append(seq, j)
		}
	}
	ends, before := []int{}, make([]int, len(side))
	for _, j := range seq {
		at, _ := slices.BinarySearchFunc(ends, m.from[j], func(k, target int) int { return cmp.Compare(m.from[k], target) })
		before[j] = none
		if at > 0 {
			before[j] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, j)
		} else {
			ends[at] = j
		}
		moved[j] = true
	}
	if len(ends) > 0 {
		for j := ends[len(ends)-1]; j != none; j = before[j] {
			moved[j] = false
		}
	}
	return moved
}

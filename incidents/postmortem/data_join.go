package postmortem

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// JoinData brings together what two branches made of a data file since base, item by item: what only one of them changed is
// taken, and what is new in ours stands behind what theirs has. ok is false where both changed the same lines of an item,
// one took out what the other changed, or a file is no list.
func JoinData(base, ours, theirs string) (joined string, ok bool) {
	switch {
	case ours == base, ours == theirs:
		return theirs, true
	case theirs == base:
		return ours, true
	}
	b, ok1 := dataUnits(base)
	o, ok2 := dataUnits(ours)
	t, ok3 := dataUnits(theirs)
	if !ok1 || !ok2 || !ok3 {
		return "", false
	}
	var out []dataUnit
	for _, u := range t {
		was, mine := unitNamed(b, u.key), unitNamed(o, u.key)
		switch {
		case mine == nil && was != nil:
			if was.text != u.text {
				return "", false
			}
			continue // ours took it out
		case mine != nil:
			before := ""
			if was != nil {
				before = was.text
			}
			if u.text, ok = joinItem(before, mine.text, u.text); !ok {
				return "", false
			}
		}
		out = append(out, u)
	}
	for n, u := range o {
		if unitNamed(t, u.key) != nil {
			continue
		}
		if was := unitNamed(b, u.key); was != nil {
			if was.text != u.text {
				return "", false
			}
			continue // theirs took it out
		}
		at := len(out)
		if last := n+1 < len(o) && slices.ContainsFunc(o[n+1:], func(next dataUnit) bool { return unitNamed(b, next.key) != nil }); last {
			at = 1 + slices.IndexFunc(out, func(x dataUnit) bool { return x.key == o[n-1].key })
		}
		out = slices.Insert(out, at, u)
	}
	for _, u := range out {
		joined += u.text
	}
	_, ok = readData(joined)
	return joined, ok
}

// dataUnit is a part of a data file: what stands before the first item, or an item with what stands behind it.
type dataUnit struct{ key, text string }

// dataUnits cuts a data file. An item is known by its post, its number, or else by its words.
func dataUnits(file string) (units []dataUnit, ok bool) {
	text := strings.Join(dataLines(file), "")
	list, ok := readData(text)
	if !ok {
		return nil, false
	}
	from, key := 0, ""
	seen := map[string]int{}
	add := func(to int) {
		if seen[key]++; seen[key] > 1 {
			key += "\x00" + strconv.Itoa(seen[key])
		}
		units = append(units, dataUnit{key, text[from:to]})
	}
	for n, line := range list.dashes {
		add(list.starts[line])
		from = list.starts[line]
		end := len(text)
		if n+1 < len(list.dashes) {
			end = list.starts[list.dashes[n+1]]
		}
		post, number := scalarOf(list.items[n], KeyPost), scalarOf(list.items[n], KeyNumber)
		switch {
		case post != "":
			key = "post " + post
		case number != "":
			key = "number " + number
		default:
			key = "words " + strings.TrimSpace(text[from:end])
		}
	}
	add(len(text))
	return units, true
}

func unitNamed(units []dataUnit, key string) *dataUnit {
	if n := slices.IndexFunc(units, func(u dataUnit) bool { return u.key == key }); n >= 0 {
		return &units[n]
	}
	return nil
}

// joinItem joins one item line by line.
func joinItem(base, ours, theirs string) (string, bool) {
	switch {
	case ours == base, ours == theirs:
		return theirs, true
	case theirs == base:
		return ours, true
	}
	b, o, t := dataLines(base), dataLines(ours), dataLines(theirs)
	inOurs, known1 := sameLines(b, o)
	inTheirs, known2 := sameLines(b, t)
	if !known1 || !known2 {
		return "", false
	}
	var out []string
	atBase, atOurs, atTheirs := 0, 0, 0
	for n := 0; n <= len(b); n++ {
		toOurs, toTheirs := len(o), len(t)
		if n < len(b) {
			if toOurs, toTheirs = inOurs[n], inTheirs[n]; toOurs < 0 || toTheirs < 0 {
				continue
			}
		}
		part, ok := joinPart(b[atBase:n], o[atOurs:toOurs], t[atTheirs:toTheirs])
		if !ok {
			return "", false
		}
		out = append(out, part...)
		if n < len(b) {
			out = append(out, b[n])
		}
		atBase, atOurs, atTheirs = n+1, toOurs+1, toTheirs+1
	}
	var item []map[string]any
	joined := strings.Join(out, "")
	return joined, strings.TrimSpace(joined) == "" || yaml.Load([]byte(joined), &item) == nil || strings.HasPrefix(strings.TrimSpace(joined), "#")
}

// joinPart joins what lies between two lines that all three have.
func joinPart(base, ours, theirs []string) ([]string, bool) {
	begins := func(with []string, what []string) bool {
		return len(what) >= len(with) && slices.Equal(what[:len(with)], with)
	}
	switch {
	case slices.Equal(ours, base), slices.Equal(ours, theirs):
		return theirs, true
	case slices.Equal(theirs, base):
		return ours, true
	case begins(base, ours) && begins(base, theirs):
		n := 0
		for n < min(len(ours), len(theirs)) && ours[n] == theirs[n] {
			n++ // both put the same there
		}
		return slices.Concat(theirs, ours[n:]), true
	case begins(base, ours):
		return slices.Concat(theirs, ours[len(base):]), true
	case begins(base, theirs):
		return slices.Concat(ours, theirs[len(base):]), true
	}
	return nil, false
}

// dataLines are a data file's lines, each with its end. One that says that the list is empty is none.
func dataLines(file string) (lines []string) {
	for line := range strings.Lines(file) {
		if strings.TrimSpace(line) == "[]" {
			continue
		}
		if !strings.HasSuffix(line, "\n") {
			line += "\n"
		}
		lines = append(lines, line)
	}
	return lines
}

// mostLines bounds the table by which lines are compared; files of more are left to people.
const mostLines = 4 << 20

// sameLines finds for each line of a the one of b that it is, or -1, by the longest sequence that both have.
func sameLines(a, b []string) (in []int, known bool) {
	in = make([]int, len(a))
	for i := range in {
		in[i] = -1
	}
	from, endA, endB := 0, len(a), len(b)
	for from < min(endA, endB) && a[from] == b[from] {
		in[from] = from
		from++
	}
	for endA > from && endB > from && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
		in[endA] = endB
	}
	rows, columns := endA-from+1, endB-from+1
	if rows*columns > mostLines {
		return nil, false
	}
	length := make([]int32, rows*columns) // of the longest sequence behind that place
	for i := rows - 2; i >= 0; i-- {
		for j := columns - 2; j >= 0; j-- {
			if a[from+i] == b[from+j] {
				length[i*columns+j] = length[(i+1)*columns+j+1] + 1
			} else {
				length[i*columns+j] = max(length[(i+1)*columns+j], length[i*columns+j+1])
			}
		}
	}
	for i, j := 0, 0; i < rows-1 && j < columns-1; {
		switch {
		case a[from+i] == b[from+j]:
			in[from+i] = from + j
			i, j = i+1, j+1
		case length[(i+1)*columns+j] >= length[i*columns+j+1]:
			i++
		default:
			j++
		}
	}
	return in, true
}

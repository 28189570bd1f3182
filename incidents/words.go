package incidents

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a text is looked up by. A word is in small letters and without its ending, so that "crashes", "crashed" and
// "crashing" are one; of scripts that put nothing between words, every two neighbours are one.
const (
	shortestWord   = 2
	longestLookup  = 30  // letters; what is longer is a checksum or a token
	shortestNumber = 3   // digits: 502 and 2026 tell something, 14 and 05 are times of the day
	mostWords      = 500 // of one text
)

// stopWords say nothing about what a text tells of.
var stopWords = wordSet(`a an the this that these those it its is are was were be been being am do does did done doing has have had
	having will would shall should can could may might must not no nor and or but if then else so as at by for from in into of off
	on onto out over to up with within without about after again all also any because before between both during each few more
	most other our ours own same she he they them their we us you your my me i how what when where which who whom why than too very
	just only there here some such until while now http https www com org net html one two s t re ve ll d m don
	der die das und ist war ein eine wir nicht mit von auf fuer zu im den dem des`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// Words are the words by which a text in Markdown or mrkdwn is found, each once, in their order. What looks like a secret and
// whom it mentions are not among them.
func Words(text string) []string {
	var words []string
	known := map[string]bool{}
	add := func(w string) {
		if w != "" && !known[w] && len(words) < mostWords {
			known[w] = true
			words = append(words, w)
		}
	}
	for run := range strings.FieldsFuncSeq(unmentioned(unsecret(text)), notInWord) {
		if strings.IndexFunc(run, unspaced) < 0 { // nearly every one
			add(lookup(run))
			continue
		}
		for _, part := range byScript(run) {
			if unspaced([]rune(part)[0]) {
				pairs(part, add)
				continue
			}
			add(lookup(part))
		}
	}
	return words
}

func notInWord(r rune) bool {
	if r < utf8.RuneSelf {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// unsecret leaves out what looks like a password, a token or a key.
func unsecret(text string) string {
	spans := secretSpans(text)
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, s := range apart(spans) {
		if s.From >= at {
			b.WriteString(text[at:s.From])
			b.WriteByte(' ')
			at = s.To
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

// unmentioned leaves out Slack's marks for people, groups and channels: <@U123>, <!here>, <#C123|name>.
func unmentioned(text string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(text, '<')
		if from < 0 || from+1 >= len(text) {
			b.WriteString(text)
			return b.String()
		}
		to := strings.IndexByte(text[from:], '>')
		if to < 0 || !strings.ContainsRune("@!#", rune(text[from+1])) {
			b.WriteString(text[:from+1])
			text = text[from+1:]
			continue
		}
		b.WriteString(text[:from] + " ")
		text = text[from+to+1:]
	}
}

// unspaced reports whether a letter belongs to a script that is written without spaces.
func unspaced(r rune) bool {
	const first = '\u0E00' // of all that follow
	return r >= first && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// byScript cuts where a script with spaces meets one without.
func byScript(run string) (parts []string) {
	from, last := 0, false
	for i, r := range run {
		this := unspaced(r)
		if unicode.IsMark(r) && i > 0 {
			this = last
		}
		if i > 0 && this != last {
			parts = append(parts, run[from:i])
			from = i
		}
		last = this
	}
	return append(parts, run[from:])
}

func pairs(run string, add func(string)) {
	letters := []rune(run)
	if len(letters) == 1 {
		add(run)
	}
	for i := 0; i+1 < len(letters); i++ {
		add(string(letters[i : i+2]))
	}
}

// lookup is the form in which a word is looked up; empty for one that says nothing.
func lookup(word string) string {
	w := strings.ToLower(word)
	letters, digits, ascii := 0, 0, true
	for _, r := range w {
		letters++
		if unicode.IsDigit(r) {
			digits++
		}
		ascii = ascii && r < unicode.MaxASCII
	}
	switch {
	case letters < shortestWord, letters > longestLookup, stopWords[w], digits == letters && digits < shortestNumber:
		return ""
	case !ascii || digits > 0:
		return w
	}
	return stem(w)
}

// stem takes the endings off an English word. It is rough, and the same for what is written and what is looked for.
func stem(w string) string {
	if strings.HasSuffix(w, "ies") && len(w) > 4 {
		w = w[:len(w)-3] + "y"
	} else if strings.HasSuffix(w, "s") && len(w) > 3 && !strings.ContainsRune("sui", rune(w[len(w)-2])) {
		w = w[:len(w)-1]
	}
	for _, ending := range []struct {
		text  string
		least int // letters that must be left
	}{{"ing", 3}, {"ed", 3}, {"ment", 5}, {"ion", 4}} {
		rest, has := strings.CutSuffix(w, ending.text)
		if !has || len(rest) < ending.least || !strings.ContainsAny(rest, "aeiouy") || strings.HasSuffix(w, "eed") {
			continue
		}
		if ending.text == "ion" && !strings.ContainsRune("ts", rune(rest[len(rest)-1])) {
			continue
		}
		w = rest
		if n := len(w); n > 3 && w[n-1] == w[n-2] && !strings.ContainsRune("aeiouls", rune(w[n-1])) {
			w = w[:n-1] // stopp, runn
		}
		break
	}
	if len(w) > 6 && strings.HasSuffix(w, "ry") { // delivery, delivered
		w = w[:len(w)-1]
	}
	if len(w) > 3 {
		w = strings.TrimSuffix(w, "e")
	}
	return w
}

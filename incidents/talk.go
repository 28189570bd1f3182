package incidents

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Talk is what the bot listens for in what people say. It tells only whether words are there: whoever said them is asked.
// The zero Talk hears nothing.
type Talk struct {
	recovered, trouble []phrase
	unless             []string
}

// phrase are words that follow each other, with up to three others between its parts. Each part has a space around each of
// its words.
type phrase []string

const (
	// heardOf is how much of a message is listened to, in bytes: what matters is said at once.
	heardOf = 1000
	// between is how many words may stand where a phrase has "…".
	between = 3
)

// NewTalk listens for phrases: recovered means that users may be well again, trouble that there may be an incident, unless
// takes both back where it stands before them in the same part of a sentence. Case, apostrophes and punctuation do not
// count; "…" or "..." in a phrase stands for up to three words.
func NewTalk(recovered, trouble, unless []string) Talk {
	t := Talk{recovered: phrases(recovered), trouble: phrases(trouble)}
	for _, p := range phrases(unless) {
		t.unless = append(t.unless, p...)
	}
	return t
}

// HasWords reports whether a phrase has anything in it that could be heard.
func HasWords(phrase string) bool { return len(phrases([]string{phrase})) > 0 }

func phrases(all []string) (found []phrase) {
	for _, text := range all {
		var p phrase
		for part := range strings.SplitSeq(strings.ReplaceAll(text, "...", "…"), "…") {
			for _, c := range clauses(part) {
				p = append(p, c.words)
			}
		}
		if len(p) > 0 {
			found = append(found, p)
		}
	}
	return found
}

// SaysRecovered reports whether a message says that it is over. A question does not.
func (t Talk) SaysRecovered(mrkdwn string) bool {
	return t.says(mrkdwn, t.recovered, func(c clause) bool { return !c.asks })
}

// SaysTrouble reports whether a message looks like an incident.
func (t Talk) SaysTrouble(mrkdwn string) bool {
	return t.says(mrkdwn, t.trouble, func(clause) bool { return true })
}

func (t Talk) says(mrkdwn string, meant []phrase, counts func(clause) bool) bool {
	if len(meant) == 0 {
		return false
	}
	for _, c := range clauses(mrkdwn) {
		for _, p := range meant {
			if others, there := p.in(c.words); there && counts(c) && !t.takenBack(others) {
				return true
			}
		}
	}
	return false
}

// takenBack reports whether words that stand before a phrase or between its parts turn it into something else.
func (t Talk) takenBack(others []string) bool {
	for _, word := range t.unless {
		for _, words := range others {
			if strings.Contains(words, word) {
				return true
			}
		}
	}
	return false
}

// in reports whether a phrase is in the words of a clause, and which others stand before it and between its parts.
func (p phrase) in(words string) (others []string, there bool) {
	for from := 0; ; {
		at := strings.Index(words[from:], p[0])
		if at < 0 {
			return nil, false
		}
		at += from
		if others, there = p[1:].follow(words[at+len(p[0])-1:]); there {
			return append(others, words[:at+1]), true
		}
		from = at + 1
	}
}

// follow reports whether the parts follow each other with few words between, and which those are.
func (p phrase) follow(words string) (others []string, there bool) {
	for _, part := range p {
		at := strings.Index(words, part)
		if at < 0 || strings.Count(words[:at], " ") > between {
			return nil, false
		}
		others = append(others, words[:at+1])
		words = words[at+len(part)-1:]
	}
	return others, true
}

// clause is a part of a sentence: its words in lower case with a space before and behind each. asks: the sentence is a
// question.
type clause struct {
	words string
	asks  bool
}

// clauses takes the words of a message apart. Addresses and mentions are none.
func clauses(mrkdwn string) (all []clause) {
	if len(mrkdwn) > heardOf {
		mrkdwn = mrkdwn[:heardOf]
	}
	var b strings.Builder
	sentence := 0
	end := func() {
		if b.Len() > 1 {
			all = append(all, clause{words: b.String()})
		}
		b.Reset()
	}
	word := func() { // a space, unless there is one
		if s := b.String(); s == "" || s[len(s)-1] != ' ' {
			b.WriteByte(' ')
		}
	}
	for i := 0; i < len(mrkdwn); {
		r, size := utf8.DecodeRuneInString(mrkdwn[i:])
		i += size
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if b.Len() == 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’' || r == '‘':
		case r == '<':
			if to := strings.IndexByte(mrkdwn[i:], '>'); to >= 0 {
				inside := mrkdwn[i : i+to]
				i += to + 1
				if _, label, ok := strings.Cut(inside, "|"); ok {
					mrkdwn, i = label+" "+mrkdwn[i:], 0
				}
			}
			word()
		case strings.ContainsRune(".!?;,:\n", r):
			if b.Len() > 0 {
				word()
			}
			end()
			if r != ',' && r != ':' {
				for ; sentence < len(all); sentence++ {
					all[sentence].asks = r == '?'
				}
			}
		default:
			word()
		}
	}
	if b.Len() > 0 {
		word()
	}
	end()
	return all
}

package incidents

import "strings"

// suspicion says which of the patterns for secrets may be found in a text.
type suspicion uint8

const (
	maybeKey suspicion = 1 << iota
	maybeToken
	maybeNamed
	maybeInURL
	maybeLong
)

// shortestLong is the length from which a word may be one that was made by chance.
const shortestLong = 32

// marks are the bytes at which a closer look is taken; the word bytes are counted, and all others end a word.
const (
	otherByte byte = iota
	wordByte
	markInWord // '-' and '_' and the capitals below
	markByte
)

var suspicious = func() (t [256]byte) {
	for c := range t {
		switch c := byte(c); {
		case strings.IndexByte("-_AJ", c) >= 0:
			t[c] = markInWord
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+':
			t[c] = wordByte
		case strings.IndexByte(".:=@", c) >= 0:
			t[c] = markByte
		}
	}
	return t
}()

// suspect says which patterns are worth trying. Nearly every text holds nothing of the kind, and the patterns cost a hundred
// times as much as this one look at each byte: a post of 10,000 entries took half of its time for them, and then a quarter
// for looking for each beginning by itself.
func suspect(text string) (found suspicion) {
	run, host := 0, 0 // host is where that of an address may begin; 0 for none
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch suspicious[c] {
		case otherByte:
			run = 0
			continue
		case wordByte:
			if run++; run == shortestLong {
				found |= maybeLong
			}
			continue
		case markInWord:
			if run++; run == shortestLong {
				found |= maybeLong
			}
		case markByte:
			run = 0
		}
		before := text[:i]
		switch c {
		case '-':
			if strings.HasPrefix(text[i:], "-----BEGIN") {
				found |= maybeKey
			}
			if i >= 4 && (strings.HasSuffix(before, "xapp") || strings.HasSuffix(before[:i-1], "xox") || strings.HasSuffix(before, "glpat")) {
				found |= maybeToken
			}
		case '_':
			if strings.HasSuffix(before, "github") || strings.HasSuffix(before, "sk") || i >= 3 && strings.HasSuffix(before[:i-1], "gh") {
				found |= maybeToken
			}
		case 'A':
			if strings.HasPrefix(text[i:], "AKIA") || strings.HasPrefix(text[i:], "ASIA") {
				found |= maybeToken
			}
		case 'J':
			if strings.HasSuffix(before, "ey") {
				found |= maybeToken
			}
		case '.':
			if strings.HasSuffix(before, "hooks") {
				found |= maybeToken
			}
		case ':', '=':
			if strings.HasPrefix(text[i:], "://") {
				host = i + len("://")
			}
			if endsNamed(before) {
				found |= maybeNamed
			}
		case '@':
			if host > 0 && !strings.ContainsAny(text[host:i], " \t\n\r\f/<>") {
				found |= maybeInURL
			}
		}
	}
	return found
}

// endsNamed reports whether what stands before a colon or an equals sign may be a word that says that a secret follows.
func endsNamed(before string) bool {
	before = strings.TrimRight(before, ":") // as in :=
	before = strings.TrimRight(before, " \t\n\r\f")
	if n := len(before); n > 0 && (before[n-1] == '"' || before[n-1] == '\'') {
		before = before[:n-1]
	}
	before = before[max(0, len(before)-len("password")):]
	for i := range len(before) {
		if before[i] >= 0x80 { // a pattern that does not tell capitals from small letters takes some that are no ASCII for letters
			return true
		}
	}
	for _, word := range [...]string{"password", "passwd", "secret", "token", "key"} {
		if len(before) >= len(word) && strings.EqualFold(before[len(before)-len(word):], word) {
			return true
		}
	}
	return false
}

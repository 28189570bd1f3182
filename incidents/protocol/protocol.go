// Package protocol reads the file in which a team says how it runs its incidents, explains every mistake in it by its
// line, and walks through it. The file that a team starts from is embedded.
package protocol

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"watchbell/incidents"
)

//go:embed protocol.yml
var text string

// Text is the file of the default protocol.
func Text() string { return text }

// Default is the protocol of teams that bring none of their own.
func Default() *incidents.Protocol {
	p, err := Read(text)
	if err != nil {
		panic(fmt.Sprintf("the embedded protocol: %v", err)) // it is part of the program
	}
	return p
}

// Mistake is something in a protocol file that cannot be meant.
type Mistake struct {
	Line int    // from 1
	Say  string // what is wrong and what to write instead
}

// Mistakes are all the mistakes in a file, in the order of their lines.
type Mistakes []Mistake

// Error lists them, one a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = fmt.Sprintf("line %d: %s", one.Line, one.Say)
	}
	return strings.Join(lines, "\n")
}

// Read reads a protocol. It returns Mistakes when there are any. Where verbs are given, steps may `do` no others.
func Read(text string, verbs ...string) (*incidents.Protocol, error) {
	root, err := document(text)
	if err != nil {
		return nil, err
	}
	f := &file{verbs: verbs}
	p := f.protocol(root)
	if len(f.wrong) > 0 {
		slices.SortStableFunc(f.wrong, func(a, b Mistake) int { return a.Line - b.Line })
		return nil, f.wrong
	}
	sum := sha256.Sum256([]byte(text))
	p.Version, p.Text = hex.EncodeToString(sum[:6]), text
	return p, nil
}

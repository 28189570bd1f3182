package chat

import "slices"

// VerbHelp is a row of the table of verbs, as people read it.
type VerbHelp struct {
	// Verb is the word, Usage what may follow it, Help what it does in one sentence.
	Verb, Usage, Help string
}

// VerbTable is the table of verbs in the order of the help, without those that only buttons say.
func VerbTable() []VerbHelp {
	var rows []VerbHelp
	for _, v := range verbs() {
		if slices.Contains(forButtons, v.name) {
			continue
		}
		rows = append(rows, VerbHelp{Verb: v.name, Usage: v.usage, Help: v.help})
	}
	return rows
}

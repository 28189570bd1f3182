package chat

import (
	"fmt"
	"strings"
)

// ProtocolRefused tells the team that the protocol in their repository has mistakes, at most so many of them. name is what
// the commands call the file, had whether there was a good one before; neither it nor the place holds a backtick.
func ProtocolRefused(place, name string, had bool, mistakes []string, most int) Message {
	goesOn := "the default"
	if had {
		goesOn = "the one before"
	}
	lines := []string{":warning: The protocol in `" + escaped(place) + "` cannot be used as it is now. New incidents go on with " + goesOn + "."}
	for i, said := range mistakes {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more; `watchbell protocol check %s` lists them all.", len(mistakes)-most, name))
			break
		}
		lines = append(lines, "• "+inline(Shorten(said, 300)))
	}
	return *say(strings.Join(lines, "\n"))
}

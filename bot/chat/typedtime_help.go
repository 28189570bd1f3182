package chat

import "strings"

// timeForms are examples of what ReadTime takes, for help and hints.
var timeForms = []string{"14:05", "14:05 UTC", "-10m", "10pm", "10 minutes ago", "yesterday 23:50", "monday 14:00", "20 Jun 12:32", "2026-07-08 14:05", "12:22-13:00"}

// timeZoneHint says in which zone times are read.
const timeZoneHint = "In your own time zone unless you name one."

// TimeExamples are the first of what ReadTime takes, as they stand in a sentence of plain text.
func TimeExamples() string {
	const few = 6
	return strings.Join(timeForms[:few-1], ", ") + " or " + timeForms[few-1]
}

// timeHint stands below a field for a time.
func timeHint() string { return "Empty for now. " + TimeExamples() + ". " + timeZoneHint }

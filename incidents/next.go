package incidents

import "fmt"

// Step is what the protocol asks for next.
type Step struct {
	// Text is one sentence for people; empty when there is nothing to do.
	Text string
	// Verb is the chat verb that does it.
	Verb string
}

// NextStep says what the protocol asks for next. There is always at most one step, the most urgent.
func NextStep(s Snapshot) Step {
	switch s.Status {
	case Declared, Investigating:
		switch {
		case s.Severity == "":
			return Step{"say how bad it is for users", "severity"}
		case s.Holders[Communications] == "":
			return Step{"give Communications to someone, so that users hear from us", "role"}
		case s.Status == Declared:
			return Step{"say that somebody looks into it", "status"}
		}
		return Step{"stop the bleeding; when the cause is known, say so", "status"}
	case Identified:
		return Step{"restore the service, and say when users are well again", "status"}
	case Monitoring:
		return Step{"watch it, and resolve when it stays well", "resolve"}
	case Resolved:
		missing := 0
		for _, section := range Sections {
			if s.Sections[section] == "" {
				missing++
			}
		}
		switch {
		case missing > 0:
			return Step{fmt.Sprintf("write the post while it is fresh (%d of %d sections are empty)", missing, len(Sections)), "draft"}
		case s.Post.Number == 0:
			return Step{"open the post-mortem's pull request", "postmortem"}
		}
		return Step{"close it when everything is back to normal", "close"}
	}
	return Step{}
}

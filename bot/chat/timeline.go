package chat

import (
	"fmt"

	"watchbell/incidents"
)

// Question asks a person who has rewritten an entry what becomes of it now that its message was edited.
func Question(s incidents.Snapshot, e incidents.Entry) Message {
	was, now := e, e
	now.Text, now.Format = e.Proposed, incidents.Mrkdwn
	return *say(fmt.Sprintf(
		"The message behind entry %d of #%d was edited, and you had written that entry anew. Which text is right?\n*Yours:* %s\n*The message now:* %s",
		e.Number, s.Number, entryText(s.Incident, was), entryText(s.Incident, now)),
		Button{Label: "Take the new text", Action: fmt.Sprintf("take:%d", e.Number), Value: number(s.Incident)},
		Button{Label: "Keep mine", Action: fmt.Sprintf("keep:%d", e.Number), Value: number(s.Incident)})
}

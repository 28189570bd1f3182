// Package updates carries updates to stakeholders to where they are read outside Slack: to addresses on the web, as signed
// JSON, and to mailboxes.
//
// Neither can be asked what it got, so an attempt whose outcome nobody knows is repeated under the same id, by which
// whoever receives it can tell that it is the same one.
package updates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"watchbell/incidents"
)

// Name is the name of an outlet by its address: short, and without what may be secret in it.
func Name(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:4])
}

// read takes a delivery apart. It says what came of one that is not to be sent.
func read(d incidents.Delivery, kind incidents.Kind, s incidents.Snapshot) (u incidents.Update, name string, out *incidents.Outcome) {
	end := func(o incidents.Outcome) (incidents.Update, string, *incidents.Outcome) { return u, name, &o }
	if d.Kind != kind {
		return end(incidents.Failing(incidents.Impossible, "Watchbell cannot send that there.", fmt.Errorf("%s: no delivery of kind %q here", d.Key, d.Kind)))
	}
	u, name, err := d.Update()
	if err != nil {
		return end(incidents.Failing(incidents.Impossible, "The update cannot be read.", err))
	}
	if s.Private || s.Drill {
		return end(incidents.DeliveredAs(incidents.Receipt{})) // it has become so meanwhile; nothing of it leaves the house
	}
	return u, name, nil
}

// id is what an update is known by.
func id(s incidents.Snapshot, u incidents.Update) string {
	return "inc-" + strconv.Itoa(s.Number) + ".update-" + strconv.Itoa(u.Number)
}

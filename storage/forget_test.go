package storage

import (
	"path/filepath"
	"testing"

	"watchbell/incidents"
)

// Deliveries say to whom something went: for somebody who is forgotten, they are too, and nothing else changes its turn.
func TestForgetPersonInDeliveries(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	wish := func(kind incidents.Kind, subject string) incidents.Wish {
		return incidents.Wish{Delivery: incidents.Delivery{
			Key: "inc-1/" + string(kind) + "-" + subject, Incident: 1, Target: incidents.Slack, Lane: "inc-1/" + string(kind) + subject,
			Kind: kind, Subject: subject,
		}}
	}
	want := map[string]bool{}
	ok(t, s.Update(t.Context(), func(tx incidents.Tx) error {
		wishes := []incidents.Wish{
			wish(incidents.KindInvite, "U1"), wish(incidents.KindRelieved, "U1/17"), wish(incidents.KindNews, "2.1/U1"),
			wish(incidents.KindInvite, "U12"), wish(incidents.KindNews, "2.1/U12"), wish(incidents.KindLookBack, ""),
		}
		ok(t, tx.Enqueue(wishes, noon))
		leased, err := tx.Lease(noon, noon.Add(incidents.LeaseFor), 10)
		for _, d := range leased {
			want[d.Key] = d.Subject == "" || d.Subject == "U12" || d.Subject == "2.1/U12"
			d.State = incidents.Done
			if d.Subject == "" {
				d.Receipt.ID = "C1/U1"
			}
			ok(t, tx.Settle(d))
		}
		return err
	}))
	_, err := s.ForgetPerson(t.Context(), "U1", "UGONE", false)
	ok(t, err)
	ok(t, s.Update(t.Context(), func(tx incidents.Tx) error {
		for key, stays := range want {
			d, err := tx.Delivery(key)
			if (err == nil) != stays {
				t.Errorf("%s: %v, and it is to stay: %v", key, err, stays)
			}
			if err == nil && d.Receipt.ID == "C1/U1" {
				t.Errorf("%s still says to whom it went", key)
			}
		}
		return nil
	}))
	if len(want) != 6 {
		t.Errorf("%d were delivered", len(want))
	}
}

package chat

import (
	"testing"
	"time"

	"watchbell/incidents"
)

func TestCanvas(t *testing.T) {
	at := func(clock string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	s := incidents.Snapshot{Incident: incidents.Incident{
		Number: 42, Title: "checkout is *down*", Status: incidents.Declared, DeclaredAt: at("2026-03-17 09:12"), DeclaredBy: "U1",
		Severity: "downtime", Holders: map[incidents.Role][]string{incidents.Lead: {"U1"}},
		Sections: map[incidents.Section]string{incidents.SectionImpact: "Nobody can pay. ![](@U7)"},
		Update:   incidents.Update{Number: 1, Text: "We look into it.", At: at("2026-03-17 09:20"), NextAt: at("2026-03-17 09:50")},
		Actions:  []incidents.Action{{Number: 1, Text: "rotate the [keys]", Owner: "U2", CardURL: "https://trello.example/c/1"}},
	}, Entries: []incidents.Entry{
		{Number: 2, At: at("2026-03-16 23:50"), Text: "a release\nwent out"},
		{Number: 1, At: at("2026-03-17 09:10"), Until: at("2026-03-17 09:12"), Text: "<@U3> saw <b>errors</b>", Format: incidents.Mrkdwn, Internal: true},
	}}
	want := `# Incident 42: checkout is \*down\*
*Watchbell keeps this page up to date and replaces what is written here. Write in the channel instead.*

- **Status:** declared, since 17 March 09:12 UTC
- **Severity:** downtime
- **Incident manager:** ![](@U1)
- **Ops:** ![](@U1) (with the lead)
- **Communications:** ![](@U1) (with the lead)

## Impact, and what users see
Nobody can pay. !\[](@U7)

## Last update to users
We look into it.
*Told 17 March 09:20 UTC, more by 17 March 09:50 UTC*

## To do
- [ ] rotate the [keys] · ![](@U2) · [card](https://trello.example/c/1)

## Timeline (UTC), newest first
### Tuesday, 17 March 2026
- **09:10–09:12** someone saw <b>errors</b> *(internal)*
### Monday, 16 March 2026
- **23:50** a release went out
`
	if got := Canvas(s); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

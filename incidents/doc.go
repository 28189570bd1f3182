// Package incidents is the heart of Watchbell: what an incident is, what may happen to it, and what the outside world
// should then look like.
//
// A person's wish arrives as a Command. Service.Handle is the only way in: inside one transaction it loads the
// incident, asks Decide, which is pure, for the Change, and has the Store write it together with the answer to the
// event that asked for it. A Change names facts (the incident, its timeline entries, its action items) and wishes:
// deliveries to Slack, Trello and GitHub. The Relay, in package integrations, leases deliveries, carries them out and
// reports each Outcome through Service.Settle, the only way back.
//
// A delivery says which thing outside should show the present state, not what to send: a worker renders it from the
// incident as it is when its turn comes. Ten changes in a burst therefore cost one or two calls, and a delivery that
// waited for an hour is up to date when it goes out.
//
// The package imports only the standard library, and of that nothing that reaches outside. Time is handed in.
package incidents

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/bot/campaign"
)

// A long campaign is asked for on the command line; CONTRIBUTING.md says how.
var (
	campaignFor  = flag.Duration("campaign", 0, "run the fault campaign for so `long`")
	campaignSeed = flag.Uint64("seed", 1, "the `number` that the campaign's first plan is made from; the next ones follow")
	campaignOn   = flag.String("database", "sqlite", "what the campaign runs on: `sqlite or postgres`")
	campaignKill = flag.Int("kills", 0, "run the fault campaign until so many `kills`, or until its time is over")
	campaignTry  = flag.Int("shrink", 40, "how `often` the campaign tries to make a plan shorter that fails")
	campaignSize = flag.Int("deeds", 240, "how `many` things people do in each of the campaign's plans")
)

// TestCampaign has several people act on several incidents while processes are killed and services fail, and checks what
// came of it against the history.
func TestCampaign(t *testing.T) {
	if *campaignFor > 0 || *campaignKill > 0 {
		longCampaign(t)
		return
	}
	t.Parallel()
	size := campaign.Size{Incidents: 3, Deeds: 70, Kills: sample(6, 6, 3), Faults: 8}
	for _, socket := range []bool{false, true} {
		size.Socket = socket
		t.Run(fmt.Sprint("socket ", socket), func(t *testing.T) {
			t.Parallel()
			carriesOut(t, campaign.New(*campaignSeed, size), nil, &figures{})
		})
	}
}

// Three replicas on PostgreSQL, over connections that are cut.
func TestCampaignOnPostgres(t *testing.T) {
	t.Parallel()
	size := campaign.Size{Incidents: 2, Deeds: 40, Kills: sample(4, 4, 2), Faults: 8, Replicas: 3, Postgres: true}
	carriesOut(t, campaign.New(*campaignSeed, size), nil, &figures{})
}

// longCampaign runs one plan after the other until the time is over, or enough was killed. After each it says how far it is,
// and with which seed one that was interrupted goes on; nothing is kept from one plan to the next but the figures.
func longCampaign(t *testing.T) {
	var f figures
	var crash func()
	if *campaignOn == "postgres" {
		db, url := newServer(t)
		t.Setenv("TEST_DATABASE_URL", url)
		crash = func() { db.does("kill"); db.does("restart") }
	}
	began := time.Now()
	defer func() { t.Logf("seeds from %d, %s: %s", *campaignSeed, *campaignOn, f) }()
	for seed := *campaignSeed; (*campaignFor == 0 || time.Since(began) < *campaignFor) && (*campaignKill == 0 || f.kills < *campaignKill); seed++ {
		size := campaign.Size{
			Incidents: max(*campaignSize/40, 2), Deeds: *campaignSize, Kills: *campaignSize / 8, Faults: *campaignSize / 8, Socket: seed%3 == 0,
		}
		if *campaignOn == "postgres" {
			size.Postgres, size.Replicas = true, 3
		}
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { carriesOut(t, campaign.New(seed, size), crash, &f) })
		fmt.Printf("next is -seed %d; %s\n", seed+1, f)
		if !ok {
			return
		}
	}
}

// carriesOut carries a plan out. When something is wrong it looks for a shorter one that goes wrong as well, and prints its
// history.
func carriesOut(t *testing.T, p campaign.Plan, crash func(), f *figures) {
	t.Helper()
	began := time.Now()
	a := newArena(t, p)
	a.crash = crash
	history, state := a.run()
	found := campaign.Check(history, state)
	one := figures{}
	one.add(a, state, time.Since(began))
	f.add(a, state, time.Since(began))
	t.Log(one)
	if one.acknowledged*3 < one.asked {
		found = append(found, campaign.Violation{Rule: campaign.Late, About: "hardly anything was acknowledged: nothing was tried"})
	}
	if len(found) == 0 {
		return
	}
	report(t, p, history, found)
	if *campaignFor == 0 && *campaignKill == 0 || *campaignTry == 0 {
		return // run it by hand to have it shortened
	}
	n := 0
	short := campaign.Shrink(p, *campaignTry, func(p campaign.Plan) (fails bool) {
		n++
		t.Run(fmt.Sprint("shorter ", n), func(t *testing.T) {
			for range 2 {
				a := newArena(t, p)
				a.crash = crash
				h, s := a.run()
				if again := campaign.Check(h, s); len(again) > 0 {
					fails, history, found = true, h, again
					return
				}
			}
		})
		return fails
	})
	report(t, short, history, found)
}

// report prints what is wrong, and the history.
func report(t *testing.T, p campaign.Plan, h campaign.History, found []campaign.Violation) {
	t.Helper()
	var b strings.Builder
	for _, v := range found {
		fmt.Fprintln(&b, v)
	}
	for _, op := range h {
		line, err := json.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", line)
	}
	t.Errorf("seed %d, %d steps:\n%s", p.Seed, len(p.Steps), b.String())
}

package slackio

import (
	"testing"
	"time"
)

func TestPutOffCallsComeBackInTurn(t *testing.T) {
	p, now := newPace(), time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	for p.take(methodCreate, "", now) == 0 {
	}
	made := methodCreate.perMinute
	var due []time.Time
	for range 200 {
		due = append(due, now.Add(p.putOff(methodCreate, now, p.take(methodCreate, "", now))))
	}
	late := 0
	for i, at := range due {
		if i > 0 && at.Before(due[i-1]) {
			t.Fatalf("call %d comes back before call %d", i, i-1)
		}
		if p.take(methodCreate, "", at) == 0 {
			made++
		} else {
			late++
		}
	}
	if late > 0 || made != methodCreate.perMinute+200 {
		t.Errorf("%d of 200 calls had to be put off a second time", late)
	}
	if last := due[len(due)-1].Sub(now); last > 12*time.Minute {
		t.Errorf("the last comes back after %s", last)
	}
}

func TestNewCallsLineUpBehindThoseThatWerePutOff(t *testing.T) {
	p, now := newPace(), time.Date(2026, 7, 8, 1, 46, 0, 0, time.UTC)
	for n := range methodCreate.perMinute {
		if turn := p.turn(methodCreate, now); turn != 0 {
			t.Fatalf("call %d waits %v while there is room", n, turn)
		}
		p.take(methodCreate, "", now)
	}
	last := p.putOff(methodCreate, now, p.take(methodCreate, "", now))
	for range 50 {
		turn := p.turn(methodCreate, now)
		if between := turn - last; between < 3*time.Second || between > 4*time.Second {
			t.Fatalf("a turn after %v follows one after %v; want one about every three seconds", turn, last)
		}
		last = turn
	}
	if turn := p.turn(methodCreate, now.Add(last+time.Second)); turn != 0 {
		t.Errorf("when all had their turns, a new call waits %v", turn)
	}
	if turn := p.turn(methodPost, now); turn != 0 {
		t.Errorf("a method without a limit waits %v", turn)
	}
}

package practice

import (
	"testing"
	"time"
)

func TestSideLetsTimePass(t *testing.T) {
	t.Parallel()
	r := trainingRig(t)
	r.shows(r.look(""), "The clock Sat 7 Nov 14:05 UTC", "an hour")
	before := r.s.now()
	r.done("clock", fields("pass", "an hour"))
	if passed := r.s.now().Sub(before); passed < time.Hour || passed > time.Hour+time.Minute {
		t.Errorf("%s passed, want an hour", passed)
	}
	r.shows(r.look(""), "The clock Sat 7 Nov 15:05 UTC")
	r.refused("clock", fields("pass", "-1h"), "no time that could pass")
	r.done("train", fields("drill", "dead-services"))
	r.until("begin", func(v *sessionView) bool { return v.Running })
	r.refused("clock", fields("pass", "an hour"), "has the clock")
	r.done("session", fields("do", "end"))

	alone := newPageRig(t)
	alone.refused("clock", fields("pass", "an hour"), "cannot be set")
}

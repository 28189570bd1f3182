package github_test

import (
	"strings"
	"testing"
)

// A branch in a fork is not brought up to date when the data file changes on the base branch; the pull request says what a
// person does, as long as that is so.
func TestDataOfAForkIsForAPerson(t *testing.T) {
	w := newForkWorld(t)
	f := w.local.GitHub.MakeFork(forker)
	w.put("master", dataFile, "1 says x\n")
	p := listed("one\n", "a")
	p.Data.Join = func(_, _, _ string) (string, bool) { t.Error("joined"); return "", false }
	o := w.forked(p)
	if body := w.only().Body; strings.Contains(body, "Resolve conflicts") {
		t.Errorf("nothing changed, and it says %q", body)
	}
	w.put("master", dataFile, "1 says x\n2 says y\n")
	o = w.publish(again(p, o))
	if body := w.only().Body; !strings.Contains(body, "`"+dataFile+"` has changed on master since") || !strings.Contains(body, "Resolve conflicts") {
		t.Errorf("it says %q", body)
	}
	mine, _ := f.File(branch, dataFile)
	if w.publish(again(p, o)); mine != "1 says x\n42 says a in "+post+"\n" {
		t.Errorf("the fork holds %q", mine)
	}
}

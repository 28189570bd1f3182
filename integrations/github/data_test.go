package github_test

import (
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/github"
)

const dataFile = "_data/incidents.yml"

// listed is a publication with a line in a data file, "42 says …", in which lines are items.
func listed(text, says string) github.Publication {
	p := draft(text)
	p.Data = github.Data{Path: dataFile, Put: func(file, post string, ours func(string) bool) github.DataPut {
		item := "42 says " + says + " in " + post + "\n"
		before, rest, there := strings.Cut(file, "42 says ")
		old, after, _ := strings.Cut(rest, "\n")
		switch old = "42 says " + old + "\n"; {
		case strings.HasPrefix(file, "no list"):
			return github.DataPut{File: file, Left: "is no list"}
		case there && old == item:
			return github.DataPut{File: file, Item: item}
		case there && (ours == nil || !ours(old)), !there && ours != nil:
			return github.DataPut{File: file, Left: "stays"}
		case !there:
			return github.DataPut{File: file + item, Item: item}
		}
		return github.DataPut{File: before + item + after, Item: item}
	}}
	return p
}

// The item goes along in the post's commit and follows it, others' lines stay, and so does ours once a person changed it;
// what was written last is known when the receipt was lost.
func TestDataGoesWithThePost(t *testing.T) {
	w := newWorld(t)
	w.put("master", dataFile, "# a list\n1 says x\n")
	o := w.publish(listed("one\n", "a"))
	w.holds(dataFile, "# a list\n1 says x\n42 says a in "+post+"\n", 1)
	_, before := w.calls()
	w.publish(again(listed("one\n", "a"), o))
	if _, after := w.calls(); after != before {
		t.Errorf("%d writes although nothing is new", after-before)
	}
	w.put(branch, dataFile, "1 says y\n42 says a in "+post+"\n2 says z\n")
	w.publish(listed("one\n", "b")) // the receipt was lost
	w.holds(dataFile, "1 says y\n42 says b in "+post+"\n2 says z\n", 3)
	w.put(branch, dataFile, "42 says mine\n")
	for _, text := range []string{"two\n", "three\n"} {
		o = w.publish(listed(text, "c"))
		if body := w.only().Body; !strings.Contains(body, "`"+dataFile+"` stays.") {
			t.Errorf("the pull request says %q", body)
		}
	}
	w.holds(dataFile, "42 says mine\n", 6)
	w.put(branch, dataFile, "42 says c in "+post+"\n") // as ours again: it follows
	o = w.publish(again(listed("three\n", "c"), o))
	w.publish(again(listed("three\n", "d"), o))
	w.holds(dataFile, "42 says d in "+post+"\n", 8)
	if body := w.only().Body; strings.Contains(body, "stays") {
		t.Errorf("the pull request says %q", body)
	}
}

// A data file that cannot be written holds no post back.
func TestDataHoldsNoPostBack(t *testing.T) {
	for name, c := range map[string]struct{ path, at, says string }{
		"no list": {dataFile, dataFile, "is no list."}, "a file for a folder": {dataFile, "_data", "change post.data"},
		"a folder for a file": {dataFile, dataFile + "/x", "change post.data"},
	} {
		w := newWorld(t)
		w.put("master", c.at, "no list\n")
		w.publish(listed("one\n", "a"))
		w.holds(post, "one\n", 1)
		w.holds(c.at, "no list\n", 1)
		if body := w.only().Body; !strings.Contains(body, c.says) {
			t.Errorf("%s: the pull request says %q", name, body)
		}
	}
}

// A crash at any call leaves one commit with one item.
func TestDataAfterACrash(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at, hit := 1, true; hit; at++ {
			w := newWorld(t)
			w.wire.arm(at, after)
			w.client.Publish(t.Context(), listed("one\n", "a"))
			hit = w.wire.hit
			w.wire.arm(0, false)
			w.publish(listed("one\n", "a"))
			w.holds(dataFile, "42 says a in "+post+"\n", 1)
		}
	}
}

func TestDataPath(t *testing.T) {
	w := newWorld(t)
	for path, ok := range map[string]bool{
		dataFile: true, "a.yaml": true, "a/b-c/d_e.1.yml": true,
		"/a.yml": false, "../a.yml": false, "a/../b.yml": false, "a//b.yml": false, ".github/workflows/x.yml": false, "a/.git/x.yml": false,
		"a.json": false, ".yml": false, "a b.yml": false, `a\b.yml`: false, "a.yml\n": false, "": false, strings.Repeat("a", 200) + ".yml": false,
	} {
		if github.ValidData(path) != ok {
			t.Errorf("%q is taken for a path: %v", path, !ok)
		}
		p := listed("one\n", "a")
		if p.Data.Path = path; !ok && path != "" {
			if o := w.client.Publish(t.Context(), p); o.Verdict != incidents.Impossible {
				t.Errorf("%q: %s", path, o.Verdict)
			}
		}
	}
}

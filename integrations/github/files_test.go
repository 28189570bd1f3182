package github_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/github"
)

const (
	imageA = "images/posts/checkout-is-down/a.png"
	imageB = "images/posts/checkout-is-down/b.png"
)

func attached(text string, files ...github.Attachment) github.Publication {
	p := draft(text)
	p.Files = files
	return p
}

func TestFilesGoWithThePost(t *testing.T) {
	w := newWorld(t)
	a, b := github.Attachment{Path: imageA, Bytes: []byte("\x89PNG\x00a")}, github.Attachment{Path: imageB, Bytes: []byte("\x89PNG\xffb")}
	p := attached("one\n", a, b)
	o := w.publish(p)
	w.holds(imageA, string(a.Bytes), 1)
	w.holds(imageB, string(b.Bytes), 1)
	// Nothing is sent when nothing is new.
	_, before := w.calls()
	o = w.publish(again(p, o))
	if _, after := w.calls(); after != before || o.Verdict != incidents.Delivered {
		t.Errorf("%d writes although nothing is new: %+v", after-before, o)
	}
	// One goes and the text changes: one commit, and no blob is sent again. The receipt was lost.
	p = attached("two\n", a)
	o = w.publish(p)
	if _, there := w.file(branch, imageB); there {
		t.Error("an image that is not wanted any more is still there")
	}
	w.holds(imageA, string(a.Bytes), 2)
	// What people put in its place stays, also when it would be replaced or go.
	w.put(branch, imageA, "blurred")
	w.put(branch, imageB, "theirs")
	o = w.publish(again(attached("three\n", a), o))
	w.holds(imageA, "blurred", 5)
	o = w.publish(again(attached("four\n"), o))
	w.holds(imageA, "blurred", 6)
	w.holds(imageB, "theirs", 6)
	if o.Verdict != incidents.Delivered {
		t.Errorf("%+v", o)
	}
}

// A crash at any call leaves nothing doubled and nothing behind.
func TestFilesAfterACrash(t *testing.T) {
	a, b := github.Attachment{Path: imageA, Bytes: []byte("a")}, github.Attachment{Path: imageB, Bytes: []byte("b")}
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			w := newWorld(t)
			o := w.publish(attached("one\n", a))
			w.wire.seen, w.wire.at, w.wire.after = 0, at, after
			p := again(attached("two\n", b), o)
			w.client.Publish(context.Background(), p)
			hit := w.wire.hit
			w.wire.at = 0
			w.client = w.newClient(github.Config{Base: "master"})
			w.publish(p)
			w.holds(imageB, "b", 2)
			if _, there := w.file(branch, imageA); there {
				t.Errorf("failing at call %d: the first image is still there", at)
			}
			if !hit {
				break
			}
		}
	}
}

func TestFilesWhereNoneMayBe(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"images/posts/x/../../../y.png", ".github/workflows/x.png", "images/posts/x/a.svg", "images/posts/x/a.html", "images/posts/a.png",
		"images/posts/x/A.png", "images/posts/x/a.png\n", "/images/posts/x/a.png", "images/posts/x/" + strings.Repeat("a", 300) + ".png",
	} {
		o := w.client.Publish(context.Background(), attached("x", github.Attachment{Path: path}))
		if o.Verdict != incidents.Impossible {
			t.Errorf("%q: %s", path, o.Verdict)
		}
	}
	if all, _ := w.calls(); all != 0 || slices.Contains(w.local.GitHub.Branches(), branch) {
		t.Errorf("%d calls were made", all)
	}
}

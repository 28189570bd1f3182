package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// picture is a PNG of its own for each shade.
func picture(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	img.SetGray(1, 1, color.Gray{Y: shade})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shares says something with files in the incident's channel.
func (k *talk) shares(who, name, text string, files ...practice.Upload) {
	k.Helper()
	ts, err := k.Slack.SayWithFiles(who, k.channel, "", text, files...)
	k.must(err)
	k.ts[name] = ts
}

// images are the files below images/ on the branch of the pull request.
func (s *story) images() map[string]string {
	all := map[string]string{}
	for _, pr := range s.GitHub.Pulls() {
		for _, file := range s.GitHub.Files(pr.Head) {
			if strings.HasPrefix(file, "images/") {
				all[file], _ = s.GitHub.File(pr.Head, file)
			}
		}
	}
	return all
}

// An image on a captured message is asked about once, and is beside the post when that is published; over either intake.
func TestStoryImages(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]storyOptions{"http": {}, "socket": {socket: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, k := spoken(t, o)
			s.at("09:10")
			graph, later := picture(t, 1), picture(t, 2)
			before := len(s.Slack.Ephemerals("ana"))
			k.shares("ben", "graph", "errors rise", practice.Upload{Name: "Error Graph.PNG", Data: graph},
				practice.Upload{Name: "notes.pdf", Type: "application/pdf", Data: []byte("%PDF-1.7")})
			k.react("ana", "graph")
			s.quiet()
			asked := s.told("ana", before)
			if !strings.Contains(asked, "Error Graph.PNG") || !strings.Contains(asked, "What does it show?") {
				t.Errorf("ana was asked %q", asked)
			}
			s.presses("ana", "#incident", "Describe it")
			s.sends("ana", "text", "Errors rise from 09:02 on")
			s.quiet()
			known := len(s.Slack.Ephemerals("ana"))
			k.unreact("ana", "graph")
			s.quiet()
			k.react("ana", "graph")
			k.react("ben", "graph")
			s.quiet()
			if n := len(s.Slack.Ephemerals("ana")); n != known {
				t.Errorf("ana was told %d things more when the image came back", n-known)
			}
			k.shares("ben", "secret", "the internal one", practice.Upload{Name: "graph.png", Data: later})
			k.pin("ana", "secret")
			k.shares("ben", "alone", "", practice.Upload{Name: "../../x.png", Data: later})
			k.pin("ana", "alone")
			s.quiet()
			s.types("ana", "#incident", "/incident internal 3")
			s.holds("the card", s.summary, "errors rise [file: notes.pdf] · 1 image", "1 image")
			if list := s.types("ana", "#incident", "/incident timeline"); !strings.Contains(list, "1 image") || strings.Contains(list, "Error Graph") {
				t.Errorf("the timeline is %s", list)
			}
			s.types("ana", "#incident", "/incident alt 4 The queue <b>drains</b> @here")
			s.types("ana", "#incident", "/incident resolve")
			s.quiet()
			s.postHolds(
				"errors rise \\[file: notes.pdf\\]\n  ![Errors rise from 09:02 on](/images/posts/checkout-is-down/error-graph.png)\n",
				"An image was shared.\n  ![The queue ", "](/images/posts/checkout-is-down/x.png)\n")
			want := map[string]string{"images/posts/checkout-is-down/error-graph.png": string(graph), "images/posts/checkout-is-down/x.png": string(later)}
			if got := s.images(); len(got) != 2 || got["images/posts/checkout-is-down/error-graph.png"] != string(graph) || got["images/posts/checkout-is-down/x.png"] != string(later) {
				t.Errorf("beside the post are %q, want %q", got, want)
			}
			// Nothing new is sent while nothing has changed; what leaves the timeline leaves the branch.
			blobs := s.blobsSent()
			s.types("ana", "#incident", "/incident log the queue is empty")
			s.quiet()
			if n := s.blobsSent(); n != blobs {
				t.Errorf("%d blobs were sent again", n-blobs)
			}
			k.unpin("ana", "alone")
			s.quiet()
			if got := s.images(); len(got) != 1 {
				t.Errorf("after one was taken out, there are %q", got)
			}
			// A reviewer words the description anew: Slack follows.
			s.edits("![Errors rise from 09:02 on]", "![Errors rise sharply]")
			s.types("ana", "#incident", "/incident log it is over")
			s.quiet()
			s.postHolds("![Errors rise sharply](/images/posts/checkout-is-down/error-graph.png)", "errors rise", "it is over")
			if snap, err := s.bot.app.service.Snapshot(s.ctx, 1); err != nil || snap.Entries[1].Files[0].Alt != "Errors rise sharply" || snap.Entries[1].Rewritten {
				t.Errorf("the entry is %+v, %v", snap.Entries[1], err)
			}
		})
	}
}

// blobsSent counts the blobs that were made on GitHub.
func (s *story) blobsSent() (n int) {
	for _, c := range s.Wire.Calls() {
		if c.Service == "github" && strings.HasPrefix(c.Name, "POST ") && strings.HasSuffix(c.Name, "/git/blobs") {
			n++
		}
	}
	return n
}

// An image that Slack does not give is said in the pull request and tried again; the post does not wait for it. What is no
// image is never published, whatever it says of itself, and the token goes nowhere else.
func TestStoryImagesThatCannotBeHad(t *testing.T) {
	t.Parallel()
	elsewhere := make(chan string, 10)
	s, k := spoken(t, storyOptions{around: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.RequestURI, "xox") {
				elsewhere <- r.URL.Path
			}
			next.ServeHTTP(w, r)
		})
	}})
	s.at("09:10")
	good := picture(t, 3)
	k.shares("ben", "one", "one", practice.Upload{Name: "one.png", Data: good})
	k.shares("ben", "fake", "fake", practice.Upload{Name: "fake.png", Type: "image/png", Data: []byte("<svg onload=alert(1)>")})
	k.shares("ben", "far", "far", practice.Upload{Name: "far.png", Type: "image/png", Mode: "external", Link: "https://example.org/far.png?token=xoxb-not-ours"})
	k.shares("ben", "big", "big", practice.Upload{Name: "big.png", Data: append(picture(t, 4), make([]byte, mostImage)...)})
	k.shares("ben", "gone", "gone", practice.Upload{Name: "gone.png", Data: good})
	for _, name := range []string{"one", "fake", "far", "big", "gone"} {
		k.react("ana", name)
	}
	s.quiet()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	s.Faults.Add(practice.Fault{Service: "slack", Call: "file", Status: 500})
	s.types("ana", "#incident", "/incident resolve")
	s.holds("the pull request", func() string {
		if pulls := s.GitHub.Pulls(); len(pulls) > 0 {
			return pulls[0].Body
		}
		return ""
	}, "Images that are not here", "“one.png” of entry 2: Slack has trouble of its own (status 500); it is tried again", "“big.png” of entry 5: it is larger than 10 MB")
	if got := s.images(); len(got) != 0 {
		t.Errorf("beside the post are %q", got)
	}
	s.postHolds("one \\[file: one.png\\]", "far \\[file: far.png\\]")
	for _, e := range snap.Entries {
		if strings.HasPrefix(e.Text, "gone") {
			s.must(s.Slack.DeleteFile("ben", e.Files[0].ID))
		}
	}
	s.Faults.Clear("slack")
	s.quiet()
	got := s.images()
	if len(got) != 1 || got["images/posts/checkout-is-down/one.png"] != string(good) {
		t.Errorf("beside the post are %d images, want one.png alone", len(got))
	}
	body := s.GitHub.Pulls()[0].Body
	if strings.Contains(body, "one.png") || !strings.Contains(body, "fake.png” of entry 3: its bytes are no PNG") {
		t.Errorf("the pull request says %s", body)
	}
	s.postHolds("one\n  ![](/images/posts/checkout-is-down/one.png)", "fake \\[file: fake.png\\]")
	close(elsewhere)
	if at := slices.Collect(func(yield func(string) bool) {
		for p := range elsewhere {
			yield(p)
		}
	}); len(at) > 0 {
		t.Errorf("a token was in the addresses %q", at)
	}
}

// The shortcut's form rewrites the words and keeps the image; what people share while the bot is stopped is read back.
func TestStoryImagesOtherWaysIn(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	s.at("09:10")
	k.shares("ben", "form", "raw words", practice.Upload{Name: "a.png", Data: picture(t, 5)})
	s.must(s.Slack.MessageShortcut(s.ctx, "ana", k.channel, k.ts["form"], "add_to_timeline"))
	s.sends("ana", "text", "better words")
	s.quiet()
	s.stop()
	k.shares("ben", "late", "said meanwhile", practice.Upload{Name: "b.png", Data: picture(t, 6)})
	k.react("ana", "late")
	s.must(s.Slack.Delivered(s.ctx))
	s.start()
	s.quiet()
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
	s.postHolds("better words\n  ![](/images/posts/checkout-is-down/a.png)", "said meanwhile\n  ![](/images/posts/checkout-is-down/b.png)")
	if got := s.images(); len(got) != 2 {
		t.Errorf("beside the post are %d images", len(got))
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// harbourPosts are posts of an invented team, in a style of its own.
func harbourPosts(s *story) {
	s.Helper()
	for i, title := range []string{"The crane stood still", "The light went out", "No ice", "Fog in the office", "The buoy was gone"} {
		day := fmt.Sprintf("2026-01-%02d", 2+i)
		post := fmt.Sprintf("---\nlayout: post\ntitle: %q\ncategory: deployments\nauthor: Harbour Team\n---\n\nThere was a disruption in the harbour.\n\n**Impact:** Ships waited.\n\n"+
			"## Detection\n\nA pilot called.\n\n## Root Cause\n\nA fuse.\n\n## Resolution\n\nA new fuse.\n\n### Action Items\n\n* Buy fuses.\n\n## Lessons Learned\n\nFuses blow.\n\n"+
			"## Timeline (All Time in UTC)\n\n* %s 10:00: It stopped\n* %s 10:20: It went on\n", title, day, day)
		s.must(s.GitHub.EditFile("master", "_posts/deployments/"+day+"-post-mortem.md", post, "reviewer"))
	}
}

// A blog that has posts gets one more in their style, under their kind of name, and the pull request says whose style it is.
func TestStoryHouseStyle(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	harbourPosts(s)
	resolved(s)
	s.types("dan", "#incident", "/incident draft impact Nobody could pay.")
	s.quiet()
	post, path := s.post()
	if !strings.HasSuffix(path, "-post-mortem.md") {
		t.Errorf("the post is %s, want a name like the others'", path)
	}
	for _, want := range []string{"category: deployments\nauthor: Harbour Team\n", "\n\n**Impact:** Nobody could pay.\n\n## Detection\n", "\n### Action Items\n\n", "\n## Timeline (All Time in UTC)\n\n* 20"} {
		if !strings.Contains(post, want) {
			t.Errorf("the post lacks %q:\n%s", want, post)
		}
	}
	if strings.Contains(post, "Post-mortem: ") || strings.Contains(post, "Trigger") {
		t.Errorf("the post has what the others have not:\n%s", post)
	}
	if body := s.GitHub.Pulls()[0].Body; !strings.Contains(body, "in the style of 2026-01-06-post-mortem.md") {
		t.Errorf("the pull request does not say whose style it is:\n%s", body)
	}
}

// When the posts cannot be read the draft comes all the same, and says so.
func TestStoryStyleUnread(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	harbourPosts(s)
	s.Faults.Add(practice.Fault{Service: "github", Call: "GET */git/blobs/*", Status: 500})
	resolved(s)
	post, _ := s.post()
	if !strings.Contains(post, "\n## Timeline (times in UTC)\n") {
		t.Errorf("the post is not in the default template:\n%s", post)
	}
	if body := s.GitHub.Pulls()[0].Body; !strings.Contains(body, "in the template flat, because the posts on the blog could not be read") {
		t.Errorf("the pull request does not say that the posts could not be read:\n%s", body)
	}
}

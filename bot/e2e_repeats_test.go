package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// talk is what people say in the incident's channel, and how it changes. Each message is named by its first word.
type talk struct {
	*story
	channel string
	ts      map[string]string
}

func (k *talk) say(who, text string) {
	k.Helper()
	name, _, _ := strings.Cut(text, " ")
	ts, err := k.Slack.Say(who, k.channel, text)
	k.must(err)
	k.ts[name] = ts
}

func (k *talk) react(who, name string) { k.must(k.Slack.React(who, k.channel, k.ts[name], "pushpin")) }

func (k *talk) unreact(who, name string) {
	k.must(k.Slack.Unreact(who, k.channel, k.ts[name], "pushpin"))
}

func (k *talk) edit(who, name, text string) {
	k.must(k.Slack.EditMessage(who, k.channel, k.ts[name], name+" "+text))
}

func (k *talk) remove(who, name string) {
	k.must(k.Slack.DeleteMessage(who, k.channel, k.ts[name]))
}

// phases are what happens, in stretches within which events overtake each other. At the end the timeline must hold the
// messages of remaining, each once, as they read then.
var phases = []func(*talk){
	func(k *talk) {
		k.say("ana", "one is captured by two people")
		k.react("ana", "one")
		k.react("ben", "one")
		k.say("ana", "two is taken back at once")
		k.react("ben", "two")
		k.unreact("ben", "two")
		k.say("ben", "three is edited twice")
		k.react("ana", "three")
		k.edit("ben", "three", "was edited")
		k.edit("ben", "three", "was edited for the last time")
		k.say("ben", "four is deleted")
		k.react("ana", "four")
		k.say("ben", "five is taken back later")
		k.react("ana", "five")
		k.say("ben", "six stays a message")
		k.say("ben", "seven comes and goes")
		k.react("ana", "seven")
		k.unreact("ana", "seven")
		k.react("ana", "seven")
		k.say("ben", "eight is deleted before anybody looks")
		k.react("ana", "eight")
		k.remove("ben", "eight")
	},
	func(k *talk) {
		k.remove("ben", "four")
		k.unreact("ana", "five")
		k.edit("ana", "one", "is edited after all")
		k.unreact("ana", "one")
		k.edit("ben", "six", "is edited, then captured")
		k.react("ben", "six")
		k.react("ben", "two")
		k.unreact("ana", "seven")
		k.react("ana", "seven")
		k.edit("ben", "seven", "stays")
	},
}

var remaining = map[string]string{
	"one": "one is edited after all", "two": "two is taken back at once", "three": "three was edited for the last time",
	"six": "six is edited, then captured", "seven": "seven stays",
}

// Events that come three times and in any order leave every message in the timeline once, as it reads in Slack.
func TestStoryEventsRepeatedAndOutOfOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(sample(8, 8, 4)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{socket: seed%4 == 3})
			s.Slack.Repeat(3)
			s.types("ana", "#team", "/incident declare checkout is down")
			s.quiet()
			k := &talk{story: s, channel: s.channel("#incident"), ts: map[string]string{}}
			s.enters("ben", k.channel)
			random := rand.New(rand.NewPCG(seed, 2))
			for _, phase := range phases {
				s.Slack.Hold()
				phase(k)
				var order []int
				for i := range s.Slack.Held() {
					order = append(order, slices.Repeat([]int{i}, 1+random.IntN(3))...)
				}
				random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				if seed == 0 {
					slices.Sort(order)
				}
				s.must(s.Slack.Release(order))
				s.quiet()
			}
			s.types("ana", "#incident", "/incident resolve")
			s.quiet()

			post, _ := s.post()
			for name := range k.ts {
				want := 0
				if text := remaining[name]; text != "" {
					want = 1
					if !strings.Contains(post, " - "+text+"\n") {
						t.Errorf("the post does not hold %q", text)
					}
				}
				if n := strings.Count(post, " - "+name+" "); n != want {
					t.Errorf("message %q is %d times in the post, want %d", name, n, want)
				}
				if m := s.Slack.Message(k.channel, k.ts[name]); m != nil && ticked(*m) != (want == 1) {
					t.Errorf("message %q wears a tick: %v", name, ticked(*m))
				}
			}
			if lost := s.Slack.Undelivered(); len(lost) > 0 {
				t.Errorf("events were not taken: %q", lost)
			}
			if t.Failed() {
				t.Log(post)
			}
		})
	}
}

// ticked reports whether a message wears the bot's tick.
func ticked(m practice.Message) bool {
	return slices.ContainsFunc(m.Reactions, func(r practice.Reaction) bool {
		return r.Name == "white_check_mark" && slices.Contains(r.Users, practice.BotUser)
	})
}

// threeTimes hands every request to the bot three times and lets Slack see the first answer. The others must be the
// same.
func threeTimes(t *testing.T) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			var answers [3]*httptest.ResponseRecorder
			for i := range answers {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				answers[i] = httptest.NewRecorder()
				next.ServeHTTP(answers[i], again)
			}
			for _, a := range answers[1:] {
				if a.Code != answers[0].Code || a.Body.String() != answers[0].Body.String() {
					t.Errorf("%s %.300s\nis answered by %d %s\nand then by %d %s",
						r.URL.Path, body, answers[0].Code, answers[0].Body, a.Code, a.Body)
				}
			}
			for name, values := range answers[0].Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answers[0].Code)
			_, _ = w.Write(answers[0].Body.Bytes())
		})
	}
}

// Every request that comes three times is answered the same and done once.
func TestStoryRequestsThrice(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name string
		live func(*story)
	}{{"commands", liveByCommands}, {"forms", liveByForms}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			var posts [2]string
			var told [2][]string
			for i, front := range []func(http.Handler) http.Handler{nil, threeTimes(t)} {
				t.Run([]string{"once", "thrice"}[i], func(t *testing.T) {
					s := newStory(t, storyOptions{front: front})
					way.live(s)
					posts[i], _ = s.post()
					for _, u := range s.Slack.Users() {
						for _, m := range s.ephemerals(u.Name) {
							told[i] = append(told[i], u.Name+" is told: "+s.Slack.MessageText(m))
						}
					}
					if n := len(s.texts("team")); n != 1 {
						t.Errorf("there are %d announcements", n)
					}
					if n := len(s.cards()); n != 1 {
						t.Errorf("there are %d cards", n)
					}
					if n := len(s.made()); n != 1 {
						t.Errorf("there are %d channels", n)
					}
				})
			}
			if posts[0] != posts[1] {
				t.Errorf("the post differs:\n%s", difference(posts[0], posts[1]))
			}
			if !slices.Equal(told[0], told[1]) {
				t.Errorf("people are told other things:\n%s", difference(strings.Join(told[0], "\n"), strings.Join(told[1], "\n")))
			}
		})
	}
}

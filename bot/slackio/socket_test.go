package slackio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/integrations/practice"
)

// connect starts Socket Mode and returns what stops it.
func (r *rig) connect() (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		NewSocket(r.c, r.in, r.in.log).Run(ctx)
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	r.t.Cleanup(stop)
	r.wait(func() bool { return r.s.Sockets() > 0 })
	return stop
}

func (r *rig) wait(cond func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r.must(r.s.WaitFor(ctx, cond))
}

func (r *rig) delivered() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r.must(r.s.Delivered(ctx))
}

func (r *rig) mention(text string) {
	r.t.Helper()
	_, err := r.s.Say("ana", practice.TeamChannel, "@"+practice.BotName+" "+text)
	r.must(err)
}

// said are the distinct events of what the desk heard.
func (r *rig) said() map[string]int {
	heard := map[string]int{}
	for _, what := range r.desk.all() {
		if s, ok := what.(chat.Said); ok {
			heard[s.Text]++
		}
	}
	return heard
}

func TestSocketCarriesWhatHTTPDoes(t *testing.T) {
	r := newRig(t)
	r.connect()
	r.desk.answer(chat.Reply{Message: &chat.Message{Text: "Here is the list."}}, nil)
	answer, err := r.s.Command(context.Background(), "ana", practice.TeamChannel, "/incident list")
	r.must(err)
	if answer.Text != "Here is the list." {
		t.Errorf("answer %+v", answer)
	}
	r.mention("list please")
	r.delivered()
	if r.said()["list"] != 1 || r.said()["list please"] != 1 {
		t.Errorf("heard %+v", r.desk.all())
	}
	if seen := r.s.Ephemerals("ana"); len(seen) != 2 {
		t.Errorf("ana sees %+v", seen)
	}
	r.valid()
}

func TestSocketDoesNotAcknowledgeWhatIsNotRecorded(t *testing.T) {
	r := newRig(t)
	r.s.AckWithin = 100 * time.Millisecond
	r.connect()
	var times int
	r.desk.onAnswer = func(any) { // with the lock of the desk
		times++
		r.desk.err = nil
		if times == 1 {
			r.desk.err = errors.New("database is gone")
		}
	}
	r.mention("log x")
	r.delivered()
	if got := r.said()["log x"]; got != 2 {
		t.Errorf("heard %d times, want a second time after the first was not acknowledged", got)
	}
	if lost := r.s.Undelivered(); len(lost) > 0 {
		t.Errorf("lost %v", lost)
	}
}

func TestSocketSurvivesEveryEndOfAConnection(t *testing.T) {
	r := newRig(t)
	r.s.AckWithin = 2 * time.Second
	r.s.RetryAfter = []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, time.Second}
	r.connect()
	for i, end := range []func(){
		func() {}, func() { r.s.Disconnect("warning") }, func() { r.s.Disconnect("refresh_requested") }, r.s.CutSockets,
	} {
		end()
		r.wait(func() bool { return r.s.Sockets() > 0 })
		text := fmt.Sprintf("log %d", i)
		r.mention(text)
		r.delivered()
		if r.said()[text] == 0 {
			t.Errorf("%q was not heard", text)
		}
	}
	if lost := r.s.Undelivered(); len(lost) > 0 {
		t.Errorf("lost %v", lost)
	}
	r.valid()
}

func TestSocketTriesAgainWhenSlackIsAway(t *testing.T) {
	r := newRig(t)
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "apps.connections.open", Status: 503, Times: 1})
	r.connect()
	if r.w.Faults.Hits() != 1 {
		t.Error("the fault was not hit")
	}
}

func TestSocketStopsWithItsWorkDone(t *testing.T) {
	r := newRig(t)
	stop := r.connect()
	begun, finish := make(chan struct{}), make(chan struct{})
	r.desk.onAnswer = func(any) { close(begun); <-finish }
	r.mention("log x")
	<-begun
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(finish)
	r.delivered()
	<-stopped
	if lost := r.s.Undelivered(); len(lost) > 0 || r.said()["log x"] != 1 {
		t.Errorf("lost %v, heard %v", lost, r.said())
	}
}

func TestALongAnswerTakesTheOutbox(t *testing.T) {
	r := newRig(t)
	r.connect()
	long := chat.Message{Text: "The list."}
	for range 10 {
		long.Blocks = append(long.Blocks, chat.Block{Kind: chat.Section, Text: strings.Repeat("界", 1000)})
	}
	r.desk.answer(chat.Reply{Message: &long}, nil)
	_, err := r.s.Command(context.Background(), "ana", practice.TeamChannel, "/incident list")
	r.must(err)
	r.wait(func() bool { return len(r.s.Ephemerals("ana")) == 1 })
	if seen := r.s.Ephemerals("ana"); seen[0].Text != "The list." {
		t.Errorf("ana sees %+v", seen)
	}
	r.valid()
}

func TestOddFramesDoNotStopTheSocket(t *testing.T) {
	r := newRig(t)
	l := &line{s: NewSocket(r.c, r.in, r.in.log), leave: func() {}}
	for _, frame := range []string{
		"", "{", "7", "null", "[]", `{}`, `{"type":"hello"}`, `{"type":7}`, `{"type":"events_api"}`, `{"type":"events_api","payload":{}}`,
		`{"type":"something_new"}`, `{"type":"disconnect"}`, `{"type":"disconnect","reason":"link_disabled"}`,
	} {
		l.take(context.Background(), []byte(frame))
	}
	l.inHand.Wait()
	if got := r.desk.all(); len(got) > 0 {
		t.Errorf("the desk was asked %+v", got)
	}
}

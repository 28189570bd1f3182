package main

import (
	"context"
	"net"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// An update goes to webhooks and by e-mail as well, once each, whatever fails on the way; a drill's and a private
// incident's goes nowhere.
func TestStoryOutlets(t *testing.T) {
	t.Parallel()
	box, port := mailbox(t)
	s := newStory(t, storyOptions{asleep: true})
	s.config.Updates = UpdatesConfig{
		Webhook:      []string{s.services.URL + practice.WebhookPath + "shop", s.services.URL + practice.WebhookPath + "pay"},
		AllowPrivate: true,
		Email:        EmailConfig{Host: "127.0.0.1", Port: port, From: "status@example.org", To: []string{"all@example.org"}},
	}
	s.config.Updates.secret = s.Webhooks.Secret()
	s.start()
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.Faults.Add(practice.Fault{Service: "webhook", Call: "POST", Times: 1, After: true, Status: 502})
	s.Faults.Add(practice.Fault{Service: "webhook", Call: "POST", Times: 1, Status: 503})
	s.types("ana", "#incident", "/incident update Nobody can pay; we roll back.")
	s.quiet()
	s.types("ana", "#team", "/incident declare --private a leak")
	s.types("ana", "#team", "/incident drill")
	s.quiet()
	taken, repeated := s.Webhooks.Taken()
	if len(taken) != 2 || repeated != 1 || taken[0].Name == taken[1].Name {
		t.Errorf("posted %+v, repeated %d", taken, repeated)
	}
	for _, one := range taken {
		if !strings.Contains(one.Body, "Nobody can pay; we roll back.") {
			t.Errorf("posted to %s: %s", one.Name, one.Body)
		}
	}
	letters := box.Letters()
	if len(letters) != 1 || !strings.Contains(letters[0].Text, "Nobody can pay; we roll back.") {
		t.Errorf("the letters are %+v", letters)
	}
}

// mailbox is a mail server on this machine, and its port.
func mailbox(t *testing.T) (*practice.Mailbox, int) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box, ended := &practice.Mailbox{}, make(chan error, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // subtests that run later need it as well
	go func() { ended <- box.Serve(ctx, listener) }()
	t.Cleanup(func() { cancel(); <-ended })
	return box, listener.Addr().(*net.TCPAddr).Port
}

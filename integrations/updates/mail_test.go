package updates_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/updates"
)

// mailbox is a mail server on this machine.
func mailbox(t *testing.T) (*practice.Mailbox, updates.MailConfig) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box, ended := &practice.Mailbox{}, make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- box.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return box, updates.MailConfig{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, From: "Watchbell <status@example.org>",
		To: []string{"all@example.org", "shop@example.org"}, Now: func() time.Time { return noon },
	}
}

func TestMailIsOneLetterToAll(t *testing.T) {
	box, c := mailbox(t)
	s := snapshot()
	s.Title = "Checkout is down\r\nBcc: eve@example.org"
	if o := updates.NewMail(c).Deliver(t.Context(), delivery(incidents.KindMail, ""), s); o.Verdict != incidents.Delivered {
		t.Fatalf("outcome %+v", o)
	}
	letters := box.Letters()
	if len(letters) != 1 || letters[0].From != "status@example.org" || !slices.Equal(letters[0].To, []string{"status@example.org", "all@example.org", "shop@example.org"}) {
		t.Fatalf("the letters are %+v", letters)
	}
	text := letters[0].Text
	for _, want := range []string{
		"Message-ID: <inc-42.update-3@example.org>", "References: <inc-42.update-1@example.org>", "Subject: [#42] Checkout is down",
		"Nobody can pay.", "Since 17 March 2026, 12:00 UTC", "You hear more by 17 March 2026, 12:40 UTC", "Auto-Submitted: auto-generated",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\nBcc:") || strings.Contains(text, "shop@") {
		t.Errorf("the letter says who else got it, or a title became a header:\n%s", text)
	}
}

func TestMailThatIsNotTaken(t *testing.T) {
	box, c := mailbox(t)
	c.To = []string{"nobody@example.org"}
	if o := updates.NewMail(c).Deliver(t.Context(), delivery(incidents.KindMail, ""), snapshot()); o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "550") {
		t.Errorf("to nobody: %+v", o)
	}
	c.To, c.Port = []string{"all@example.org"}, 1
	if o := updates.NewMail(c).Deliver(t.Context(), delivery(incidents.KindMail, ""), snapshot()); o.Verdict != incidents.Refused {
		t.Errorf("nobody listens: %+v", o)
	}
	drill := snapshot()
	drill.Drill = true
	if o := updates.NewMail(c).Deliver(t.Context(), delivery(incidents.KindMail, ""), drill); o.Verdict != incidents.Delivered {
		t.Errorf("of a drill: %+v", o)
	}
	if n := len(box.Letters()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

// Where others may listen on the way nothing is said without TLS: the server offers none, and gets no letter.
func TestMailWantsTLS(t *testing.T) {
	if updates.Loopback("mail.example.org") || updates.Loopback("192.0.2.1") {
		t.Error("others are taken for this machine")
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if !updates.Loopback(host) {
			t.Errorf("%s is this machine", host)
		}
	}
	box, c := mailbox(t)
	c.Host = "0.0.0.0" // leads to this machine where the system lets it, and is not known to
	if o := updates.NewMail(c).Deliver(t.Context(), delivery(incidents.KindMail, ""), snapshot()); o.Verdict == incidents.Delivered || len(box.Letters()) != 0 {
		t.Errorf("without TLS: %+v, %+v", o, box.Letters())
	}
}

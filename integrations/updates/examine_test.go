package updates_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/updates"
)

// found is what is wrong and what mends it, one line for each thing that was tried.
func found(proofs []incidents.Proof) string {
	var lines []string
	for _, p := range proofs {
		lines = append(lines, strings.TrimSpace(p.What+": "+p.Wrong+" "+p.Mend))
	}
	return strings.Join(lines, "\n")
}

// A ping says whether calls arrive and are believed. It tells of no incident, and what it says holds no secret.
func TestWebhookIsTried(t *testing.T) {
	w := practice.New(practice.Options{})
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	there := server.URL + practice.WebhookPath + "shop?token=geheim"
	for name, c := range map[string]struct {
		address, secret string
		private         bool
		wrong, mend     string
		fault           practice.Fault
	}{
		"health":         {there, w.Webhooks.Secret(), true, "", "", practice.Fault{}},
		"another secret": {there, "another one, just as long as it", true, "The signature was refused (401)", "WATCHBELL_WEBHOOK_SECRET", practice.Fault{}},
		"nobody there":   {"http://127.0.0.1:1/hook?token=geheim", w.Webhooks.Secret(), true, "cannot be reached", "curl -i", practice.Fault{}},
		"private":        {there, w.Webhooks.Secret(), false, "leads into a private network", "updates.webhook", practice.Fault{}},
		"no pings":       {there, w.Webhooks.Secret(), true, "does not take a ping (404)", "docs/using.md", practice.Fault{Service: "webhook", Call: "POST", Status: 404, Times: 1}},
		"in trouble":     {there, w.Webhooks.Secret(), true, "in trouble (500)", "updates.webhook", practice.Fault{Service: "webhook", Call: "POST", Status: 500, Times: 1}},
	} {
		if c.fault.Service != "" {
			w.Faults.Add(c.fault)
		}
		proofs := updates.NewWebhook(updates.WebhookConfig{Addresses: []string{c.address}, Secret: c.secret, AllowPrivate: c.private}).Examine(t.Context())
		got := found(proofs)
		if len(proofs) != 1 || (proofs[0].Wrong != "") != (c.wrong != "") || !strings.Contains(got, c.wrong) || !strings.Contains(got, c.mend) {
			t.Errorf("%s: %s", name, got)
		}
		if strings.Contains(got, "geheim") || strings.Contains(got, c.secret) {
			t.Errorf("%s: a secret is in %s", name, got)
		}
	}
	taken, _ := w.Webhooks.Taken()
	if len(taken) != 1 || !strings.HasPrefix(taken[0].Body, `{"type":"ping","id":"ping-`) {
		t.Errorf("what came is %+v", taken)
	}
}

// The mail server is tried as far as the envelope, and nobody gets a letter.
func TestMailServerIsTried(t *testing.T) {
	box, good := mailbox(t)
	for name, c := range map[string]struct {
		change      func(*updates.MailConfig)
		wrong, mend string
	}{
		"health":       {func(*updates.MailConfig) {}, "", ""},
		"no such box":  {func(c *updates.MailConfig) { c.To = append(c.To[:1:1], "nobody@example.org") }, "mail to nobody@example.org: The mail server does not take this address (550)", "updates.email.to"},
		"nobody there": {func(c *updates.MailConfig) { c.Port = 1 }, "Nobody answers there.", "nc -vz 127.0.0.1 1"},
		"no TLS":       {func(c *updates.MailConfig) { c.Host = "0.0.0.0" }, "speaks no TLS", "-starttls smtp"},
		"credentials":  {func(c *updates.MailConfig) { c.User, c.Password = "bell", "geheim" }, "takes no credentials", "updates.email.user"},
	} {
		config := good
		c.change(&config)
		proofs := updates.NewMail(config).Examine(t.Context())
		got := found(proofs)
		wrong := slices.ContainsFunc(proofs, func(p incidents.Proof) bool { return p.Wrong != "" })
		if !strings.Contains(got, c.wrong) || !strings.Contains(got, c.mend) || wrong != (c.wrong != "") {
			t.Errorf("%s: %s", name, got)
		}
		if c.wrong == "" && (len(proofs) != 4 || proofs[0].Note != "without TLS") {
			t.Errorf("%s: %+v", name, proofs)
		}
		if strings.Contains(got, "geheim") {
			t.Errorf("%s: the password is in %s", name, got)
		}
	}
	if n := len(box.Letters()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

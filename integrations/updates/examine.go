package updates

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/wneessen/go-mail"

	"watchbell/incidents"
)

// ping is a call that only tries whether calls arrive: it tells of nothing.
type ping struct {
	Type string `json:"type"` // "ping"
	ID   string `json:"id"`   // a new one each time
}

// Examine calls each address with a signed ping. It tells of no incident.
func (w *Webhook) Examine(ctx context.Context) (all []incidents.Proof) {
	for _, address := range w.order {
		// The path and what follows may be secret.
		host := "an address"
		if at, err := url.Parse(address); err == nil {
			host = at.Host
		}
		p := incidents.Proof{What: "a signed ping to " + host}
		p.Wrong, p.Mend = w.ping(ctx, address)
		all = append(all, p)
	}
	return all
}

func (w *Webhook) ping(ctx context.Context, address string) (wrong, mend string) {
	call := ping{Type: "ping", ID: "ping-" + rand.Text()}
	body, err := json.Marshal(call)
	if err != nil {
		return "The ping cannot be written down.", ""
	}
	d := incidents.Delivery{Key: "ping"}
	answer, err := w.post(ctx, address, call.ID, body)
	if err != nil {
		o := w.unreached(d, err)
		return o.Say, "updates.webhook in watchbell.yml, and the firewall on the way: curl -i https://HOST from this machine"
	}
	defer func() { _ = answer.Body.Close() }()
	switch o := outcome(d, answer); {
	case o.Verdict == incidents.Delivered:
		return "", ""
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return fmt.Sprintf("The signature was refused (%d): whoever receives it has another secret.", answer.StatusCode), "WATCHBELL_WEBHOOK_SECRET, and the same one where it is received"
	case o.Verdict == incidents.Impossible && answer.StatusCode >= 400:
		return fmt.Sprintf("The webhook does not take a ping (%d).", answer.StatusCode), "the address in updates.webhook; whoever receives it answers an event of the type ping with 2xx, as docs/using.md says"
	default:
		return o.Say, "updates.webhook in watchbell.yml"
	}
}

// Examine goes as far with the mail server as a letter does, to its envelope: connection, TLS, credentials, sender and each
// address. Then it takes everything back; nobody gets a letter.
func (m *Mail) Examine(ctx context.Context) []incidents.Proof {
	p := incidents.Proof{What: fmt.Sprintf("the mail server %s", net.JoinHostPort(m.c.Host, fmt.Sprint(m.c.Port)))}
	client, err := m.client()
	if err != nil {
		p.Wrong, p.Mend = "It cannot be used as it is configured.", "updates.email in watchbell.yml"
		return []incidents.Proof{p}
	}
	server, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		p.Wrong, p.Mend = m.shut(err)
		return []incidents.Proof{p}
	}
	defer func() { _ = client.CloseWithSMTPClient(server) }()
	p.Note = "without TLS"
	if _, encrypted := server.TLSConnectionState(); encrypted {
		p.Note = "with TLS"
	}
	from := incidents.Proof{What: "mail from " + bare(m.c.From)}
	if err := server.Mail("<" + bare(m.c.From) + ">"); err != nil {
		from.Wrong, from.Mend = refusedMail("this sender", err), "updates.email.from, or the right of updates.email.user to send as it"
		return []incidents.Proof{p, from}
	}
	all := []incidents.Proof{p, from}
	for _, to := range m.c.To {
		one := incidents.Proof{What: "mail to " + bare(to)}
		if err := server.Rcpt("<" + bare(to) + ">"); err != nil {
			one.Wrong, one.Mend = refusedMail("this address", err), "updates.email.to in watchbell.yml"
		}
		all = append(all, one)
	}
	_ = server.Reset() // hanging up takes it back as well
	return all
}

// shut says why a mail server does not let us in, and what mends it.
func (m *Mail) shut(err error) (wrong, mend string) {
	var op *net.OpError
	var said *textproto.Error
	switch {
	case errors.As(err, &said):
		return fmt.Sprintf("It does not let us in (%d).", said.Code), "updates.email.user and SMTP_PASSWORD"
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered), strings.Contains(err.Error(), "SMTP AUTH"): // the library names no kind for it
		return "It takes no credentials in a way that we know.", "updates.email.user, or another port in updates.email.port"
	case errors.As(err, &op) && op.Op == "dial":
		return "Nobody answers there.", fmt.Sprintf("updates.email.host and port, and the firewall on the way: nc -vz %s %d", m.c.Host, m.c.Port)
	}
	look := fmt.Sprintf("openssl s_client -connect %s:%d", m.c.Host, m.c.Port)
	if m.c.Port != implicitTLS {
		look += " -starttls smtp"
	}
	return "It answers, but speaks no TLS that can be trusted.", "updates.email.host is the name in the server's certificate; look with: " + look
}

func refusedMail(what string, err error) string {
	var said *textproto.Error
	if errors.As(err, &said) {
		return fmt.Sprintf("The mail server does not take %s (%d).", what, said.Code)
	}
	return fmt.Sprintf("The mail server hung up at %s.", what)
}

// bare is an address without the name before it.
func bare(address string) string {
	if a, err := netmail.ParseAddress(address); err == nil {
		return a.Address
	}
	return address
}

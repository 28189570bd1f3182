package updates

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"watchbell/incidents"
)

// MailConfig says which server sends mail, from whom and to whom.
type MailConfig struct {
	Host string
	Port int // 465 speaks TLS from the beginning, any other one after STARTTLS, unless Host is this machine
	// User and Password are the credentials; both empty for none.
	User, Password string
	From           string
	To             []string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// mailTimeout bounds one message.
const mailTimeout = 15 * time.Second

// implicitTLS is the port on which TLS comes first. See RFC 8314.
const implicitTLS = 465

// Mail sends updates by e-mail. It is safe for concurrent use.
type Mail struct{ c MailConfig }

// NewMail returns a Mail. It calls nobody.
func NewMail(c MailConfig) *Mail {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Mail{c}
}

// Deliver sends an update, to everybody in one message. A message that comes twice, because nobody knows what became of the
// first attempt, has the same Message-ID both times.
func (m *Mail) Deliver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	u, _, out := read(d, incidents.KindMail, s)
	if out != nil {
		return *out
	}
	message, err := m.message(u, s)
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The e-mail cannot be written: look at the addresses in `updates.email`.", fmt.Errorf("%s: %w", d.Key, err))
	}
	client, err := m.client()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The mail server cannot be used as it is configured.", fmt.Errorf("%s: %w", d.Key, err))
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return failed(d, err)
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: id(s, u)})
}

func (m *Mail) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.c.Port), mail.WithTimeout(mailTimeout), mail.WithTLSPolicy(mail.TLSMandatory)}
	switch {
	case m.c.Port == implicitTLS:
		options = append(options, mail.WithSSL())
	case Loopback(m.c.Host): // nobody listens on the way
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if m.c.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.c.User), mail.WithPassword(m.c.Password))
	}
	return mail.NewClient(m.c.Host, options...)
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (m *Mail) message(u incidents.Update, s incidents.Snapshot) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(m.c.From); err != nil {
		return nil, err
	}
	to := msg.To
	if len(m.c.To) > 1 { // they need not know of each other
		if err := msg.To(m.c.From); err != nil {
			return nil, err
		}
		to = msg.Bcc
	}
	if err := to(m.c.To...); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(strings.TrimSuffix(m.c.From, ">"), "@")
	msg.SetMessageIDWithValue(id(s, u) + "@" + domain)
	if u.Number > 1 { // mail programs show them together
		msg.SetGenHeader(mail.HeaderReferences, "<"+id(s, incidents.Update{Number: 1})+"@"+domain+">")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // so that absence notes stay away: RFC 3834
	msg.SetDateWithValue(m.c.Now())
	msg.Subject(fmt.Sprintf("[#%d] %s: %s", s.Number, strings.Join(strings.Fields(s.Title), " "), stands(u, s)))
	text := strings.TrimSpace(u.Text) + "\n\nSince " + s.BeganAt().UTC().Format(moment)
	if !u.NextAt.IsZero() {
		text += ". You hear more by " + u.NextAt.UTC().Format(moment)
	}
	msg.SetBodyString(mail.TypeTextPlain, text+".\n")
	return msg, nil
}

const moment = "2 January 2006, 15:04 UTC"

// stands says in a word where the incident stood.
func stands(u incidents.Update, s incidents.Snapshot) string {
	switch status := cmp.Or(u.Status, s.Status); status {
	case incidents.Monitoring:
		return "it works again"
	case incidents.Resolved, incidents.Closed, incidents.CalledOff:
		return string(status)
	}
	return cmp.Or(string(s.Severity), "update")
}

// failed is what an error means.
func failed(d incidents.Delivery, err error) incidents.Outcome {
	chain := fmt.Errorf("%s: %w", d.Key, err)
	var sent *mail.SendError
	if errors.As(err, &sent) {
		switch {
		case sent.IsTemp():
			return incidents.Failing(incidents.Refused, "The mail server does not take it now.", chain)
		case sent.ErrorCode() >= 500:
			return incidents.Failing(incidents.Impossible, fmt.Sprintf("The mail server does not take it (%d): look at `updates.email`.", sent.ErrorCode()), chain)
		}
		return incidents.Failing(incidents.Uncertain, "The mail server gave no clear answer.", chain)
	}
	var protocol *textproto.Error
	if errors.As(err, &protocol) && protocol.Code >= 500 {
		return incidents.Failing(incidents.Impossible, fmt.Sprintf("The mail server does not let us in (%d): look at `updates.email` and SMTP_PASSWORD.", protocol.Code), chain)
	}
	return incidents.Failing(incidents.Refused, "The mail server cannot be reached.", chain)
}

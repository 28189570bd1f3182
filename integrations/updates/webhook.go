package updates

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"watchbell/incidents"
)

// WebhookConfig says where updates are posted to.
type WebhookConfig struct {
	// Addresses are the URLs.
	Addresses []string
	// Secret signs the body; what follows "whsec_" is Base64.
	Secret string
	// AllowPrivate lets addresses lead to this machine and into private networks.
	AllowPrivate bool
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// webhookTimeout bounds one call.
const webhookTimeout = 10 * time.Second

// Webhook posts updates as JSON, signed as the standard at https://www.standardwebhooks.com has it: the headers
// Webhook-Id, Webhook-Timestamp and Webhook-Signature, which is "v1," and the Base64 of the HMAC-SHA256 of id, timestamp
// and body with dots between. It is safe for concurrent use.
type Webhook struct {
	addresses map[string]string // by name
	order     []string          // as they are configured
	secret    []byte
	now       func() time.Time
	client    *http.Client
}

// NewWebhook returns a Webhook. It calls nobody.
func NewWebhook(c WebhookConfig) *Webhook {
	w := &Webhook{addresses: map[string]string{}, order: c.Addresses, secret: []byte(c.Secret), now: c.Now}
	if coded, ok := strings.CutPrefix(c.Secret, "whsec_"); ok {
		if secret, err := base64.StdEncoding.DecodeString(coded); err == nil {
			w.secret = secret
		}
	}
	if w.now == nil {
		w.now = time.Now
	}
	for _, address := range c.Addresses {
		w.addresses[Name(address)] = address
	}
	dialer := &net.Dialer{Timeout: webhookTimeout}
	if !c.AllowPrivate {
		dialer.Control = public
	}
	w.client = &http.Client{
		Timeout: webhookTimeout,
		// No proxy: who is called has to be seen here.
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: webhookTimeout, DisableKeepAlives: true},
		// A redirect leads where nobody has configured it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

var errPrivate = errors.New("the address leads into a private network")

// carrierNAT are addresses behind a provider's own translation.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// public refuses to connect to this machine and to private networks. It sees the address that is connected to, whatever the
// name server said before.
func public(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || carrierNAT.Contains(ip) {
		return errPrivate
	}
	return nil
}

// posted is what is sent. Fields may be added, never renamed.
type posted struct {
	Type     string           `json:"type"` // "incident.update"
	ID       string           `json:"id"`   // the same update has the same one, however often it comes
	Incident postedIncident   `json:"incident"`
	Update   incidents.Update `json:"update"`
}

type postedIncident struct {
	Number   int                `json:"number"`
	Title    string             `json:"title"`
	Severity incidents.Severity `json:"severity,omitempty"`
	Since    time.Time          `json:"since"`
}

// Deliver posts an update to one address.
func (w *Webhook) Deliver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	u, name, out := read(d, incidents.KindWebhook, s)
	if out != nil {
		return *out
	}
	address, known := w.addresses[name]
	if !known {
		return incidents.Failing(incidents.Impossible, "That address is not configured any more.", fmt.Errorf("%s: no webhook is called %q", d.Key, name))
	}
	body, err := json.Marshal(posted{Type: "incident.update", ID: id(s, u), Update: u,
		Incident: postedIncident{Number: s.Number, Title: s.Title, Severity: s.Severity, Since: s.BeganAt().UTC()}})
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The update cannot be written down.", fmt.Errorf("%s: %w", d.Key, err))
	}
	answer, err := w.post(ctx, address, id(s, u), body)
	if err != nil {
		return w.unreached(d, err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // what it says is of no use
	return outcome(d, answer)
}

var errNoAddress = errors.New("not an address")

// post calls an address with a signed body. The error may hold the address; see unreached.
func (w *Webhook) post(ctx context.Context, address, id string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errNoAddress
	}
	at := strconv.FormatInt(w.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Watchbell")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", at)
	r.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(Sign(w.secret, id, at, body)))
	return w.client.Do(r)
}

// Sign is the signature of a body.
func Sign(secret []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// unreached is what a call came to that got no answer. The error of the client holds the address, which may be secret.
func (w *Webhook) unreached(d incidents.Delivery, err error) incidents.Outcome {
	if errors.Is(err, errPrivate) {
		return incidents.Failing(incidents.Impossible, "The webhook's address leads into a private network; `updates.allow_private` allows that.",
			fmt.Errorf("%s: %w", d.Key, errPrivate))
	}
	if errors.Is(err, errNoAddress) {
		return incidents.Failing(incidents.Impossible, "The address of the webhook cannot be used.", fmt.Errorf("%s: %w", d.Key, errNoAddress))
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return incidents.Failing(incidents.Refused, "The webhook cannot be reached.", fmt.Errorf("%s: cannot connect", d.Key))
	}
	return incidents.Failing(incidents.Uncertain, "The webhook gave no answer.", fmt.Errorf("%s: no answer", d.Key))
}

// outcome is what an answer means.
func outcome(d incidents.Delivery, answer *http.Response) incidents.Outcome {
	code := answer.StatusCode
	failed := func(v incidents.Verdict, say string) incidents.Outcome {
		return incidents.Failing(v, say, fmt.Errorf("%s: the webhook answered %d", d.Key, code))
	}
	switch {
	case code >= 200 && code < 300:
		return incidents.DeliveredAs(incidents.Receipt{ID: strconv.Itoa(code)})
	case code >= 300 && code < 400:
		return failed(incidents.Impossible, "The webhook leads on to another address, and redirects are not followed: configure the last one.")
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusServiceUnavailable:
		o := failed(incidents.Refused, fmt.Sprintf("The webhook asks to wait (%d).", code))
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
			o.After = min(time.Duration(seconds)*time.Second, time.Hour)
		}
		return o
	case code >= 500:
		return failed(incidents.Uncertain, fmt.Sprintf("The webhook is in trouble (%d).", code))
	}
	return failed(incidents.Impossible, fmt.Sprintf("The webhook does not take it (%d): look at its address and at WATCHBELL_WEBHOOK_SECRET.", code))
}

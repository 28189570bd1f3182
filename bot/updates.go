package main

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"watchbell/incidents"
	"watchbell/integrations"
	"watchbell/integrations/updates"
)

// OnCallConfig says who is called out.
type OnCallConfig struct {
	// UserGroup is the id (S…) of the Slack user group whose members are invited when an incident is declared, and when they
	// come on call while one is open; empty for nobody.
	UserGroup string `yaml:"usergroup"`
}

var groupForm = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// UpdatesConfig says where else updates to stakeholders go.
type UpdatesConfig struct {
	// Webhook are addresses that get them as signed JSON; see docs/using.md.
	Webhook []string `yaml:"webhook"`
	// AllowPrivate lets those addresses lead to this machine and into private networks, also without TLS.
	AllowPrivate bool `yaml:"allow_private"`
	// Email sends them by e-mail; empty Host for none. The password is SMTP_PASSWORD.
	Email  EmailConfig `yaml:"email"`
	secret string      // WATCHBELL_WEBHOOK_SECRET
}

// EmailConfig says how updates are sent by e-mail.
type EmailConfig struct {
	Host     string   `yaml:"host"`
	Port     int      `yaml:"port"` // 587 when it is left out
	User     string   `yaml:"user"`
	From     string   `yaml:"from"`
	To       []string `yaml:"to"`
	password string
}

// outlets are where updates go outside Slack.
func (c *Config) outlets() (all []incidents.Outlet) {
	for _, address := range c.Updates.Webhook {
		all = append(all, incidents.Outlet{Kind: incidents.KindWebhook, Name: updates.Name(address)})
	}
	if c.Updates.Email.Host != "" {
		all = append(all, incidents.Outlet{Kind: incidents.KindMail})
	}
	return all
}

// carriers are the adapters of those outlets.
func (c *Config) carriers(now func() time.Time) map[incidents.Target]integrations.Deliver {
	all := map[incidents.Target]integrations.Deliver{}
	if w := c.webhook(now); w != nil {
		all[incidents.Web] = w.Deliver
	}
	if m := c.mail(now); m != nil {
		all[incidents.Mail] = m.Deliver
	}
	return all
}

// webhook is nil when none is configured, and so is mail.
func (c *Config) webhook(now func() time.Time) *updates.Webhook {
	if len(c.Updates.Webhook) == 0 {
		return nil
	}
	return updates.NewWebhook(updates.WebhookConfig{
		Addresses: c.Updates.Webhook, Secret: c.Updates.secret, AllowPrivate: c.Updates.AllowPrivate, Now: now,
	})
}

func (c *Config) mail(now func() time.Time) *updates.Mail {
	e := c.Updates.Email
	if e.Host == "" {
		return nil
	}
	return updates.NewMail(updates.MailConfig{
		Host: e.Host, Port: e.Port, User: e.User, Password: e.password, From: e.From, To: e.To, Now: now,
	})
}

// shortestSigner is the least number of characters of the secret that signs what webhooks get.
const shortestSigner = 24

func (c *Config) checkUpdates(wrong *mistakes) {
	u := c.Updates
	wrong.unless(c.OnCall.UserGroup == "" || groupForm.MatchString(c.OnCall.UserGroup), "oncall.usergroup", "is %q; write the id of a user group, which begins with S", c.OnCall.UserGroup)
	for _, address := range u.Webhook {
		at, err := url.Parse(address)
		ok := err == nil && at.Host != "" && at.User == nil && (at.Scheme == "https" || at.Scheme == "http" && u.AllowPrivate)
		// The address may be secret itself, so it is not said back.
		wrong.unless(ok, "updates.webhook", "has a line that is no web address; write one that begins with https:// and holds no password")
	}
	wrong.unless(len(u.Webhook) == 0 || len(c.Updates.secret) >= shortestSigner, "WATCHBELL_WEBHOOK_SECRET",
		"is missing or too easy to guess while updates.webhook is set; write at least %d random characters, such as `openssl rand -hex 32` prints", shortestSigner)
	e := &c.Updates.Email
	if e.Port == 0 {
		e.Port = 587
	}
	if e.Host == "" {
		wrong.unless(e.From == "" && len(e.To) == 0 && e.User == "", "updates.email.host", "is empty; write the name of the server that sends mail, or leave updates.email out")
		return
	}
	wrong.unless(net.ParseIP(e.Host) != nil || !strings.ContainsAny(e.Host, ":/@[] "), "updates.email.host", "is %q; write the server's name alone, and its port as updates.email.port", e.Host)
	wrong.unless(e.Port > 0 && e.Port < 65536, "updates.email.port", "is %d; write 587, or 465 for TLS from the beginning", e.Port)
	wrong.unless(len(e.To) > 0, "updates.email.to", "is empty; write the addresses that updates go to")
	for _, to := range e.To {
		_, err := mail.ParseAddress(to)
		wrong.unless(err == nil, "updates.email.to", "has %q, which is no e-mail address", to)
	}
	_, err := mail.ParseAddress(e.From)
	wrong.unless(err == nil, "updates.email.from", "is %q; write the e-mail address that updates come from", e.From)
	wrong.unless((e.User == "") == (e.password == ""), "updates.email.user and SMTP_PASSWORD", "belong together; set both, or neither for a server that asks for none")
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/bot/web"
	"watchbell/incidents"
	"watchbell/storage"
)

// How long links are good. That on a card changes once a week at most, so that the card is not edited for its sake alone.
const (
	linkLasts = 14 * 24 * time.Hour
	pageLasts = 30 * 24 * time.Hour
	cardWeek  = 7 * 24 * time.Hour
)

// links are signed with WATCHBELL_LINK_SECRET; without it, with a random secret that is kept beside the database file, so
// that links survive a restart and commands on this machine sign the same. Nil where there is neither: several processes
// on a database server need the variable, each the same one.
func (c *Config) links() (*web.Links, error) {
	if len(c.secrets.links) > 0 {
		return web.NewLinks(c.secrets.links...)
	}
	file, err := storage.File(c.database)
	if err != nil || file == "" {
		return nil, err
	}
	secret, err := keptSecret(file)
	if err == nil && len(secret) < web.ShortestSecret {
		err = fmt.Errorf("%s.secret holds too little: remove it, and a new one is made, which ends the links that were given out", file)
	}
	if err != nil {
		return nil, fmt.Errorf("the secret that signs links: %w; or set WATCHBELL_LINK_SECRET", err)
	}
	return web.NewLinks(secret)
}

// keptSecret reads a secret from a file beside the database that only its owner can read, and makes it first where there is none. Whoever is
// first wins; a file that is there is whole.
func keptSecret(database string) (string, error) {
	path := database + ".secret"
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".watchbell-*") // with mode 0600
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(rand.Text() + rand.Text() + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return "", err
	}
	storage.Belong(draft.Name(), database)
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	text, err = os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

// summary is an incident's card, with the way to write without Slack while that can matter.
func (a *app) summary(s incidents.Snapshot) chat.Message {
	m := chat.Summary(s)
	if page := a.statePage(s.Incident); page != "" {
		m = chat.Followed(m, page)
	}
	if a.links == nil || a.config.PublicURL == "" || s.Status == incidents.Closed || s.Status == incidents.CalledOff {
		return m
	}
	until := a.now().Truncate(cardWeek).Add(cardWeek + linkLasts)
	token := a.links.Sign(web.Right{Purpose: web.WriteLog, Incident: s.Number, Expires: until})
	m.Blocks = append(m.Blocks, chat.IfSlackIsDown(web.LogURL(a.config.PublicURL, token)))
	return m
}

// announcement is the team channel's message, with the page where the incident can be followed.
func (a *app) announcement(s incidents.Snapshot) chat.Message {
	m := chat.Announcement(s)
	// Whoever has the link may read the page, so where not everybody may see it is offered in the incident's channel alone.
	if page := a.statePage(s.Incident); page != "" && s.Channel.ID != "" && a.config.Rights.See == nil {
		m = chat.Followed(m, page)
	}
	return m
}

// statePage is the address of an incident's page; empty where there is none. A private incident and a drill have none
// unless whoever runs Watchbell asks for a link.
func (a *app) statePage(in incidents.Incident) string {
	if a.links == nil || a.config.PublicURL == "" || in.Private || in.Drill || in.Status == incidents.CalledOff {
		return ""
	}
	until := a.now().Truncate(cardWeek).Add(cardWeek + pageLasts)
	token := a.links.Sign(web.Right{Purpose: web.ReadState, Incident: in.Number, Expires: until})
	return web.StateURL(a.config.PublicURL, in.Number, token)
}

// statsPage is the address of the page that draws the incidents of a period; empty where there is none. Whoever has the
// link may read it, so where not everybody may see incidents there is none.
func (a *app) statsPage(from, to time.Time) string {
	if a.links == nil || a.config.PublicURL == "" || a.config.Rights.See != nil {
		return ""
	}
	return web.StatisticsURL(a.config.PublicURL, a.links.Sign(web.Right{
		Purpose: web.ReadStatistics, From: from.Unix(), To: to.Unix(), Expires: a.now().Add(pageLasts),
	}))
}

// statistics are what anybody may see of a period.
func (a *app) statistics(ctx context.Context, from, to time.Time) (incidents.Statistics, error) {
	return a.service.Statistics(ctx, "", from, to)
}

// runLink prints a signed link.
func runLink(_ context.Context, args []string, env environment) error {
	flags := newFlags("link", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	incident := flags.String("incident", "", "the incident's `NUMBER`")
	by := flags.String("by", "", "whom the link is for: a `NAME`, or a Slack user id; whoever has it when left out")
	lasts := flags.Duration("for", linkLasts, "how `LONG` it works, such as 8h")
	kind := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		kind, args = args[0], args[1:]
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	var number int
	var err error
	if kind != string(web.ReadStatus) {
		number, err = incidentNumber(*incident)
	}
	switch {
	case kind != string(web.WriteLog) && kind != string(web.ReadState) && kind != string(web.ReadStatus):
		err = errors.New("say which page: watchbell link log -incident 42 to write, watchbell link state -incident 42 to read, watchbell link status to see what waits or failed")
	case *lasts <= 0:
		err = errors.New("-for must be more than nothing, such as 8h")
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "watchbell link: %v\n", err)
		return errUsage
	}
	c, err := loadConfig(*config, env.getenv)
	if err != nil {
		return err
	}
	if err := mustExist(c.database); err != nil {
		return err
	}
	links, err := c.links()
	if err != nil {
		return err
	}
	if links == nil {
		return errors.New("nothing signs links: set WATCHBELL_LINK_SECRET, the same for every process")
	}
	base := c.PublicURL
	if base == "" {
		base = "http://" + net.JoinHostPort("localhost", c.listenPort())
		fmt.Fprintf(env.stderr, "public_url is not set, so the link names this machine.\n")
	}
	until := env.now().Add(*lasts)
	switch kind {
	case string(web.ReadStatus):
		fmt.Fprintln(env.stdout, web.StatusURL(base, links.Sign(web.Right{Purpose: web.ReadStatus, Expires: until})))
		fmt.Fprintf(env.stderr, "Whoever has it may see what waits or failed, and have it tried again or left out, until %s.\n", until.UTC().Format("2 January 2006 15:04 MST"))
		return nil
	case string(web.ReadState):
		token := links.Sign(web.Right{Purpose: web.ReadState, Incident: number, Expires: until})
		fmt.Fprintln(env.stdout, web.StateURL(base, number, token))
		fmt.Fprintf(env.stderr, "Whoever has it may read how #%d stands until %s.\n", number, until.UTC().Format("2 January 2006 15:04 MST"))
		return nil
	}
	token := links.Sign(web.Right{Purpose: web.WriteLog, Incident: number, Person: chat.Outsider(*by), Expires: until})
	fmt.Fprintln(env.stdout, web.LogURL(base, token))
	fmt.Fprintf(env.stderr, "Whoever has it may add to the timeline of #%d until %s.\n", number, until.UTC().Format("2 January 2006 15:04 MST"))
	return nil
}

func (c *Config) listenPort() string {
	_, port, _ := net.SplitHostPort(c.Listen)
	return port
}

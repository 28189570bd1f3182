package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"watchbell/bot/slackio"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
	"watchbell/storage"
)

// examined is what the doctor found at one place.
type examined struct {
	Place string `json:"place"`
	incidents.Proof
}

// doctorTimeout bounds all of it.
const doctorTimeout = time.Minute

// runDoctor tries everything before an incident does. It leaves nothing behind.
func runDoctor(ctx context.Context, args []string, env environment) error {
	flags := newFlags("doctor", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, wrong := loadForServices(*config, env.getenv)
	wrong.unless(c.secrets.slackBot != "", "SLACK_BOT_TOKEN", "is not set; it is the Bot User OAuth Token (xoxb-…) of your Slack app")
	if err := wrong.err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	found := c.examine(ctx, env.now)
	bad := 0
	for _, f := range found {
		if f.Wrong != "" {
			bad++
		}
	}
	if !*asJSON {
		printExamined(env.stdout, found)
	} else if err := printJSON(env.stdout, found); err != nil {
		return err
	}
	if bad > 0 {
		return errors.New(notAsTheyMustBe(fmt.Sprintf("of %d things ", len(found)), bad))
	}
	return nil
}

func printExamined(w io.Writer, found []examined) {
	for _, f := range found {
		if f.Wrong == "" {
			note := ""
			if f.Note != "" {
				note = ": " + f.Note
			}
			fmt.Fprintf(w, "✓ good   %-8s %s%s\n", f.Place, f.What, note)
			continue
		}
		fmt.Fprintf(w, "✗ wrong  %-8s %s: %s\n", f.Place, f.What, f.Wrong)
		if f.Mend != "" {
			fmt.Fprintf(w, "           mend it: %s\n", f.Mend)
		}
	}
}

// examine asks each place in turn.
func (c *Config) examine(ctx context.Context, now func() time.Time) (all []examined) {
	add := func(place string, proofs ...incidents.Proof) {
		for _, p := range proofs {
			all = append(all, examined{place, p})
		}
	}
	out := slackio.NewOutgoing(slackio.NewClient(slackio.Options{
		Token: c.secrets.slackBot, AppToken: c.secrets.slackApp, BaseURL: c.urls.slack, Now: now, Log: slog.New(slog.DiscardHandler),
	}), slackio.OutgoingOptions{TeamChannel: c.Slack.TeamChannel, Log: slog.New(slog.DiscardHandler)})
	add("Slack", out.Examine(ctx, slackio.Wanted{Scopes: c.features().scopes(), AppToken: c.secrets.slackApp != "", Listens: c.Slack.OfferDeclare})...)
	if c.secrets.slackApp == "" && c.secrets.slackSigning == "" {
		add("Slack", incidents.Proof{
			What: "the way in", Wrong: "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set, so nothing comes in from Slack.",
			Mend: "https://api.slack.com/apps → your app → Basic Information",
		})
	}
	if c.hasTrello() {
		add("Trello", c.trelloClient(now).Examine(ctx)...)
	} else {
		add("Trello", incidents.Proof{What: "cards", Note: "not set up: action items get none"})
	}
	if client, err := c.githubClient(world{now: now}); err == nil {
		add("GitHub", client.Examine(ctx)...)
	} else if c.hasGitHub() {
		add("GitHub", incidents.Proof{What: "the configuration", Wrong: err.Error()})
	} else {
		add("GitHub", incidents.Proof{What: "posts", Note: "not set up: there are no pull requests"})
	}
	if path, ok := protocolInRepo(c.Protocol); ok {
		add("GitHub", c.protocolProof(ctx, path, now))
	}
	if w := c.webhook(now); w != nil {
		add("webhook", w.Examine(ctx)...)
	}
	if m := c.mail(now); m != nil {
		add("e-mail", m.Examine(ctx)...)
	}
	add("database", c.databaseProofs(ctx)...)
	if c.PublicURL != "" {
		add("address", c.addressProof(ctx, now))
	}
	return all
}

// protocolProof looks whether the protocol in the repository can be read and used.
func (c *Config) protocolProof(ctx context.Context, path string, now func() time.Time) incidents.Proof {
	p := incidents.Proof{What: "the protocol " + inRepo + path}
	found, err := c.readRepoProtocol(ctx, path, world{now: now})
	if mistakes := (protocol.Mistakes{}); errors.As(err, &mistakes) {
		p.Wrong = "It has " + mistakesFound(len(mistakes)) + ": " + strings.ReplaceAll(mistakes.Error(), "\n", "; ")
		p.Mend = "watchbell protocol check " + inRepo + path
		return p
	}
	if err != nil {
		p.Wrong, p.Mend = err.Error(), "protocol in watchbell.yml, and the token's right to read contents"
		return p
	}
	p.Note = protocolSize(found)
	return p
}

// leastSpace is what should be free on the disk of the database.
const leastSpace = 200 << 20

// databaseProofs look whether incidents can be recorded.
func (c *Config) databaseProofs(ctx context.Context) []incidents.Proof {
	p := incidents.Proof{What: "writing to the database"}
	file, err := storage.File(c.database)
	if err == nil && file != "" {
		if _, missing := os.Stat(file); errors.Is(missing, fs.ErrNotExist) {
			p.Note = "there is none yet; serve makes " + file
			err = writable(filepath.Dir(file))
		} else if remote := dialControl(ctx, file); remote != nil {
			p.Note = "a Watchbell runs on it"
			_, err = remote.operate(ctx, operatorRequest{Order: orderWrite})
			_ = remote.close()
		} else {
			err = openAndWrite(ctx, c.database)
		}
	} else if err == nil {
		err = openAndWrite(ctx, c.database)
	}
	if err != nil {
		p.Wrong, p.Mend = err.Error(), mendsDatabase(err, file)
	}
	all := []incidents.Proof{p}
	if file != "" {
		if free, known := freeSpace(filepath.Dir(file)); known {
			space := incidents.Proof{What: "space on the disk of the database", Note: fmt.Sprintf("%d MB are free", free>>20)}
			if free < leastSpace {
				space.Wrong = fmt.Sprintf("Only %d MB are free: nothing can be recorded on a full disk.", free>>20)
				space.Mend = "df -h " + filepath.Dir(file)
			}
			all = append(all, space)
		}
	}
	return all
}

// mendsDatabase is where to look when nothing can be written to the database, whose file is empty for a server.
func mendsDatabase(err error, file string) string {
	if file != "" && (errors.Is(err, storage.ErrFull) || errors.Is(err, syscall.ENOSPC)) {
		return "df -h " + filepath.Dir(file)
	}
	return "DATABASE_URL, and the rights of the user that Watchbell runs as"
}

// writable makes a file in a folder, and removes it.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".watchbell-*")
	if err != nil {
		return fmt.Errorf("no file can be made in %s: %w", folder, errors.Unwrap(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// openAndWrite opens the database, which writes to it.
func openAndWrite(ctx context.Context, database string) error {
	s, err := storage.Open(ctx, database, storage.Options{Readers: 1})
	if err != nil {
		return err
	}
	return errors.Join(s.TryWriting(ctx), s.Close())
}

// addressProof sends a request to the public address, signed as Slack signs its own.
func (c *Config) addressProof(ctx context.Context, now func() time.Time) incidents.Proof {
	base := strings.TrimRight(c.PublicURL, "/")
	p := incidents.Proof{What: "a signed request to " + base}
	method, path, body := http.MethodGet, "/healthz", ""
	challenge := rand.Text()
	if c.secrets.slackSigning != "" {
		method, path, body = http.MethodPost, "/slack/events", `{"type":"url_verification","challenge":"`+challenge+`"}`
	} else {
		p.What = "the address " + base
	}
	r, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		p.Wrong, p.Mend = "public_url is no address.", "public_url in watchbell.yml"
		return p
	}
	stamp := strconv.FormatInt(now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(append(c.secrets.signing(), "")[0]))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body) // https://docs.slack.dev/authentication/verifying-requests-from-slack
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		p.Wrong, p.Mend = "Nobody answers there.", "start `watchbell serve`, then look at the proxy and the firewall in front of it: curl -i "+base+"/healthz"
		return p
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	switch {
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		p.Wrong = fmt.Sprintf("The signature was refused (%d): the Watchbell there has another signing secret.", answer.StatusCode)
		p.Mend = "https://api.slack.com/apps → your app → Basic Information → Signing Secret; set it as SLACK_SIGNING_SECRET and restart"
	case answer.StatusCode != http.StatusOK, body != "" && strings.TrimSpace(string(said)) != challenge:
		p.Wrong = fmt.Sprintf("What answers there (%d) is not Watchbell.", answer.StatusCode)
		p.Mend = "public_url in watchbell.yml, or the proxy in front of it"
	}
	return p
}

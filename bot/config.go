package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents/postmortem"
)

// Config is everything that can be set: the file watchbell.yml and the environment. The comments are the reference.
type Config struct {
	// Listen is the address that the HTTP server listens on.
	Listen string `yaml:"listen"`
	// PublicURL is where people and services reach that server; empty when nobody does (Socket Mode).
	PublicURL string         `yaml:"public_url"`
	Slack     SlackConfig    `yaml:"slack"`
	Trello    TrelloConfig   `yaml:"trello"`
	GitHub    GitHubConfig   `yaml:"github"`
	Post      PostConfig     `yaml:"post"`
	Protocol  string         `yaml:"protocol"`
	secrets   secrets        // from the environment, never from the file
	urls      baseURLs       // from the environment
	database  string         // DATABASE_URL
	zone      *time.Location // of the post
}

// SlackConfig says how Watchbell shows itself in Slack.
type SlackConfig struct {
	// Command is the slash command, with its slash.
	Command string `yaml:"command"`
	// TeamChannel is where incidents are announced: a channel's name or id.
	TeamChannel string `yaml:"team_channel"`
	// ChannelPrefix begins the names of the incidents' channels.
	ChannelPrefix string `yaml:"channel_prefix"`
	// CaptureReaction is the emoji that puts a message into the timeline, without colons.
	CaptureReaction string `yaml:"capture_reaction"`
}

// TrelloConfig says where the action items' cards go.
type TrelloConfig struct {
	// Board is the board's id, short link or name. A board that is named and does not exist is created.
	Board string `yaml:"board"`
	// List and DoneList are lists on it, created if missing.
	List     string `yaml:"list"`
	DoneList string `yaml:"done_list"`
	// Members maps Slack user ids to Trello user names, so that owners become members of their cards.
	Members map[string]string `yaml:"members"`
}

// GitHubConfig says where the post-mortems go.
type GitHubConfig struct {
	// Repo is the blog's repository, owner/name.
	Repo string `yaml:"repo"`
	// Base is the branch that pull requests are made against; empty for the repository's default branch.
	Base string `yaml:"base"`
}

// PostConfig says what a post looks like.
type PostConfig struct {
	// Path is the post's file; {date}, {slug} and {number} are filled in.
	Path string `yaml:"path"`
	// Template names the house style.
	Template string `yaml:"template"`
	// TimeZone is the IANA zone in which the post's times are printed and its day is counted.
	TimeZone string `yaml:"time_zone"`
	Category string `yaml:"category"`
	Author   string `yaml:"author"`
}

type secrets struct {
	slackBot, slackSigning, slackApp string
	trelloKey, trelloToken           string
	github                           string
}

type baseURLs struct{ slack, trello, github string }

func defaultConfig() Config {
	return Config{
		Listen: ":8080",
		Slack:  SlackConfig{Command: "/incident", TeamChannel: "team", ChannelPrefix: "inc-", CaptureReaction: "pushpin"},
		Trello: TrelloConfig{List: "Action items", DoneList: "Done"},
		Post: PostConfig{
			Path: "_posts/deployments/{date}-{slug}.md", Template: "flat", TimeZone: "UTC", Category: "deployments",
		},
	}
}

// loadConfig reads the file (none when its name is empty) and the environment. It reports every mistake at once, each
// with what to write instead.
func loadConfig(file string, getenv func(string) string) (Config, error) {
	c := defaultConfig()
	var wrong mistakes
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			wrong.add("config file", "%v; name another one with -config FILE, or leave -config out", err)
		} else if err := yaml.Load(text, &c, yaml.WithKnownFields()); err != nil && !strings.Contains(err.Error(), "no documents") {
			wrong.addYAML(file, err)
		}
	}
	secret := func(name string) string { return readSecret(name, getenv, &wrong) }
	c.secrets = secrets{
		slackBot: secret("SLACK_BOT_TOKEN"), slackSigning: secret("SLACK_SIGNING_SECRET"), slackApp: secret("SLACK_APP_TOKEN"),
		trelloKey: secret("TRELLO_KEY"), trelloToken: secret("TRELLO_TOKEN"),
		github: secret("GITHUB_TOKEN"),
	}
	c.database = secret("DATABASE_URL") // it may hold a password
	if c.database == "" {
		c.database = "sqlite:watchbell.db"
	}
	c.urls = baseURLs{slack: getenv("SLACK_API_URL"), trello: getenv("TRELLO_API_URL"), github: getenv("GITHUB_API_URL")}
	c.check(&wrong)
	return c, wrong.err()
}

// readSecret reads a secret from the environment, or from the file that NAME_FILE names.
func readSecret(name string, getenv func(string) string, wrong *mistakes) string {
	value, file := getenv(name), getenv(name+"_FILE")
	switch {
	case value != "" && file != "":
		wrong.add(name, "is set, and so is %s_FILE; keep one of them", name)
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			wrong.add(name+"_FILE", "cannot be read: %v", errors.Unwrap(err))
		}
		value = string(text)
	}
	return strings.TrimSpace(value)
}

var (
	commandForm = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	prefixForm  = regexp.MustCompile(`^[a-z0-9_-]{1,20}$`)
	emojiForm   = regexp.MustCompile(`^[a-z0-9_+'-]{1,100}$`)
	repoForm    = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	branchForm  = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
)

// check looks at everything that can be judged without asking a service.
func (c *Config) check(wrong *mistakes) {
	wrong.unless(commandForm.MatchString(c.Slack.Command), "slack.command", "is %q; write a slash and a word in lower case, such as /incident", c.Slack.Command)
	wrong.unless(strings.Trim(c.Slack.TeamChannel, "# ") != "", "slack.team_channel", "is empty; write the name or id of the channel where incidents are announced")
	wrong.unless(prefixForm.MatchString(c.Slack.ChannelPrefix), "slack.channel_prefix", "is %q; write lower-case letters, digits and dashes, such as inc-", c.Slack.ChannelPrefix)
	wrong.unless(emojiForm.MatchString(c.Slack.CaptureReaction), "slack.capture_reaction", "is %q; write the emoji's name without colons, such as pushpin", c.Slack.CaptureReaction)
	c.Slack.TeamChannel = strings.TrimPrefix(strings.TrimSpace(c.Slack.TeamChannel), "#")

	wrong.unless(c.Trello.List != "", "trello.list", "is empty; write the name of a list, such as Action items")
	if c.hasTrello() {
		wrong.unless(c.Trello.Board != "", "trello.board", "is empty while TRELLO_TOKEN is set; write the board's id, short link or name")
	}
	wrong.unless((c.secrets.trelloKey == "") == (c.secrets.trelloToken == ""), "TRELLO_KEY and TRELLO_TOKEN", "belong together; set both, or neither to do without cards")

	if c.secrets.github != "" {
		wrong.unless(repoForm.MatchString(c.GitHub.Repo), "github.repo", "is %q while GITHUB_TOKEN is set; write owner/name", c.GitHub.Repo)
	}
	wrong.unless(c.GitHub.Base == "" || branchForm.MatchString(c.GitHub.Base), "github.base", "is %q; write a branch's name, such as master, or leave it out", c.GitHub.Base)

	if err := postmortem.CheckPath(c.Post.Path); err != nil {
		wrong.add("post.path", "%v", err)
	}
	wrong.unless(c.Post.Template == "flat", "post.template", "is %q; this version knows flat", c.Post.Template)
	zone, err := time.LoadLocation(c.Post.TimeZone)
	wrong.unless(err == nil && c.Post.TimeZone != "Local", "post.time_zone", "is %q; write UTC or a name such as Europe/Berlin", c.Post.TimeZone)
	c.zone = zone
	wrong.unless(c.Protocol == "", "protocol", "is set; this version runs by its own protocol, so leave it out")
	for name, base := range map[string]string{
		"public_url": c.PublicURL, "SLACK_API_URL": c.urls.slack, "TRELLO_API_URL": c.urls.trello, "GITHUB_API_URL": c.urls.github,
	} {
		u, err := url.Parse(base)
		wrong.unless(base == "" || (err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil),
			name, "is not a web address; write one that begins with https:// and holds no password")
	}
}

// checkServe looks at what serve needs beyond practice.
func (c *Config) checkServe(wrong *mistakes) {
	wrong.unless(c.secrets.slackBot != "", "SLACK_BOT_TOKEN", "is not set; it is the Bot User OAuth Token (xoxb-…) of your Slack app")
	wrong.unless(c.secrets.slackSigning != "" || c.secrets.slackApp != "", "SLACK_SIGNING_SECRET", "is not set; take it from your Slack app's Basic Information, or set SLACK_APP_TOKEN (xapp-…) for Socket Mode")
	wrong.unless(c.secrets.slackBot == "" || strings.HasPrefix(c.secrets.slackBot, "xoxb-") || strings.HasPrefix(c.secrets.slackBot, "xoxe.xoxb-"), "SLACK_BOT_TOKEN", "is not a bot token; it begins with xoxb-")
	wrong.unless(c.secrets.slackApp == "" || strings.HasPrefix(c.secrets.slackApp, "xapp-"), "SLACK_APP_TOKEN", "is not an app-level token; it begins with xapp-")
	for name, value := range map[string]string{
		"SLACK_BOT_TOKEN": c.secrets.slackBot, "SLACK_APP_TOKEN": c.secrets.slackApp, "TRELLO_KEY": c.secrets.trelloKey,
		"TRELLO_TOKEN": c.secrets.trelloToken, "GITHUB_TOKEN": c.secrets.github,
	} {
		wrong.unless(!isPractice(value), name, "is a practice token; serve works with real ones, `practice` makes its own")
	}
}

func isPractice(token string) bool {
	return strings.HasPrefix(token, "xoxb-practice-") || strings.HasPrefix(token, "xapp-practice-") || strings.HasPrefix(token, "practice-")
}

func (c *Config) hasTrello() bool { return c.secrets.trelloToken != "" }

func (c *Config) hasGitHub() bool { return c.secrets.github != "" }

// mistakes collects what is wrong with a configuration.
type mistakes struct{ list []string }

func (m *mistakes) add(where, format string, args ...any) {
	m.list = append(m.list, where+" "+fmt.Sprintf(format, args...))
}

func (m *mistakes) unless(ok bool, where, format string, args ...any) {
	if !ok {
		m.add(where, format, args...)
	}
}

var (
	yamlNoField = regexp.MustCompile(`^line (\d+): field (\S+) not found in type \S+$`)
	yamlNoValue = regexp.MustCompile("^line (\\d+): cannot construct (\\S+) `(.*)` into .*$")
)

// addYAML takes the errors of a YAML reader apart.
func (m *mistakes) addYAML(file string, err error) {
	const example = "watchbell.example.yml shows them all"
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "construct errors: ")
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		one = strings.TrimSpace(one)
		if f := yamlNoField.FindStringSubmatch(one); f != nil {
			m.add(file+" line "+f[1], "has a key %s that means nothing here; %s", f[2], example)
		} else if f := yamlNoValue.FindStringSubmatch(one); f != nil {
			m.add(file+" line "+f[1], "has the value %s where something else belongs; %s", f[3], example)
		} else if one != "" {
			m.add(file, "is not YAML that can be read: %s", one)
		}
	}
}

func (m *mistakes) err() error {
	if len(m.list) == 0 {
		return nil
	}
	return &configError{slices.Sorted(slices.Values(m.list))}
}

// configError is every mistake in a configuration.
type configError struct{ list []string }

func (e *configError) Error() string {
	mistakes := "a mistake"
	if len(e.list) > 1 {
		mistakes = fmt.Sprintf("%d mistakes", len(e.list))
	}
	return fmt.Sprintf("the configuration has %s:\n  - %s", mistakes, strings.Join(e.list, "\n  - "))
}

package main

import (
	"errors"
	"os"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/incidents/protocol"
	"watchbell/integrations/github"
)

// Config is everything that can be set: the file watchbell.yml and the environment. The comments are the reference.
type Config struct {
	// Listen is the address that the HTTP server listens on.
	Listen string `yaml:"listen"`
	// PublicURL is where people and services reach that server; empty when nobody does (Socket Mode).
	PublicURL string          `yaml:"public_url"`
	Slack     SlackConfig     `yaml:"slack"`
	Trello    TrelloConfig    `yaml:"trello"`
	GitHub    GitHubConfig    `yaml:"github"`
	Post      PostConfig      `yaml:"post"`
	Timeline  TimelineConfig  `yaml:"timeline"`
	Rights    RightsConfig    `yaml:"rights"`
	Limits    LimitsConfig    `yaml:"limits"`
	Retention RetentionConfig `yaml:"retention"`
	// Protocol is the file that says how the team runs its incidents; "github:" and a path for one in github.repo, which is
	// followed there; empty for the default.
	Protocol string `yaml:"protocol"`
	// OnCall says who is called out.
	OnCall OnCallConfig `yaml:"oncall"`
	// Updates says where else updates to stakeholders go.
	Updates  UpdatesConfig  `yaml:"updates"`
	secrets  secrets        // from the environment, never from the file
	urls     baseURLs       // from the environment
	database string         // DATABASE_URL
	zone     *time.Location // of the post
	protocol *incidents.Protocol
	style    postmortem.Style // of the post, unless it is learned
}

// SlackConfig says how Watchbell shows itself in Slack.
type SlackConfig struct {
	// Command is the slash command, with its slash.
	Command string `yaml:"command"`
	// TeamChannel is where incidents are announced: a channel's name or id.
	TeamChannel string `yaml:"team_channel"`
	// UpdateChannels are where updates to stakeholders go, names or ids; the team channel when it is left out.
	UpdateChannels []string `yaml:"update_channels"`
	// OfferDeclare are the channels, names or ids, in which whoever writes something that looks like an incident is offered, in
	// private, to declare one. The bot has to be in them.
	OfferDeclare []string `yaml:"offer_declare"`
	// ChannelPrefix begins the names of the incidents' channels.
	ChannelPrefix string `yaml:"channel_prefix"`
	// CaptureReaction is the emoji that puts a message into the timeline, without colons.
	CaptureReaction string `yaml:"capture_reaction"`
	// Canvas has each incident's channel show its state document in a canvas, where Slack's plan has canvases.
	Canvas bool `yaml:"canvas"`
}

// TimelineConfig says how the timeline is written.
type TimelineConfig struct {
	// Sentences are what the bot itself writes there, by the name of the event; an empty one is left out.
	Sentences map[incidents.Sentence]string `yaml:"sentences"`
}

// RightsConfig says who may do what: "everybody", or a list of Slack user ids and ids of user groups.
type RightsConfig struct {
	// Declare is to declare incidents; Resolve to end them, which whoever leads may always; See to see those that one
	// takes no part in.
	Declare people `yaml:"declare"`
	Resolve people `yaml:"resolve"`
	See     people `yaml:"see"`
	// Guests and OtherOrganisations say what those may do at all.
	Guests             incidents.Allowance `yaml:"guests"`
	OtherOrganisations incidents.Allowance `yaml:"other_organisations"`
}

// people are ids; nil is everybody.
type people []string

// everybody is the word for it.
const everybody = "everybody"

// UnmarshalYAML takes the word, an id or a list of ids.
func (p *people) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*p = people{node.Value}
	} else if err := node.Decode((*[]string)(p)); err != nil {
		return err
	}
	if len(*p) == 1 && (*p)[0] == everybody {
		*p = nil
	}
	return nil
}

func (c *Config) rights() incidents.Rights {
	r := c.Rights
	return incidents.Rights{Declare: r.Declare, Resolve: r.Resolve, See: r.See, Guests: r.Guests, Strangers: r.OtherOrganisations}
}

// LimitsConfig bounds what is taken in.
type LimitsConfig struct {
	// PerPerson is how many commands, presses and forms one person may send within a minute; 0: no bound.
	PerPerson int `yaml:"per_person"`
	// PerAddress is how many pages outside Slack one address may ask for within a minute; 0: no bound.
	PerAddress int `yaml:"per_address"`
}

// RetentionConfig says after how many days what is forgotten; 0: never.
type RetentionConfig struct {
	// DeletedMessages are the words of captured messages that were deleted in Slack, RemovedEntries those of all entries
	// that were taken out of the timeline.
	DeletedMessages int `yaml:"deleted_messages"`
	RemovedEntries  int `yaml:"removed_entries"`
}

// TrelloConfig says where the action items' cards go.
type TrelloConfig struct {
	// Board is the board's id, short link or name. A board that is named and does not exist is created.
	Board string `yaml:"board"`
	// List is a list on it, created if missing.
	List string `yaml:"list"`
	// DoneList is the list where cards are that are done: an action item is done when its card is there, and a card goes
	// there when its action item is. It is never created; empty for none.
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
	// Fork is the account that holds the fork which branches are pushed to, "login" or "login/name"; empty when the token may
	// push to the repository.
	Fork string `yaml:"fork"`
	// Reviewers are asked to review a post's pull request: logins, and owner/team for teams. Labels are set on it.
	Reviewers []string `yaml:"reviewers"`
	Labels    []string `yaml:"labels"`
}

// PostConfig says what a post looks like.
type PostConfig struct {
	// Path is the post's file; {date}, {slug} and {number} are filled in.
	Path string `yaml:"path"`
	// Template names the house style: "learned" takes that of the newest posts on the blog, "flat" while there are none;
	// a name stands for one of the templates; a path, with a slash or ending in .md, for a post that shows the style.
	Template string `yaml:"template"`
	// TimeZone is the IANA zone in which the post's times are printed and its day is counted.
	TimeZone string `yaml:"time_zone"`
	Category string `yaml:"category"`
	Author   string `yaml:"author"`
	// Site is what the post is written for: jekyll, hugo, or markdown for a folder of files that are read as they lie there.
	Site string `yaml:"site"`
	// Open says when the pull request is opened: "resolve", or "demand" for not before somebody asks for it.
	Open string `yaml:"open"`
	// Date is the day in the post's file name: that of the "incident", or that on which it is "published"; then the file
	// moves every day until it is merged.
	Date string `yaml:"date"`
	// SiteURL is where the blog is read, https://blog.example.org: a published post is linked there.
	SiteURL string `yaml:"site_url"`
	// Times writes when it began, was noticed, declared, mitigated and resolved into the front matter, for programs.
	Times bool `yaml:"times"`
	// Data is a file of the site's repository with an item for each incident, for programs: _data/incidents.yml. It is
	// written along with the post; empty for none.
	Data string `yaml:"data"`
	// InternalHosts are the endings of host names that should stay inside; the check before publishing points them out.
	InternalHosts []string `yaml:"internal_hosts"`
}

// What can be chosen for a post.
const (
	openAtResolve, openOnDemand     = "resolve", "demand"
	dateOfIncident, dateOfPublished = "incident", "published"
)

// site is what posts are written for; the default while the configuration has not been checked.
func (c PostConfig) site() postmortem.Site {
	if site, ok := postmortem.SiteNamed(c.Site); ok {
		return site
	}
	site, _ := postmortem.SiteNamed(postmortem.Sites()[0])
	return site
}

// day is the date of a post at an instant, in the post's zone.
func (c PostConfig) day(s incidents.Snapshot, zone *time.Location, now time.Time) time.Time {
	if c.Date == dateOfPublished {
		return now.In(zone)
	}
	return s.BeganAt().In(zone)
}

type secrets struct {
	slackBot, slackApp     string
	slackSigning           string // one or several, see signing
	trelloKey, trelloToken string
	github                 string
	githubApp              github.App // in the place of the token
	githubHook             string     // signs what GitHub tells us; empty: nothing is taken
	// links sign the links to pages outside Slack; the first signs, all are accepted. None: one is kept beside the database.
	links []string
}

type baseURLs struct{ slack, trello, github string }

func defaultConfig() Config {
	return Config{
		Listen: ":8080", protocol: protocol.Default(),
		Slack:     SlackConfig{Command: "/incident", TeamChannel: "team", ChannelPrefix: "inc-", CaptureReaction: "pushpin", Canvas: true},
		Rights:    RightsConfig{Guests: incidents.AllowInvited, OtherOrganisations: incidents.AllowInvited},
		Limits:    LimitsConfig{PerPerson: 3000, PerAddress: 3000},
		Retention: RetentionConfig{DeletedMessages: 30},
		Trello:    TrelloConfig{List: "Action items", DoneList: "Done"},
		Post: PostConfig{
			Path: "_posts/deployments/{date}-{slug}.md", Template: learnedTemplate, TimeZone: "UTC", Category: "deployments",
			Site: postmortem.Sites()[0], Open: openAtResolve, Date: dateOfIncident,
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
		if info, failed := os.Stat(file); failed == nil && info.IsDir() {
			wrong.add("the configuration file "+file, "is a folder, which Docker makes where it finds no file; remove it, and put the file there")
		} else if err != nil {
			wrong.add("the configuration file "+file, "cannot be read: %v; name another one with -config FILE, or leave -config out", errors.Unwrap(err))
		} else if err := yaml.Load(text, &c, yaml.WithKnownFields()); err != nil && !strings.Contains(err.Error(), "no documents") {
			wrong.addYAML(file, string(text), err)
		}
	}
	secret := func(name string) string { return readSecret(name, getenv, &wrong) }
	c.secrets = secrets{
		slackBot: secret("SLACK_BOT_TOKEN"), slackSigning: secret("SLACK_SIGNING_SECRET"), slackApp: secret("SLACK_APP_TOKEN"),
		trelloKey: secret("TRELLO_KEY"), trelloToken: secret("TRELLO_TOKEN"),
		github: secret("GITHUB_TOKEN"), githubApp: github.App{ID: secret("GITHUB_APP_ID"), Key: []byte(secret("GITHUB_APP_PRIVATE_KEY"))},
		githubHook: secret("GITHUB_WEBHOOK_SECRET"),
		links:      several(secret("WATCHBELL_LINK_SECRET")),
	}
	c.Updates.secret, c.Updates.Email.password = secret("WATCHBELL_WEBHOOK_SECRET"), secret("SMTP_PASSWORD")
	c.database = secret("DATABASE_URL") // it may hold a password
	if c.database == "" {
		c.database = "sqlite:watchbell.db"
	}
	c.urls = baseURLs{slack: getenv("SLACK_API_URL"), trello: getenv("TRELLO_API_URL"), github: getenv("GITHUB_API_URL")}
	c.check(&wrong)
	return c, wrong.err()
}

// loadForServices is loadConfig for what works with the services, and so must know where they are used. Commands on the
// database do without.
func loadForServices(file string, getenv func(string) string) (Config, mistakes) {
	c, err := loadConfig(file, getenv)
	var wrong mistakes
	if known := (*configError)(nil); errors.As(err, &known) {
		wrong = mistakes{known.list}
	}
	wrong.unless(c.Trello.Board != "" || !c.hasTrello(), "trello.board", "is empty while TRELLO_TOKEN is set; write the board's id, short link or name")
	wrong.unless(c.GitHub.Repo != "" || !c.hasGitHub(), "github.repo", "is empty while GITHUB_TOKEN or GITHUB_APP_ID is set; write owner/name")
	return c, wrong
}

// several takes apart what is written with commas or blanks between: while a secret is replaced, the new one and the old.
func several(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// signing are the secrets that Slack's requests may be signed with.
func (s secrets) signing() []string { return several(s.slackSigning) }

// readSecret reads a secret from the environment, or from the file that NAME_FILE names.
func readSecret(name string, getenv func(string) string, wrong *mistakes) string {
	value, file := getenv(name), getenv(name+"_FILE")
	switch {
	case value != "" && file != "":
		wrong.add(name, "is set, and so is %s_FILE; keep one of them", name)
	case file != "": // the name of the file is not repeated: it may be the secret itself, put there by mistake
		text, err := os.ReadFile(file)
		value = strings.TrimPrefix(string(text), "\ufeff") // which some editors put first
		if err != nil {
			wrong.add(name+"_FILE", "cannot be read: %v; write the path of a file that holds the secret alone, and that Watchbell's user may read", errors.Unwrap(err))
		} else if strings.TrimSpace(value) == "" {
			wrong.add(name+"_FILE", "names an empty file; put the secret there, or take the line out")
		}
	}
	return strings.TrimSpace(value)
}

// checkProtocol reads the protocol, so that a mistake in it is found at the start and not at three in the morning.
func (c *Config) checkProtocol(wrong *mistakes) {
	if c.Protocol == "" {
		return
	}
	if path, ok := protocolInRepo(c.Protocol); ok {
		wrong.unless(validRepoPath(path), "protocol", "is %q; write github: and a path from the top of the repository that ends in .yml, such as github:ops/protocol.yml", c.Protocol)
		wrong.unless(c.GitHub.Repo != "", "github.repo", "is empty while protocol is in it; write owner/name")
		return
	}
	p, err := readProtocol(c.Protocol)
	if err != nil {
		wrong.add("protocol", "%v; `watchbell protocol check %s` explains it", err, c.Protocol)
		return
	}
	c.protocol = p
}

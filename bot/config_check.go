package main

import (
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watchbell/bot/slackio"
	"watchbell/bot/web"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
	"watchbell/storage"
)

var (
	commandForm  = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	prefixForm   = regexp.MustCompile(`^[a-z0-9_-]{1,20}$`)
	emojiForm    = regexp.MustCompile(`^[a-z0-9_+'-]{1,100}$`)
	repoForm     = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	reviewerForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9_.-]+)?$`)
	memberForm   = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	personForm   = regexp.MustCompile(`^[SUW][A-Z0-9]{2,30}$`)
	branchForm   = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
)

// check looks at everything that can be judged without asking a service.
func (c *Config) check(wrong *mistakes) {
	c.checkListen(wrong)
	wrong.unless(commandForm.MatchString(c.Slack.Command), "slack.command", "is %q; write a slash and a word in lower case, such as /incident", c.Slack.Command)
	wrong.unless(prefixForm.MatchString(c.Slack.ChannelPrefix), "slack.channel_prefix", "is %q; write lower-case letters, digits and dashes, such as inc-", c.Slack.ChannelPrefix)
	wrong.unless(emojiForm.MatchString(c.Slack.CaptureReaction), "slack.capture_reaction", "is %q; write the emoji's name without colons, such as pushpin", c.Slack.CaptureReaction)
	c.checkChannels(wrong)

	c.checkTrello(wrong)

	app := c.secrets.githubApp
	wrong.unless((app.ID == "") == (len(app.Key) == 0), "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY", "belong together; set both, or GITHUB_TOKEN instead")
	wrong.unless(app.ID == "" || c.secrets.github == "", "GITHUB_TOKEN", "is set, and so is GITHUB_APP_ID; keep one of them")
	owner, name, _ := strings.Cut(c.GitHub.Repo, "/")
	switch {
	case c.GitHub.Repo == "":
	case !repoForm.MatchString(c.GitHub.Repo) || strings.Trim(owner, ".") == "" || strings.Trim(name, ".") == "":
		wrong.add("github.repo", "is %q; write owner/name", c.GitHub.Repo)
	}
	wrong.unless(c.GitHub.Base == "" || branchForm.MatchString(c.GitHub.Base) && !strings.HasPrefix(c.GitHub.Base, "refs/"),
		"github.base", "is %q; write a branch's name alone, such as master, or leave it out", c.GitHub.Base)

	if c.GitHub.Fork != "" {
		account, _, _ := strings.Cut(c.GitHub.Fork, "/")
		wrong.unless(reviewerForm.MatchString(c.GitHub.Fork), "github.fork", "is %q; write the account that is to hold the fork, login or login/name, or leave it out", c.GitHub.Fork)
		wrong.unless(!strings.EqualFold(account, owner), "github.fork", "is %q, which has the repository itself; write another account, or leave it out", c.GitHub.Fork)
		wrong.unless(app.ID == "", "github.fork", "is set, and so is GITHUB_APP_ID; an App reaches only its own repository, so set GITHUB_TOKEN to a classic token")
	}

	if site, err := url.Parse(c.Post.SiteURL); c.Post.SiteURL != "" && (err != nil || site.Host == "" || site.Scheme != "https" && site.Scheme != "http") {
		wrong.add("post.site_url", "is %q; write the blog's address, such as https://blog.example.org", c.Post.SiteURL)
	}
	for _, who := range c.GitHub.Reviewers {
		wrong.unless(reviewerForm.MatchString(who), "github.reviewers", "has %q; write a login, or owner/team for a team", who)
	}
	for _, label := range c.GitHub.Labels {
		wrong.unless(strings.TrimSpace(label) != "" && utf8.RuneCountInString(label) <= 50, "github.labels", "has %q; write a label of at most 50 characters", label)
	}

	if err := postmortem.CheckPath(c.Post.Path); err != nil {
		wrong.add("post.path", "%v", err)
	} else if from := "/" + c.Post.Path; c.Post.Site == "jekyll" && strings.Contains(from, "/posts/") && !strings.Contains(from, "/_") {
		wrong.add("post.path", "is %q, where Jekyll sees no post; write %s, or set post.site", c.Post.Path, strings.Replace(from, "/posts/", "/_posts/", 1)[1:])
	}
	wrong.unless(c.Post.Data == "" || github.ValidData(c.Post.Data), "post.data", "is %q; write a path from the top of the repository that ends in .yml or .yaml, such as _data/incidents.yml, or leave it out", c.Post.Data)
	c.checkTemplate(wrong)
	_, known := postmortem.SiteNamed(c.Post.Site)
	wrong.unless(known, "post.site", "is %q; write %s", c.Post.Site, strings.Join(postmortem.Sites(), ", "))
	wrong.unless(c.Post.Open == openAtResolve || c.Post.Open == openOnDemand, "post.open", "is %q; write %s or %s", c.Post.Open, openAtResolve, openOnDemand)
	wrong.unless(c.Post.Date == dateOfIncident || c.Post.Date == dateOfPublished, "post.date", "is %q; write %s or %s", c.Post.Date, dateOfIncident, dateOfPublished)
	c.checkSentences(wrong)
	zone, err := time.LoadLocation(c.Post.TimeZone)
	wrong.unless(err == nil && c.Post.TimeZone != "Local", "post.time_zone", "is %q; write UTC or a name such as Europe/Berlin", c.Post.TimeZone)
	c.zone = zone
	c.checkPlaceholders(wrong)
	c.checkRights(wrong)
	c.checkUpdates(wrong)
	c.checkProtocol(wrong)
	for name, base := range map[string]string{
		"public_url": c.PublicURL, "SLACK_API_URL": c.urls.slack, "TRELLO_API_URL": c.urls.trello, "GITHUB_API_URL": c.urls.github,
	} {
		u, err := url.Parse(base)
		wrong.unless(base == "" || (err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil),
			name, "is not a web address; write one that begins with https:// and holds no password")
		wrong.unless(err != nil || u.RawQuery == "" && u.Fragment == "", name, "goes on behind a ? or #; end it before")
	}
}

func (c *Config) checkChannels(wrong *mistakes) {
	named := func(key string, channel *string) {
		typed := *channel
		name, ok := slackio.ChannelName(typed)
		*channel = name
		if name == "" {
			wrong.add(key, "is empty, or has an empty line; write the name or id of a channel")
			return
		}
		wrong.unless(ok, key, "has %q, which no channel of Slack can be called; write its name as it stands behind the #, or its id", typed)
	}
	named("slack.team_channel", &c.Slack.TeamChannel)
	for i := range c.Slack.UpdateChannels {
		named("slack.update_channels", &c.Slack.UpdateChannels[i])
	}
	for i := range c.Slack.OfferDeclare {
		named("slack.offer_declare", &c.Slack.OfferDeclare[i])
	}
	if len(c.Slack.UpdateChannels) == 0 {
		c.Slack.UpdateChannels = []string{c.Slack.TeamChannel}
	}
}

func (c *Config) checkTrello(wrong *mistakes) {
	t := c.Trello
	wrong.unless(t.List != "", "trello.list", "is empty; write the name of a list, such as Action items")
	wrong.unless(t.List == "" || !strings.EqualFold(strings.TrimSpace(t.List), strings.TrimSpace(t.DoneList)), "trello.done_list",
		"is %q, as trello.list is, so that everything would be done at once; write another list, or \"\" for none", t.DoneList)
	for id := range t.Members {
		wrong.unless(memberForm.MatchString(id), "trello.members", "has %q before the colon; write the Slack user id there (U…, in their profile, behind the three dots)", id)
	}
	wrong.unless((c.secrets.trelloKey == "") == (c.secrets.trelloToken == ""), "TRELLO_KEY and TRELLO_TOKEN", "belong together; set both, or neither to do without cards")
}

func (c *Config) checkSentences(wrong *mistakes) {
	for name, sentence := range c.Timeline.Sentences {
		if !slices.Contains(incidents.Sentences(), string(name)) {
			wrong.add("timeline.sentences", "has %q, which is no event; there are %s", name, strings.Join(incidents.Sentences(), ", "))
			continue
		}
		key := "timeline.sentences." + string(name)
		wrong.unless(utf8.RuneCountInString(sentence) <= 500 && !strings.Contains(sentence, "\n"), key, "is too long; write one line of at most 500 characters")
		known, can := incidents.SentenceWords(name), "nothing can be filled in there"
		if len(known) > 0 {
			can = "it can have {" + strings.Join(known, "}, {") + "}"
		}
		for _, word := range incidents.TextWords(sentence) {
			wrong.unless(slices.Contains(known, word), key, "has {%s}, which means nothing in it; %s", word, can)
		}
	}
}

// checkTemplate finds the style of the post.
func (c *Config) checkTemplate(wrong *mistakes) {
	name := c.Post.Template
	if name == learnedTemplate {
		return
	}
	if style, ok := postmortem.Template(name); ok {
		c.style = style
		return
	}
	if !strings.Contains(name, "/") && !strings.HasSuffix(name, ".md") {
		wrong.add("post.template", "is %q; write learned, %s, or the path of a post that shows the style", name, strings.Join(postmortem.Templates(), ", "))
		return
	}
	text, err := os.ReadFile(name)
	if err != nil {
		wrong.add("post.template", "cannot be read: %v", err)
		return
	}
	post, err := postmortem.ParseFile(name, text)
	if err != nil {
		wrong.add("post.template", "is %q, which is no post: %v", name, err)
		return
	}
	c.style = postmortem.Learn([]postmortem.Post{post})
}

// mostDays is what words may be kept for: a hundred years. Far more than that would come out of the calendar as now.
const mostDays = 36500

func (c *Config) checkRights(wrong *mistakes) {
	for name, days := range map[string]int{"retention.deleted_messages": c.Retention.DeletedMessages, "retention.removed_entries": c.Retention.RemovedEntries} {
		wrong.unless(days >= 0 && days <= mostDays, name, "is %d; write a number of days up to %d, or 0 for never", days, mostDays)
	}
	wrong.unless(c.Limits.PerPerson == 0 || c.Limits.PerPerson >= 10, "limits.per_person", "is %d; write at least 10, or 0 for no bound", c.Limits.PerPerson)
	wrong.unless(c.Limits.PerAddress == 0 || c.Limits.PerAddress >= 10, "limits.per_address", "is %d; write at least 10, or 0 for no bound", c.Limits.PerAddress)
	for name, list := range map[string]people{"declare": c.Rights.Declare, "resolve": c.Rights.Resolve, "see": c.Rights.See} {
		for _, id := range list {
			wrong.unless(personForm.MatchString(id), "rights."+name, "has %q; write everybody, or a list of ids: people have U… (in their profile, behind the three dots), user groups S…", id)
		}
		wrong.unless(list == nil || len(list) > 0, "rights."+name, "is an empty list; write everybody, or a list of ids")
	}
	for name, what := range map[string]incidents.Allowance{"guests": c.Rights.Guests, "other_organisations": c.Rights.OtherOrganisations} {
		wrong.unless(slices.Contains(incidents.Allowances, what), "rights."+name, "is %q; write everything, invited or nothing", what)
	}
}

// checkListen wants an address with a port.
func (c *Config) checkListen(wrong *mistakes) {
	const example = "write :8080, or 127.0.0.1:8080 when nobody needs to reach it, as with Socket Mode"
	if c.Listen == "" {
		wrong.add("listen", "is empty; %s", example)
		return
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if n, notNumber := strconv.Atoi(port); err != nil || notNumber != nil || n < 0 || n > 65535 {
		wrong.add("listen", "is %q; %s", c.Listen, example)
	}
}

// placeholder is what stands in examples where a secret belongs.
var placeholder = regexp.MustCompile(`(?i)^(xox[a-z]-|xapp-|xoxe\.xoxb-|github_pat_|ghp_)?(…|\.{2,}|x{3,}|<.*>|\[.*\]|your[-_ ].*|change[-_ ]?me.*|example|secret|token|todo|placeholder)?$`)

// checkPlaceholders refuses secrets that were copied from an example. An empty one is another matter.
func (c *Config) checkPlaceholders(wrong *mistakes) {
	for name, value := range map[string]string{
		"SLACK_BOT_TOKEN": c.secrets.slackBot, "SLACK_APP_TOKEN": c.secrets.slackApp,
		"TRELLO_KEY": c.secrets.trelloKey, "TRELLO_TOKEN": c.secrets.trelloToken, "GITHUB_TOKEN": c.secrets.github, "GITHUB_WEBHOOK_SECRET": c.secrets.githubHook,
	} {
		wrong.unless(value == "" || !placeholder.MatchString(value), name, "holds the words of an example; put the real one there, or take the line out")
		// A webhook's secret may be any sentence.
		wrong.unless(name == "GITHUB_WEBHOOK_SECRET" || !strings.ContainsFunc(value, unicode.IsSpace), name, "holds blanks or several lines; put one secret there, and nothing else")
	}
	for _, s := range c.secrets.signing() {
		wrong.unless(!placeholder.MatchString(s), "SLACK_SIGNING_SECRET", "holds the words of an example; put the real one there, or take the line out")
	}
	for _, s := range c.secrets.links {
		wrong.unless(len(s) >= web.ShortestSecret && !placeholder.MatchString(s), "WATCHBELL_LINK_SECRET",
			"is too easy to guess; write at least %d random characters, such as `openssl rand -hex 32` prints, or leave it out", web.ShortestSecret)
	}
}

// checkServe looks at what serve needs beyond practice.
func (c *Config) checkServe(wrong *mistakes) {
	wrong.unless(c.secrets.slackBot != "" || wrong.about("SLACK_BOT_TOKEN_FILE"), "SLACK_BOT_TOKEN", "is not set; it is the Bot User OAuth Token (xoxb-…) of your Slack app")
	wrong.unless(c.secrets.slackSigning != "" || c.secrets.slackApp != "", "SLACK_SIGNING_SECRET", "is not set; take it from your Slack app's Basic Information, or set SLACK_APP_TOKEN (xapp-…) for Socket Mode")
	wrong.unless(c.secrets.slackBot == "" || strings.HasPrefix(c.secrets.slackBot, "xoxb-") || strings.HasPrefix(c.secrets.slackBot, "xoxe.xoxb-"), "SLACK_BOT_TOKEN", "is not a bot token; it begins with xoxb-")
	wrong.unless(c.secrets.slackApp == "" || strings.HasPrefix(c.secrets.slackApp, "xapp-"), "SLACK_APP_TOKEN", "is not an app-level token; it begins with xapp-")
	if err := storage.CheckURL(c.database); err != nil {
		wrong.add("DATABASE_URL", "cannot be used: %v", err)
	}
	if app := c.secrets.githubApp; app.ID != "" && len(app.Key) > 0 {
		if err := app.Check(); err != nil {
			wrong.add("GITHUB_APP_PRIVATE_KEY", "%v", err)
		}
	}
	if _, ok := protocolInRepo(c.Protocol); ok {
		wrong.unless(c.hasGitHub(), "GITHUB_TOKEN", "is not set while protocol is in the repository; set it, or GITHUB_APP_ID and its key")
	}
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

func (c *Config) hasGitHub() bool {
	return c.secrets.github != "" || c.secrets.githubApp.ID != "" || len(c.secrets.githubApp.Key) > 0
}

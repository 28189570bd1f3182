package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"watchbell/bot/chat"
	"watchbell/bot/web"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
	"watchbell/integrations/github"
)

// inRepo begins the name of a protocol that is a file of the blog's repository.
const inRepo = "github:"

var repoPath = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_. /-]*\.ya?ml$`)

// protocolInRepo is the path of the protocol in the blog's repository; false when it is not there.
func protocolInRepo(name string) (path string, ok bool) {
	path, ok = strings.CutPrefix(name, inRepo)
	return strings.TrimPrefix(path, "/"), ok
}

func validRepoPath(path string) bool {
	return len(path) <= 200 && repoPath.MatchString(path) && !strings.Contains(path, "..") && !strings.Contains(path, "//")
}

// errNoProtocol says that the repository has no such file.
var errNoProtocol = errors.New("there is no such file, or the token may not read it")

// readRepoProtocol reads the protocol in the blog's repository once, for the commands.
func (c *Config) readRepoProtocol(ctx context.Context, path string, w world) (*incidents.Protocol, error) {
	client, err := c.githubClient(w)
	if err != nil {
		return nil, err
	}
	found, err := client.Latest(ctx, path, "")
	if err != nil {
		return nil, incidents.InWords(github.Reason(err), err)
	}
	if found.Missing {
		return nil, fmt.Errorf("%s: %w", client.Place(path), errNoProtocol)
	}
	return protocol.Read(string(found.Text), chat.Verbs()...)
}

const (
	// protocolPatience bounds the look before the very first incident can be declared.
	protocolPatience = 5 * time.Second
	// mostTold is how many mistakes are told in Slack.
	mostTold = 10
)

// repoProtocol follows the protocol in the blog's repository: what is right there is what incidents are declared under
// from then on. While it is not, or GitHub is away, they go on with the one that was taken last.
type repoProtocol struct {
	path, channel string
	github        *github.Client
	service       *incidents.Service
	log           *slog.Logger
	pushed        chan struct{} // something was pushed
	proposed      chan int      // the pull requests that were opened or changed

	looking sync.Mutex // held during a look
	tag     string     // of the file as it was read last

	mu  sync.Mutex
	now web.ProtocolStanding
}

// start goes back to what was taken last. Only when nothing was, it asks GitHub before anything can be declared.
func (r *repoProtocol) start(ctx context.Context) error {
	last, err := r.service.LastProtocol(ctx, r.place())
	if err != nil {
		return err
	}
	if last != nil {
		r.change(func(now *web.ProtocolStanding) { now.Version = last.Version })
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, protocolPatience)
	defer cancel()
	r.look(ctx)
	if r.standing().Version == "" {
		r.log.Warn("incidents are declared under the default protocol, for there is none from the repository yet", "file", r.place())
	}
	return nil
}

func (r *repoProtocol) place() string { return r.github.Place(r.path) }

// follow looks at the file at once, when something was pushed, and as often as at the pull requests.
func (r *repoProtocol) follow(ctx context.Context) {
	ticker := time.NewTicker(incidents.LookEvery)
	defer ticker.Stop()
	r.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case number := <-r.proposed:
			r.review(ctx, number)
		case <-r.pushed:
			r.look(ctx)
		case <-ticker.C:
			r.look(ctx)
		}
	}
}

// called takes a call of GitHub's: a push has the file looked at soon, a pull request what it would make of it.
func (r *repoProtocol) called(event string, body []byte) {
	switch event {
	case "push":
		r.nudge()
	case "pull_request":
		var call struct {
			Number int `json:"number"`
			Pull   struct {
				Head struct {
					Ref string `json:"ref"`
				} `json:"head"`
			} `json:"pull_request"`
		}
		if json.Unmarshal(body, &call) != nil || call.Number <= 0 || strings.HasPrefix(call.Pull.Head.Ref, branchPrefix) {
			return // the posts' own are many, and hold no protocol
		}
		select {
		case r.proposed <- call.Number:
		default: // too many at once: it is only a service
		}
	}
}

// review says on a pull request what is wrong with the protocol as it would be.
func (r *repoProtocol) review(ctx context.Context, number int) {
	p, err := r.github.Proposed(ctx, number, r.path)
	if err == nil && p.Touched {
		var wrong []string
		if p.Missing {
			wrong = []string{"the file would be gone"}
		} else if _, mistakes := protocol.Read(string(p.Text), chat.Verbs()...); mistakes != nil {
			wrong = strings.Split(mistakes.Error(), "\n")
		}
		if err = r.github.Judge(ctx, p, "protocol", r.path, wrong); err == nil {
			r.log.Info("a pull request that changes the protocol was looked through", "number", number, "mistakes", len(wrong))
		}
	}
	if err != nil && ctx.Err() == nil {
		r.log.Warn("a pull request that changes the protocol is not looked through", "number", number, "error", err)
	}
}

// nudge has the file looked at soon.
func (r *repoProtocol) nudge() {
	select {
	case r.pushed <- struct{}{}:
	default: // it will be
	}
}

// look takes the file if it has changed and is right.
func (r *repoProtocol) look(ctx context.Context) {
	r.looking.Lock()
	defer r.looking.Unlock()
	before := r.standing()
	found, err := r.github.Latest(ctx, r.path, r.tag)
	if err != nil {
		if why := github.Reason(err); ctx.Err() == nil && why != before.Away {
			r.change(func(now *web.ProtocolStanding) { now.Away = why })
			r.log.Warn("the protocol in the repository could not be looked at; the one before goes on", "file", r.place(), "error", err)
		}
		return
	}
	r.change(func(now *web.ProtocolStanding) { now.Away = "" })
	if found.Same {
		return
	}
	r.tag = found.Tag
	if found.Missing {
		r.refuse(ctx, nil, protocol.Mistakes{{Say: errNoProtocol.Error()}})
		return
	}
	p, err := protocol.Read(string(found.Text), chat.Verbs()...)
	if mistakes := (protocol.Mistakes{}); errors.As(err, &mistakes) {
		r.refuse(ctx, found.Text, mistakes)
		return
	}
	r.change(func(now *web.ProtocolStanding) { now.Wrong = nil })
	if p.Version == before.Version {
		return
	}
	if err := r.service.TakeProtocol(ctx, r.place(), p); err != nil {
		r.tag = "" // to be read again
		r.log.Error("the changed protocol is not taken yet", "file", r.place(), "error", err)
		return
	}
	r.change(func(now *web.ProtocolStanding) { now.Version = p.Version })
	r.log.Info("incidents are declared under the protocol of the repository from now on", "file", r.place(), "version", p.Version)
}

// refuse leaves a file that cannot be meant alone, and tells so once.
func (r *repoProtocol) refuse(ctx context.Context, text []byte, mistakes protocol.Mistakes) {
	before := r.standing()
	var wrong []string
	for _, m := range mistakes {
		said := m.Say
		if m.Line > 0 {
			said = fmt.Sprintf("line %d: %s", m.Line, m.Say)
		}
		wrong = append(wrong, said)
	}
	r.change(func(now *web.ProtocolStanding) { now.Wrong = wrong })
	if slices.Equal(wrong, before.Wrong) || text == nil && before.Version == "" {
		return // it was said, or nobody has written one yet
	}
	r.log.Error("the protocol in the repository has mistakes; the one before goes on", "file", r.place(), "mistakes", wrong)
	sum := sha256.Sum256(append([]byte(r.place()+"\n"), text...))
	body, err := json.Marshal(chat.ProtocolRefused(r.place(), inRepo+r.path, before.Version != "", wrong, mostTold))
	if err == nil {
		err = r.service.Tell(ctx, incidents.Notice{Key: "protocol/" + hex.EncodeToString(sum[:8]), Channel: r.channel, Body: body})
	}
	if err != nil {
		r.log.Error("the team is not told of the mistakes in the protocol", "error", err)
	}
}

// standing is what the page of whoever runs Watchbell says about it.
func (r *repoProtocol) standing() web.ProtocolStanding {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *repoProtocol) change(what func(now *web.ProtocolStanding)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what(&r.now)
}

// followProtocol sets up the following of the protocol in the repository, where it is configured to be there.
func (a *app) followProtocol(ctx context.Context) error {
	path, ok := protocolInRepo(a.config.Protocol)
	if !ok || a.github == nil {
		return nil
	}
	a.protocol = &repoProtocol{
		path: path, channel: a.config.Slack.TeamChannel, github: a.github, service: a.service, log: a.log,
		pushed: make(chan struct{}, 1), proposed: make(chan int, 30), now: web.ProtocolStanding{Place: a.github.Place(path)},
	}
	if err := a.protocol.start(ctx); err != nil {
		return fmt.Errorf("the protocol that was taken last: %w", err)
	}
	return nil
}

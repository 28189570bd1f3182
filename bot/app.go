package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"watchbell/bot/chat"
	"watchbell/bot/slackio"
	"watchbell/bot/web"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
	"watchbell/integrations"
	"watchbell/integrations/github"
	"watchbell/storage"
)

// app is the running bot: every part, wired.
type app struct {
	config  Config
	store   *storage.Store
	service *incidents.Service
	relay   *integrations.Relay
	slack   *slackio.Client
	desk    *chat.Desk
	out     *slackio.Outgoing
	intake  *slackio.Intake
	metrics *prometheus.Registry
	log     *slog.Logger
	links   *web.Links // nil: nothing signs links, so there are none
	now     func() time.Time
	ready   atomic.Bool
	gap     chan struct{} // events may have been lost
	house   *houseStyle   // nil without GitHub
	github  *github.Client
	// protocol is followed where it is a file of the repository; nil elsewhere.
	protocol *repoProtocol
}

// world is what differs between the world outside and practice: the clock and the pace. Nothing else does.
type world struct {
	now func() time.Time
	// settle is how long an uncertain delivery waits before it is looked for; zero for the usual time.
	settle time.Duration
	// githubPace is the least time between two writes at GitHub.
	githubPace time.Duration
}

// databaseStarts is how long a database server is waited for that is starting at the same time, as after a power cut or in Docker.
const databaseStarts = time.Minute

// newApp opens the database and wires the parts. It calls no service: the bot starts while they are away.
func newApp(ctx context.Context, c Config, w world, log *slog.Logger) (*app, error) {
	store, err := storage.Open(ctx, c.database, storage.Options{Starting: databaseStarts, Waiting: func(why error) {
		log.Warn("waiting for the database before anything else", "at_most", databaseStarts.String(), "reason", why)
	}})
	if err != nil {
		return nil, err
	}
	a := &app{config: c, store: store, metrics: prometheus.NewRegistry(), log: log, gap: make(chan struct{}, 1)}
	if err := a.wire(ctx, w); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return a, nil
}

func (a *app) wire(ctx context.Context, w world) error {
	c := a.config
	var err error
	if a.links, err = c.links(); err != nil {
		return err
	}
	a.now = w.now
	a.metrics.MustRegister(&backlog{app: a})
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.slack = slackio.NewClient(slackio.Options{
		Token: c.secrets.slackBot, AppToken: c.secrets.slackApp, BaseURL: c.urls.slack, Now: w.now, Log: a.log,
		Back: a.missed,
	})
	without := map[incidents.Target]bool{incidents.Trello: !c.hasTrello(), incidents.GitHub: !c.hasGitHub()}
	deliverers, err := a.deliverers(w)
	if err != nil {
		return err
	}
	a.relay = integrations.NewRelay(integrations.Options{
		Deliverers: deliverers, Now: w.now, Log: a.log, Metrics: a.metrics,
		Missing: map[incidents.Target]string{
			incidents.Trello: "Trello is not set up: set TRELLO_KEY, TRELLO_TOKEN and trello.board.",
			incidents.GitHub: "GitHub is not set up: set GITHUB_TOKEN or GITHUB_APP_ID, and github.repo.",
			incidents.Web:    "No webhook is set up any more: see updates.webhook.",
			incidents.Mail:   "E-mail is not set up any more: see updates.email.",
		},
	})
	a.service = incidents.NewService(a.store, incidents.Options{
		Now: w.now, Wake: a.relay.WakeFor, Turn: a.out.Turn, SettleTime: w.settle, OnlyProcess: !a.store.Shared(),
		Sentences: c.Timeline.Sentences, Rights: c.rights(), Who: a.slack.Person,
		PostOnDemand: c.Post.Open == openOnDemand,
		Without:      without, Protocol: c.protocol, Tell: c.Slack.UpdateChannels,
		Outlets: c.outlets(), OnCall: c.OnCall.UserGroup,
		Zone:         c.Post.TimeZone,
		ReadProtocol: func(text string) (*incidents.Protocol, error) { return protocol.Read(text) },
	})
	if err := a.followProtocol(ctx); err != nil {
		return err
	}
	if err := a.service.Recover(ctx); err != nil {
		return fmt.Errorf("take up what the last run left: %w", err)
	}
	if err := a.service.ReadBack(ctx, 0); err != nil {
		a.log.Warn("what happened while the bot was stopped is not read back yet", "error", err)
		a.missed() // the bot has other things to do meanwhile
	}
	a.desk = chat.NewDesk(a.service, chat.DeskOptions{
		Tell: c.Slack.UpdateChannels, PerMinute: c.Limits.PerPerson, Listens: a.listens(),
		Command: c.Slack.Command, Reaction: c.Slack.CaptureReaction, Zone: a.slack.Zone, Now: w.now, Drills: drills(),
		Escapes: escapes, InternalHosts: c.Post.InternalHosts,
		Conversation: a.slack.Conversation, Members: a.slack.Members, Public: a.slack.Public,
		Preview: a.preview, StatsPage: a.statsPage, StatsPicture: web.Picture,
		Remarks: func(s incidents.Snapshot) []chat.Remark { return remarks(s, c.Post, c.zone, w.now()) },
	})
	a.intake = slackio.NewIntake(a.slack, a.desk, a.service, slackio.IntakeOptions{
		SigningSecrets: c.secrets.signing(), Command: c.Slack.Command, Log: a.log, Metrics: a.metrics,
		Gap: a.service.ReadBack, Back: a.service.Back, Host: a.desk, OnCallChanged: a.service.OnCallChanged,
	})
	return nil
}

// listens says where talk is listened to for incidents; nil for nowhere.
func (a *app) listens() func(ctx context.Context, channel string) bool {
	named := a.config.Slack.OfferDeclare
	if len(named) == 0 {
		return nil
	}
	return func(ctx context.Context, channel string) bool { return a.slack.OneOf(ctx, channel, named) }
}

// deliverers are the adapters of the services that are set up.
func (a *app) deliverers(w world) (map[incidents.Target]integrations.Deliver, error) {
	c := a.config
	a.out = slackio.NewOutgoing(a.slack, slackio.OutgoingOptions{
		TeamChannel: c.Slack.TeamChannel, Canvas: c.Slack.Canvas, Log: a.log,
		Alike: func(ctx context.Context, in incidents.Incident) ([]incidents.Found, error) {
			return a.service.Alike(ctx, in)
		},
		Reaction: c.Slack.CaptureReaction, Captured: func(ctx context.Context, number int) ([]incidents.Captured, error) {
			return a.service.Captured(ctx, number)
		},
		Handle: func(ctx context.Context, r incidents.Request) (incidents.Result, error) {
			return a.service.Handle(ctx, r)
		},
		Replied:  func(ctx context.Context, r chat.Replied) error { return a.desk.Replied(ctx, r) },
		Delivery: func(ctx context.Context, key string) (incidents.Delivery, error) { return a.service.Delivery(ctx, key) },
		Render: slackio.Render{
			Announcement: a.announcement, Summary: a.summary, Topic: chat.Topic,
			Invitation: chat.Invitation, Reminder: chat.Reminder, Update: chat.UpdateMessage, Line: chat.DrillLine, Question: chat.Question,
			Review: func(s incidents.Snapshot) (chat.Message, bool) {
				found := s.Findings(c.Post.InternalHosts)
				said, m := remarks(s, c.Post, c.zone, w.now()), chat.Message{}
				if len(found) > 0 {
					m = chat.Review(s.Incident, found)
				}
				return chat.WithRemarks(m, s.Incident, said), len(found)+len(said) > 0
			},
			Proposals:   chat.Proposals,
			LookBack:    chat.LookBack,
			Before:      chat.Before,
			Handover:    chat.Handover,
			Asked:       chat.Asked,
			Vacant:      chat.Vacant,
			TakeOver:    chat.TakeOver,
			News:        chat.News,
			Returned:    chat.Returned,
			Relieved:    chat.Relieved,
			Stale:       chat.Stale,
			Describe:    chat.Describe,
			Unfollowed:  chat.Unfollowed,
			CatchUp:     chat.CaughtUp,
			Offer:       chat.Offer,
			Canvas:      chat.Canvas,
			Remark:      chat.Remarked,
			Sections:    chat.SectionList,
			Section:     chat.SectionMessage,
			Suggestion:  chat.Suggestion,
			ChannelName: func(s incidents.Snapshot) string { return chat.ChannelName(c.Slack.ChannelPrefix, s) },
		},
	})
	all := c.carriers(w.now)
	all[incidents.Slack] = a.out.Deliver
	if c.hasTrello() {
		all[incidents.Trello] = c.trelloClient(w.now).Deliver
	}
	if c.hasGitHub() {
		client, err := c.githubClient(w)
		if err != nil {
			return nil, err
		}
		a.github = client
		a.house = newHouseStyle(&c, client.Newest, w.now)
		writer := &postWriter{
			album:  &album{fetch: a.slack.File},
			github: client, post: c.Post, zone: c.zone, now: w.now, house: a.house,
			others: func(ctx context.Context) ([]incidents.Incident, error) {
				return a.service.Find(ctx, incidents.Query{})
			},
			reviewers: c.GitHub.Reviewers, labels: c.GitHub.Labels,
			handle: func(ctx context.Context, r incidents.Request) (incidents.Result, error) {
				return a.service.Handle(ctx, r)
			},
			snapshot: func(ctx context.Context, number int) (incidents.Snapshot, error) {
				return a.service.Snapshot(ctx, number)
			},
		}
		all[incidents.GitHub] = writer.Deliver
	}
	return all, nil
}

// channelURL opens an incident's channel in Slack; empty while there is none.
// See https://docs.slack.dev/interactivity/deep-linking.
func channelURL(s incidents.Snapshot) string {
	if s.Channel.ID == "" {
		return ""
	}
	return "https://slack.com/app_redirect?channel=" + s.Channel.ID
}

// handler serves Slack's requests and the operator's.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	a.intake.Register(mux)
	if a.links != nil {
		options := web.Options{
			Timeline: a.service, Statistics: a.statistics, Deliveries: &operator{store: a.store, service: a.service, now: a.now}, Links: a.links, Zone: a.slack.Zone, DefaultZone: a.config.zone, Now: a.now, Log: a.log,
			InternalHosts: a.config.Post.InternalHosts, PerMinute: a.config.Limits.PerAddress,
		}
		if a.protocol != nil {
			options.Protocol = a.protocol.standing
		}
		pages := web.New(options).Handler()
		mux.Handle("/log", pages)
		mux.Handle("/log/", pages)
		mux.Handle("/incidents/", pages)
		mux.Handle("/statistics", pages)
		mux.Handle("/status", pages)
	}
	mux.Handle("POST /github/webhook", a.githubHook())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.serveReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{Registry: a.metrics}))
	return guarded(mux)
}

// guarded says with every answer that no browser is to make more of it than what it is. Pages say more themselves.
func guarded(h http.Handler) http.Handler {
	says := http.Header{
		"Content-Security-Policy": {"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"},
		"X-Content-Type-Options":  {"nosniff"},
		"Referrer-Policy":         {"no-referrer"},
		"Cache-Control":           {"no-store"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), says)
		h.ServeHTTP(w, r)
	})
}

// serveReady answers 200 once the database is migrated and requests are taken in.
func (a *app) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if !a.ready.Load() {
		http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
		return
	}
	if err := a.store.Ping(ctx); err != nil {
		http.Error(w, unready(err), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// unready says what is wrong with the database to whoever asks; where it lies is in the log.
func unready(err error) string {
	switch {
	case errors.Is(err, storage.ErrFull):
		return "the disk of the database is full: nothing is recorded until there is room on it"
	case errors.Is(err, incidents.ErrNotDurable):
		return "the database takes no changes: nothing is recorded; `watchbell doctor` says why"
	}
	return "the database does not answer"
}

// Times of the HTTP server. Slack gives up after 3 seconds; metrics may take longer.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	stopWithin   = 4 * time.Second
	tidyEvery    = time.Hour
)

// run serves until the context ends, then stops in order: nothing new is taken in, what is under way is finished or
// left for the next start.
func (a *app) run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		a.ready.Store(false)
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		if err := server.Shutdown(stopping); err != nil {
			// Somebody holds a connection open. What was acknowledged is on disk, and Slack asks again for the rest.
			a.log.Warn("some connections did not end by themselves and are cut", "error", err)
			_ = server.Close()
		}
		a.intake.Close(stopping)
		return nil
	})
	group.Go(func() error { a.relay.Run(ctx, a.service); return nil })
	group.Go(func() error { a.slack.Identify(ctx); return nil })
	if a.config.secrets.slackApp != "" {
		group.Go(func() error { slackio.NewSocket(a.slack, a.intake, a.log).Run(ctx); return nil })
	}
	group.Go(func() error { keepWords(ctx, a.service.KeepWords, a.now, a.log); return nil })
	group.Go(func() error { return a.tidy(ctx) })
	group.Go(func() error { return a.control(ctx) })
	group.Go(func() error { return a.mind(ctx) })
	group.Go(func() error { return a.watch(ctx) })
	if a.protocol != nil {
		group.Go(func() error { a.protocol.follow(ctx); return nil })
	}
	group.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case <-a.store.Broken():
			// What was written since the last commit may or may not be on disk: only a fresh start knows.
			return fmt.Errorf("the database cannot be relied on any more; stopping, so that a fresh start reads what is really there: %w", a.store.Ping(context.WithoutCancel(ctx)))
		}
	})
	a.ready.Store(true)
	return errors.Join(group.Wait(), a.store.Close())
}

// missed notes that events may have been lost.
func (a *app) missed() {
	select {
	case a.gap <- struct{}{}:
	default: // noted already
	}
}

// lookEvery is how often the channels are read back although nothing says that anything was lost: over HTTP the bot does
// not notice when Slack cannot reach it.
const lookEvery = 30 * time.Minute

// lookAgain is how long after a failure they are read back.
const lookAgain = 10 * time.Second

// slept reports whether the machine was suspended, for which its clock went on and its timers stood still. Slack repeats an
// event for six minutes.
func slept(clock, timers time.Duration) bool { return clock-timers > time.Minute }

// mind has the channels read back when events may have been lost, and now and then; then what failed is tried again, too.
func (a *app) mind(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	looked, every := time.Now(), time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.gap:
		case <-every.C:
			before := looked
			looked = time.Now()
			if !slept(looked.Round(0).Sub(before.Round(0)), looked.Sub(before)) {
				continue
			}
			a.log.Info("the machine slept, or its clock was set; the channels are read back")
		case <-ticker.C:
			if err := a.service.Again(ctx, false); err != nil {
				a.log.Warn("what failed is not tried again yet", "error", err)
			}
		}
		if err := a.service.ReadBack(ctx, 0); err != nil {
			a.log.Warn("the channels are not read back yet", "error", err)
			time.AfterFunc(lookAgain, a.missed)
		}
	}
}

// tidy forgets, once an hour, what is no longer needed.
func (a *app) tidy(ctx context.Context) error {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			a.forget(ctx)
		}
	}
}

package slackio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// Render words what Slack shows of an incident.
type Render struct {
	Announcement func(incidents.Snapshot) chat.Message
	Summary      func(incidents.Snapshot) chat.Message
	Invitation   func(incidents.Snapshot) chat.Message
	Update       func(incidents.Snapshot, incidents.Update) chat.Message
	Reminder     func(incidents.Snapshot, incidents.Step) chat.Message
	Line         func(incidents.DrillLine) chat.Message
	// CatchUp tells what was written outside Slack.
	CatchUp func(incidents.Incident, []incidents.Entry) chat.Message
	// Before shows what was before, and says whether there is anything.
	Before func(incidents.Snapshot, []incidents.Found) (chat.Message, bool)
	// Review shows what should perhaps not be published, and says whether there is anything.
	Review    func(incidents.Snapshot) (chat.Message, bool)
	Question  func(incidents.Snapshot, incidents.Entry) chat.Message
	Proposals func(incidents.Snapshot, incidents.Entry) chat.Message
	// Vacant tells that somebody has left with roles.
	// TakeOver asks to take a role from somebody of whom nothing is heard.
	TakeOver func(incidents.Incident, incidents.Silence) chat.Message
	Vacant   func(in incidents.Incident, user string, roles []incidents.Role) chat.Message
	// Asked tells whoever owes an update that somebody asks for it, and says whether anybody does. News are for followers.
	Asked func(incidents.Snapshot) (chat.Message, bool)
	News  func(incidents.Snapshot, incidents.News) chat.Message
	// Handover asks a person to take roles, and says whether there is anything to ask. Returned tells of declined ones.
	// LookBack tells the lead how the protocol was followed.
	LookBack func(incidents.Snapshot) chat.Message
	Handover func(s incidents.Snapshot, user string) (chat.Message, bool)
	Returned func(incidents.Incident, []incidents.Handover) chat.Message
	// Stale tells the lead why the card is not brought up to date.
	Stale func(s incidents.Snapshot, why string) chat.Message
	// Relieved tells somebody what others did with their roles.
	Relieved    func(incidents.Incident, []incidents.Shift) chat.Message
	Describe    func(incidents.Snapshot, incidents.Entry) chat.Message
	Unfollowed  func(incidents.Snapshot, incidents.Entry) chat.Message
	Topic       func(incidents.Snapshot) string
	ChannelName func(incidents.Snapshot) string
	// Canvas is the state document as Markdown.
	Canvas func(incidents.Snapshot) string
	// Offer says how the pull request stands, Remark what somebody said about it.
	Offer  func(incidents.Snapshot) chat.Message
	Remark func(incidents.Snapshot, incidents.Remark) chat.Message
	// Sections is the list of the post's sections, Section one of them, and Suggestion the question about what was suggested.
	Sections   func(incidents.Snapshot) chat.Message
	Section    func(incidents.Snapshot, incidents.Section) chat.Message
	Suggestion func(s incidents.Snapshot, id string, what incidents.Suggested) chat.Message
}

// OutgoingOptions configures an Outgoing.
type OutgoingOptions struct {
	Render Render
	// TeamChannel is the channel for announcements, by id or name, with or without "#". Empty: nothing is announced.
	TeamChannel string
	// Canvas has each incident's channel keep its state document in a canvas, where Slack lets it.
	Canvas bool
	// Delivery returns another delivery by its key, or incidents.ErrNotFound: a pin needs to know what became of its card.
	Delivery func(ctx context.Context, key string) (incidents.Delivery, error)
	// Alike finds what was before an incident, for whoever declared it.
	Alike func(context.Context, incidents.Incident) ([]incidents.Found, error)
	// Captured returns the messages of an incident that were ever captured, and Handle carries out what follows from
	// reading its channel back.
	Captured func(ctx context.Context, number int) ([]incidents.Captured, error)
	Handle   func(context.Context, incidents.Request) (incidents.Result, error)
	// Replied is told of answers in threads that came while nobody listened; nil: of none.
	Replied func(context.Context, chat.Replied) error
	// Reaction is the emoji that captures a message, without colons.
	Reaction string
	// Log gets what is odd and needs no person; slog.Default when nil.
	Log *slog.Logger
}

// Outgoing brings things in Slack in line with an incident. It is safe for concurrent use.
type Outgoing struct {
	c   *Client
	o   OutgoingOptions
	log *slog.Logger

	mu       sync.Mutex
	channels map[string]string // ids of channels that are given by name, once they are known

	canvasLess atomic.Bool // this workspace has no canvases for us
}

// NewOutgoing returns an Outgoing that works through a Client.
func NewOutgoing(c *Client, o OutgoingOptions) *Outgoing {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Outgoing{c: c, o: o, log: o.Log}
}

// Deliver carries out one delivery to Slack. The snapshot is the incident as it is now, zero for an answer that belongs
// to none. Repeating a delivery does no harm, whatever became of the attempts before.
func (o *Outgoing) Deliver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	out, err := o.deliver(ctx, d, s)
	if err == nil {
		return out
	}
	if tidied(d, s, err) {
		r := d.Receipt
		r.Note = "" // so that it is shown when the channel comes back
		return incidents.DeliveredAs(r)
	}
	var t *trouble
	if errors.As(err, &t) {
		failed := t.outcome()
		failed.Err = fmt.Errorf("%s: %w", d.Key, err)
		return failed
	}
	return incidents.Failing(incidents.Refused, "This could not be prepared.", fmt.Errorf("%s: %w", d.Key, err))
}

// tidied reports whether something is only missing in the channel of an incident that is over, which somebody has put into the
// archive: nobody waits for it there.
func tidied(d incidents.Delivery, s incidents.Snapshot, err error) bool {
	if s.Number == 0 || s.Status.Open() || !isCode(err, "is_archived", "is_inactive") {
		return false
	}
	switch d.Kind {
	case incidents.KindSummary, incidents.KindPin, incidents.KindTopic, incidents.KindCanvas, incidents.KindBookmark, incidents.KindInvite,
		incidents.KindTick, incidents.KindSections, incidents.KindSection, incidents.KindOffer, incidents.KindReminder:
		return true
	}
	return false
}

// paced are the methods by which the kinds begin whose deliveries are each wished for once.
var paced = map[incidents.Kind]method{
	incidents.KindChannel: methodCreate, incidents.KindInvite: methodInvite, incidents.KindTick: methodReactionAdd,
	incidents.KindFetch: methodHistory, incidents.KindAnswer: methodEphemeral,
}

// Turn says how long a new delivery of a kind has to wait because others, which Slack lets be done only so often, are
// ahead of it, and keeps the turn for it; zero when it may be tried at once.
func (o *Outgoing) Turn(k incidents.Kind) time.Duration {
	m, ok := paced[k]
	if !ok {
		return 0
	}
	return o.c.pace.turn(m, o.c.now())
}

// errNoChannel says that a delivery came before the channel that it is for.
var errNoChannel = errors.New("the incident has no channel yet")

func (o *Outgoing) deliver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	switch d.Kind {
	case incidents.KindSummary, incidents.KindPin, incidents.KindTopic, incidents.KindInvite, incidents.KindBookmark,
		incidents.KindLine, incidents.KindCatchUp, incidents.KindReview, incidents.KindQuestion, incidents.KindReadBack,
		incidents.KindReminder, incidents.KindQuiet, incidents.KindTakeOver, incidents.KindAsked, incidents.KindVacant, incidents.KindPropose, incidents.KindHandover, incidents.KindReturned,
		incidents.KindBefore, incidents.KindLookBack, incidents.KindDescribe, incidents.KindOffer, incidents.KindRemark,
		incidents.KindSections, incidents.KindSection, incidents.KindSuggestion, incidents.KindCanvas:
		if s.Channel.ID == "" {
			return incidents.Outcome{}, errNoChannel
		}
	}
	switch d.Kind {
	case incidents.KindChannel:
		return o.channel(ctx, d, s)
	case incidents.KindAnnouncement:
		return o.announcement(ctx, d, s)
	case incidents.KindSummary:
		return o.summary(ctx, d, s)
	case incidents.KindPin:
		return o.pin(ctx, d)
	case incidents.KindStale:
		return o.stale(ctx, d, s)
	case incidents.KindCanvas:
		return o.canvas(ctx, d, s)
	case incidents.KindTopic:
		return o.topic(ctx, d, s)
	case incidents.KindInvite:
		return o.invite(ctx, d, s)
	case incidents.KindBookmark:
		return o.bookmark(ctx, d, s)
	case incidents.KindTick:
		return o.tick(ctx, d, s)
	case incidents.KindFetch:
		return o.fetch(ctx, d, s)
	case incidents.KindAnswer:
		return o.answer(ctx, d)
	case incidents.KindBefore:
		return o.before(ctx, d, s)
	case incidents.KindReview:
		return o.review(ctx, d, s)
	case incidents.KindQuestion:
		return o.question(ctx, d, s)
	case incidents.KindInvitation:
		return o.show(ctx, d, s, s.DeclaredIn, fit(o.o.Render.Invitation(s)))
	case incidents.KindLine:
		return o.line(ctx, d, s)
	case incidents.KindOnCall:
		return o.onCall(ctx, d, s)
	case incidents.KindQuiet:
		return o.quiet(ctx, d, s)
	case incidents.KindTakeOver:
		return o.takeOver(ctx, d, s)
	case incidents.KindVacant:
		return o.vacant(ctx, d, s)
	case incidents.KindAsked:
		return o.asked(ctx, d, s)
	case incidents.KindNews:
		return o.news(ctx, d, s)
	case incidents.KindUpdate:
		return o.stakeholders(ctx, d, s)
	case incidents.KindLookBack:
		return o.lookBack(ctx, d, s)
	case incidents.KindHandover:
		return o.handover(ctx, d, s)
	case incidents.KindReturned:
		return o.returned(ctx, d, s)
	case incidents.KindRelieved:
		return o.relieved(ctx, d, s)
	case incidents.KindReminder:
		return o.reminder(ctx, d, s)
	case incidents.KindCatchUp:
		return o.catchUp(ctx, d, s)
	case incidents.KindPropose:
		return o.propose(ctx, d, s)
	case incidents.KindUnfollowed:
		return o.unfollowed(ctx, d, s)
	case incidents.KindDescribe:
		return o.describe(ctx, d, s)
	case incidents.KindOffer:
		return o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Offer(s)))
	case incidents.KindRemark:
		return o.remark(ctx, d, s)
	case incidents.KindSections:
		return o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Sections(s)))
	case incidents.KindSection:
		return o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Section(s, incidents.Section(d.Subject))))
	case incidents.KindSuggestion:
		return o.suggestion(ctx, d, s)
	case incidents.KindReadBack:
		return o.readBack(ctx, d, s)
	}
	return incidents.Failing(incidents.Impossible, "The bot does not know how to do this.",
		fmt.Errorf("%s: no delivery of kind %q to Slack", d.Key, d.Kind)), nil
}

// metadataEvent is the event_type of the metadata on our messages; its payload holds the delivery's key, by which a message
// is found again. See https://docs.slack.dev/messaging/message-metadata.
const metadataEvent = "watchbell"

// options are the arguments that every message of ours has.
func (m fitted) options() []slack.MsgOption {
	blocks := make([]slack.Block, len(m.Blocks))
	for i, b := range m.Blocks {
		blocks[i] = b
	}
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// place is where a message is: "C123/1700000000.000100" in a receipt.
type place struct{ channel, ts string }

func (p place) String() string { return p.channel + "/" + p.ts }

func placeOf(receipt string) (place, bool) {
	channel, ts, ok := strings.Cut(receipt, "/")
	return place{channel, ts}, ok && channel != "" && ts != ""
}

// post sends a message that carries a delivery's key. In a thread when one is given.
func (o *Outgoing) post(ctx context.Context, channel, thread, key string, m fitted) (place, error) {
	opts := append(m.options(), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: metadataEvent, EventPayload: map[string]any{"key": key},
	}))
	if thread != "" {
		opts = append(opts, slack.MsgOptionTS(thread))
	}
	var at place
	err := o.c.call(ctx, methodPost, channel, func(ctx context.Context) (err error) {
		if at.channel, at.ts, err = o.c.api.PostMessageContext(ctx, channel, opts...); err != nil {
			return err
		}
		return lacking("place of the message", at.channel, at.ts)
	})
	return at, err
}

// update replaces a message of ours.
func (o *Outgoing) update(ctx context.Context, at place, m fitted) error {
	return o.c.call(ctx, methodUpdate, "", func(ctx context.Context) error {
		channel, ts, _, err := o.c.api.UpdateMessageContext(ctx, at.channel, at.ts, m.options()...)
		if err != nil {
			return err
		}
		return lacking("place of the message", channel, ts)
	})
}

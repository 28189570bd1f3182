package incidents

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Actor is the person who wants something.
type Actor struct {
	User string // Slack user id, or what Outsider made of a name
	// Outside says that the person does not speak in Slack but has shown a right to this incident elsewhere: a signed
	// link, or the machine that Watchbell runs on.
	Outside bool
	// In is the Slack conversation where the person said so.
	In string
	// Person is what their rights depend on; Service fills it in.
	Person Person `json:"-"`
}

// Before is what a command is decided on. For Declare and Backfill the incident has a number and nothing else.
type Before struct {
	Incident
	// Entry is the entry that the command concerns, with every reason for it to be there; nil when there is none.
	Entry    *Entry
	Captures []Capture
	// Timeline is the timeline in its order, for MoveEntry, and for a SetStatus that may say what was said before. History holds the versions of Entry in their order, for a
	// command that names it; for Undo those of all entries.
	Timeline, History []Entry
	// Sentences are those that the configuration words in its own way; an empty one is not said.
	Sentences map[Sentence]string
	// Tell names the Slack channels, by id or name, in which stakeholders are told.
	Tell []string
	// Other is the incident that a Relate names.
	Other Incident
	// OnCall is the Slack user group whose members are invited; empty for none.
	OnCall string
	// Outlets are where else they are told.
	Outlets []Outlet
	// Without names the services that are not set up: nothing is wished for there.
	Without map[Target]bool
	// PostOnDemand says that resolving alone opens no pull request.
	PostOnDemand bool
	// About is the delivery of the suggestion or remark that is answered; nil for none.
	About *Delivery
	// Rights say who may do what.
	Rights Rights
}

// Limits on what people write, in characters. They are far above what was ever needed, and below what Slack and
// GitHub take.
const (
	MaxTitle   = 200
	MaxEntry   = 10_000
	MaxAction  = 2_000
	MaxSection = 40_000
	// Ahead is how far in the future a time may lie without being questioned: clocks differ a little.
	Ahead = time.Minute
)

// Decide says what a command does to an incident. It is pure: the same arguments give the same change. It returns a
// *Refusal when the wish cannot be granted.
func Decide(before Before, by Actor, cmd Command, now time.Time) (Change, error) {
	d := &decision{before: before, by: by, now: now.UTC()}
	d.Incident = before.Incident
	d.Incident.Version++
	d.Incident.Actions = append([]Action(nil), before.Actions...)
	d.Result = Result{Incident: before.Number}
	if err := d.decide(cmd); err != nil {
		return Change{}, err
	}
	d.Trace = d.trace(cmd)
	if _, left := cmd.(Left); !left {
		d.there(d.by.User)
	}
	d.tick()
	d.watch()
	d.tellFollowers()
	d.Result.Title, d.Result.Drill = d.Incident.Title, d.Incident.Drill
	if p := d.Incident.Post; p.State == PullMerged || p.State == PullClosed || p.State == PullLeft {
		d.Result.Over = &p
	}
	return d.Change, nil
}

// decision is a change in the making. The maps of its incident are those of the one before: whoever changes one makes a copy.
type decision struct {
	Change
	before Before
	by     Actor
	now    time.Time
}

func (d *decision) decide(cmd Command) error {
	if refused := d.before.Rights.Refuse(d.by, rightFor(cmd), d.before.Incident); refused != nil {
		return refused
	}
	switch c := cmd.(type) {
	case Declare:
		return d.declare(c)
	case Backfill:
		return d.backfill(c)
	case StartDrill:
		return d.startDrill(c)
	}
	if d.before.Status == Closed {
		switch cmd.(type) {
		case Reopen, WithdrawCapture, EditMessage, DeleteMessage, ReadBack:
			// What people take back or correct in Slack is followed to the end.
		case FinishAction, GiveAction, CardAction, LookAtCards, DoneStep, SkipStep, PutOffStep, Follow, Relate, relatedBack:
			// Action items outlive the incident, and what is missing is answered for after it is closed.
		default:
			return Refuse(TooLate, "Incident #%d is closed.", d.before.Number).
				Next("Reopen it with `reopen #%d` if something has to be added.", d.before.Number)
		}
	}
	switch c := cmd.(type) {
	case Log:
		return d.log(c)
	case EditEntry, MoveEntry, RemoveEntry, RestoreEntry, SetInternal, AnswerProposal, DescribeFile:
		return d.onEntry(c.(byNumber))
	case Undo:
		return d.undo()
	case ClearFindings:
		return d.clear(c)
	case CaptureMessage:
		return d.capture(c)
	case WithdrawCapture:
		return d.withdraw(c)
	case EditMessage:
		return d.editMessage(c)
	case DeleteMessage:
		return d.deleteMessage(c)
	case ReadBack:
		return d.readBack(c)
	case SetStatus, SetSeverity, Resolve, CallOff, Reopen, Close:
		return d.move(c)
	case AssignRole:
		return d.assign(c)
	case AssignRoles:
		return d.assignAll(c)
	case LeaveRole:
		return d.leaveRole(c)
	case AnswerRole:
		return d.answerRole(c)
	case Join:
		return d.join()
	case AddAction:
		return d.addAction(c)
	case Relate, relatedBack, Follow, CallOut, Left, Came, AskForUpdate, FinishAction, GiveAction, CardAction, LookAtCards:
		return d.around(cmd)
	case Draft:
		return d.draftOne(c)
	case DraftAll:
		for name, text := range c.Sections {
			if err := d.unseen(name, tidied(text), seenOf(c.Seen)); err != nil {
				return err
			}
		}
		return d.draft(c.Sections)
	case ListSections:
		return d.listSections()
	case Discuss:
		return d.discuss(c)
	case Suggest:
		return d.suggest(c)
	case AnswerRemark:
		return d.answerRemark(c)
	case AnswerSuggestion:
		return d.answerSuggestion(c)
	case SendUpdate:
		return d.tellUsers(c)
	case AnswerPull:
		return d.answerPull(c)
	case FollowPost:
		return d.followPost(c)
	case DoneStep, SkipStep, PutOffStep:
		return d.step(cmd)
	case OfferMitigated:
		return d.offerMitigated(c)
	case AskForPost:
		return d.askForPost()
	}
	return fmt.Errorf("incidents: no rule for %T", cmd)
}

// noSuchIncident is the refusal for a number that there is no incident for, or none that the person may know of.
func noSuchIncident(number int) *Refusal {
	return Refuse(NotFound, "There is no incident #%d.", number).Next("`list all` shows the ones there are.")
}

// title cleans a title and refuses an empty or overlong one.
func title(text string) (string, error) {
	text = strings.Join(strings.Fields(strings.Map(shown, text)), " ")
	switch n := utf8.RuneCountInString(text); {
	case blank(text):
		return "", Refuse(Invalid, "An incident needs a title.").
			Next("Say in a few words what is wrong: `declare checkout is down`.").In("title")
	case n > MaxTitle:
		return "", Refuse(Invalid, "That title has %d characters and %d is the most. Nothing was declared yet.", n, MaxTitle).
			Next("Say it in a few words now, and put the rest into the timeline with `log`.").In("title")
	}
	return text, nil
}

// joiners hold letters and emoji together. They are the only characters without a look of their own that a title keeps.
const joiners = "\u200c\u200d"

// shown leaves out what cannot be seen and could turn the direction of what stands beside it.
func shown(r rune) rune {
	if !unicode.IsSpace(r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && !strings.ContainsRune(joiners, r) {
		return -1
	}
	return r
}

func visible(r rune) bool {
	const blankBraille = '\u2800'
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != blankBraille && !unicode.Is(unicode.Mn, r)
}

// blank says that nothing of a text is to be seen: it is empty, or of characters without a look of their own.
func blank(text string) bool { return strings.IndexFunc(text, visible) < 0 }

func (d *decision) declare(c Declare) error {
	text, err := title(c.Title)
	if err != nil {
		return err
	}
	if c.Severity != "" {
		if err := d.before.Protocol.known(c.Severity); err != nil {
			return err
		}
	}
	if c.StartedAt.After(d.now.Add(Ahead)) {
		return StillAhead().In("started_at")
	}
	in := &d.Incident
	in.Title, in.Summary, in.Severity, in.Private = text, strings.TrimSpace(c.Summary), c.Severity, c.Private
	in.Status, in.DeclaredAt, in.DeclaredBy, in.DeclaredIn = Declared, d.now, d.by.User, d.by.In
	in.StartedAt = c.StartedAt.UTC()
	if c.StartedAt.IsZero() {
		in.StartedAt = time.Time{}
	}
	in.Holders = map[Role][]string{Lead: {d.by.User}}
	d.say(EventDeclared, d.now, d.sentence(SaidDeclared))
	subject := ""
	if c.Here {
		if strings.HasPrefix(d.by.In, "D") || d.by.In == "" {
			return Refuse(Invalid, "A direct message cannot be an incident's channel. Nothing was declared yet.").
				Next("Write `declare %s` to get a channel for it, or say it in the channel.", text)
		}
		subject = Here
	}
	d.want(KindChannel, subject)
	d.callOut()
	return nil
}

func (d *decision) backfill(c Backfill) error {
	text, err := title(c.Title)
	if err != nil {
		return err
	}
	in := &d.Incident
	in.Title, in.Backfill, in.Status = text, true, Resolved
	in.DeclaredAt, in.DeclaredIn = d.now, d.by.In
	if _, named := OutsiderName(d.by.User); d.by.User != "" && !named {
		in.DeclaredBy, in.Holders = d.by.User, map[Role][]string{Lead: {d.by.User}}
	}
	return nil
}

func (d *decision) startDrill(c StartDrill) error {
	if err := d.declare(Declare{Title: c.Title}); err != nil {
		return err
	}
	d.Incident.Drill = true
	if d.Incident.DeclaredIn != "" { // else it was begun where nobody else reads
		d.want(KindInvitation, "")
	}
	for n, line := range c.Lines {
		d.Wishes = append(d.Wishes, d.Incident.line(n+1, line))
	}
	return nil
}

func (d *decision) join() error {
	if d.Incident.Channel.ID == "" {
		refused := Refuse(TooLate, "Incident #%d has no channel to join.", d.Incident.Number)
		if d.Incident.Backfill {
			return refused.Next("A past incident has none: name it with its number, as in `log #%d …`.", d.Incident.Number)
		}
		return refused.Next("Its channel opens a moment after it begins; try again.")
	}
	d.want(KindInvite, d.by.User)
	return nil
}

// say adds an entry of the bot's own, in the voice of the post. A past incident gets none.
func (d *decision) say(what Event, at time.Time, text string) {
	if d.Incident.Backfill || text == "" {
		return
	}
	d.enter(Entry{At: at, Text: text, Format: Markdown, Event: what}, DeedLogged)
}

// enter adds an entry and names it in the result.
func (d *decision) enter(e Entry, deed Deed) {
	d.Incident.LastEntry++
	e.Number = d.Incident.LastEntry
	d.write(e, deed)
	d.Result.Until = e.Until
}

// write adds a version of an entry to the change, and names the entry in the result. The store keeps the one before.
func (d *decision) write(e Entry, deed Deed) {
	e.Version++
	e.Last = Touch{By: d.by.User, At: d.now, Deed: deed, Change: d.Incident.Version}
	d.Entries = append(d.Entries, e)
	d.Result.Entry, d.Result.At = e.Number, e.At
}

// want adds a wish.
func (d *decision) want(k Kind, subject string) {
	d.Wishes = append(d.Wishes, d.Incident.wish(k, subject))
}

// show wishes that everything that shows the named parts of the state is brought up to date. What does not exist yet
// is left out: it is wished for when the thing that it points to is there.
func (d *decision) show(head, content bool) {
	d.Wishes = d.Incident.views(d.Wishes, head, content)
}

// showCaptured is show for the content when a message was captured.
func (d *decision) showCaptured() {
	before := len(d.Wishes)
	d.show(false, true)
	for i := range d.Wishes[before:] {
		if w := &d.Wishes[before+i]; w.Kind == KindSummary {
			w.Debounce = debounceCaptured
		}
	}
}

// views adds the wishes that follow from a change of the head (title, status, severity, roles), or of the content (timeline,
// action items, sections).
func (i Incident) views(ws []Wish, head, content bool) []Wish {
	if i.Channel.ID != "" {
		if head {
			if i.announced() {
				ws = append(ws, i.wish(KindAnnouncement, ""))
			}
			if i.Drill && i.DeclaredIn != "" {
				ws = append(ws, i.wish(KindInvitation, ""))
			}
			if !i.InPlace() {
				ws = append(ws, i.wish(KindTopic, ""))
			}
		}
		ws = append(ws, i.wish(KindSummary, ""))
	}
	if head && i.Channel.ID == "" && i.announced() && !i.Backfill { // it may have been announced without one
		w := i.wish(KindAnnouncement, "")
		w.Known = true
		ws = append(ws, w)
	}
	if content && i.Channel.ID != "" {
		ws = append(ws, i.sectionViews()...)
	}
	if i.PostWanted && content && (i.Post.State == PullOpen || i.Post.State == PullReopening) {
		ws = append(ws, i.wish(KindPost, ""))
	}
	return ws
}

func (d *decision) addAction(c AddAction) error {
	text := strings.TrimSpace(c.Text)
	switch n := utf8.RuneCountInString(text); {
	case blank(text):
		return Refuse(Invalid, "An action item needs a sentence.").
			Next("Write what has to be done: `action rotate the keys @ana by friday`.").In("text")
	case n > MaxAction:
		return Refuse(Invalid, "That action item has %d characters and %d is the most.", n, MaxAction).
			Next("Say it in a sentence; the details fit on its card.").In("text")
	}
	// The day is not over anywhere in the world before it has been over for half a day in UTC.
	if over := c.Due.AddDate(0, 0, 1).Add(12 * time.Hour); !c.Due.IsZero() && over.Before(d.now) && !c.Confirmed && !d.before.Backfill {
		return Refuse(Past, "%s is over, so the action item was not noted yet.", c.Due.Format("Monday, 2 January 2006")).
			Next("Name a day to come, or leave the day out.").In("due")
	}
	if err := d.notedAgain(c, text); err != nil {
		return err
	}
	a := Action{
		Number: len(d.Incident.Actions) + 1, Text: text, Owner: c.Owner, Due: c.Due, Link: c.Link, NotedAt: d.now,
		// A private incident is to be found nowhere, so its action items are on no board unless somebody asks for it.
		WantsCard: c.Card || (c.Link == "" && !d.Incident.Backfill && !d.Incident.Private && !holdsLink(text)),
	}
	d.Result.MayHave = !a.WantsCard && c.Link == ""
	if d.before.Without[Trello] || d.Incident.Drill {
		a.WantsCard, d.Result.MayHave = false, false
	}
	d.Incident.Actions = append(d.Incident.Actions, a)
	d.Result.Action, d.Result.Card = a.Number, a.WantsCard
	if a.WantsCard {
		d.want(KindCard, strconv.Itoa(a.Number))
	}
	d.show(false, true)
	return nil
}

// holdsLink reports whether a Markdown text links somewhere already.
func holdsLink(text string) bool {
	for _, mark := range []string{"](http", "](<http", "<http://", "<https://", " http://", " https://"} {
		if strings.Contains(" "+text, mark) {
			return true
		}
	}
	return false
}

func (d *decision) draft(sections map[Section]string) error {
	for name, text := range sections {
		if !slices.Contains(Sections, name) {
			return notASection(name)
		}
		if n := utf8.RuneCountInString(text); n > MaxSection {
			return Refuse(Invalid, "That section has %d characters and %d is the most.", n, MaxSection).
				Next("Shorten it, or put the details behind a link.").In(string(name))
		}
	}
	if d.Incident.Sections = maps.Clone(d.Incident.Sections); d.Incident.Sections == nil {
		d.Incident.Sections = map[Section]string{}
	}
	changed := false
	for name, text := range sections {
		text = tidied(text)
		if d.Incident.Sections[name] == text {
			continue
		}
		changed = true
		d.Incident.Sections[name] = text
		d.wrote(name)
	}
	d.Result.Unchanged = !changed
	if changed {
		d.show(false, true)
	}
	return nil
}

func sectionNames() string {
	names := make([]string, len(Sections))
	for i, s := range Sections {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

func (d *decision) askForPost() error {
	if d.Incident.Status == CalledOff {
		return Refuse(TooLate, "Incident #%d was called off, so there is nothing to publish.", d.Incident.Number).
			Next("Reopen it first if it was an incident after all.")
	}
	if d.Incident.Drill {
		return Refuse(TooLate, "This is a drill, so there is nothing to publish.").
			Next("`draft` still lets you practise writing the sections.")
	}
	if d.before.Without[GitHub] {
		return Refuse(Invalid, "GitHub is not set up, so there is nowhere to open a pull request.").
			Next("Whoever runs Watchbell sets GITHUB_TOKEN and github.repo.")
	}
	d.Incident.PostWanted = true
	d.want(KindPost, "")
	d.review()
	return nil
}

// StillAhead is the refusal of a time in the future that nobody has said they mean.
func StillAhead() *Refusal {
	return Refuse(Future, "That time is still ahead, so nothing was recorded yet.").
		Next("Check the day and the zone, or say that you mean it.")
}

package incidents

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Standing is what a person is to the Slack workspace.
type Standing string

// The standings. Empty: nobody has said, as while Slack is away; then the person counts as a member.
const (
	Member   Standing = "member"
	Guest    Standing = "guest"    // invited to some channels of the workspace
	Stranger Standing = "stranger" // of another organisation, in a channel that is shared with it
)

// Person is what rights depend on.
type Person struct {
	Standing Standing
	// Groups are those of the user groups that were asked about that the person is in.
	Groups []string
	// Unsure says that Slack did not say of some group.
	Unsure bool
}

// Allowance is what guests, or people of other organisations, may do.
type Allowance string

// The allowances.
const (
	AllowAll     Allowance = "everything" // what members may
	AllowInvited Allowance = "invited"    // take part where they are: in incidents in whose channel they stand, or hold a role
	AllowNothing Allowance = "nothing"
)

// Allowances lists them.
var Allowances = []Allowance{AllowAll, AllowInvited, AllowNothing}

// Rights say who may do what. What Slack shows by itself, such as the announcement to whoever is in the team channel, is
// Slack's to decide. The zero value allows everything to everybody.
type Rights struct {
	// Declare, Resolve and See list Slack user ids and ids of user groups (S…); nil is everybody.
	Declare, Resolve, See []string
	Guests, Strangers     Allowance // empty: AllowAll
}

// Right is a thing that rights are about.
type Right string

// The rights. Every command needs one of them.
const (
	ToDeclare Right = "declare" // an incident, a past one or a drill
	ToResolve Right = "resolve" // or call off, or close: the lead always may
	ToSee     Right = "see"     // an incident, and to take part in it
	// ToFollow is what nobody is refused: what people take back or correct in Slack.
	ToFollow Right = "follow"
)

// rightFor is the right that a command needs.
func rightFor(cmd Command) Right {
	switch cmd.(type) {
	case Declare, Backfill, StartDrill:
		return ToDeclare
	case Resolve, CallOff, Close:
		return ToResolve
	case WithdrawCapture, EditMessage, DeleteMessage, ReadBack, CallOut, Left, Came, relatedBack:
		return ToFollow
	}
	return ToSee
}

// Groups are the user groups that the rights name.
func (r Rights) Groups() (groups []string) {
	for _, id := range slices.Concat(r.Declare, r.Resolve, r.See) {
		if strings.HasPrefix(id, "S") && !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	return groups
}

func (r Rights) allowance(p Person) Allowance {
	a := AllowAll
	switch p.Standing {
	case Guest:
		a = r.Guests
	case Stranger:
		a = r.Strangers
	}
	if a == "" {
		return AllowAll
	}
	return a
}

// listsFor are the lists that a right depends on; nil where there are fewer.
func (r Rights) listsFor(wants Right) [2][]string {
	switch wants {
	case ToDeclare:
		return [2][]string{r.Declare}
	case ToResolve:
		return [2][]string{r.Resolve, r.See}
	case ToSee:
		return [2][]string{r.See}
	}
	return [2][]string{}
}

// lists reports whether a list names the person. Where Slack does not say who is in a group, unsure counts.
func lists(list []string, user string, p Person, unsure bool) bool {
	if list == nil || slices.Contains(list, user) {
		return true
	}
	return slices.ContainsFunc(p.Groups, func(g string) bool { return slices.Contains(list, g) }) || (p.Unsure && unsure)
}

// Refuse decides about rights, and nothing else does: it says why somebody may not do a thing, and returns nil when they
// may. The incident counts for ToResolve and ToSee alone. Whoever holds a signed link has shown the right to its incident.
// An actor without a user is the bot itself, which follows what happens in a channel.
func (r Rights) Refuse(by Actor, wants Right, in Incident) *Refusal {
	allowed := r.allowance(by.Person)
	if allowed == AllowNothing && wants != ToFollow {
		return Refuse(NotAllowed, "%s may not use Watchbell here.", by.Person.whom()).
			Next("Tell somebody of the team; whoever runs Watchbell decides about it with `rights` in its configuration.")
	}
	if wants == ToDeclare {
		if allowed == AllowInvited {
			return Refuse(NotAllowed, "%s may not declare incidents here.", by.Person.whom()).
				Next("Tell somebody of the team, who can; you can take part in its channel once you are invited.")
		}
		if !lists(r.Declare, by.User, by.Person, true) {
			return Refuse(NotAllowed, "Only %s may declare incidents here.", naming(r.Declare)).
				Next("Ask one of them; nothing was declared yet.")
		}
		return nil
	}
	if by.Outside {
		return nil
	}
	here := in.Channel.ID != "" && by.In == in.Channel.ID
	everything := allowed == AllowAll && lists(r.See, by.User, by.Person, false)
	switch {
	case here || in.part(by.User):
	case !everything && wants != ToFollow: // one sentence for what is there, what is private and what is not
		return Refuse(NotAllowed, "You may see the incidents that you take part in, and #%d is none of them.", in.Number).
			Next("Ask in its channel, or somebody of the team.")
	case in.Private || in.Status == "":
		return noSuchIncident(in.Number)
	}
	if wants == ToResolve && by.User != "" && by.User != in.Holder(Lead) {
		if allowed == AllowInvited {
			return Refuse(NotAllowed, "%s may not end incidents here, unless they lead.", by.Person.whom()).
				Next("Ask %s, who leads.", mention(in.Holder(Lead)))
		}
		if !lists(r.Resolve, by.User, by.Person, true) {
			return Refuse(NotAllowed, "Only %s and whoever leads may end incidents here.", naming(r.Resolve)).
				Next("Ask %s, who leads; `log` says meanwhile that it is over.", mention(in.Holder(Lead)))
		}
	}
	return nil
}

func (p Person) whom() string {
	if p.Standing == Stranger {
		return "People of other organisations"
	}
	return "Guests"
}

// naming names people and groups as Slack shows them.
func naming(ids []string) string {
	if len(ids) == 0 {
		return "nobody"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = mention(id)
	}
	return strings.Join(names, ", ")
}

func mention(id string) string {
	switch {
	case id == "":
		return "somebody of the team"
	case strings.HasPrefix(id, "S"):
		return "<!subteam^" + id + ">"
	}
	return "<@" + id + ">"
}

// part reports whether a person has a part in the incident: declared it, or holds a role.
func (i Incident) part(user string) bool {
	if user == "" {
		return false
	}
	if user == i.DeclaredBy {
		return true
	}
	for role := range i.Holders {
		if i.Has(role, user) {
			return true
		}
	}
	return false
}

// person completes an actor with what their rights depend on. Slack is asked only where that can make a difference, for
// people wait for the answer.
func (s *Service) person(ctx context.Context, by Actor, wants Right, number int) Actor {
	if s.who == nil || by.User == "" || wants == ToFollow {
		return by
	}
	if _, named := OutsiderName(by.User); named {
		return by
	}
	r := s.rights
	standing := func(a Allowance) bool {
		if a == "" || a == AllowAll {
			return false
		}
		if a == AllowNothing || wants == ToDeclare {
			return true
		}
		if by.Outside {
			return false
		}
		if wants == ToResolve || by.In == "" || number == 0 {
			return true
		}
		here, err := s.InChannel(ctx, by.In)
		return err != nil || here != number
	}
	var groups []string
	for _, list := range r.listsFor(wants) {
		for _, id := range list {
			if strings.HasPrefix(id, "S") && !slices.Contains(list, by.User) && !slices.Contains(groups, id) {
				groups = append(groups, id)
			}
		}
	}
	if by.Outside {
		groups = nil
	}
	if len(groups) > 0 || standing(r.Guests) || standing(r.Strangers) {
		by.Person = s.who(ctx, by.User, groups)
	}
	return by
}

// See returns an incident for somebody who asks about it, or the refusal for one that there is not, or that they may not
// know of.
func (s *Service) See(ctx context.Context, by Actor, number int) (Incident, error) {
	by = s.person(ctx, by, ToSee, number)
	in, err := s.Incident(ctx, number)
	if errors.Is(err, ErrNotFound) {
		in, err = Incident{Number: number}, nil
	}
	if err != nil {
		return in, err
	}
	if refused := s.rights.Refuse(by, ToSee, in); refused != nil {
		return Incident{}, refused
	}
	return in, nil
}

// May refuses what a person may not do wherever they are, before anything is asked of them; nil when they may.
func (s *Service) May(ctx context.Context, by Actor, wants Right) error {
	by = s.person(ctx, by, wants, 0)
	if wants != ToDeclare && s.rights.allowance(by.Person) != AllowNothing {
		return nil
	}
	if refused := s.rights.Refuse(by, wants, Incident{}); refused != nil {
		return refused
	}
	return nil
}

// readable leaves out of what was read back from a channel the marks of people who may not use the bot.
func (s *Service) readable(ctx context.Context, cmd ReadBack) ReadBack {
	if s.rights.Guests == AllowNothing || s.rights.Strangers == AllowNothing {
		cmd.Reasons = slices.DeleteFunc(slices.Clone(cmd.Reasons), func(r ReasonSeen) bool {
			return r.Present && s.May(ctx, Actor{User: r.By}, ToSee) != nil
		})
	}
	return cmd
}

// FindFor is Find for a person: it leaves out what they may not know of.
func (s *Service) FindFor(ctx context.Context, user string, q Query) ([]Incident, error) {
	by := s.person(ctx, Actor{User: user}, ToSee, 0)
	q.For = user
	q.Part = s.rights.allowance(by.Person) != AllowAll || !lists(s.rights.See, user, by.Person, false)
	if q.Part && (user == "" || s.rights.allowance(by.Person) == AllowNothing) {
		return nil, nil
	}
	return s.Find(ctx, q)
}

// seesAll reports whether a person may see every incident that is not private, wherever they are.
func (s *Service) seesAll(ctx context.Context, user string) bool {
	by := s.person(ctx, Actor{User: user}, ToSee, 0)
	return s.rights.allowance(by.Person) == AllowAll && lists(s.rights.See, user, by.Person, false)
}

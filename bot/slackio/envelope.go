package slackio

// envelope wraps an event. See https://docs.slack.dev/apis/events-api.
type envelope struct {
	Type, Challenge, EventID            string
	TeamID, ContextTeamID, EnterpriseID string
	AppID                               string
	EventTime                           int64 // seconds since 1970
	// Teams are those that the app is authorised for, as far as they are named; BotUser is the bot's user id there.
	Teams   []string
	BotUser string
	Event   event
}

// parseEnvelope reads an envelope with its event. It returns false when the data is no JSON.
func parseEnvelope(data []byte) (*envelope, bool) {
	e := &envelope{}
	r := &reader{data: data}
	r.object(func(name []byte) {
		switch string(name) {
		case "type":
			e.Type = r.text()
		case "challenge":
			e.Challenge = r.text()
		case "event_id":
			e.EventID = r.text()
		case "team_id":
			e.TeamID = r.text()
		case "context_team_id":
			e.ContextTeamID = r.text()
		case "enterprise_id":
			e.EnterpriseID = r.text()
		case "api_app_id":
			e.AppID = r.text()
		case "event_time":
			e.EventTime = r.integer()
		case "authorizations":
			r.array(func() { e.authorization(r) })
		case "event":
			e.Event.read(r)
		default:
			r.skip()
		}
	})
	return e, r.end()
}

func (e *envelope) authorization(r *reader) {
	user, bot := "", true
	r.object(func(name []byte) {
		switch string(name) {
		case "team_id":
			if team := r.text(); team != "" {
				e.Teams = append(e.Teams, team)
			}
		case "user_id":
			user = r.text()
		case "is_bot":
			bot = r.space() != 'f'
			r.skip()
		default:
			r.skip()
		}
	})
	if bot && e.BotUser == "" {
		e.BotUser = user
	}
}

// event is the union of the events that we know.
type event struct {
	Type, Subtype, Channel, ChannelType string
	User, BotID, AppID                  string
	Text, TS, ThreadTS, EventTS         string
	DeletedTS, Reaction, Tab, Subteam   string
	Inviter, Actor                      string   // who brought somebody into a channel, or took the bot out
	Message, Previous                   *message // nil where there is none; most events have none
	ItemType, ItemChannel, ItemTS       string
	// ChannelID is where something was pinned, and Pinned the message.
	ChannelID string
	Pinned    *message
}

func (e *event) read(r *reader) {
	r.object(func(name []byte) {
		switch string(name) {
		case "type":
			e.Type = r.text()
		case "subtype":
			e.Subtype = r.text()
		case "channel":
			e.Channel = r.text()
		case "subteam_id":
			e.Subteam = r.text()
		case "channel_id":
			e.ChannelID = r.text()
		case "channel_type":
			e.ChannelType = r.text()
		case "user":
			e.User = r.text()
		case "bot_id":
			e.BotID = r.text()
		case "app_id":
			e.AppID = r.text()
		case "text":
			e.Text = r.text()
		case "ts":
			e.TS = r.text()
		case "thread_ts":
			e.ThreadTS = r.text()
		case "event_ts":
			e.EventTS = r.text()
		case "deleted_ts":
			e.DeletedTS = r.text()
		case "inviter":
			e.Inviter = r.text()
		case "actor_id":
			e.Actor = r.text()
		case "tab":
			e.Tab = r.text()
		case "reaction":
			e.Reaction = r.text()
		case "message":
			readMessage(&e.Message, r)
		case "previous_message":
			readMessage(&e.Previous, r)
		case "item":
			e.item(r)
		default:
			r.skip()
		}
	})
}

// readMessage reads into a message that there may not be yet.
func readMessage(into **message, r *reader) {
	if *into == nil {
		*into = &message{}
	}
	(*into).read(r)
}

func (e *event) item(r *reader) {
	r.object(func(name []byte) {
		switch string(name) {
		case "type":
			e.ItemType = r.text()
		case "channel":
			e.ItemChannel = r.text()
		case "ts":
			e.ItemTS = r.text()
		case "message":
			readMessage(&e.Pinned, r)
		default:
			r.skip()
		}
	})
}

package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// slackCall is one call of the Web API, while the workspace is locked.
type slackCall struct {
	s      *Slack
	method string
	args   slackArgs
}

type slackAnswer map[string]any

// slackError is a refusal as Slack words it.
type slackError struct {
	code     string
	messages []string
	extra    slackAnswer
	invalid  bool // the caller broke a limit or a form, whatever the workspace's state
}

func (e *slackError) Error() string { return e.code + ": " + strings.Join(e.messages, "; ") }

func refuse(code string, messages ...string) error {
	return &slackError{code: code, messages: messages}
}

func refuseInvalid(code, format string, args ...any) error {
	return &slackError{code: code, messages: []string{fmt.Sprintf(format, args...)}, invalid: true}
}

var errTooManyRedirects = errors.New("practice: more than two redirects")

type slackMethod struct {
	tier int // 1 to 4, 0 for methods with limits of their own
	app  bool
	run  func(*slackCall) (slackAnswer, error)
}

// slackMethods is every method of the Web API that exists here, with the tier of the published rate limits
// (https://docs.slack.dev/apis/web-api/rate-limits and the page of each method).
func slackMethods() map[string]slackMethod {
	return map[string]slackMethod{
		"api.test":              {run: (*slackCall).apiTest},
		"auth.test":             {run: (*slackCall).authTest},
		"apps.connections.open": {tier: 3, app: true, run: (*slackCall).connectionsOpen},
		"team.info":             {tier: 3, run: (*slackCall).teamInfo},
		"bots.info":             {tier: 3, run: (*slackCall).botsInfo},
		"emoji.list":            {tier: 2, run: (*slackCall).emojiList},
		"users.info":            {tier: 4, run: (*slackCall).usersInfo},
		"users.lookupByEmail":   {tier: 3, run: (*slackCall).usersLookupByEmail},
		"users.profile.get":     {tier: 4, run: (*slackCall).usersProfileGet},
		"users.getPresence":     {tier: 3, run: (*slackCall).usersGetPresence},
		"users.list":            {tier: 2, run: (*slackCall).usersList},
		"users.conversations":   {tier: 3, run: (*slackCall).usersConversations},
		"usergroups.list":       {tier: 2, run: (*slackCall).usergroupsList},
		"usergroups.users.list": {tier: 2, run: (*slackCall).usergroupsUsersList},

		"conversations.create":     {tier: 2, run: (*slackCall).conversationsCreate},
		"conversations.info":       {tier: 3, run: (*slackCall).conversationsInfo},
		"conversations.list":       {tier: 2, run: (*slackCall).conversationsList},
		"conversations.members":    {tier: 4, run: (*slackCall).conversationsMembers},
		"conversations.history":    {tier: 3, run: (*slackCall).conversationsHistory},
		"conversations.replies":    {tier: 3, run: (*slackCall).conversationsReplies},
		"conversations.invite":     {tier: 3, run: (*slackCall).conversationsInvite},
		"conversations.join":       {tier: 3, run: (*slackCall).conversationsJoin},
		"conversations.leave":      {tier: 3, run: (*slackCall).conversationsLeave},
		"conversations.open":       {tier: 3, run: (*slackCall).conversationsOpen},
		"conversations.setTopic":   {tier: 2, run: (*slackCall).conversationsSetTopic},
		"conversations.setPurpose": {tier: 2, run: (*slackCall).conversationsSetPurpose},
		"conversations.rename":     {tier: 2, run: (*slackCall).conversationsRename},
		"conversations.archive":    {tier: 2, run: (*slackCall).conversationsArchive},
		"conversations.unarchive":  {tier: 2, run: (*slackCall).conversationsUnarchive},
		"conversations.kick":       {tier: 3, run: (*slackCall).conversationsKick},
		"conversations.close":      {tier: 2, run: (*slackCall).conversationsClose},
		"conversations.mark":       {tier: 3, run: (*slackCall).conversationsMark},

		"chat.postMessage":   {run: (*slackCall).chatPostMessage},
		"chat.postEphemeral": {tier: 4, run: (*slackCall).chatPostEphemeral},
		"chat.update":        {tier: 3, run: (*slackCall).chatUpdate},
		"chat.delete":        {tier: 3, run: (*slackCall).chatDelete},
		"chat.meMessage":     {tier: 3, run: (*slackCall).chatMeMessage},
		"chat.getPermalink":  {run: (*slackCall).chatGetPermalink},

		"views.open":    {tier: 4, run: (*slackCall).viewsOpen},
		"views.push":    {tier: 4, run: (*slackCall).viewsPush},
		"views.update":  {tier: 4, run: (*slackCall).viewsUpdate},
		"views.publish": {tier: 4, run: (*slackCall).viewsPublish},

		"files.info":                    {tier: 4, run: (*slackCall).filesInfo},
		"files.getUploadURLExternal":    {tier: 4, run: (*slackCall).filesGetUploadURL},
		"files.completeUploadExternal":  {tier: 4, run: (*slackCall).filesCompleteUpload},
		"pins.add":                      {tier: 2, run: (*slackCall).pinsAdd},
		"pins.remove":                   {tier: 2, run: (*slackCall).pinsRemove},
		"pins.list":                     {tier: 2, run: (*slackCall).pinsList},
		"conversations.canvases.create": {tier: 2, run: (*slackCall).conversationsCanvasesCreate},
		"canvases.edit":                 {tier: 3, run: (*slackCall).canvasesEdit},
		"canvases.sections.lookup":      {tier: 3, run: (*slackCall).canvasesSectionsLookup},

		"bookmarks.add":    {tier: 2, run: (*slackCall).bookmarksAdd},
		"bookmarks.edit":   {tier: 2, run: (*slackCall).bookmarksEdit},
		"bookmarks.list":   {tier: 3, run: (*slackCall).bookmarksList},
		"bookmarks.remove": {tier: 2, run: (*slackCall).bookmarksRemove},
		"reactions.add":    {tier: 3, run: (*slackCall).reactionsAdd},
		"reactions.remove": {tier: 2, run: (*slackCall).reactionsRemove},
		"reactions.get":    {tier: 3, run: (*slackCall).reactionsGet},
		"reactions.list":   {tier: 2, run: (*slackCall).reactionsList},
	}
}

var slackMethodTable = slackMethods()

// serveMethod answers one call of the Web API.
func (s *Slack) serveMethod(name string, rw http.ResponseWriter, r *http.Request) {
	args, err := readSlackArgs(r)
	token := args.token(r)
	body, wait := s.answerMethod(name, token, args, err)
	scopeHeaders(rw.Header(), name, token)
	if wait > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		writeSlack(rw, http.StatusTooManyRequests, body)
		return
	}
	writeSlack(rw, http.StatusOK, body)
}

// answerMethod runs one call and returns the answer's JSON, or for how long the caller is over the limits. The JSON
// is made while the workspace is locked, and written afterwards, so that a slow reader holds up nobody.
func (s *Slack) answerMethod(name, token string, args slackArgs, err error) ([]byte, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, known := slackMethodTable[name]
	switch {
	case !known:
		s.unknown = append(s.unknown, name)
		err = &slackError{code: "unknown_method", messages: []string{name}, extra: slackAnswer{"req_method": name}, invalid: true}
	case err == nil && name != "api.test":
		err = checkToken(token, m.app)
	}
	var answer slackAnswer
	if err == nil {
		if wait := s.limits.take(name, m.tier, args.str("channel"), s.now()); wait > 0 {
			s.refused = append(s.refused, name+": ratelimited")
			return s.encode(slackAnswer{"ok": false, "error": "ratelimited"}), wait
		}
		answer, err = m.run(&slackCall{s: s, method: name, args: args})
	}
	if err != nil {
		return s.encode(s.refusal(name, err)), 0
	}
	if answer == nil {
		answer = slackAnswer{}
	}
	if _, set := answer["ok"]; !set {
		answer["ok"] = true
	}
	s.bump()
	return s.encode(answer), 0
}

func (s *Slack) encode(answer slackAnswer) []byte {
	body, err := json.Marshal(answer)
	if err != nil {
		s.log.Error("practice: an answer could not be written", "error", err)
		return []byte(`{"ok":false,"error":"internal_error"}`)
	}
	return body
}

// refusal notes an error and puts it into Slack's form.
func (s *Slack) refusal(name string, err error) slackAnswer {
	var e *slackError
	if !errors.As(err, &e) {
		e = &slackError{code: "internal_error", messages: []string{err.Error()}, invalid: true}
	}
	line := name + ": " + e.code
	if len(e.messages) > 0 {
		line += ": " + strings.Join(e.messages, "; ")
	}
	s.refused = append(s.refused, line)
	if e.invalid {
		s.invalid = append(s.invalid, line)
	}
	s.bump()
	answer := slackAnswer{"ok": false, "error": e.code}
	for k, v := range e.extra {
		answer[k] = v
	}
	if len(e.messages) > 0 && slackExplains[e.code] {
		answer["response_metadata"] = slackAnswer{"messages": explained(e.messages)}
		if e.code == "invalid_blocks" {
			answer["errors"] = e.messages
		}
	}
	return answer
}

// slackExplains are the errors to which Slack adds what exactly is wrong. The details of the others are for Refused.
var slackExplains = map[string]bool{"invalid_arguments": true, "invalid_blocks": true}

// explained marks messages as Slack does.
func explained(messages []string) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = "[ERROR] " + m
	}
	return out
}

func checkToken(token string, app bool) error {
	prefix, other := "xoxb-practice-", "xapp-practice-"
	if app {
		prefix, other = other, prefix
	}
	switch {
	case token == "":
		return refuse("not_authed")
	case strings.HasPrefix(token, other):
		return refuse("not_allowed_token_type")
	case len(token) <= len(prefix) || !strings.HasPrefix(token, prefix):
		return refuse("invalid_auth")
	}
	return nil
}

func writeSlack(rw http.ResponseWriter, status int, body []byte) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	_, _ = rw.Write(body)
}

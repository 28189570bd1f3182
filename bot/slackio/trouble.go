package slackio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

// trouble is what went wrong with a call of the Web API, judged. It holds no secret.
type trouble struct {
	Method  string
	Code    string // Slack's error code; empty when Slack gave none
	Verdict incidents.Verdict
	After   time.Duration // how long Slack, or our own pace, asks to wait
	Say     string        // for people
	Err     error
}

// Error is for the log.
func (t *trouble) Error() string {
	return fmt.Sprintf("slack %s: %v", t.Method, t.Err)
}

// Unwrap returns what was underneath.
func (t *trouble) Unwrap() error { return t.Err }

// outcome is the trouble as the outcome of a delivery.
func (t *trouble) outcome() incidents.Outcome {
	return incidents.Outcome{Verdict: t.Verdict, After: t.After, Say: t.Say, Err: t}
}

// code is Slack's error code in an error chain; empty when there is none.
func code(err error) string {
	var t *trouble
	if errors.As(err, &t) {
		return t.Code
	}
	return ""
}

// isCode reports whether Slack refused with one of the codes.
func isCode(err error, codes ...string) bool {
	have := code(err)
	for _, c := range codes {
		if have != "" && have == c {
			return true
		}
	}
	return false
}

// tooFast says that our own pace asks to wait.
func tooFast(m method, wait time.Duration) *trouble {
	return &trouble{
		Method: m.name, Verdict: incidents.Deferred, After: wait, Say: "Slack limits how often this may be done.",
		Err: fmt.Errorf("the next call is allowed in %v", wait.Round(time.Millisecond)),
	}
}

// defaultWait is how long to wait when Slack says "too fast" without saying how long.
const defaultWait = 30 * time.Second

// longestLimit is how long Slack may make us wait at most. Its own waits are about a minute; a slip in one answer must not
// silence the bot for the whole incident.
const longestLimit = 15 * time.Minute

// judge says what a failed call means. sent tells whether the request may have reached Slack.
func judge(m method, sent bool, err error) *trouble {
	t := &trouble{Method: m.name, Err: err}
	var (
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		answer  slack.SlackErrorResponse // a value, not a pointer
	)
	switch {
	case errors.As(err, &limited):
		t.limited(limited.RetryAfter)
	case errors.As(err, &answer):
		t.Code = answer.Err
		t.Err = explained(answer)
		t.refused(m, answer)
	case errors.As(err, &status):
		t.status(m, status)
	case !sent && !errors.Is(err, errNoAnswer):
		t.Verdict, t.Say = incidents.Refused, "Slack cannot be reached."
		if errors.Is(err, context.Canceled) {
			t.Say = "The bot was stopped meanwhile."
		}
	default:
		// Cut off, timed out, or answered with something that cannot be read: it may have been done.
		t.Verdict, t.Say = m.unknown(), "Slack did not answer properly."
	}
	return t
}

// unknown is the verdict when nobody knows what became of a request: reading may simply be repeated.
func (m method) unknown() incidents.Verdict {
	if m.writes {
		return incidents.Uncertain
	}
	return incidents.Refused
}

func (t *trouble) limited(after time.Duration) {
	if after <= 0 {
		after = defaultWait
	}
	t.Verdict, t.After, t.Say = incidents.Deferred, min(after, longestLimit), "Slack asks to wait a moment."
}

func (t *trouble) status(m method, status slack.StatusCodeError) {
	switch {
	case status.Code == http.StatusTooManyRequests:
		t.limited(0)
	case status.Code >= http.StatusInternalServerError:
		t.Verdict = m.unknown()
		t.Say = fmt.Sprintf("Slack has trouble of its own (status %d).", status.Code)
	case status.Code >= http.StatusMultipleChoices && status.Code < http.StatusBadRequest:
		t.Verdict = incidents.Refused
		t.Say = fmt.Sprintf("Slack's address points to another one (status %d), where the bot does not go; is SLACK_API_URL right?", status.Code)
	default:
		t.Verdict = incidents.Refused
		t.Say = fmt.Sprintf("Slack's address answers with status %d; is SLACK_API_URL right?", status.Code)
	}
}

func (t *trouble) refused(m method, answer slack.SlackErrorResponse) {
	switch t.Code {
	case "ratelimited", "rate_limited":
		t.limited(0)
		return
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable":
		t.Verdict, t.Say = m.unknown(), "Slack has trouble of its own ("+t.Code+")."
		return
	case "missing_scope":
		t.Verdict = incidents.Impossible
		t.Say = "The Slack app lacks a permission"
		if answer.Needed != "" {
			t.Say += " (scope " + answer.Needed + ")"
		}
		t.Say += ". Add it in the app's settings and install the app again."
		return
	}
	t.Verdict = incidents.Impossible
	if strings.HasPrefix(t.Code, restricted) { // which setting it is stands behind it, and is in Err
		t.Code = restricted
	}
	if say, known := sentences[t.Code]; known {
		t.Say = say
		return
	}
	t.Say = "Slack refuses this (" + shortenPlain(t.Code, 60) + ")."
}

const restricted = "restricted_action"

// explained is a refusal with what Slack says about it. Its messages name fields and limits, never content.
func explained(answer slack.SlackErrorResponse) error {
	if len(answer.ResponseMetadata.Messages) == 0 {
		return answer
	}
	return fmt.Errorf("%w: %s", answer, strings.Join(answer.ResponseMetadata.Messages, "; "))
}

// sentences says for Slack's error codes what people can do about them. For the codes see the pages of the methods at
// https://docs.slack.dev/reference/methods.
var sentences = map[string]string{
	"not_authed":                            "The bot has no Slack token. Set SLACK_BOT_TOKEN and start it again.",
	"invalid_auth":                          "Slack does not accept the bot's token. Set SLACK_BOT_TOKEN anew and start the bot again.",
	"account_inactive":                      "The bot's Slack account is switched off. Install the app again and set its new token.",
	"token_revoked":                         "The bot's Slack token was withdrawn. Install the app again and set its new token.",
	"token_expired":                         "The bot's Slack token has expired. Install the app again and set its new token.",
	"not_allowed_token_type":                "This kind of Slack token cannot be used here. SLACK_BOT_TOKEN begins with xoxb-.",
	"no_permission":                         "Slack does not permit the bot to do this. A workspace admin can change that.",
	"org_login_required":                    "The workspace is being moved to an organisation; try again when that is over.",
	"team_access_not_granted":               "The app is not approved for this workspace. Ask an admin to approve it.",
	"access_denied":                         "Slack denies the bot access. Ask a workspace admin to allow the app.",
	"ekm_access_denied":                     "An admin has suspended the app's access to messages. Ask them to restore it.",
	"channel_not_found":                     "The channel is gone, or it is private and the bot is not in it. Invite the bot with /invite.",
	"not_in_channel":                        "The bot is not in the channel. Invite it with /invite.",
	"is_archived":                           "The channel is archived. Unarchive it and try again.",
	"is_inactive":                           "The channel is archived. Unarchive it and try again.",
	restricted:                              "A workspace setting forbids this. Ask a workspace admin to allow it for the app.",
	"method_not_supported_for_channel_type": "This kind of conversation does not allow that.",
	"cannot_create_channel":                 "Slack does not let the bot create channels. Ask a workspace admin to allow it.",
	"name_taken":                            "All names for the channel are taken. Rename or remove the old channels.",
	"user_not_found":                        "Slack does not know that person.",
	"user_disabled":                         "That person's account is switched off.",
	"cant_invite":                           "Slack does not let the bot invite that person. Invite them by hand.",
	"user_is_restricted":                    "That person is a guest and cannot be invited by the bot. Ask an admin to add them.",
	"ura_max_channels":                      "That person is a guest of one channel and cannot join another. Ask an admin.",
	"org_user_not_in_team":                  "That person is not in this workspace. Ask an admin to add them.",
	"invitee_cant_see_channel":              "That person cannot see the channel. Ask an admin to add them.",
	"no_external_invite_permission":         "People from outside cannot be invited by the bot. Invite them by hand.",
	"cant_update_message":                   "That message cannot be edited by the bot.",
	"edit_window_closed":                    "A workspace setting forbids editing older messages. Ask an admin to allow it for the app.",
	"too_many_pins":                         "The channel has too many pins. Remove some.",
	"too_many_bookmarks":                    "The channel has too many bookmarks. Remove some.",
	"too_many_emoji":                        "The message has too many reactions.",
	"too_many_reactions":                    "The message has too many reactions.",
	"messages_tab_disabled":                 "The app cannot be written to. Switch its Messages tab on in the app's settings.",
	"cannot_dm_bot":                         "A bot cannot be written to.",
}

package practice

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// slackArgs are the arguments of a call, from a form or from JSON.
type slackArgs struct {
	form map[string][]string
	json map[string]json.RawMessage
}

func readSlackArgs(r *http.Request) (slackArgs, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		if err := r.ParseForm(); err != nil {
			return slackArgs{}, refuseInvalid("invalid_form_data", "%v", err)
		}
		return slackArgs{form: r.Form}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return slackArgs{}, fmt.Errorf("practice: reading a call: %w", err)
	}
	args := slackArgs{json: map[string]json.RawMessage{}}
	if len(body) == 0 {
		return args, nil
	}
	if !json.Valid(body) {
		return args, refuseInvalid("invalid_json", "the body is not JSON")
	}
	if err := json.Unmarshal(body, &args.json); err != nil {
		return args, refuseInvalid("json_not_object", "the body is not an object")
	}
	return args, nil
}

// token is the credential of a call: the header, or the field "token".
func (a slackArgs) token(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(t)
	}
	return a.str("token")
}

func (a slackArgs) has(key string) bool {
	if _, ok := a.form[key]; ok {
		return true
	}
	raw, ok := a.json[key]
	return ok && string(raw) != "null"
}

func (a slackArgs) str(key string) string {
	if v := a.form[key]; len(v) > 0 {
		return v[0]
	}
	raw, ok := a.json[key]
	if !ok || string(raw) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// raw is an argument that is itself JSON; a JSON body may hold it as such or as text.
func (a slackArgs) raw(key string) json.RawMessage {
	if !a.has(key) {
		return nil
	}
	return json.RawMessage(a.str(key))
}

func (a slackArgs) flag(key string) bool {
	v := a.str(key)
	return v == "1" || v == "true"
}

func (a slackArgs) limit(def, most int) (int, error) {
	v := a.str("limit")
	if v == "" || v == "0" {
		return def, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return 0, refuseInvalid("invalid_limit", "limit %q", v)
	}
	return min(n, most), nil
}

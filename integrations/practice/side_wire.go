package practice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	wireRows = 200    // calls that the page shows, the newest
	wireBody = 20_000 // characters of a body that it shows
)

// wireView is the wire log as the page shows it, newest first.
type wireView struct {
	Total int // calls so far, shown or not
	Calls []callView
}

// callView is one call. Effect says in words what came of it; Trouble, that it was not what the bot hoped for.
type callView struct {
	Number        int
	At            time.Time
	Service, Name string
	Status        string
	Effect        string
	Trouble       bool
}

// numberedCall is a call and its place in the log, counted from 1.
type numberedCall struct {
	Call
	number int
}

// newest are the last calls that a filter lets through, newest first, and how many calls there were at all.
func (w *Wire) newest(most int, want func(Call) bool) ([]numberedCall, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []numberedCall
	for i, c := range slices.Backward(w.calls) {
		if len(out) == most {
			break
		}
		if want(c) {
			out = append(out, numberedCall{c, w.total - len(w.calls) + i + 1})
		}
	}
	return out, w.total
}

// call is a call by its number; false when the log no longer has it.
func (w *Wire) call(number int) (Call, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := number - 1 - (w.total - len(w.calls))
	if i < 0 || i >= len(w.calls) {
		return Call{}, false
	}
	return w.calls[i], true
}

// serveWire answers with the rows of the log as HTML: ?service= for those of one service, ?trouble=1 for what went wrong,
// ?seen= the number of calls that the browser knows of; 204 when there are no others.
func (p *page) serveWire(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	service, trouble := q.Get("service"), q.Get("trouble") != ""
	if seen, err := strconv.Atoi(q.Get("seen")); err == nil && seen == p.w.Wire.Count("") {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	var v wireView
	calls, total := p.w.Wire.newest(wireRows, func(c Call) bool {
		return (service == "" || c.Service == service) && (!trouble || c.trouble())
	})
	v.Total = total
	for _, c := range calls {
		v.Calls = append(v.Calls, callView{
			Number: c.number, At: c.At.UTC(), Service: serviceNames[c.Service], Name: c.Name,
			Status: c.status(), Effect: c.effect(), Trouble: c.trouble(),
		})
	}
	p.draw(rw, "side-wire", v)
}

// serveCall answers with the two bodies of a call as HTML.
func (p *page) serveCall(rw http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	c, found := p.w.Wire.call(n)
	if err != nil || !found {
		http.Error(rw, "The log no longer has this call.", http.StatusNotFound)
		return
	}
	p.draw(rw, "side-call", struct{ Request, Answer string }{p.w.legible(c.Service, c.Request), p.w.legible(c.Service, c.Answer)})
}

// draw answers with a part of the page.
func (p *page) draw(rw http.ResponseWriter, name string, v any) {
	var out bytes.Buffer
	if err := p.template.ExecuteTemplate(&out, name, v); err != nil {
		p.log.Error("practice: a part of the page could not be drawn", "part", name, "error", err)
		http.Error(rw, "This part of the page could not be drawn; the log says why.", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(out.Bytes())
}

// refusedAs is Slack's word for why it refused; Slack answers 200 all the same.
func (c Call) refusedAs() string {
	if c.Service != "slack" || !bytes.Contains(c.Answer[:min(len(c.Answer), 4096)], []byte(`"ok":false`)) {
		return ""
	}
	var answer struct{ Error string }
	if json.Unmarshal(c.Answer, &answer) != nil {
		return ""
	}
	return answer.Error
}

func (c Call) trouble() bool {
	return c.Fault != "" || c.Held > 0 || c.Status >= 400 || c.refusedAs() != ""
}

func (c Call) status() string {
	switch {
	case c.Status != 0:
		return strconv.Itoa(c.Status)
	case c.Fault == "before" || c.Fault == "after":
		return "cut"
	}
	return "—"
}

// effect says what came of a call.
func (c Call) effect() string {
	said := ""
	switch {
	case c.Fault == "after" && c.Applied:
		said = "made to fail after it was done"
	case c.Fault == "after":
		said = "made to fail; it was refused as well"
	case c.Fault == "before":
		said = "made to fail; not done"
	case c.Fault != "":
		said = c.Fault + "; not done"
	case c.refusedAs() != "":
		said = "refused: " + c.refusedAs()
	case c.Status == http.StatusTooManyRequests:
		said = "told to wait"
	case c.Status >= 400:
		said = "refused"
	case c.Applied:
		said = "done"
	}
	if c.Held > 0 {
		said += ", after " + c.Held.String()
	}
	return said
}

var (
	// secretFields are credentials in JSON, or good for one use as one.
	secretFields = regexp.MustCompile(`(?i)("(?:token|access_token|refresh_token|client_secret|secret|password|authorization|trigger_id|response_url)"\s*:\s*)"(?:[^"\\]|\\.)*"`)
	// secretNames are the same in forms. Trello calls one of its credentials "key".
	secretNames = regexp.MustCompile(`(?i)^(token|access_token|refresh_token|client_secret|secret|password|authorization|trigger_id|response_url)$`)
	trelloKey   = regexp.MustCompile(`(?i)("key"\s*:\s*)"(?:[^"\\]|\\.)*"`)
	// secretForms are credentials wherever they stand.
	secretForms = regexp.MustCompile(`xox[a-z]-[\w-]+|xapp-[\w-]+|practice-(?:token|key)\b|ticket=[\w-]+`)
)

// legible writes a body for people to read: JSON with its lines indented, a form with one field a line, and no
// credentials.
func (w *Workspace) legible(service string, body []byte) string {
	text := strings.TrimSpace(string(body))
	switch {
	case text == "":
		return ""
	case !utf8.Valid(body):
		return fmt.Sprintf("%d bytes that are no text", len(body))
	}
	if pretty, is := prettyJSON(service, text); is {
		text = pretty
	} else if form, is := prettyForm(service, text); is {
		text = form
	}
	for _, secret := range []string{w.Slack.botToken, w.Slack.appToken, w.Slack.signature, w.Trello.Secret()} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = secretForms.ReplaceAllString(text, "…")
	if utf8.RuneCountInString(text) > wireBody {
		text = string([]rune(text)[:wireBody]) + "\n… the rest is not shown here"
	}
	return text
}

func prettyJSON(service, text string) (string, bool) {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return "", false
	}
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return "", false
	}
	pretty := secretFields.ReplaceAllString(out.String(), `$1"…"`)
	if service == "trello" {
		pretty = trelloKey.ReplaceAllString(pretty, `$1"…"`)
	}
	return pretty, true
}

// formName is how a field of a form is called; what is called otherwise is no form.
var formName = regexp.MustCompile(`^[\w.\[\]/-]{1,60}$`)

func prettyForm(service, text string) (string, bool) {
	if strings.ContainsAny(text, " \n") || !strings.Contains(text, "=") {
		return "", false
	}
	fields, err := url.ParseQuery(text)
	if err != nil {
		return "", false
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		if !formName.MatchString(name) {
			return "", false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, name := range names {
		for _, value := range fields[name] {
			switch pretty, is := prettyJSON(service, value); {
			case secretNames.MatchString(name), service == "trello" && strings.EqualFold(name, "key"):
				value = "…"
			case is:
				value = "\n" + pretty
			case strings.Contains(value, "\n"):
				value = "\n" + value
			}
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	return strings.TrimSuffix(out.String(), "\n"), true
}

package slackio

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// FuzzReader holds the reader against encoding/json: it accepts the same, and reads the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"text":"a\u00e9\n\"\\\/"}`, `{"text":"\ud83d\ude00 \ud800"}`, `{"text":null,"event_time":12}`, `{"text":"a","text":"b"}`, `{"event_time":1.5e3}`,
		`{"x":[1,-0,0.5,1e5,true,false,null,"",{},[]],"text":"y"}`, `{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":tru}`, `{"text":"` + "\x01" + `"}`, `{"text":"\q"}`,
		`{"x":"\u12"}`, `[1,2]`, `7`, `"x"`, ``, ` `, `{"text":"` + "\xff" + `"} `, `{} x`, `{,}`, `{"a":1,}`, `[1,]`, `{"te\u0078t":"z"}`, strings.Repeat("[", 200),
		strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{data: data}
		text, number := "", int64(0)
		r.object(func(name []byte) {
			switch string(name) {
			case "text":
				text = r.text()
			case "event_time":
				number = r.integer()
			default:
				r.skip()
			}
		})
		if got, want := r.end(), json.Valid(data); got != want {
			t.Fatalf("valid %v, want %v: %q", got, want, data)
		}
		var want map[string]any
		if r.bad || json.Unmarshal(data, &want) != nil {
			return
		}
		if s, _ := want["text"].(string); s != text {
			t.Errorf("text %q, want %q", text, s)
		}
		if n, ok := want["event_time"].(float64); ok && n >= 0 && n < 1<<50 && number != 0 && float64(number) != n {
			t.Errorf("number %d, want %v", number, n)
		}
	})
}

func TestReaderFindsEveryFieldOfAnEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 12, -1)
		draw := func(name string) string { return word.Draw(t, name) }
		type tree = map[string]any
		text := draw("text")
		raw, err := json.Marshal(tree{
			"type": "event_callback", "event_id": draw("id"), "team_id": draw("team"), "api_app_id": draw("app"), "event_time": 1700000000,
			"enterprise_id": nil, "authorizations": []tree{{"team_id": "T1", "user_id": "UBOT", "is_bot": true, "x": []int{1}}},
			"event": tree{
				"blocks": []tree{{"elements": []tree{{"text": draw("noise"), "style": tree{"bold": true}}}}}, "type": "message", "subtype": "message_changed",
				"message":          tree{"text": text, "ts": "1.2", "edited": tree{"user": "U1", "ts": "1.3"}, "files": []tree{{"id": "F1", "name": draw("file")}}},
				"previous_message": tree{"text": text + "x", "user": draw("user")}, "item": tree{"type": "message", "channel": "C1", "ts": "1.4"},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		e, ok := parseEnvelope(raw)
		if !ok || e.Type != "event_callback" || e.EventTime != 1700000000 || e.BotUser != "UBOT" || len(e.Teams) != 1 || e.Event.Message.Text != text ||
			e.Event.Message.Edited.TS != "1.3" || e.Event.Previous.Text != text+"x" || e.Event.ItemChannel != "C1" || len(e.Event.Message.Files) != 1 {
			t.Fatalf("%+v of %s", e, raw)
		}
	})
}

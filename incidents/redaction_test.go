package incidents

import (
	"strings"
	"testing"
)

// Secrets are put together here, so that nobody's scanner takes this file for one that holds some.
const key = "-----BEGIN RSA PRIVATE " + "KEY-----\nabc\n-----END RSA PRIVATE " + "KEY-----"

func TestFindings(t *testing.T) {
	hosts := []string{"corp.example", "*.internal"}
	for text, want := range map[string]string{
		"we restarted the queue at 12:05:06, 14:05–15:00":                   "",
		"commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904":                   "",
		"https://example.org/a/b?page=1#part 1.2.3 v1.12.0":                 "",
		"123e4567-e89b-12d3-a456-426614174000":                              "",
		"the token was rotated; the password: ok":                           "",
		"a_very_long_identifier_of_a_metric_that_is_not_secret":             "",
		"127.0.0.1 and ::1":                                                 "",
		"mail ana@example.org":                                              "an e-mail address: ana@example.org",
		"asked @ben about it":                                               "a mention of a person: @ben",
		"asked <@U123>":                                                     "a mention of a person: <@U123>",
		"from 10.1.2.3.":                                                    "an IP address: 10.1.2.3",
		"from 10.1.2.3:8080":                                                "",
		"from 2001:db8::1 on":                                               "an IP address: 2001:db8::1",
		"on db1.corp.example now":                                           "an internal host name: db1.corp.example",
		"on db1.internal":                                                   "an internal host name: db1.internal",
		"on notcorp.example":                                                "",
		"xox" + "b-123456789012-abcdefABCDEF":                               "a password or token: xox" + "b-123456789012-abcdefABCDEF",
		"export GH=gh" + "p_" + strings.Repeat("aB3", 12):                   "a password or token: gh" + "p_" + strings.Repeat("aB3", 12),
		"key AK" + "IA" + strings.Repeat("Z7", 8) + " leaked":               "a password or token: AK" + "IA" + strings.Repeat("Z7", 8),
		"password=hunter22":                                                 "a password or token: hunter22",
		`{"api_key": "abc123def"}`:                                          "a password or token: abc123def",
		"postgres://bot:s3cr3t@db/x":                                        "a password or token: s3cr3t",
		"pass " + strings.Repeat("aB3x", 9):                                 "a password or token: " + strings.Repeat("aB3x", 9),
		"see\n" + key + "\nthere":                                           "a private key: " + key,
		"see -----BEGIN PRIVATE " + "KEY-----\ncut off":                     "a private key: -----BEGIN PRIVATE " + "KEY-----\ncut off",
		"token=gh" + "p_" + strings.Repeat("aB3", 12) + ", ana@example.org": "a password or token: gh" + "p_" + strings.Repeat("aB3", 12) + "|an e-mail address: ana@example.org",
	} {
		var got []string
		for _, s := range FindSpans(text, hosts) {
			got = append(got, string(s.Kind)+": "+text[s.From:s.To])
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

func TestMaskedUntilSomebodySaysItIsFine(t *testing.T) {
	secret := "xox" + "b-123456789012-abcdef"
	s := newStory(t).open()
	s.do(Log{Text: "we leaked " + secret + " to ana@example.org"})
	s.do(SetInternal{Number: 1, Internal: true})
	snap := Snapshot{Incident: s.incident, Entries: s.shown()}
	found := snap.Findings(nil)
	if len(found) != 2 || found[0].Where != "entry 2" || found[0].Entry != 2 || !found[0].Kind.Secret() || found[1].Kind != FoundEmail {
		t.Fatalf("found %+v", found)
	}
	text := s.entries[2].Text
	if got := s.incident.Masked(text); strings.Contains(got, "xox") || !strings.Contains(got, "ana@example.org") {
		t.Errorf("masked: %q", got)
	}
	s.do(ClearFindings{IDs: []string{found[0].ID, "not an id"}})
	if got := s.incident.Masked(text); got != text {
		t.Errorf("said to be fine: %q", got)
	}
	snap.Incident = s.incident
	if left := snap.Findings(nil); len(left) != 1 || len(s.incident.Cleared) != 1 {
		t.Errorf("left are %+v, cleared %q", left, s.incident.Cleared)
	}
	s.do(SetInternal{Number: 2, Internal: true})
	snap.Entries = s.shown()
	if left := snap.Findings(nil); len(left) != 0 {
		t.Errorf("internal, it is still flagged: %+v", left)
	}
}

// A link whose address holds a secret leaves its words and a note, and no address that leads nowhere.
func TestMaskedLinks(t *testing.T) {
	const note = "[link removed: its address holds what looks like a secret]"
	secret := "token=abc" + "DEF123456"
	for text, want := range map[string]string{
		"see <https://x.example/d?" + secret + "|the graph> now":                "see the graph " + note + " now",
		"see [the graph](https://x.example/d?" + secret + ").":                  "see the graph " + note + ".",
		"see [the graph](<https://x.example/d?" + secret + "> \"Graph\"), then": "see the graph " + note + ", then",
		"see <https://x.example/d?" + secret + "&a=b> now":                      "see " + note + " now",
		"see https://x.example/d?" + secret + " now":                            "see " + note + " now",
		"<https://x.example/?" + secret + "|x.example/?" + secret + "> burns":   note + " burns",
		"![it](https://x.example/i.png?" + secret + ")":                         "it " + note,
		"https://u:hunter22@x.example/a and https://y.example/b":                note + " and https://y.example/b",
		"<https://x.example/d?" + secret + "|password=hunter22> now":            note + " now",
		"<https://u:hunter22@x.example/a|password=s3cr3tword> now":              note + " now",
		"[password=s3cr3tword](https://x.example/d?" + secret + ") now":         "[password=" + maskedSecret + " now",
		"`curl https://x.example/d?" + secret + "`":                             "`curl https://x.example/d?token=" + maskedSecret + "`",
		"postgres://bot:s3cr3t@db/x":                                            "postgres://bot:" + maskedSecret + "@db/x",
		"[a](https://a.example) password=hunter22 <https://b.example|b>":        "[a](https://a.example) password=" + maskedSecret + " <https://b.example|b>",
	} {
		if got := (Incident{}).Masked(text); got != want {
			t.Errorf("%q became\n%q, want\n%q", text, got, want)
		}
	}
}

// A section as long as they may be, of nothing but secrets and links, is masked in one go: looking for the links once for each
// secret took half a minute.
func TestMaskedManyLinks(t *testing.T) {
	const one = "token=abcdefg1 <https://u:hunter22@x.example/a|b> "
	n := MaxSection / len(one)
	want := strings.Repeat("token="+maskedSecret+" b "+maskedLink+" ", n)
	if got := (Incident{}).Masked(strings.Repeat(one, n)); got != want {
		t.Errorf("it became %.300q", got)
	}
}

// What people outside read names nobody beside a link that is gone either.
func TestShareableLinks(t *testing.T) {
	got := (Incident{}).Shareable("see <https://u:hunter22@x.example/a|what ana@example.org saw> now", nil)
	if want := "see [left out: a link whose address holds a password or token] now"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// Whatever the text: findings lie in it, in order and apart, and nothing that was masked is found again.
func FuzzFindings(f *testing.F) {
	for _, seed := range []string{"", "password=a@b.cc:10.0.0.1", key, "gh" + "p_" + strings.Repeat("a1B", 9) + "@x.yy", "@a@b@c", "eyJ", "::::1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, s := range FindSpans(text, []string{"internal"}) {
			if s.From < end || s.To <= s.From || s.To > len(text) {
				t.Fatalf("%q: %+v", text, s)
			}
			end = s.To
		}
		masked := Incident{}.Masked(text)
		for _, s := range FindSpans(text, nil) {
			if s.Kind.Secret() && len(text[s.From:s.To]) > 12 && strings.Contains(masked, text[s.From:s.To]) && strings.Count(text, text[s.From:s.To]) == 1 {
				t.Fatalf("%q is still in %q", text[s.From:s.To], masked)
			}
		}
	})
}

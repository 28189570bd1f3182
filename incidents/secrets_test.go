package incidents

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is suspected costs time alone: the patterns find in a text what they would find if all of them were tried.
func TestSuspectMissesNothing(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom([]string{
		"-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "xoxb-12345678", "xoxe.xoxp-1-abcdefgh", "xapp-1-A12345678", "hooks.slack.com/services/T1/B2/abcdefgh",
		"ghp_0123456789abcdefghij", "github_pat_0123456789abcdefghij", "glpat-0123456789abcdefghij", "AKIA0123456789ABCDEF", "ASIA0123456789ABCDEF",
		"sk_live_0123456789", "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0", "password", "PassWd", "client_secret", "TOKEN", "api-key", "accessKey", "toKen", "ſecret",
		"=", ":", ":=", " = ", "\t: ", "\"", "'", "hunter2hunter2", "postgres://ana:", "https://", "@db.example", "ana", "/", "<", ">", "abcDEF123", "0123456789abcdef", "+_-",
		" ", "\n", ".", "é", "The checkout is down at 14:05", "<@U123>", "-", "_", "A", "J",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
		const all = maybeKey | maybeToken | maybeNamed | maybeInURL | maybeLong
		if got, want := secretSpans(text), spansOf(text, all); !slices.Equal(got, want) {
			t.Fatalf("%q has %v; %b is suspected of it and finds %v", text, want, suspect(text), got)
		}
	})
	if found := suspect("The checkout answers with 502 since 14:05, see https://status.example.org/42 and high-level notes"); found != 0 {
		t.Errorf("of a plain text %b is suspected", found)
	}
}

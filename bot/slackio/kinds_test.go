package slackio

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// elsewhere are the kinds of deliveries that do not go to Slack.
var elsewhere = []string{"KindCard", "KindCards", "KindPost", "KindPull", "KindReply", "KindWebhook", "KindMail"}

// Every kind that is wished for is known to whoever delivers it: one that is not would be given up at once.
func TestEveryKindIsDelivered(t *testing.T) {
	kinds, err := os.ReadFile("../../incidents/delivery.go")
	if err != nil {
		t.Fatal(err)
	}
	outgoing, err := os.ReadFile("outgoing.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s+(Kind\w+)\s+Kind = "`).FindAllStringSubmatch(string(kinds), -1)
	if len(found) < 40 {
		t.Fatalf("only %d kinds were found in incidents/delivery.go", len(found))
	}
	for _, k := range found {
		if !slices.Contains(elsewhere, k[1]) && !strings.Contains(string(outgoing), "case incidents."+k[1]+":\n") {
			t.Errorf("nobody delivers %s: add a case to Outgoing.deliver, in outgoing.go; or, where it does not go to Slack, a case "+
				"to targetOf in incidents/delivery.go, one to the adapter, and its name to the list in this test", k[1])
		}
	}
}

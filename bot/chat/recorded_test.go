package chat

import (
	"fmt"
	"strings"
	"testing"

	"watchbell/incidents"
)

func TestNotRecordedSaysWhatIsKnown(t *testing.T) {
	for want, err := range map[string]error{
		":x: Not recorded:":         incidents.ErrNotDurable,
		":x: Perhaps not recorded:": fmt.Errorf("%w: %w", incidents.ErrNotDurable, incidents.ErrUnsure),
	} {
		if got := notRecorded(err); !strings.HasPrefix(got, want) {
			t.Errorf("%v is said as %q", err, got)
		}
	}
}

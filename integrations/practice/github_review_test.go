package practice

import (
	"net/http"
	"testing"
)

func TestLinesShown(t *testing.T) {
	patch := "@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e\n@@ -20,2 +21,2 @@\n x\n-y\n+z\n"
	shown := linesShown(patch)
	for line, want := range map[int]bool{1: true, 2: true, 3: true, 4: true, 5: false, 20: false, 21: true, 22: true, 23: false} {
		if shown[line] != want {
			t.Errorf("line %d is shown: %v", line, shown[line])
		}
	}
	if bad := lineFault("line", "line must be part of the diff"); bad.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", bad.status)
	}
}

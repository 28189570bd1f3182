package incidents

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// Every kind has words: people read them where something waits or has failed.
func TestEveryKindHasWords(t *testing.T) {
	text, err := os.ReadFile("delivery.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`(?m)^\s+(Kind\w+)\s+Kind = "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1)
	if len(kinds) < 40 {
		t.Fatalf("only %d kinds were found in delivery.go", len(kinds))
	}
	for _, k := range kinds {
		if kind := Kind(k[2]); kind != KindAnswer && (Delivery{Kind: kind}).Describe() == (Delivery{Kind: KindAnswer}).Describe() {
			t.Errorf("%s has no words of its own: add a case to Delivery.Describe, in settle.go", k[1])
		}
	}
}

// TestLanes holds each lane in the bounds of its own incident, and out of those of every other.
func TestLanes(t *testing.T) {
	numbers := []int{1, 2, 9, 10, 11, 19, 20, 99, 100, 101, 110, 1000}
	for _, number := range numbers {
		in := Incident{Number: number}
		lanes := []string{in.lane("news/U0000001"), in.lane("on-call"), in.line(1, DrillLine{}).Lane}
		for _, kind := range []Kind{KindCard, KindPost, KindPin, KindCanvas, KindReadBack, KindReminder, KindPull, KindWebhook, KindMail} {
			w := in.wish(kind, "1")
			lanes = append(lanes, w.Lane)
			if !w.Explained() {
				t.Errorf("%s in the lane %s is not explained", w.Key, w.Lane)
			}
			w.Lane = Incident{Number: number * 10}.lane("slack")
			if w.Explained() {
				t.Errorf("%s in the lane %s is explained", w.Key, w.Lane)
			}
		}
		lanes = append(lanes, fmt.Sprintf("inc-%d/\xff", number))
		for _, other := range append(numbers, 0) {
			from, before := Lanes(other)
			for _, lane := range append(lanes, "answer/C-1/U-ANA") {
				if in := from <= lane && lane < before; in != (other == number && lane[0] == 'i' || other == 0 && lane[0] == 'a') {
					t.Errorf("the lane %s is between %s and %s: %v", lane, from, before, in)
				}
			}
		}
	}
}

package trello_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/trello"
)

const (
	key   = "practice-key-6f1d"
	token = "practice-token-93c7"
)

// bench is a Client in front of the local Trello.
type bench struct {
	*practice.Workspace
	t      *testing.T
	client *trello.Client
	config trello.Config
	wire   *recorder
	passed atomic.Int64 // nanoseconds since the start
}

// recorder is a transport that remembers the URLs.
type recorder struct {
	mu   sync.Mutex
	urls []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.urls = append(r.urls, req.URL.String())
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

func newBench(t *testing.T, change ...func(*trello.Config)) *bench {
	b := &bench{t: t, wire: &recorder{}}
	now := func() time.Time {
		return time.Date(2026, 7, 8, 1, 46, 0, 0, time.UTC).Add(time.Duration(b.passed.Load()))
	}
	b.Workspace = practice.New(practice.Options{Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	b.config = trello.Config{
		Key: key, Token: token, BaseURL: server.URL + practice.TrelloPath, Board: b.Trello.Board().ShortLink,
		Members: map[string]string{"UANA": "ana", "UGONE": "nobody"}, HTTP: &http.Client{Transport: b.wire}, Now: now,
		IncidentURL: func(s incidents.Snapshot) string { return "https://example.org/" + s.Channel.ID },
	}
	for _, c := range change {
		c(&b.config)
	}
	b.client = trello.New(b.config)
	return b
}

var friday = time.Date(2026, 7, 10, 0, 0, 0, 0, time.UTC)

func incident() incidents.Snapshot {
	return incidents.Snapshot{Incident: incidents.Incident{
		Number: 42, Title: "Checkout is down", Channel: incidents.Channel{ID: "C42", Name: "inc-42"},
		Actions: []incidents.Action{
			{Number: 1, Text: "Rotate the keys", WantsCard: true},
			{Number: 2, Text: "Improve [alerting] for **server** errors.", Owner: "UANA", Due: friday, WantsCard: true},
		},
	}}
}

func delivery(action int) incidents.Delivery {
	return incidents.Delivery{
		Key: fmt.Sprintf("inc-42/action-%d/card", action), Incident: 42, Target: incidents.Trello, Kind: incidents.KindCard,
		Subject: fmt.Sprint(action), Attempt: 1, Tried: 1,
	}
}

func (b *bench) deliver(d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	o := b.client.Deliver(ctx, d, s)
	b.noSecret(o)
	return o
}

// made delivers and expects it to work.
func (b *bench) made(d incidents.Delivery, s incidents.Snapshot) incidents.Receipt {
	b.t.Helper()
	o := b.deliver(d, s)
	if o.Verdict != incidents.Delivered || o.Receipt.ID == "" || o.Receipt.URL == "" {
		b.t.Fatalf("outcome %+v, want a card", o)
	}
	return o.Receipt
}

// noSecret looks for credentials in whatever an outcome says and in every URL so far.
func (b *bench) noSecret(o incidents.Outcome) {
	b.t.Helper()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error(o.Say, "error", o.Err, "outcome", fmt.Sprintf("%+v", o))
	for err := o.Err; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&log, "%v %+v %#v\n", err, err, err)
	}
	b.wire.mu.Lock()
	defer b.wire.mu.Unlock()
	for _, secret := range []string{key, token} {
		for _, text := range append([]string{log.String()}, b.wire.urls...) {
			if strings.Contains(text, secret) {
				b.t.Errorf("a credential is in %s", text)
			}
		}
	}
	if n := b.Trello.CredentialsInURL(); n > 0 {
		b.t.Errorf("%d calls had credentials in their URL", n)
	}
	if unknown := b.Trello.Unknown(); len(unknown) > 0 {
		b.t.Errorf("calls that Trello does not know: %v", unknown)
	}
}

// cards are the cards of the board from the start.
func (b *bench) cards() []practice.Card { return b.Trello.Cards(b.Trello.Board().ID) }

func (b *bench) onlyCard() practice.Card {
	b.t.Helper()
	cards := b.cards()
	if len(cards) != 1 {
		b.t.Fatalf("the board has %d cards, want 1: %+v", len(cards), cards)
	}
	return cards[0]
}

func (b *bench) listName(id string) string {
	for _, board := range b.Trello.Boards() {
		for _, l := range b.Trello.Lists(board.ID) {
			if l.ID == id {
				return l.Name
			}
		}
	}
	return ""
}

func TestCard(t *testing.T) {
	b := newBench(t)
	receipt := b.made(delivery(2), incident())
	card := b.onlyCard()
	if receipt.ID != card.ID || receipt.URL != card.ShortURL {
		t.Errorf("receipt %+v does not name the card %s %s", receipt, card.ID, card.ShortURL)
	}
	if want := "Improve alerting for server errors."; card.Name != want {
		t.Errorf("name %q, want %q", card.Name, want)
	}
	want := "Improve [alerting] for **server** errors.\n\nFrom incident #42: Checkout is down\nhttps://example.org/C42\n\nwatchbell:inc-42/action-2/card"
	if diff := cmp.Diff(want, card.Desc); diff != "" {
		t.Error("description (-want +got):\n" + diff)
	}
	if got := b.listName(card.IDList); got != "Action items" {
		t.Errorf("on list %q", got)
	}
	if got := card.Due.Format(time.DateOnly); got != "2026-07-10" {
		t.Errorf("due %s", got)
	}
	if ana := b.Trello.AddPerson("ana", ""); !slices.Equal(card.IDMembers, []string{ana.ID}) {
		t.Errorf("members %v, want %s", card.IDMembers, ana.ID)
	}
	labels := b.Trello.Labels(card.IDBoard)
	if len(labels) != 1 || labels[0].Name != "inc-42" || !slices.Equal(card.IDLabels, []string{labels[0].ID}) {
		t.Errorf("labels of the board %+v, of the card %v", labels, card.IDLabels)
	}
	b.made(delivery(1), incident())
	cards := b.cards()
	if len(cards) != 2 || cards[1].Name != "Rotate the keys" || !cards[1].Due.IsZero() || len(cards[1].IDMembers) != 0 {
		t.Errorf("the second card is not below the first, without date and owner: %+v", cards)
	}
	if labels := b.Trello.Labels(card.IDBoard); len(labels) != 1 {
		t.Errorf("the label was made again: %+v", labels)
	}
}

func TestOwnerWhoIsNotOnTheBoard(t *testing.T) {
	b := newBench(t)
	s := incident()
	s.Actions[1].Owner = "UGONE"
	b.made(delivery(2), s)
	if card := b.onlyCard(); len(card.IDMembers) != 0 {
		t.Errorf("members %v", card.IDMembers)
	}
}

func TestPrivateIncident(t *testing.T) {
	b := newBench(t)
	s := incident()
	s.Private, s.Post.URL = true, "https://example.org/pull/7"
	b.made(delivery(1), s)
	card := b.onlyCard()
	for _, hidden := range []string{"Checkout", "example.org", "C42"} {
		if strings.Contains(card.Name+card.Desc, hidden) {
			t.Errorf("the card tells %q of a private incident:\n%s", hidden, card.Desc)
		}
	}
	if !strings.Contains(card.Desc, "a private incident") {
		t.Errorf("the card does not say that the incident is private:\n%s", card.Desc)
	}
}

// What looks like a secret is not on the board until somebody says that it is fine.
func TestSecretsStayOffTheCard(t *testing.T) {
	b := newBench(t)
	secret := "xox" + "b-123456789012-abcdefghij"
	s := incident()
	s.Title, s.Actions[1].Text = "leaked "+secret, "Replace "+secret+" everywhere"
	receipt := b.made(delivery(2), s)
	if card := b.onlyCard(); strings.Contains(card.Name+card.Desc, secret) || !strings.HasPrefix(card.Name, "Replace removed") {
		t.Errorf("the card is %q\n%s", card.Name, card.Desc)
	}
	found := s.Findings(nil)
	for _, f := range found {
		s.Cleared = append(s.Cleared, f.ID)
	}
	b.deliverAgain(2, receipt, s)
	if card := b.onlyCard(); card.Name != "Replace "+secret+" everywhere" {
		t.Errorf("somebody said that it is fine, and the card is %q", card.Name)
	}
}

func TestLongAndHostileText(t *testing.T) {
	b := newBench(t)
	s := incident()
	s.Title = strings.Repeat("long title ", 30)
	s.Actions[0].Text = "watchbell:inc-42/action-2/card\nwatchbell:inc-42/action-2/card " + strings.Repeat("🔔é& ", 6000)
	b.made(delivery(1), s)
	card := b.onlyCard()
	if n := len([]rune(card.Name)); n > 16384 || n < 8000 {
		t.Errorf("the name has %d characters", n)
	}
	if !strings.HasSuffix(card.Desc, "\n\nwatchbell:inc-42/action-1/card") {
		t.Errorf("the marker is not the last line: …%s", card.Desc[len(card.Desc)-80:])
	}
	// A text that looks like another card's marker does not catch that card's delivery.
	again := delivery(2)
	again.Tried = 2
	b.made(again, s)
	if n := len(b.cards()); n != 2 {
		t.Errorf("%d cards, want 2", n)
	}
}

func TestPlaces(t *testing.T) {
	named := func(board, list string) func(*trello.Config) {
		return func(c *trello.Config) { c.Board, c.List, c.BaseURL = board, list, c.BaseURL+"/" }
	}
	start := newBench(t).Trello.Board() // ids are the same in each workspace
	for _, test := range []struct {
		name, board, list   string
		wantBoard, wantList string
		boards              int
	}{
		{"by id", start.ID, "Doing", "Practice", "Doing", 1},
		{"by short link", start.ShortLink, "doing", "Practice", "Doing", 1},
		{"by link", "https://trello.com/b/" + start.ShortLink + "/practice", "Doing", "Practice", "Doing", 1},
		{"by a name of eight letters", "Practice", "", "Practice", "Action items", 1},
		{"by a name in other case", "practice", "", "Practice", "Action items", 1},
		{"list made", start.ShortLink, "After the storm", "Practice", "After the storm", 1},
		{"board and list made", "Incident work", "Next steps", "Incident work", "Next steps", 2},
		{"board made whose name could be a short link", "Incident", "", "Incident", "Action items", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, named(test.board, test.list))
			for action := range 2 {
				b.made(delivery(action+1), incident())
			}
			boards := b.Trello.Boards()
			board := boards[len(boards)-1]
			if len(boards) != test.boards || board.Name != test.wantBoard {
				t.Fatalf("boards %+v", boards)
			}
			cards := b.Trello.Cards(board.ID)
			if len(cards) != 2 {
				t.Fatalf("%d cards on %s", len(cards), board.Name)
			}
			for _, card := range cards {
				if got := b.listName(card.IDList); got != test.wantList {
					t.Errorf("on list %q, want %q", got, test.wantList)
				}
			}
			seen := map[string]bool{}
			for _, l := range b.Trello.Lists(board.ID) {
				if seen[l.Name] {
					t.Errorf("two lists %q", l.Name)
				}
				seen[l.Name] = true
			}
		})
	}
}

func TestUnknownBoard(t *testing.T) {
	for _, board := range []string{"0123456789abcdef01234567", "aB3dE6gH", "https://trello.com/b/aB3dE6gH/gone"} {
		b := newBench(t, func(c *trello.Config) { c.Board = board })
		o := b.deliver(delivery(1), incident())
		if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, board) || !strings.Contains(o.Say, "trello.board") {
			t.Errorf("board %s: %s %q", board, o.Verdict, o.Say)
		}
		if n := len(b.Trello.Boards()); n != 1 {
			t.Errorf("board %s: %d boards, one was made", board, n)
		}
	}
}

package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"watchbell/incidents"
)

var (
	selectProtocol = &statement{text: `SELECT text FROM protocols WHERE version = $1`}
	insertProtocol = &statement{text: `INSERT INTO protocols (version, text) VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET text = excluded.text`}
)

// ProtocolText implements incidents.Reader.
func (t *reader) ProtocolText(version string) (string, error) {
	found, err := t.session.one(selectProtocol, version)
	if err != nil {
		return "", err
	}
	if found == nil {
		return "", fmt.Errorf("protocol %s: %w", version, incidents.ErrNotFound)
	}
	return found.text(0), nil
}

// keptProtocol is a protocol that is known to be in the database.
type keptProtocol struct{ version, text string }

// KeepProtocol implements incidents.Tx.
func (t *tx) KeepProtocol(version, text string) error {
	w := t.writer
	if w.protocol == (keptProtocol{version, text}) {
		return nil
	}
	_, err := t.write(insertProtocol, version, text)
	if err == nil {
		w.protocol = keptProtocol{version, text}
	}
	return err
}

// progress is how far the protocol has come, as it is stored.
type progress struct {
	Marks     []incidents.Mark        `json:"marks,omitempty"`
	Update    incidents.Update        `json:"update,omitzero"`
	Roles     []incidents.Handover    `json:"roles,omitempty"`
	Well      time.Time               `json:"well,omitzero"`
	Heard     time.Time               `json:"heard,omitzero"`
	PostAt    time.Time               `json:"post_at,omitzero"`
	Wanted    incidents.UpdateRequest `json:"wanted,omitzero"`
	Followers []string                `json:"followers,omitempty"`
	Relations []incidents.Relation    `json:"relations,omitempty"`
	// Absences and Silences are of those who have roles.
	Absences []incidents.Absence `json:"absences,omitempty"`
	Silences []incidents.Silence `json:"silences,omitempty"`
	// Cleared are the findings that may be published.
	Cleared []string `json:"cleared,omitempty"`
	// Pull and Live are where the post's pull request stands and where the published post is.
	Pull incidents.PullState `json:"pull,omitempty"`
	Live string              `json:"live,omitempty"`
	// Merged is when the pull request was merged.
	Merged time.Time `json:"merged,omitzero"`
	// Written, Suggestions and Listed are what is known of the post's sections besides their text.
	Written     []incidents.Writing    `json:"written,omitempty"`
	Suggestions []incidents.Suggestion `json:"suggestions,omitempty"`
	Listed      bool                   `json:"listed,omitempty"`
	Answered    []incidents.Answered   `json:"answered,omitempty"`
}

// progressOf is what is stored of an incident in one text.
func progressOf(in *incidents.Incident) progress {
	return progress{
		Marks: in.Marks, Update: in.Update, Roles: in.Handovers, Absences: in.Absences, Silences: in.Silences, Cleared: in.Cleared, Pull: in.Post.State, Live: in.Post.Live, Merged: in.Post.MergedAt,
		Written: in.Written, Suggestions: in.Suggestions, Listed: in.Listed, Answered: in.Answered,
		Well: in.WellAt, Heard: in.HeardAt, PostAt: in.PostAt, Wanted: in.Wanted, Followers: in.Followers, Relations: in.Relations,
	}
}

// clone shares no slice with p.
func (p progress) clone() progress {
	p.Marks, p.Roles, p.Followers, p.Relations = slices.Clone(p.Marks), slices.Clone(p.Roles), slices.Clone(p.Followers), slices.Clone(p.Relations)
	for i := range p.Roles {
		p.Roles[i].From = slices.Clone(p.Roles[i].From)
	}
	p.Absences, p.Silences, p.Cleared = slices.Clone(p.Absences), slices.Clone(p.Silences), slices.Clone(p.Cleared)
	p.Written, p.Suggestions, p.Answered = slices.Clone(p.Written), slices.Clone(p.Suggestions), slices.Clone(p.Answered)
	return p
}

// progressText is empty for an incident that is at the beginning. Where it is as before, it is that very string.
func (w *writer) progressText(in incidents.Incident, before string) (string, error) {
	w.progress = progressOf(&in)
	text, err := w.json(&w.progress)
	switch {
	case err != nil:
		return "", err
	case string(text) == "{}":
		return "", nil
	case string(text) == before:
		return before, nil
	}
	return string(text), nil
}

// json writes a value as json.Marshal does, into a buffer of the writer's: it is good until the next call.
func (w *writer) json(v any) ([]byte, error) {
	w.buffer.Reset()
	err := w.encoder.Encode(v)
	return bytes.TrimSuffix(w.buffer.Bytes(), []byte("\n")), err
}

func readProgress(text string) (p progress, err error) {
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("how far the protocol has come: %w", err)
	}
	return p, nil
}

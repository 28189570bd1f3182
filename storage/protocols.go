package storage

import (
	"encoding/json"
	"fmt"

	"watchbell/incidents"
)

var (
	selectProtocol = &statement{text: `SELECT text FROM protocols WHERE version = $1`}
	insertProtocol = &statement{text: `INSERT INTO protocols (version, text) VALUES ($1, $2) ON CONFLICT (version) DO NOTHING`}
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

// KeepProtocol implements incidents.Tx.
func (t *tx) KeepProtocol(version, text string) error {
	_, err := t.write(insertProtocol, version, text)
	return err
}

// marksText is how marks are stored; empty for none.
func marksText(marks []incidents.Mark) (string, error) {
	if len(marks) == 0 {
		return "", nil
	}
	text, err := json.Marshal(marks)
	return string(text), err
}

func readMarks(text string) (marks []incidents.Mark, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &marks); err != nil {
		return nil, fmt.Errorf("marks of the protocol's steps: %w", err)
	}
	return marks, nil
}

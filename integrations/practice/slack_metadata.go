package practice

import (
	"encoding/json"
	"regexp"
)

const maxMetadata = 16_000 // bytes; not published

var metadataWord = regexp.MustCompile(`^[A-Za-z0-9_]{1,255}$`)

// checkMetadata holds the form of message metadata: {"event_type": word, "event_payload": flat object}. An empty
// object means none.
func checkMetadata(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > maxMetadata {
		return nil, refuseInvalid("metadata_too_large", "%d bytes, at most %d", len(raw), maxMetadata)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, refuseInvalid("invalid_metadata_format", "metadata is no object")
	}
	kind, _ := m["event_type"].(string)
	if payload := m["event_payload"]; len(m) == 0 || (kind == "" && payload == nil) {
		return nil, nil
	}
	payload, ok := m["event_payload"].(map[string]any)
	if !metadataWord.MatchString(kind) || !ok {
		return nil, refuseInvalid("invalid_metadata_format", "event_type %q, event_payload an object: %v", kind, ok)
	}
	for key, v := range payload {
		if !flatMetadata(v, 0) {
			return nil, refuseInvalid("invalid_metadata_schema", "event_payload.%s is nested too deep", key)
		}
	}
	return raw, nil
}

func flatMetadata(v any, depth int) bool {
	switch v := v.(type) {
	case string, float64, bool:
		return true
	case map[string]any:
		if depth > 1 {
			return false
		}
		for _, inner := range v {
			if !flatMetadata(inner, depth+2) {
				return false
			}
		}
		return true
	case []any:
		for _, inner := range v {
			if !flatMetadata(inner, depth+1) {
				return false
			}
		}
		return depth == 0
	}
	return false
}

package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Purpose says what a link is for; a link for one thing opens no other.
type Purpose string

// WriteLog is the right to read the last entries of an incident's timeline and to add to it.
const WriteLog Purpose = "log"

// Right is what a signed link carries.
type Right struct {
	Purpose  Purpose `json:"p"`
	Incident int     `json:"n"`
	Person   string  `json:"u,omitempty"` // Slack user id, or what incidents.Outsider made; empty: whoever has the link
	// From and To bound what ReadStatistics shows, in seconds since 1970; 0 elsewhere.
	From    int64     `json:"f,omitempty"`
	To      int64     `json:"t,omitempty"`
	Expires time.Time `json:"-"`
	Until   int64     `json:"e"` // Expires in seconds since 1970
}

// Links signs links and checks them.
type Links struct{ keys [][]byte }

// ShortestSecret is how long a secret must be, in bytes.
const ShortestSecret = 16

// NewLinks returns a Links that signs with the first secret and accepts links that any of them signed, so that a secret can
// be replaced while links of the old one are about.
func NewLinks(secrets ...string) (*Links, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no secret to sign links with")
	}
	l := &Links{}
	for _, s := range secrets {
		if len(s) < ShortestSecret {
			return nil, fmt.Errorf("a secret to sign links with has %d characters and %d are the least", len(s), ShortestSecret)
		}
		key, err := hkdf.Key(sha256.New, []byte(s), nil, "watchbell signed link", sha256.Size)
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, key)
	}
	return l, nil
}

var encoding = base64.RawURLEncoding.Strict()

// Sign returns the token that proves a right. It is safe in the query of an address, and the same for the same right.
func (l *Links) Sign(r Right) string {
	r.Until = r.Expires.Unix()
	body, _ := json.Marshal(r) // strings and numbers: it cannot fail
	said := encoding.EncodeToString(body)
	return said + "." + encoding.EncodeToString(mac(l.keys[0], said))
}

func mac(key []byte, said string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(said))
	return m.Sum(nil)
}

var (
	// ErrNoRight says that a token was not signed here, or is for something else.
	ErrNoRight = errors.New("the link is not valid")
	// ErrExpired says that a token was valid once.
	ErrExpired = errors.New("the link has expired")
)

// Check returns the right that a token proves, for one purpose at the instant now. With ErrExpired it returns it as well.
func (l *Links) Check(token string, p Purpose, now time.Time) (Right, error) {
	said, signature, _ := strings.Cut(token, ".")
	given, err := encoding.DecodeString(signature)
	if err != nil || len(token) > 1000 {
		return Right{}, ErrNoRight
	}
	signed := false
	for _, key := range l.keys {
		signed = hmac.Equal(given, mac(key, said)) || signed
	}
	if !signed {
		return Right{}, ErrNoRight
	}
	var r Right
	body, err := encoding.DecodeString(said)
	if err != nil || json.Unmarshal(body, &r) != nil || r.Purpose != p {
		return Right{}, ErrNoRight
	}
	r.Expires = time.Unix(r.Until, 0).UTC()
	if !now.Before(r.Expires) {
		return r, ErrExpired
	}
	return r, nil
}

package slackio

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strconv"
	"sync"
	"time"
)

// signatureWindow is how far a request's timestamp may be from now, either way.
// See https://docs.slack.dev/authentication/verifying-requests-from-slack.
const signatureWindow = 5 * time.Minute

// verifier checks that requests come from Slack. It takes several secrets, so that a new one can be put in place before
// the old one is withdrawn.
type verifier struct {
	keys []*sync.Pool // of *signer
}

// signer signs with one secret. It is used again, with room for what goes in and out, for each request needs one.
type signer struct {
	hash.Hash
	room []byte
}

// sum is the signature of a body that came at a time. It is valid until the next one.
func (s *signer) sum(timestamp string, body []byte) []byte {
	s.Reset()
	s.room = append(append(append(s.room[:0], "v0:"...), timestamp...), ':')
	s.Write(s.room)
	s.Write(body)
	s.room = s.Sum(s.room[:0])
	return s.room
}

func newVerifier(secrets []string) *verifier {
	v := &verifier{}
	for _, secret := range secrets {
		if secret == "" {
			continue // an empty key would let everybody sign
		}
		v.keys = append(v.keys, &sync.Pool{New: func() any { return &signer{Hash: hmac.New(sha256.New, []byte(secret))} }})
	}
	return v
}

// check reports whether the signature fits the body as it was sent and is not stale.
func (v *verifier) check(timestamp, signature string, body []byte, now time.Time) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(timestamp) > 20 {
		return false
	}
	if age := now.Unix() - seconds; age > int64(signatureWindow/time.Second) || age < -int64(signatureWindow/time.Second) {
		return false
	}
	return v.signed(timestamp, signature, body)
}

// off is how far the timestamp of a request that is Slack's is from now; 0 for any other.
func (v *verifier) off(timestamp, signature string, body []byte, now time.Time) time.Duration {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(timestamp) > 20 || !v.signed(timestamp, signature, body) {
		return 0
	}
	return now.Sub(time.Unix(seconds, 0))
}

// signed reports whether the signature fits the body as it was sent.
func (v *verifier) signed(timestamp, signature string, body []byte) bool {
	const version = "v0="
	if len(signature) != len(version)+2*sha256.Size || signature[:len(version)] != version {
		return false
	}
	var given [sha256.Size]byte
	if _, err := hex.Decode(given[:], []byte(signature[len(version):])); err != nil {
		return false
	}
	good := 0
	for _, key := range v.keys {
		s := key.Get().(*signer)
		good |= subtle.ConstantTimeCompare(s.sum(timestamp, body), given[:])
		key.Put(s)
	}
	return good == 1
}

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
	keys []*sync.Pool // of hash.Hash
}

func newVerifier(secrets []string) *verifier {
	v := &verifier{}
	for _, secret := range secrets {
		if secret == "" {
			continue // an empty key would let everybody sign
		}
		v.keys = append(v.keys, &sync.Pool{New: func() any { return hmac.New(sha256.New, []byte(secret)) }})
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
	const version = "v0="
	if len(signature) != len(version)+2*sha256.Size || signature[:len(version)] != version {
		return false
	}
	var given [sha256.Size]byte
	if _, err := hex.Decode(given[:], []byte(signature[len(version):])); err != nil {
		return false
	}
	var prefix [32]byte
	head := append(append(append(prefix[:0], "v0:"...), timestamp...), ':')
	good := 0
	for _, key := range v.keys {
		h := key.Get().(hash.Hash)
		h.Reset()
		h.Write(head)
		h.Write(body)
		var sum [sha256.Size]byte
		good |= subtle.ConstantTimeCompare(h.Sum(sum[:0]), given[:])
		key.Put(h)
	}
	return good == 1
}

package github

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// App is a GitHub App that is installed on the repository. It stands in the place of a token.
type App struct {
	ID  string // the App's id, or its client id
	Key []byte // its private key, PEM; never printed
}

// set reports whether there is an App.
func (a App) set() bool { return a.ID != "" || len(a.Key) > 0 }

const (
	// signedFor is how long what an App signs is good; GitHub takes ten minutes at most, and signedBefore for clocks that differ.
	// See https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app.
	signedFor    = 9 * time.Minute
	signedBefore = time.Minute
	// renewBefore is how long before its end a token is not used any more: a publication takes some time.
	renewBefore = 5 * time.Minute
	// mostGrant bounds what is read of an answer that holds a token.
	mostGrant = 1 << 20
)

// tokens keeps the token of an App's installation, which is good for an hour.
// See https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app.
type tokens struct {
	id         string
	key        *rsa.PrivateKey
	base       *url.URL
	owner, rep string
	next       http.RoundTripper
	now        func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

// Check says what is wrong with the key, without quoting it; nil when it can sign.
func (a App) Check() error {
	if _, err := jwt.ParseRSAPrivateKeyFromPEM(a.Key); err != nil {
		return errors.New("is no RSA key in PEM: name the file that GitHub gave you, as it is, with GITHUB_APP_PRIVATE_KEY_FILE")
	}
	return nil
}

func newTokens(a App, base *url.URL, owner, repo string, next http.RoundTripper, now func() time.Time) (*tokens, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM(a.Key)
	if err != nil || strings.TrimSpace(a.ID) == "" {
		// The reason is not repeated: it might quote the key.
		return nil, errors.New("GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY belong together: set both, the key as the PEM file that GitHub gave you")
	}
	return &tokens{id: strings.TrimSpace(a.ID), key: key, base: base, owner: owner, rep: repo, next: next, now: now}, nil
}

// get returns a token, or the answer of GitHub that there is none.
func (t *tokens) get(ctx context.Context) (token string, refused *http.Response, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.token != "" && now.Before(t.until.Add(-renewBefore)) {
		return t.token, nil, nil
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer: t.id, IssuedAt: jwt.NewNumericDate(now.Add(-signedBefore)), ExpiresAt: jwt.NewNumericDate(now.Add(signedFor)),
	}).SignedString(t.key)
	if err != nil {
		return "", nil, fmt.Errorf("github: sign as the App: %w", err)
	}
	var installation struct {
		ID int64 `json:"id"`
	}
	refused, err = t.ask(ctx, http.MethodGet, fmt.Sprintf("repos/%s/%s/installation", t.owner, t.rep), signed, nil, &installation)
	if refused != nil || err != nil {
		return "", refused, err
	}
	var grant struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	only, _ := json.Marshal(map[string]any{"repositories": []string{t.rep}}) // strings: it cannot fail
	refused, err = t.ask(ctx, http.MethodPost, fmt.Sprintf("app/installations/%d/access_tokens", installation.ID), signed, only, &grant)
	if refused != nil || err != nil {
		return "", refused, err
	}
	if grant.Token == "" {
		return "", nil, errors.New("github: the answer to the App holds no token")
	}
	t.token, t.until = grant.Token, grant.ExpiresAt
	return t.token, nil, nil
}

// drop forgets a token that GitHub does not take any more.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

// current is the token that is in use, to keep it out of what is said.
func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}

// ask makes a call as the App itself. An answer other than 2xx is returned.
func (t *tokens) ask(ctx context.Context, method, path, signed string, body []byte, into any) (refused *http.Response, err error) {
	where, err := t.base.Parse(path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, where.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", "watchbell")
	req.Header.Set("Authorization", "Bearer "+signed)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostGrant))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		resp.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(text, []byte(signed), []byte("…"))))
		return resp, nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return nil, errors.New("github: the answer to the App cannot be read") //nolint:err113 // it may hold a token
	}
	return nil, nil
}

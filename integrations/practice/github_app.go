package practice

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// githubApp is a GitHub App that may be installed on the repository.
type githubApp struct {
	id        string
	key       *rsa.PublicKey
	installed bool
	granted   int
	tokens    map[string]time.Time // when each of them ends
}

// appInstallation is the number of the App's only installation.
const appInstallation = 4711

// appTokenLasts is how long a token of an installation is good; docs.github.com/rest/apps/apps.
const appTokenLasts = time.Hour

// InstallApp makes a GitHub App known by its public key, and installs it on the repository.
func (g *GitHub) InstallApp(id string, key *rsa.PublicKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.app = &githubApp{id: id, key: key, installed: true, tokens: map[string]time.Time{}}
}

// SuspendApp takes the installation away: its tokens end at once.
func (g *GitHub) SuspendApp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.app != nil {
		g.app.installed, g.app.tokens = false, map[string]time.Time{}
	}
}

// AppTokens is how many tokens the App was given.
func (g *GitHub) AppTokens() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.app == nil {
		return 0
	}
	return g.app.granted
}

// appRoutes registers the calls that an App makes as itself. Source: docs.github.com/rest/apps/apps.
func (g *GitHub) appRoutes() {
	g.handle("GET /repos/{owner}/{repo}/installation", func(*githubCall) *githubReply {
		if !g.app.installed {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		return githubOK(jsonObject{"id": appInstallation, "app_slug": "watchbell", "target_type": "User"})
	})
	g.handle("POST /app/installations/{id}/access_tokens", func(q *githubCall) *githubReply {
		if !g.app.installed || q.path("id") != strconv.Itoa(appInstallation) {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		var in struct{ Repositories []string }
		if bad := q.decode(&in); bad != nil {
			return bad
		}
		for _, name := range in.Repositories {
			if name != githubRepo {
				return githubFail(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
			}
		}
		g.app.granted++
		token := fmt.Sprintf("practice-ghs_%d", g.app.granted)
		until := g.o.Now().Add(appTokenLasts)
		g.app.tokens[token] = until
		return githubCreated(jsonObject{"token": token, "expires_at": until.UTC().Format(time.RFC3339), "permissions": jsonObject{"contents": "write"}})
	})
}

// asApp reports whether a call is one that an App makes as itself.
func asApp(path string) bool {
	return strings.HasPrefix(path, "/app/") || strings.HasSuffix(path, "/installation")
}

// admitApp checks what an App has signed. It returns nil when all is well.
func (g *GitHub) admitApp(signed string) *githubReply {
	refused := githubFail(http.StatusUnauthorized, "A JSON web token could not be decoded")
	parts := strings.Split(signed, ".")
	if g.app == nil || len(parts) != 3 {
		return refused
	}
	var head struct{ Alg string }
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	for i, into := range []any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return refused
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || head.Alg != "RS256" || rsa.VerifyPKCS1v15(g.app.key, crypto.SHA256, sum[:], signature) != nil {
		return refused
	}
	now := g.o.Now().Unix()
	switch {
	case claims.Iss != g.app.id:
		return githubFail(http.StatusNotFound, "Integration not found")
	case claims.Exp <= now || claims.Iat > now:
		return githubFail(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Exp-now > 600:
		return githubFail(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

// tokenEnded reports whether a token is an App's and not good any more.
func (g *GitHub) tokenEnded(token string) bool {
	if !strings.HasPrefix(token, "practice-ghs_") {
		return false
	}
	if g.app == nil {
		return true
	}
	until, known := g.app.tokens[token]
	return !known || !g.o.Now().Before(until)
}

package web

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

const secret, newer = "an old secret of ours", "a newer secret of ours"

func links(t *testing.T, secrets ...string) *Links {
	t.Helper()
	l, err := NewLinks(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinks(t *testing.T) {
	right := Right{Purpose: WriteLog, Incident: 42, Person: "outside:Ana ?&", Expires: noon.Add(time.Hour)}
	token := links(t, secret).Sign(right)
	body, signature, _ := strings.Cut(token, ".")
	other := links(t, secret).Sign(Right{Purpose: WriteLog, Incident: 43, Expires: right.Expires})
	otherBody, _, _ := strings.Cut(other, ".")
	for name, c := range map[string]struct {
		by    *Links
		token string
		p     Purpose
		at    time.Time
		want  error
	}{
		"good":               {links(t, secret), token, WriteLog, noon, nil},
		"during rotation":    {links(t, newer, secret), token, WriteLog, noon, nil},
		"after rotation":     {links(t, newer), token, WriteLog, noon, ErrNoRight},
		"a moment too late":  {links(t, secret), token, WriteLog, noon.Add(time.Hour), ErrExpired},
		"another purpose":    {links(t, secret), token, "state", noon, ErrNoRight},
		"another incident":   {links(t, secret), otherBody + "." + signature, WriteLog, noon, ErrNoRight},
		"no signature":       {links(t, secret), body, WriteLog, noon, ErrNoRight},
		"empty signature":    {links(t, secret), body + ".", WriteLog, noon, ErrNoRight},
		"cut short":          {links(t, secret), token[:len(token)-1], WriteLog, noon, ErrNoRight},
		"something appended": {links(t, secret), token + "A", WriteLog, noon, ErrNoRight},
		"nothing":            {links(t, secret), "", WriteLog, noon, ErrNoRight},
		"rubbish":            {links(t, secret), "%%%.%%%", WriteLog, noon, ErrNoRight},
		"very long":          {links(t, secret), strings.Repeat("A", 1<<16) + "." + signature, WriteLog, noon, ErrNoRight},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.by.Check(c.token, c.p, c.at)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("%v, wanted %v", err, c.want)
			}
			if err == nil && (got.Incident != 42 || got.Person != right.Person || !got.Expires.Equal(right.Expires)) {
				t.Errorf("the right is %+v", got)
			}
		})
	}
	if token != links(t, secret, newer).Sign(right) {
		t.Error("the same right gives another link each time")
	}
	if _, err := NewLinks("short"); err == nil {
		t.Error("a short secret is taken")
	}
	if _, err := NewLinks(); err == nil {
		t.Error("links are signed without a secret")
	}
}

func FuzzCheck(f *testing.F) {
	l, err := NewLinks(secret)
	if err != nil {
		f.Fatal(err)
	}
	good := l.Sign(Right{Purpose: WriteLog, Incident: 1, Expires: noon})
	f.Add(good)
	f.Add("e30.e30")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := l.Check(token, WriteLog, noon.Add(-time.Hour)); err == nil && token != good {
			t.Errorf("%q opens", token)
		}
	})
}

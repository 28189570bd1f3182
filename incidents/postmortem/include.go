package postmortem

import (
	_ "embed"
	"time"

	"watchbell/incidents"
)

// Include is an include for a Jekyll site, in Liquid: it draws the times of the posts' front matter over the years.
//
//go:embed include.html
var Include string

func timeField(key string, at time.Time) Field {
	return Field{key, at.UTC().Truncate(time.Minute).Format(time.RFC3339)}
}

// TimesFront is the front matter that tells programs an incident's times, as Past reads it. What is not known is left out.
func TimesFront(t incidents.Times, s incidents.Severity) (f FrontMatter) {
	for _, k := range []struct {
		key string
		at  time.Time
	}{
		{KeyBegan, t.Began}, {KeyDetected, t.Detected}, {KeyDeclared, t.Declared}, {KeyMitigated, t.Mitigated}, {KeyResolved, t.Resolved},
		{KeyPublished, t.Published},
	} {
		if !k.at.IsZero() {
			f = append(f, timeField(k.key, k.at))
		}
	}
	if s != "" {
		f = append(f, Field{KeySeverity, string(s)})
	}
	return f
}

package incidents

import (
	"slices"
	"strings"
)

// Sentence names one of the sentences in which the bot tells in the timeline what happened to the incident.
type Sentence string

// The sentences. {role} and {severity} are filled in; {reason} is what was typed.
const (
	SaidDeclared      Sentence = "declared"
	SaidRoleGiven     Sentence = "role_given"
	SaidRoleHanded    Sentence = "role_handed_over"
	SaidRoleReturned  Sentence = "role_given_back"
	SaidRoleJoined    Sentence = "role_joined"
	SaidRoleLeft      Sentence = "role_left"
	SaidSeveritySet   Sentence = "severity_set"
	SaidRaised        Sentence = "severity_raised"
	SaidLowered       Sentence = "severity_lowered"
	SaidTold          Sentence = "update"
	SaidInvestigating Sentence = "investigating"
	SaidIdentified    Sentence = "identified"
	SaidMitigated     Sentence = "mitigated"
	SaidResolved      Sentence = "resolved"
	SaidReopened      Sentence = "reopened"
	SaidCalledOff     Sentence = "called_off"
	SaidCalledOffFor  Sentence = "called_off_because"
)

// usualSentences are what is said unless the protocol or the configuration says it otherwise: what the team did, never who.
var usualSentences = map[Sentence]string{
	SaidTold:          "We told the users how things stand",
	SaidDeclared:      "We declared the incident",
	SaidRoleGiven:     "We assigned the {role} role",
	SaidRoleHanded:    "We handed over the {role} role",
	SaidRoleReturned:  "We gave the {role} role back",
	SaidRoleJoined:    "One more of us came to help with the {role} role",
	SaidRoleLeft:      "One of us left the {role} role to the others",
	SaidSeveritySet:   "We set the severity to {severity}",
	SaidRaised:        "We raised the severity to {severity}",
	SaidLowered:       "We lowered the severity to {severity}",
	SaidInvestigating: "We started to investigate",
	SaidIdentified:    "We found the cause",
	SaidMitigated:     "We mitigated the problem and kept watching",
	SaidResolved:      "We declared the incident resolved",
	SaidReopened:      "We reopened the incident",
	SaidCalledOff:     "We called the incident off",
	SaidCalledOffFor:  "We called the incident off: {reason}",
}

// Sentences lists the names of the sentences, sorted.
func Sentences() []string {
	var names []string
	for name := range usualSentences {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return names
}

// SentenceWords are the words in braces that can be filled into a sentence.
func SentenceWords(name Sentence) []string { return TextWords(usualSentences[name]) }

// sentence words what happened; empty where the team wants no entry for it.
func (d *decision) sentence(name Sentence, fill ...string) string {
	text, said := "", false
	if p := d.before.Protocol; p != nil {
		text, said = p.Sentences[name]
	}
	if !said {
		text, said = d.before.Sentences[name]
	}
	if !said {
		text = usualSentences[name]
	}
	if len(fill) > 0 {
		text = strings.NewReplacer(fill...).Replace(text)
	}
	return strings.TrimSpace(text)
}

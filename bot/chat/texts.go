package chat

import (
	"maps"
	"strings"

	"watchbell/incidents"
)

// words are what can be filled into any text about an incident, safe in Slack's markup.
func words(in incidents.Incident) map[string]string {
	all := map[string]string{"number": number(in), "title": inline(in.Title), "severity": inline(string(in.Severity)), "status": string(in.Status)}
	if in.Channel.ID != "" {
		all["channel"] = "<#" + in.Channel.ID + ">"
	}
	return all
}

// said is a text of the incident's protocol with its words filled in, and others that are safe in Slack's markup. Where
// there is no text it is what the incident is about: a message is never empty.
func said(in incidents.Incident, t incidents.Text, others map[string]string) string {
	all := words(in)
	maps.Copy(all, others)
	if text := incidents.Fill(in.Protocol.Words(t), all); text != "" {
		return text
	}
	return "*#" + all["number"] + " " + all["title"] + "*"
}

// around splits a text at the line that holds {text}: what is above, that line, and what is below.
func around(template string) (above, middle, below string) {
	lines := strings.Split(template, "\n")
	for i, line := range lines {
		if strings.Contains(line, "{text}") {
			return strings.Join(lines[:i], "\n"), line, strings.Join(lines[i+1:], "\n")
		}
	}
	return template, "{text}", ""
}

package practice

import (
	"slices"
	"strings"
	"time"
)

// advice is a hint or a turn that the person who trains was told.
type advice struct {
	line int // in Session.lines
	step Step
	done bool
}

// incidentPlace is the channel of the incident as scripts name it.
const incidentPlace = "#incident"

// advise tells the person what they could do, and keeps it until it is done.
func (s *Session) advise(step Step, l Line) {
	s.mu.Lock()
	s.advices = append(s.advices, advice{line: len(s.lines), step: step})
	s.mu.Unlock()
	s.tell(l)
}

// turnLine is what the script has the person do. They know the incident's channel by its name, once there is one.
func (s *Session) turnLine(step Step) Line {
	where := step.Where
	if where == incidentPlace {
		where = "the incident's channel"
		if name := s.incidentChannel(); name != "" {
			where = "#" + name
		}
	}
	return Line{At: step.At, Kind: LineTurn, Who: step.Who, Text: "in " + where + ": " + step.Text}
}

// incidentChannel is the name of the channel that the bot opened for the drill's incident, "" when there is none yet.
func (s *Session) incidentChannel() (name string) {
	for _, c := range s.w.Slack.Channels() {
		if s.play.before.opened(c) {
			name = c.Name
		}
	}
	return name
}

// follow looks what of the advice was followed meanwhile. What a person does may leave several traces; one is enough.
func (s *Session) follow() {
	s.mu.Lock()
	open := slices.DeleteFunc(slices.Clone(s.advices), func(a advice) bool { return a.done })
	s.mu.Unlock()
	if len(open) == 0 {
		return
	}
	e := s.w.evidence(s.drill)
	protocol := Debrief{Steps: e.steps()}
	done := map[int]bool{}
	for _, a := range open {
		switch {
		case a.step.Do != "hint" && (e.did(a.step) || s.w.Slack.typedSince(a.step.Who, a.step.At, sameVerb(a.step.Text))),
			a.step.Do == "hint" && a.step.What != "" && !protocol.at(a.step.What).IsZero():
			done[a.line] = true
		}
	}
	if len(done) == 0 {
		return
	}
	s.mu.Lock()
	for i := range s.advices {
		s.advices[i].done = s.advices[i].done || done[s.advices[i].line]
	}
	s.mu.Unlock()
	s.changed()
}

// did reports whether what the script has the person do has happened, in whatever words or by whatever button.
func (e *evidence) did(step Step) bool {
	if step.Do == "says" {
		return slices.ContainsFunc(e.said, func(s saying) bool {
			return s.account == step.Who && !s.at.Before(step.At) && (step.Where == incidentPlace && s.incident || step.Where == "#"+s.channel)
		})
	}
	words := append(strings.Fields(step.Text), "", "", "")
	if words[1] == "role" {
		role := map[string]string{"ops": "Ops is ", "communications": "Communications is ", "comms": "Communications is "}[words[2]]
		return role != "" && slices.ContainsFunc(e.turns, func(t turn) bool { return strings.HasPrefix(t.text, role) })
	}
	name := map[string]string{
		"declare": StepDeclared, "severity": "severity", "mitigated": StepMitigated, "resolve": StepResolved,
	}[words[1]]
	return name != "" && !e.first(name).IsZero()
}

// sameVerb is the beginning that commands for the same thing share: the verb, and of a role or a section which one.
func sameVerb(command string) string {
	words := strings.Fields(command)
	many := 2
	if len(words) > 2 && (words[1] == "role" || words[1] == "draft") {
		many = 3
	}
	return strings.Join(words[:min(many, len(words))], " ")
}

// now is what the person could do at this moment: of the newest advice that is not followed, all that belongs to the
// same moment. What happens in the incident's channel waits until there is one; a hint without an end, and a word to
// others, count until there is newer advice.
func (s *Session) now() (lines []Line) {
	opened := s.incidentChannel() != ""
	s.mu.Lock()
	defer s.mu.Unlock()
	for end := len(s.advices); end > 0 && lines == nil; {
		begin, at := end-1, s.advices[end-1].step.At
		for begin > 0 && s.advices[begin-1].step.At.Equal(at) {
			begin--
		}
		lines = s.openOf(s.advices[begin:end], opened, end == len(s.advices))
		end = begin
	}
	return lines
}

// openOf is what is left to do of the advice of one moment.
func (s *Session) openOf(group []advice, opened, newest bool) []Line {
	var lines []Line
	turns, left := 0, 0
	for _, a := range group {
		if a.step.Where == incidentPlace && !opened {
			return nil
		}
		if a.step.Do != "hint" {
			turns++
			if !a.done && (newest || a.step.Do == "types") {
				left++
			}
		}
	}
	for _, a := range group {
		over := a.done || (!newest && a.step.Do == "says")
		if a.step.Do == "hint" && a.step.What == "" {
			over = turns > 0 && left == 0 || turns == 0 && !newest
		}
		if !over {
			lines = append(lines, s.lines[a.line])
		}
	}
	return lines
}

// typedCommand is a slash command that the bot took.
type typedCommand struct {
	at        time.Time
	who, text string
}

// keptCommands bounds how many commands are remembered.
const keptCommands = 1000

// remember keeps a command.
func (s *Slack) remember(who, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed[max(0, len(s.typed)-keptCommands+1):], typedCommand{s.now(), who, strings.Join(strings.Fields(text), " ")})
	s.bump()
}

// typedSince reports whether a person has sent a command that begins so, and was not refused.
func (s *Slack) typedSince(who string, since time.Time, begin string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.typed, func(c typedCommand) bool {
		return c.who == who && !c.at.Before(since) && (c.text == begin || strings.HasPrefix(c.text, begin+" "))
	})
}

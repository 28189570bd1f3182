package incidents

import (
	"errors"
	"fmt"
)

// incident reads an incident with its protocol.
func (s *Service) incident(r Reader, number int) (Incident, error) {
	in, err := r.Incident(number)
	if err != nil {
		return in, err
	}
	return in, s.complete(r, &in)
}

// complete gives an incident the protocol that it was declared under.
func (s *Service) complete(r Reader, in *Incident) error {
	version := in.ProtocolVersion
	switch {
	case version == "":
		return nil
	case s.current != nil && s.current.Version == version:
		in.Protocol = s.current
		return nil
	}
	if known, ok := s.others.Load(version); ok {
		in.Protocol = known.(*Protocol)
		return nil
	}
	text, err := r.ProtocolText(version)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	// What cannot be read any more, by a newer version of this program for example, asks for nothing; the incident goes on.
	in.Protocol = &Protocol{Version: version, Text: text}
	if err == nil && s.read != nil {
		if p, err := s.read(text); err == nil {
			in.Protocol = s.placed(p)
		}
	}
	s.others.Store(version, in.Protocol)
	return nil
}

// placed gives the working hours of a protocol their zone, where they name none.
func (s *Service) placed(p *Protocol) *Protocol {
	if p == nil || p.Reminders.Zone != "" {
		return p
	}
	here := *p
	here.Reminders.Zone = s.zone
	return &here
}

// CurrentProtocol is what incidents are declared under now; nil for none.
func (s *Service) CurrentProtocol() *Protocol { return s.current }

// keepProtocol keeps the text of the protocol that an incident is declared under.
func (s *Service) keepProtocol(tx Tx, c Change) error {
	p := c.Incident.Protocol
	if c.Incident.Version != 1 || p == nil {
		return nil
	}
	if err := tx.KeepProtocol(p.Version, p.Text); err != nil {
		return fmt.Errorf("keep the protocol: %w", err)
	}
	return nil
}

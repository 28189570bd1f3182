package incidents

import (
	"context"
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
	if version == "" {
		return nil
	}
	if now := s.current.Load(); now != nil && now.Version == version {
		in.Protocol = now
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
	if now := s.current.Load(); now != nil {
		in.Protocol.Texts = now.Texts
	}
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
func (s *Service) CurrentProtocol() *Protocol { return s.current.Load() }

// TakeProtocol has incidents be declared under another protocol from now on, and keeps it as the last one that was good
// at the place that it comes from. Those that are declared already stay with theirs.
func (s *Service) TakeProtocol(ctx context.Context, place string, p *Protocol) error {
	err := s.store.Update(ctx, func(tx Tx) error { return tx.KeepProtocol(place, p.Text) })
	if err != nil {
		return fmt.Errorf("keep the protocol of %s: %w", place, err)
	}
	s.current.Store(s.placed(p))
	return nil
}

// LastProtocol goes back to the protocol that was taken from a place last. It returns nil when none was, or when it can
// no longer be read.
func (s *Service) LastProtocol(ctx context.Context, place string) (p *Protocol, err error) {
	text := ""
	err = s.store.View(ctx, func(r Reader) error {
		text, err = r.ProtocolText(place)
		return err
	})
	if errors.Is(err, ErrNotFound) || err == nil && s.read == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the protocol of %s: %w", place, err)
	}
	if p, err = s.read(text); err != nil {
		return nil, nil //nolint:nilerr // an older version of this program wrote it; the place itself is read soon
	}
	s.current.Store(s.placed(p))
	return p, nil
}

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

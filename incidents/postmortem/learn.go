package postmortem

import (
	"slices"
	"strings"
)

// learn fills in the style from what the post does most often, and keeps as exceptions only what differs.
func (p *Post) learn() {
	p.learnSections()
	p.learnTimeline()
	p.learnActions()
}

// most is the value that occurs most often, the first of those; other when there is none.
func most[T comparable](values []T, other T) T {
	count := map[T]int{}
	best := other
	for _, v := range values {
		count[v]++
	}
	most := 0
	for _, v := range values {
		if count[v] > most {
			best, most = v, count[v]
		}
	}
	return best
}

func (p *Post) learnSections() {
	before, after := map[string][]int{}, map[string][]int{}
	for i, s := range p.Sections {
		key := s.blankKey()
		if s.Except.Before != nil && i > 0 {
			before[key] = append(before[key], *s.Except.Before)
		}
		if s.Except.After != nil {
			after[key] = append(after[key], *s.Except.After)
		}
	}
	style := &p.Style
	for _, key := range []string{"1", "2", "3", "4", "5", "6", "field", "label", "text"} {
		if len(before[key])+len(after[key]) > 0 {
			other := Style{}.blank(key)
			if style.Blank == nil {
				style.Blank = map[string]Blank{}
			}
			style.Blank[key] = Blank{most(before[key], other.Before), most(after[key], other.After)}
		}
	}
	for i := range p.Sections {
		s := &p.Sections[i]
		x, usual := s.Except, style.blank(s.blankKey())
		drop(&x.Before, usual.Before)
		drop(&x.After, usual.After)
		drop(&x.List, 1)
		if i == 0 {
			x.Before = nil
		}
		x.AsIs = trimBlankLines(Safe(s.Markdown)) != s.Markdown || safeHeading(s.Heading) != s.Heading
		if *x == (SectionExcept{}) {
			s.Except = nil
		}
		if s.Kind == Text || s.Kind == Other {
			continue
		}
		if _, known := style.section(s.Kind); !known {
			style.Sections = append(style.Sections, SectionStyle{s.Kind, s.Level, p.pattern(i), s.Form})
		}
		if _, form, n := scanDate(s.Markdown); s.Kind == Day && n > 0 {
			style.Date = form
		}
	}
	for i, f := range style.FrontMatter.Fields {
		if f.Key == "layout" || f.Key == "category" {
			style.FrontMatter.Fields[i].Value = p.FrontMatter.Get(f.Key)
		}
	}
}

// pattern is a heading without what belongs to this one incident.
func (p *Post) pattern(i int) string {
	s := p.Sections[i]
	switch {
	case s.Kind == Timeline:
		if at := zoneLabel.FindStringIndex(s.Heading); at != nil {
			return s.Heading[:at[0]] + "{zone}" + s.Heading[at[1]:]
		}
	case s.Kind == Lead && s.Heading != "":
		return "{title}"
	}
	return s.Heading
}

func drop(n **int, usual int) {
	if *n != nil && **n == usual {
		*n = nil
	}
}

func (p *Post) learnTimeline() {
	style := &p.Style.Timeline
	*style = TimelineStyle{EntryForm: Flat().Timeline.EntryForm, Indent: "  "}
	if len(p.Timeline) == 0 {
		return
	}
	values := map[string][]string{}
	var between []int
	var indents []string
	for i := range p.Timeline {
		x := p.Timeline[i].Except
		for name, value := range x.Form {
			if name != "range" || !p.Timeline[i].Until.IsZero() {
				values[name] = append(values[name], value)
			}
		}
		if x.Blank != nil {
			between = append(between, *x.Blank)
		}
		if x.Indent != nil {
			indents = append(indents, *x.Indent)
		}
	}
	for name, part := range style.parts() {
		*part = most(values[name], "")
	}
	style.Clock = unpadded(style.Clock, values["clock"], p)
	if style.Gap == "" || style.Date == "" {
		style.Gap = most(slices.DeleteFunc(values["gap"], func(s string) bool { return s == "" }), "")
	}
	if style.Range == style.Close+" to "+style.Open {
		style.Range = ""
	}
	style.Between, style.Indent = most(between, 0), most(indents, "  ")
	for i := range p.Timeline {
		e := &p.Timeline[i]
		e.Except.keep(style.parts(), style.Between, style.Indent, func(name string) bool {
			return name == "gap" && e.Except.Form["date"] == "" || name == "range" && (e.Until.IsZero() || style.Range == "" && e.Except.Form[name] == e.Except.Form["close"]+" to "+e.Except.Form["open"])
		})
		if e.Except.empty() {
			e.Except = nil
		}
	}
}

// unpadded is the form of the clock where times of ten o'clock and later hide that one digit is written before.
func unpadded(usual string, forms []string, p *Post) string {
	one := strings.Replace(usual, "HH:", "H:", 1)
	if !slices.Contains(forms, one) {
		return usual
	}
	for _, e := range p.Timeline {
		at := e.At.In(p.location())
		if e.Except.Form["clock"] == usual && string(appendClock(nil, one, at)) != string(appendClock(nil, usual, at)) {
			return usual
		}
	}
	return one
}

// keep leaves what differs from the style. ignore names parts that say nothing here.
func (x *Except) keep(style map[string]*string, between int, indent string, ignore func(string) bool) {
	kept := map[string]string{}
	for name, value := range x.Form {
		if *style[name] != value && !ignore(name) {
			kept[name] = value
		}
	}
	if x.Form = kept; len(kept) == 0 {
		x.Form = nil
	}
	drop(&x.Blank, between)
	if x.Indent != nil && *x.Indent == indent {
		x.Indent = nil
	}
}

func (x *Except) empty() bool {
	return !x.AsIs && !x.Follows && x.Blank == nil && x.Indent == nil && x.Form == nil && x.Head == ""
}

func (p *Post) learnActions() {
	style := &p.Style.ActionItems
	if len(style.Columns) > 0 {
		return
	}
	*style = Flat().ActionItems
	if len(p.ActionItems) == 0 {
		return
	}
	values := map[string][]string{}
	var between []int
	var indents []string
	for _, a := range p.ActionItems {
		for name, value := range a.Except.Form {
			if name != "done" && name != "check" || value != "" {
				values[name] = append(values[name], value)
			}
		}
		if a.Except.Blank != nil {
			between = append(between, *a.Except.Blank)
		}
		if a.Except.Indent != nil {
			indents = append(indents, *a.Except.Indent)
		}
	}
	style.Bullet, style.Box = most(values["bullet"], "- "), most(values["box"], "")
	style.Done = most(values["done"], " ✔️")
	if style.Check = most(values["check"], ""); style.Box != "" && style.Check == "" {
		style.Check = "x"
	}
	style.Between, style.Indent = most(between, 0), most(indents, "  ")
	for i := range p.ActionItems {
		a := &p.ActionItems[i]
		a.Except.keep(style.parts(), style.Between, style.Indent, func(name string) bool {
			return name == "done" && (!a.Done || a.Except.Form["box"] != "") || name == "check" && (!a.Done || a.Except.Form["box"] == "")
		})
		if a.Except.empty() {
			a.Except = nil
		}
	}
}

package campaign

// Shrink leaves steps out of a plan while what is left still fails, and returns the shortest plan that it found within so
// many attempts. A run on real processes is not the same each time, so a step that seems to matter may not: fails should
// try a plan more than once before it says no.
func Shrink(p Plan, attempts int, fails func(Plan) bool) Plan {
	for size := (len(p.Steps) + 1) / 2; size >= 1 && attempts > 0; {
		shorter := false
		for from := 0; from < len(p.Steps) && attempts > 0; {
			candidate := p
			candidate.Steps = append(append([]Step(nil), p.Steps[:from]...), p.Steps[min(from+size, len(p.Steps)):]...)
			attempts--
			if len(candidate.Steps) < len(p.Steps) && fails(candidate) {
				p, shorter = candidate, true
			} else {
				from += size
			}
		}
		switch {
		case size > 1:
			size = (size + 1) / 2
		case !shorter:
			return p
		}
	}
	return p
}

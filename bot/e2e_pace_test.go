package main

import "os"

// everything, when set, makes the stories try everything: each call in each way, each crash. Otherwise a seeded sample
// has to do, to keep the run short: smaller still under the race detector, which makes everything many times slower.
const everything = "WATCHBELL_TEST_EVERYTHING"

// sample is how many of all cases are tried.
func sample(all, usual, racing int) int {
	switch {
	case os.Getenv(everything) != "":
		return all
	case underRace:
		return min(all, racing)
	}
	return min(all, usual)
}

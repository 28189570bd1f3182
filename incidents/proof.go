package incidents

import (
	"strconv"
	"time"
)

// Proof is one thing that was tried at a service before it is needed.
type Proof struct {
	What string `json:"what"`           // what was looked at: "the team channel #team"
	Note string `json:"note,omitempty"` // what was found, where that is worth saying
	// Wrong says what is wrong; empty when all is well. Mend is the page or the command that mends it.
	Wrong string `json:"wrong,omitempty"`
	Mend  string `json:"mend,omitempty"`
}

// MendBy is what mends a call that failed in this way: mend where only a person can change something at the service, else the
// way there, for nobody has heard yet what the service thinks of us.
func MendBy(v Verdict, mend, address, variable string) string {
	if v == Impossible {
		return mend
	}
	return "curl -i " + address + " from this machine; then the proxy or firewall in between, or " + variable + "; try again in a minute"
}

// Skewed is how far the clocks of a service and of this machine may differ. Slack's requests are good for five minutes.
const Skewed = time.Minute

// ClockProof compares our clock with the time at which a service says to have answered; zero when it did not say.
func ClockProof(service string, theirs, ours time.Time) Proof {
	p := Proof{What: "the clock, against " + service}
	if theirs.IsZero() {
		p.Note = "the answer bears no time"
		return p
	}
	if by := ours.Sub(theirs); by.Abs() > Skewed {
		word := "ahead of"
		if by < 0 {
			word = "behind"
		}
		much := by.Abs().Round(time.Second).String()
		if days := by.Abs() / (24 * time.Hour); days > 1 {
			much = strconv.Itoa(int(days)) + " days"
		}
		p.Wrong = "This machine's clock is " + much + " " + word + " that of " + service + ": requests will be refused, and entries get wrong times."
		p.Mend = "timedatectl set-ntp true"
	}
	return p
}

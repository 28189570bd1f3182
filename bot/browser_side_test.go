//go:build browser

package main

import (
	"testing"
)

// The right-hand side of the page: a service is broken by a switch and heals, the post is read, changed and merged.
func TestBrowserBreaksAndMerges(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 860)

	ana.click("#faults > summary")
	ana.click("=Trello is down")
	ana.true("see the switch on", `document.querySelector('[value="trello-down"]').getAttribute("aria-pressed") === "true"`)
	ana.say("/incident declare checkout is down")
	ana.visit(incidentLink)
	ana.sees(".pinned", "#1 checkout is down")
	ana.say("/incident action Alert when the disk is full")
	ana.click("#wire > summary")
	ana.sees("#wire-rows .odd", "503", "made to fail; not done")
	ana.picture("20-trello-is-down")
	ana.sees(".pinned", "Waiting, and tried again by itself")

	ana.click("=All is well")
	ana.sees("#faults > summary", "all is well")
	ana.click("#wire > summary")
	ana.sees(".card", "Alert when the disk is full")
	ana.gone(".pinned", "Waiting, and tried again by itself")

	ana.click(".card summary")
	ana.click(`.card button[value="tick"]`)
	ana.sees(".card.done", "Alert when the disk is full")

	ana.say("/incident resolve")
	ana.sees(".pull .rendered", "Post-mortem: checkout is down", "Impact")
	ana.click("=Edit")
	ana.true("see the text", `document.querySelector(".editor textarea").value.startsWith("---\n")`)
	eval[bool](ana, `(() => { // what a reviewer would type
		const text = document.querySelector(".editor textarea");
		text.focus();
		text.value = text.value.replace("## Impact", "## Impact\n\nNobody could pay for <b>an hour</b>.");
		return text.dispatchEvent(new Event("input", { bubbles: true }));
	})()`)
	ana.click("=Commit")
	ana.click("=Preview")
	ana.sees(".pull .rendered", "Nobody could pay for <b>an hour</b>.")
	ana.picture("21-preview")

	ana.click("=Merge …")
	ana.click("=Yes, merge #1")
	ana.sees(".pull", "Merged", "ana merged post-mortem/inc-1 into master")
	ana.picture("22-merged")
}

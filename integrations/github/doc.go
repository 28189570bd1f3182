// Package github offers a post-mortem as a pull request and keeps it up to date.
//
// It is the only user of go-github. The post is on a branch of its own, with the images beside it and its item in the site's
// data file, one atomic commit through the git data API, one draft pull request. Everything is read before anything is
// written, so that each step can be run again after a crash: the pull request is found by its head branch, what we wrote last by a trailer in our commits, what we said about it
// by an invisible line at the end of the description. What people wrote is never overwritten.
//
// Where the token may not push, the branch is in a fork, and everything else at the repository itself.
//
// Facts about the interface: https://docs.github.com/rest/git, https://docs.github.com/rest/pulls and
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
package github

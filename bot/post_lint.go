package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"watchbell/incidents/postmortem"
)

// lintOptions are what the command line says.
type lintOptions struct {
	postmortem.Linter
	fix    bool
	format string
	failOn string
}

// linted is one finding and its file, as JSON.
type linted struct {
	File string `json:"file"`
	postmortem.Finding
}

// lint checks posts. Errors and warnings fail it; notes only with -fail-on note.
func (c postCommand) lint(args []string) error {
	flags := newFlags("post lint", c.environment)
	rules := flags.Bool("rules", false, "list the rules and what they are for")
	o := lintOptions{}
	flags.BoolVar(&o.fix, "fix", false, "mend in the files what can be mended without a decision")
	flags.StringVar(&o.format, "format", "text", "print findings as text, json or github (annotations of GitHub Actions)")
	flags.StringVar(&o.failOn, "fail-on", "warning", "fail on findings of this `LEVEL` or worse: error, warning or note")
	flags.StringVar(&o.Site, "site", "", "the `URL` of the site: links to its own posts must lead to one")
	list := func(name, usage string, into *[]string) {
		flags.Func(name, usage, func(value string) error {
			*into = append(*into, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
			return nil
		})
	}
	list("internal-hosts", "`ENDINGS` of host names that stay inside, with commas between", &o.InternalHosts)
	list("off", "`RULES` that are not asked for, with commas between", &o.Off)
	files, err := c.files(flags, args)
	switch {
	case err != nil:
		return err
	case *rules:
		for _, r := range postmortem.LintRules() {
			fmt.Fprintf(c.stdout, "%-18s %-8s %s\n", r.ID, r.Level, r.About)
		}
		return nil
	}
	if err := o.check(files); err != nil {
		return err
	}
	if files, err = expand(files); err != nil {
		return err
	}
	return c.lintAll(files, o)
}

// check refuses what cannot be meant.
func (o lintOptions) check(files []string) error {
	known := postmortem.LintRules()
	for _, off := range o.Off {
		if !slices.ContainsFunc(known, func(r postmortem.LintRule) bool { return r.ID == off }) {
			return fmt.Errorf("there is no rule %q; -rules lists them", off)
		}
	}
	switch {
	case len(files) == 0:
		return errors.New("no file is named; name posts or their folder, such as _posts")
	case o.fix && slices.Contains(files, "-"):
		return errors.New("-fix mends files, not the standard input; name a file")
	case !slices.Contains([]string{"text", "json", "github"}, o.format):
		return fmt.Errorf("there is no format %q; there are text, json and github", o.format)
	case postmortem.Severity(o.failOn).Rank() < 0:
		return fmt.Errorf("there is no level %q; there are error, warning and note", o.failOn)
	}
	return nil
}

// expand puts the posts of a folder in the place of the folder.
func expand(files []string) (all []string, err error) {
	for _, file := range files {
		info, err := os.Stat(file)
		if file == "-" || err != nil || !info.IsDir() {
			all = append(all, file) // what cannot be read is said when it is read
			continue
		}
		posts, err := postsBelow(file)
		if err != nil {
			return nil, fmt.Errorf("the folder cannot be read: %w", err)
		}
		if len(posts) == 0 {
			return nil, fmt.Errorf("the folder %s holds no Markdown file", file)
		}
		all = append(all, posts...)
	}
	return all, nil
}

func postsBelow(folder string) (posts []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".md") {
			posts = append(posts, path)
		}
		return err
	})
	return posts, err
}

// lintAll prints what is found in each file.
func (c postCommand) lintAll(files []string, o lintOptions) error {
	all, failed := []linted{}, false
	folders := map[string][]postmortem.OtherPost{}
	for _, file := range files {
		text, err := c.open(file)
		if err != nil {
			return err
		}
		others := neighbours(folders, file)
		now := c.now()
		if o.fix {
			mended := o.Fix(file, text, others, now)
			if string(mended) != string(text) {
				if err := overwrite(file, mended); err != nil {
					return fmt.Errorf("the file cannot be written: %w", err)
				}
				text = mended
			}
		}
		for _, f := range o.Lint(file, text, others, now) {
			failed = failed || f.Level.Rank() <= postmortem.Severity(o.failOn).Rank()
			all = append(all, linted{file, f})
		}
	}
	if err := c.printFindings(all, o.format); err != nil {
		return err
	}
	if failed {
		return errFindings
	}
	return nil
}

// overwrite keeps the file's mode.
func overwrite(file string, text []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	return os.WriteFile(file, text, mode)
}

// neighbours are the other posts of the site, as far as they lie below the same _posts, else those of the folder.
func neighbours(known map[string][]postmortem.OtherPost, file string) []postmortem.OtherPost {
	if file == "-" {
		return nil
	}
	folder := filepath.Dir(file)
	for up := folder; up != filepath.Dir(up); up = filepath.Dir(up) {
		if filepath.Base(up) == "_posts" {
			folder = up
			break
		}
	}
	posts, seen := known[folder]
	if !seen {
		paths, _ := filepath.Glob(filepath.Join(folder, "*.md"))
		if filepath.Base(folder) == "_posts" {
			paths, _ = postsBelow(folder) // what cannot be read is no neighbour
		}
		for _, path := range paths {
			if text, err := os.ReadFile(path); err == nil {
				posts = append(posts, postmortem.OtherPost{Name: filepath.Clean(path), Text: text})
			}
		}
		known[folder] = posts
	}
	return slices.DeleteFunc(slices.Clone(posts), func(p postmortem.OtherPost) bool { return p.Name == filepath.Clean(file) })
}

func (c postCommand) printFindings(all []linted, format string) error {
	if format == "json" {
		return printJSON(c.stdout, all)
	}
	for _, f := range all {
		if format == "github" {
			fmt.Fprintln(c.stdout, annotation(f))
			continue
		}
		fmt.Fprintf(c.stdout, "%s:%d: %s: %s. %s. [%s]\n", f.File, f.Line, f.Level, f.Reason, f.Fix, f.Rule)
	}
	return nil
}

// annotation is a finding as GitHub Actions reads it.
// See https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
func annotation(f linted) string {
	level := string(f.Level)
	if f.Level == postmortem.SeverityNote {
		level = "notice"
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	return fmt.Sprintf("::%s file=%s,line=%d,title=%s::%s", level, property.Replace(filepath.ToSlash(f.File)), f.Line, property.Replace(f.Rule), data.Replace(f.Reason+". "+f.Fix+"."))
}

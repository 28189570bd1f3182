package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// postBytes bounds a post's file.
const postBytes = 1 << 20

// postsImport are what `watchbell import posts` takes, and what comes of it.
type postsImport struct {
	environment
	config Config
	ledger *opened // nil for -dry-run
	all    bool
	counts map[incidents.Kept]int
	// failed counts what could not be read; others are files that tell of no incident.
	failed int
	others []string
}

// runImportPosts reads published posts, so that people are shown what was before.
func runImportPosts(ctx context.Context, args []string, env environment) error {
	flags := newFlags("import posts", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	dry := flags.Bool("dry-run", false, "say what would be read and keep nothing")
	all := flags.Bool("all", false, "take every Markdown file, also those that do not look like a post-mortem")
	name := flags.String("name", "", "with a post on the standard input: its `FILE` in the repository, such as _posts/2026-07-08-post-mortem.md")
	words, err := parseAmong(flags, args)
	if err != nil {
		return err
	}
	if len(words) != 2 || words[0] != "posts" {
		fmt.Fprintln(env.stderr, "watchbell import: write watchbell import posts FOLDER, where FOLDER is the blog's repository or its _posts")
		return errUsage
	}
	p := &postsImport{environment: env, all: *all, counts: map[incidents.Kept]int{}}
	if *dry {
		p.config, err = loadConfig(*config, env.getenv)
	} else {
		if p.config, p.ledger, err = ledgerOf(ctx, *config, env); err == nil {
			defer func() { _ = p.ledger.close() }()
		}
	}
	if err != nil {
		return err
	}
	if words[1] == "-" {
		err = p.input(ctx, *name)
	} else {
		err = p.folder(ctx, words[1])
	}
	if err != nil {
		return err
	}
	return p.summary()
}

// folder reads all posts below a folder, or one file.
func (p *postsImport) folder(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("the posts cannot be read: %w", err)
	}
	if !info.IsDir() {
		return p.file(ctx, filepath.Dir(name), name)
	}
	files, err := postsBelow(name)
	if err != nil {
		return fmt.Errorf("the folder cannot be read: %w", err)
	}
	if len(files) == 0 {
		return fmt.Errorf("the folder %s holds no Markdown file; name the blog's repository or its _posts", name)
	}
	slices.Sort(files)
	for _, file := range files {
		if err := p.file(ctx, name, file); err != nil {
			return err
		}
	}
	return nil
}

// input reads the standard input: a post, which begins with its front matter, or the names of files, one a line.
func (p *postsImport) input(ctx context.Context, name string) error {
	if p.stdin == nil {
		return errors.New("there is no standard input to read")
	}
	text, err := io.ReadAll(io.LimitReader(p.stdin, 10*postBytes))
	if err != nil {
		return err
	}
	if name != "" {
		return p.post(ctx, postPath("", name), text)
	}
	if bytes.HasPrefix(bytes.TrimLeft(text, "\ufeff \r\n"), []byte("---")) {
		return errors.New("that is a post, and a post is known by its file: name it with -name _posts/2026-07-08-post-mortem.md")
	}
	files := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' || r == 0 })
	if len(files) == 0 {
		return errors.New("the standard input is empty; it takes a post together with -name, or the names of files, one a line")
	}
	for _, file := range files {
		if err := p.file(ctx, ".", file); err != nil {
			return err
		}
	}
	return nil
}

// postPath is what a post is known by wherever the repository lies: its file from _posts on, else below the folder.
func postPath(folder, file string) string {
	if absolute, err := filepath.Abs(file); err == nil && folder != "" {
		parts := strings.Split(filepath.ToSlash(absolute), "/")
		for i := len(parts) - 2; i >= 0; i-- {
			if parts[i] == "_posts" {
				return strings.Join(parts[i:], "/")
			}
		}
		if below, err := filepath.Rel(folder, file); err == nil {
			file = below
		}
	}
	return filepath.ToSlash(filepath.Clean(file))
}

// file reads one. What cannot be read is said, and the others are read.
func (p *postsImport) file(ctx context.Context, folder, file string) error {
	path := postPath(folder, file)
	f, err := os.Open(file)
	if err != nil {
		p.refuse(path, "it cannot be opened")
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, postBytes+1))
	switch {
	case err != nil:
		p.refuse(path, "it cannot be read")
		return nil
	case len(text) > postBytes:
		p.refuse(path, "it is larger than 1 MB, which no post is")
		return nil
	}
	return p.post(ctx, path, text)
}

func (p *postsImport) refuse(path, why string) {
	p.failed++
	fmt.Fprintf(p.stdout, "NOT read   %s: %s\n", path, why)
}

func (p *postsImport) post(ctx context.Context, path string, text []byte) error {
	parsed, err := postmortem.ParseFile(path, text)
	if err != nil {
		p.refuse(path, err.Error())
		return nil
	}
	if !p.all && !parsed.IsPostMortem(path) {
		p.others = append(p.others, path)
		return nil
	}
	past := parsed.Past(path)
	past.Path, past.URL = path, p.config.postURL(path, parsed.FrontMatter.Get("category"))
	said := "would read"
	if p.ledger != nil {
		a, err := p.ledger.operate(ctx, operatorRequest{Order: orderKeep, Post: &past})
		if refused := incidents.AsRefusal(err); refused != nil {
			p.refuse(path, refused.Error())
			return nil
		}
		if err != nil {
			return err
		}
		p.counts[a.Kept]++
		said = map[incidents.Kept]string{incidents.KeptNew: "new", incidents.KeptChanged: "changed", incidents.KeptSame: "as before"}[a.Kept]
	} else {
		p.counts[incidents.KeptNew]++
	}
	fmt.Fprintf(p.stdout, "%-10s %s: %s\n", said, path, describePast(past))
	return nil
}

// postURL is where a published post is read: on the site when it is configured, else in the repository.
func (c Config) postURL(path, category string) string {
	if c.Post.SiteURL != "" {
		return c.Post.liveURL(path, category)
	}
	if c.GitHub.Repo != "" && c.urls.github == "" && strings.HasPrefix(path, "_posts/") {
		return "https://github.com/" + c.GitHub.Repo + "/blob/HEAD/" + path
	}
	return ""
}

// describePast says what was understood of a post, with a question mark where it was guessed.
func describePast(p incidents.PastPost) string {
	mark := func(name string) string {
		if slices.Contains(p.Unsure, name) {
			return "?"
		}
		return ""
	}
	parts := []string{chat.Shorten(p.Title, 70)}
	if !p.Day.IsZero() {
		parts = append(parts, p.Day.Format("2006-01-02"))
	}
	if p.Severity != "" {
		parts = append(parts, string(p.Severity)+mark("severity"))
	}
	for _, t := range p.Times.Named() {
		layout := "15:04"
		if y, m, d := t.At.Date(); y != p.Day.Year() || m != p.Day.Month() || d != p.Day.Day() {
			layout = "2006-01-02 15:04"
		}
		if t.Name == "published" {
			layout = "2006-01-02"
		}
		parts = append(parts, t.Name+" "+t.At.Format(layout)+mark(t.Name))
	}
	if n := len(p.Actions); n == 1 {
		parts = append(parts, "1 action item")
	} else if n > 0 {
		parts = append(parts, fmt.Sprintf("%d action items", n))
	}
	return strings.Join(parts, " · ")
}

func (p *postsImport) summary() error {
	fmt.Fprintln(p.stdout)
	switch total := p.counts[incidents.KeptNew] + p.counts[incidents.KeptChanged] + p.counts[incidents.KeptSame]; {
	case p.ledger == nil:
		fmt.Fprintf(p.stdout, "%d posts would be read. Nothing was kept.", total)
	default:
		fmt.Fprintf(p.stdout, "%d posts: %d new, %d changed, %d as before.", total, p.counts[incidents.KeptNew], p.counts[incidents.KeptChanged], p.counts[incidents.KeptSame])
	}
	fmt.Fprintln(p.stdout, " Times are in UTC; those with a question mark are guessed from the wording, and those that are missing the post does not say.")
	if n := len(p.others); n > 0 {
		const shown = 5
		names := strings.Join(p.others[:min(n, shown)], ", ")
		if n > shown {
			names += " …"
		}
		fmt.Fprintf(p.stdout, "%d left out, for they do not look like post-mortems (-all takes them): %s\n", n, names)
	}
	if p.failed > 0 {
		return fmt.Errorf("%d could not be read", p.failed)
	}
	return nil
}

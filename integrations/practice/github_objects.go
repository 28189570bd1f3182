package practice

import (
	"bytes"
	"crypto/sha1" // git names its objects by SHA-1
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gitStore is a git object database: every object under the name that git gives it, so that a tree or commit made
// here has the same SHA-1 in a real repository.
// Source of the formats: git-scm.com/book, "Git Internals - Git Objects".
type gitStore struct {
	objects map[string]gitObject
}

type gitObject struct {
	kind string // blob, tree or commit
	data []byte
}

// gitFile is a file of a tree: its mode ("100644") and the blob that holds it.
type gitFile struct {
	mode, sha string
}

// gitEntry is one line of a tree object.
type gitEntry struct {
	mode, name, sha string
}

func (e gitEntry) kind() string {
	switch e.mode {
	case "40000":
		return "tree"
	case "160000":
		return "commit"
	}
	return "blob"
}

// gitPerson is an author or committer.
type gitPerson struct {
	name, email string
	at          time.Time
}

type gitCommit struct {
	sha, tree         string
	parents           []string
	author, committer gitPerson
	message           string
	signature         string // armoured, without a last line break; empty when unsigned
}

func (s *gitStore) put(kind string, data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	sha := hex.EncodeToString(h.Sum(nil))
	s.objects[sha] = gitObject{kind: kind, data: bytes.Clone(data)}
	return sha
}

func (s *gitStore) blob(sha string) ([]byte, bool) {
	o, ok := s.objects[sha]
	return o.data, ok && o.kind == "blob"
}

func (s *gitStore) is(sha, kind string) bool {
	o, ok := s.objects[sha]
	return ok && o.kind == kind
}

// putTree writes one directory. Git sorts a directory's name as if it ended in a slash.
func (s *gitStore) putTree(entries []gitEntry) string {
	key := func(e gitEntry) string {
		if e.kind() == "tree" {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(entries, func(a, b gitEntry) int { return strings.Compare(key(a), key(b)) })
	var data bytes.Buffer
	for _, e := range entries {
		raw, err := hex.DecodeString(e.sha)
		if err != nil || len(raw) != sha1.Size {
			panic("practice: a tree entry without an object name: " + e.sha)
		}
		data.WriteString(e.mode + " " + e.name + "\x00")
		data.Write(raw)
	}
	return s.put("tree", data.Bytes())
}

func (s *gitStore) tree(sha string) ([]gitEntry, bool) {
	o, ok := s.objects[sha]
	if !ok || o.kind != "tree" {
		return nil, false
	}
	var entries []gitEntry
	for rest := o.data; len(rest) > 0; {
		head, tail, _ := bytes.Cut(rest, []byte{0})
		mode, name, _ := strings.Cut(string(head), " ")
		entries = append(entries, gitEntry{mode: mode, name: name, sha: hex.EncodeToString(tail[:sha1.Size])})
		rest = tail[sha1.Size:]
	}
	return entries, true
}

// files is a tree with its directories opened, by path.
func (s *gitStore) files(tree string) map[string]gitFile {
	out := make(map[string]gitFile)
	var walk func(sha, under string)
	walk = func(sha, under string) {
		entries, _ := s.tree(sha)
		for _, e := range entries {
			if e.kind() == "tree" {
				walk(e.sha, under+e.name+"/")
				continue
			}
			out[under+e.name] = gitFile{mode: e.mode, sha: e.sha}
		}
	}
	walk(tree, "")
	return out
}

// putFiles writes the trees for a set of files and returns the uppermost one.
func (s *gitStore) putFiles(files map[string]gitFile) string {
	var entries []gitEntry
	folders := make(map[string]map[string]gitFile)
	for path, f := range files {
		folder, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			entries = append(entries, gitEntry{mode: f.mode, name: path, sha: f.sha})
			continue
		}
		if folders[folder] == nil {
			folders[folder] = make(map[string]gitFile)
		}
		folders[folder][rest] = f
	}
	for name, inside := range folders {
		entries = append(entries, gitEntry{mode: "40000", name: name, sha: s.putFiles(inside)})
	}
	return s.putTree(entries)
}

// setFile puts a file into a set; what stands in its way, a file above it or a folder of its name, gives way as in git.
func setFile(files map[string]gitFile, path string, f gitFile) {
	clearPath(files, path)
	for i, r := range path {
		if r == '/' {
			delete(files, path[:i])
		}
	}
	files[path] = f
}

// clearPath removes a file or everything in a folder and says whether there was anything.
func clearPath(files map[string]gitFile, path string) bool {
	before := len(files)
	maps.DeleteFunc(files, func(p string, _ gitFile) bool { return p == path || strings.HasPrefix(p, path+"/") })
	return len(files) < before
}

// entryAt finds a file or folder in a tree; the empty path is the tree itself.
func (s *gitStore) entryAt(tree, path string) (gitEntry, bool) {
	at := gitEntry{mode: "40000", sha: tree}
	if path == "" {
		return at, true
	}
	for name := range strings.SplitSeq(path, "/") {
		entries, ok := s.tree(at.sha)
		if !ok {
			return gitEntry{}, false
		}
		i := slices.IndexFunc(entries, func(e gitEntry) bool { return e.name == name })
		if i < 0 {
			return gitEntry{}, false
		}
		at = entries[i]
	}
	return at, true
}

// line is a person as a commit object holds it, always in UTC.
func (p gitPerson) line() string {
	plain := strings.NewReplacer("<", "", ">", "", "\n", " ", "\r", "")
	return fmt.Sprintf("%s <%s> %d +0000", plain.Replace(p.name), plain.Replace(p.email), p.at.Unix())
}

func readPerson(line string) gitPerson {
	name, rest, _ := strings.Cut(line, " <")
	email, when, _ := strings.Cut(rest, "> ")
	seconds, _, _ := strings.Cut(when, " ")
	unix, _ := strconv.ParseInt(seconds, 10, 64) // written by line
	return gitPerson{name: name, email: email, at: time.Unix(unix, 0).UTC()}
}

func (s *gitStore) putCommit(c gitCommit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n", c.author.line(), c.committer.line())
	if c.signature != "" {
		b.WriteString("gpgsig " + strings.ReplaceAll(strings.TrimRight(c.signature, "\n"), "\n", "\n ") + "\n")
	}
	b.WriteString("\n" + c.message)
	return s.put("commit", []byte(b.String()))
}

func (s *gitStore) commit(sha string) (gitCommit, bool) {
	o, ok := s.objects[sha]
	if !ok || o.kind != "commit" {
		return gitCommit{}, false
	}
	c := gitCommit{sha: sha}
	head, message, _ := strings.Cut(string(o.data), "\n\n")
	c.message = message
	for line := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "author":
			c.author = readPerson(value)
		case "committer":
			c.committer = readPerson(value)
		case "gpgsig":
			c.signature = value
		case "": // a further line of the signature
			c.signature += "\n" + value
		}
	}
	return c, true
}

// treeOf is the tree of a commit, or the name itself when it is a tree.
func (s *gitStore) treeOf(sha string) (string, bool) {
	if c, ok := s.commit(sha); ok {
		return c.tree, true
	}
	return sha, s.is(sha, "tree")
}

// history lists a commit and everything before it, each commit before its parents are reached by another way.
func (s *gitStore) history(sha string) []gitCommit {
	var out []gitCommit
	seen := make(map[string]bool)
	for queue := []string{sha}; len(queue) > 0; queue = queue[1:] {
		c, ok := s.commit(queue[0])
		if !ok || seen[queue[0]] {
			continue
		}
		seen[c.sha] = true
		out = append(out, c)
		queue = append(queue, c.parents...)
	}
	return out
}

// contains says whether old is commit sha or one of its ancestors.
func (s *gitStore) contains(sha, old string) bool {
	return slices.ContainsFunc(s.history(sha), func(c gitCommit) bool { return c.sha == old })
}

// mergeBase is the nearest commit that both histories share, empty when they share none.
func (s *gitStore) mergeBase(a, b string) string {
	shared := make(map[string]bool)
	for _, c := range s.history(a) {
		shared[c.sha] = true
	}
	for _, c := range s.history(b) {
		if shared[c.sha] {
			return c.sha
		}
	}
	return ""
}

// ahead lists the commits of head that base lacks, oldest first.
func (s *gitStore) ahead(base, head string) []gitCommit {
	have := make(map[string]bool)
	for _, c := range s.history(base) {
		have[c.sha] = true
	}
	var out []gitCommit
	for _, c := range s.history(head) {
		if !have[c.sha] {
			out = append(out, c)
		}
	}
	slices.Reverse(out)
	return out
}

// mergeFiles joins the changes of two sides since their base, file by file. It fails when both changed one file
// differently: the local GitHub does not merge within a file.
func (s *gitStore) mergeFiles(base, ours, theirs string) (string, bool) {
	was, a, b := s.files(base), s.files(ours), s.files(theirs)
	out := maps.Clone(a)
	paths := slices.Concat(slices.Collect(maps.Keys(was)), slices.Collect(maps.Keys(b)))
	for _, path := range paths {
		switch {
		case b[path] == was[path] || b[path] == a[path]:
		case a[path] != was[path]:
			return "", false
		case b[path] == gitFile{}:
			delete(out, path)
		default:
			setFile(out, path, b[path])
		}
	}
	return s.putFiles(out), true
}

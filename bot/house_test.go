package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport is the plan of the house: which package of ours may import which other ones of ours, and which outside
// libraries it has to itself.
var mayImport = map[string][]string{
	"watchbell/bot": {
		"watchbell/bot/chat", "watchbell/bot/slackio", "watchbell/bot/web", "watchbell/incidents", "watchbell/incidents/postmortem",
		"watchbell/incidents/protocol", "watchbell/integrations", "watchbell/integrations/trello", "watchbell/integrations/github",
		"watchbell/integrations/practice", "watchbell/integrations/updates", "watchbell/storage",
	},
	"watchbell/bot/campaign":          {},
	"watchbell/bot/chat":              {"watchbell/incidents"},
	"watchbell/bot/slackio":           {"watchbell/bot/chat", "watchbell/incidents"},
	"watchbell/bot/web":               {"watchbell/bot/chat", "watchbell/incidents"},
	"watchbell/incidents":             {},
	"watchbell/incidents/postmortem":  {"watchbell/incidents"},
	"watchbell/incidents/protocol":    {"watchbell/incidents"},
	"watchbell/integrations":          {"watchbell/incidents"},
	"watchbell/integrations/trello":   {"watchbell/incidents"},
	"watchbell/integrations/github":   {"watchbell/incidents"},
	"watchbell/integrations/updates":  {"watchbell/incidents"},
	"watchbell/integrations/practice": {},
	"watchbell/storage":               {"watchbell/incidents"},
	"watchbell/storage/crashdisk":     {},
	"watchbell/storage/storagetest":   {"watchbell/incidents"},
}

// onlyUser names the one package that may import a library.
var onlyUser = map[string]string{
	"github.com/slack-go/slack":       "watchbell/bot/slackio",
	"github.com/adlio/trello":         "watchbell/integrations/trello",
	"github.com/google/go-github/v60": "watchbell/integrations/github",
	"github.com/wneessen/go-mail":     "watchbell/integrations/updates",
	"github.com/golang-jwt/jwt/v5":    "watchbell/integrations/github",
	// Draws the picture of the statistics. MIT, released every few weeks, pure Go, with its own font; 1.4 MB in the program
	// where gonum.org/v1/plot takes 8.6, go-chart and gg are no longer kept, and SVG is what Slack does not show.
	"github.com/go-analyze/charts":        "watchbell/bot/web",
	"modernc.org/sqlite":                  "watchbell/storage watchbell/storage/crashdisk",
	"modernc.org/libc":                    "watchbell/storage/crashdisk",
	"github.com/jackc/pgx/v5":             "watchbell/storage",
	"github.com/pressly/goose/v3":         "watchbell/storage",
	"github.com/yuin/goldmark":            "watchbell/integrations/practice",
	"github.com/google/go-cmp":            "watchbell/storage/storagetest",
	"pgregory.net/rapid":                  "watchbell/storage/storagetest",
	"github.com/prometheus/client_golang": "watchbell/bot watchbell/bot/slackio watchbell/integrations",
}

// reaches outside: what the packages that must stay pure may not even import from the standard library.
var outside = []string{"net", "net/http", "os", "os/exec", "database/sql", "log", "log/slog", "io/ioutil", "syscall"}

var pure = map[string][]string{
	"watchbell/incidents":            outside,
	"watchbell/incidents/protocol":   outside,
	"watchbell/incidents/postmortem": {"net", "net/http", "os", "os/exec", "database/sql"},
	"watchbell/bot/chat":             {"net/http", "database/sql", "os/exec"},
	"watchbell/bot/campaign":         outside,
}

type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestHouseImports(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := mayImport[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the plan of the house: add it there, or find it another room", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "watchbell/") && !slices.Contains(allowed, imported) {
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
			for library, user := range onlyUser {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !slices.Contains(strings.Fields(user), p.ImportPath) {
					t.Errorf("%s must not import %s, which belongs to %s", p.ImportPath, imported, user)
				}
			}
			if slices.Contains(pure[p.ImportPath], imported) {
				t.Errorf("%s must stay pure and must not import %s", p.ImportPath, imported)
			}
		}
	}
}

// The budget of the house, in lines.
const (
	longestFile     = 500
	longestFunction = 100
	usualFunction   = 60
	mostLong        = 3 // per cent of the functions that may be longer than usual
)

func TestHouseSizes(t *testing.T) {
	functions, long := 0, 0
	for _, p := range packages(t) {
		documented := false
		for _, name := range p.GoFiles {
			file := filepath.Join(p.Dir, name)
			if n := lines(t, file); n > longestFile {
				t.Errorf("%s has %d lines, %d is the most", file, n, longestFile)
			}
			set := token.NewFileSet()
			syntax, err := parser.ParseFile(set, file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			documented = documented || syntax.Doc != nil
			for _, decl := range syntax.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				functions++
				n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
				if n > usualFunction {
					long++
				}
				if n > longestFunction {
					t.Errorf("%s: %s has %d lines, %d is the most", file, f.Name.Name, n, longestFunction)
				}
			}
		}
		if !documented {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
	if long*100 > functions*mostLong {
		t.Errorf("%d of %d functions have more than %d lines; %d%% may", long, functions, usualFunction, mostLong)
	}
}

func lines(t *testing.T, file string) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		n++
	}
	return n
}

// TestHouseNames keeps words out of the tree that only make sense to whoever wrote it, and paths that only exist on
// one machine.
func TestHouseNames(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"TO" + "DO(", "FIX" + "ME", "not implemented", "/root/", "/home/"} {
				if bytes.Contains(text, []byte(word)) {
					t.Errorf("%s/%s holds %q", p.ImportPath, name, word)
				}
			}
		}
	}
}

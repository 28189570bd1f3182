package main

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The container is what SECURITY.md promises: a static binary on an image without a shell, of a user who is not root, with a
// root that nobody writes to.
func TestContainer(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, _ := strings.Cut(string(text), "\nFROM gcr.io/distroless/static-debian12:nonroot\n")
	if last == "" || strings.Contains(last, "\nFROM ") {
		t.Error("the last image is not the one without a shell")
	}
	for line := range strings.Lines(last) {
		if word, _, _ := strings.Cut(line, " "); word == "RUN" || word == "USER" || word == "SHELL" {
			t.Errorf("the last image has the line %q", line)
		}
	}
	for _, must := range []string{"CGO_ENABLED=0 go build", "--chown=nonroot:nonroot", `ENTRYPOINT ["/watchbell"]`} {
		if !strings.Contains(string(text), must) {
			t.Errorf("the Dockerfile does not say %q", must)
		}
	}
	var compose struct {
		Services map[string]struct {
			User        string
			ReadOnly    bool `yaml:"read_only"`
			Privileged  bool
			Ports       []string
			CapDrop     []string `yaml:"cap_drop"`
			CapAdd      []string `yaml:"cap_add"`
			SecurityOpt []string `yaml:"security_opt"`
		}
	}
	if text, err = os.ReadFile("../docker-compose.yml"); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"watchbell", "litestream"} { // PostgreSQL's image is its own affair
		s := compose.Services[name]
		if !s.ReadOnly || s.Privileged || len(s.CapAdd) > 0 || strings.Join(s.CapDrop, " ") != "ALL" || strings.Join(s.SecurityOpt, " ") != "no-new-privileges:true" {
			t.Errorf("%s may do more than it needs: %+v", name, s)
		}
		if s.User != "" && s.User != "65532:65532" {
			t.Errorf("%s runs as %s, which is not the user who owns /data", name, s.User)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to everybody at %s", name, port)
			}
		}
	}
}

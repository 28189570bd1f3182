package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
)

// readProtocol reads the protocol that incidents are declared under: the file that is named, or the default.
func readProtocol(file string) (*incidents.Protocol, error) {
	if file == "" {
		return protocol.Default(), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return protocol.Read(string(text), chat.Verbs()...)
}

// runProtocol prints, checks or walks through a protocol. It needs no configuration unless that is in the repository.
func runProtocol(ctx context.Context, args []string, env environment) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	flags := newFlags("protocol "+what, env)
	severity, config := "", ""
	if what == "check" || what == "simulate" {
		flags.StringVar(&config, "config", "", "the configuration `FILE` that serve has, for a protocol in github.repo")
	}
	if what == "simulate" {
		flags.StringVar(&severity, "severity", "", "how bad the incident is; the worst when left out")
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	file := flags.Arg(0)
	if flags.NArg() > 1 || (what != "print" && what != "check" && what != "simulate") || (what == "print" && file != "") || (what == "check" && file == "") {
		fmt.Fprintln(env.stderr, "usage: watchbell protocol print | check FILE | simulate [-severity WORD] [FILE]; FILE may be github:PATH, with -config")
		return errUsage
	}
	if what == "print" {
		_, err := fmt.Fprint(env.stdout, protocol.Text())
		return err
	}
	p, err := namedProtocol(ctx, file, config, env)
	if wrong := (protocol.Mistakes{}); errors.As(err, &wrong) {
		for _, m := range wrong {
			fmt.Fprintf(env.stdout, "%s:%d: %s\n", file, m.Line, m.Say)
		}
		return fmt.Errorf("%s: %s", file, mistakesFound(len(wrong)))
	}
	if err != nil {
		return err
	}
	if what == "check" {
		fmt.Fprintf(env.stdout, "%s is a protocol: %s.\n", file, protocolSize(p))
		return nil
	}
	return simulate(env, p, severity)
}

// namedProtocol reads the protocol that a command names.
func namedProtocol(ctx context.Context, name, config string, env environment) (*incidents.Protocol, error) {
	path, ok := protocolInRepo(name)
	if !ok {
		return readProtocol(name)
	}
	c, err := loadConfig(config, env.getenv)
	if err != nil {
		return nil, err
	}
	if !validRepoPath(path) {
		return nil, fmt.Errorf("%q is no file in a repository; write github: and a path that ends in .yml", name)
	}
	return c.readRepoProtocol(ctx, path, world{now: env.now})
}

func protocolSize(p *incidents.Protocol) string {
	return fmt.Sprintf("%d roles, %d severities, %d steps", len(p.RoleRules()), len(p.SeverityRules()), len(p.Steps))
}

func mistakesFound(n int) string {
	if n == 1 {
		return "one mistake"
	}
	return fmt.Sprintf("%d mistakes", n)
}

func simulate(env environment, p *incidents.Protocol, word string) error {
	rules := p.SeverityRules()
	chosen := rules[len(rules)-1].Severity
	if word != "" {
		var words []string
		chosen = ""
		for _, r := range rules {
			words = append(words, r.Word)
			if word == r.Word || strings.EqualFold(word, string(r.Severity)) {
				chosen = r.Severity
			}
		}
		if chosen == "" {
			return fmt.Errorf("%q is not a severity of this protocol; it has %s", word, strings.Join(words, ", "))
		}
	}
	_, err := fmt.Fprintln(env.stdout, strings.Join(protocol.Simulate(p, chosen), "\n"))
	return err
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"watchbell/incidents/postmortem"
)

const postUsage = "parse FILE | render [-style-from FILE | -template NAME] MODEL.json | lint [-fix] [-format text|json|github] [-site URL] FILE… | include"

// runPost reads a post into a model, or writes a model as a post. It needs no configuration. What cannot be used is said in
// a sentence, and the exit code is that of a wrong command line.
func runPost(_ context.Context, args []string, env environment) error {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	c := postCommand{environment: env, name: name}
	switch name {
	case "parse":
		return c.refuse(c.parse(args))
	case "render":
		return c.refuse(c.render(args))
	case "lint":
		return c.refuse(c.lint(args))
	case "include":
		return c.refuse(c.include(args))
	case "help", "-h", "-help", "--help":
		fmt.Fprintln(env.stdout, "watchbell post "+postUsage)
		return nil
	}
	fmt.Fprintf(env.stderr, "watchbell post knows parse, render, lint and include, not %q\nwatchbell post %s\n", name, postUsage)
	return errUsage
}

type postCommand struct {
	environment
	name string
}

// refuse prints what is wrong with the input.
func (c postCommand) refuse(err error) error {
	if err == nil || errors.Is(err, errUsage) || errors.Is(err, errFindings) || errors.Is(err, flag.ErrHelp) {
		return err
	}
	fmt.Fprintf(c.stderr, "watchbell post %s: %v\n", c.name, err)
	return errUsage
}

// include prints what draws the times of a site's posts.
func (c postCommand) include(args []string) error {
	words, err := c.files(newFlags("post include", c.environment), args)
	if err == nil && len(words) > 0 {
		err = fmt.Errorf("it takes no %q; it prints a Jekyll include: watchbell post include > _includes/incidents.html", words[0])
	}
	if err == nil {
		_, err = io.WriteString(c.stdout, postmortem.Include)
	}
	return err
}

func (c postCommand) parse(args []string) error {
	file, err := c.file(newFlags("post parse", c.environment), args, "the file of a post, such as 2026-07-08-post-mortem.md")
	if err != nil {
		return err
	}
	post, err := c.read(file)
	if err != nil {
		return err
	}
	return printJSON(c.stdout, post)
}

func (c postCommand) render(args []string) error {
	flags := newFlags("post render", c.environment)
	like := flags.String("style-from", "", "write in the style of the post in this `FILE`")
	template := flags.String("template", "", "write in the template of this `NAME`: "+strings.Join(postmortem.Templates(), ", "))
	file, err := c.file(flags, args, "the file of a model that post parse has printed, or - to read it from the standard input")
	if err != nil {
		return err
	}
	style, err := c.style(*like, *template)
	if err != nil {
		return err
	}
	text, err := c.open(file)
	if err != nil {
		return err
	}
	post, err := c.model(file, text)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.stdout, postmortem.Render(post, style))
	return err
}

// file is the one argument, before or after the flags.
func (c postCommand) file(flags *flag.FlagSet, args []string, what string) (string, error) {
	files, err := c.files(flags, args)
	if err == nil && len(files) != 1 {
		err = fmt.Errorf("%d files are named; name one: %s", len(files), what)
	}
	if err != nil {
		return "", err
	}
	return files[0], nil
}

// files are the arguments, before, after or between the flags.
func (c postCommand) files(flags *flag.FlagSet, args []string) (files []string, err error) {
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, errUsage
		}
		if flags.NArg() == 0 {
			return files, nil
		}
		files, args = append(files, flags.Arg(0)), flags.Args()[1:]
	}
}

// style is the one that the flags ask for; the zero Style when they ask for none.
func (c postCommand) style(like, template string) (postmortem.Style, error) {
	switch {
	case like != "" && template != "":
		return postmortem.Style{}, errors.New("-style-from and -template were both given; keep one of them")
	case like != "":
		post, err := c.read(like)
		return post.Style, err
	case template != "":
		style, ok := postmortem.Template(template)
		if !ok {
			return style, fmt.Errorf("there is no template %q; there are %s", template, strings.Join(postmortem.Templates(), ", "))
		}
		return style, nil
	}
	return postmortem.Style{}, nil
}

func (c postCommand) open(file string) ([]byte, error) {
	if file == "-" {
		if c.stdin == nil {
			return nil, errors.New("there is no standard input to read")
		}
		return io.ReadAll(c.stdin)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return text, nil
}

func (c postCommand) read(file string) (postmortem.Post, error) {
	text, err := c.open(file)
	if err != nil {
		return postmortem.Post{}, err
	}
	post, err := postmortem.ParseFile(file, text)
	if err != nil {
		return post, fmt.Errorf("%s is no post that can be read: %w", file, err)
	}
	return post, nil
}

// model reads the JSON. Keys that mean nothing are said, so that nothing typed gets lost unnoticed.
func (c postCommand) model(file string, text []byte) (post postmortem.Post, err error) {
	in := json.NewDecoder(bytes.NewReader(text))
	if err := in.Decode(&post); err != nil {
		return post, fmt.Errorf("%s is no model of a post: %s; post parse prints one", file, plainJSON(err))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return post, fmt.Errorf("%s goes on behind the model; keep one JSON object in it", file)
	}
	if err := post.Check(); err != nil {
		return post, fmt.Errorf("%s is no model of a post: %w", file, err)
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&postmortem.Post{}); err != nil {
		fmt.Fprintf(c.stderr, "watchbell post %s: %s: %s, so it is left out\n", c.name, file, plainJSON(err))
	}
	return post, nil
}

// plainJSON is the reader's error in fewer words.
func plainJSON(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return fmt.Sprintf("%s is a %s, which does not belong there", wrong.Field, wrong.Value)
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle"
	}
	return strings.Replace(strings.TrimPrefix(err.Error(), "json: "), "unknown field", "nothing is known by the name", 1)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

// fileArgument reads the flags of a command that takes one file, or none where that is allowed.
func fileArgument(flags *flag.FlagSet, args []string, none func() bool) (string, error) {
	files, err := parseAmong(flags, args)
	switch {
	case err != nil:
		return "", err
	case len(files) == 0 && none != nil && none():
		return "", nil
	case len(files) != 1 || files[0] == "":
		fmt.Fprintf(flags.Output(), "%s takes the name of one file\n", flags.Name())
		flags.Usage()
		return "", errUsage
	}
	return files[0], nil
}

// runBackup copies the database.
func runBackup(ctx context.Context, args []string, env environment) error {
	flags := newFlags("backup", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	file, err := fileArgument(flags, args, nil)
	if err != nil {
		return err
	}
	c, err := loadConfig(*config, env.getenv)
	if err != nil {
		return err
	}
	if file, err = filepath.Abs(file); err != nil { // the running process may be in another folder
		return err
	}
	l, err := openLedger(ctx, c, env.now)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	a, err := l.operate(ctx, operatorRequest{Order: orderBackup, File: file})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s holds %s. It was read through and is sound.\n", file, holds(a.Copied))
	return nil
}

func holds(c storage.Copied) string {
	return fmt.Sprintf("%d incidents, %d entries and %d deliveries in %d kB", c.Incidents, c.Entries, c.Deliveries, (c.Bytes+1023)/1024)
}

// unknownLater is how many numbers are left out when nobody knows how many incidents there were after the copy was made. A
// number that is used twice would mix up two incidents at the services.
const unknownLater = 100

// numbering finds the number of the incident that is declared next on a database that was put back.
type numbering struct {
	next int // as it was asked for; 0 where it is to be found
	now  func() time.Time

	first   int
	guessed bool
}

// prepare is storage.Restoring.Prepare. A database that was replaced tells how many incidents there were if it was the one
// that the copy is of. One with fewer is another, such as the empty one that serve makes when the file is gone.
func (n *numbering) prepare(ctx context.Context, s *storage.Store, before int) error {
	last, err := s.LastNumber(ctx)
	if err != nil {
		return err
	}
	next := n.next
	if next == 0 {
		next = before + 1
		if n.guessed = before < last || before == 0; n.guessed {
			next = last + unknownLater
		}
	}
	if n.first, err = s.MarkRestored(ctx, next, n.now()); err != nil {
		return err
	}
	return incidents.NewService(s, incidents.Options{Now: n.now}).ShowAgain(ctx)
}

// said tells the number, and why it is not the one after the last.
func (n *numbering) said() string {
	said := fmt.Sprintf("The next incident will be #%d.", n.first)
	if n.guessed {
		said += fmt.Sprintf(" About %d numbers are left out, for nothing here tells how many incidents there were after the copy was made, and a "+
			"number that is used twice would mix up two of them; where you know, say -next N.", unknownLater)
	}
	if n.next > 0 && n.next < n.first {
		said += fmt.Sprintf(" It is not #%d as you asked: the numbers up to #%d are taken, or may have been.", n.next, n.first-1)
	}
	return said
}

// runRestore puts a copy back.
func runRestore(ctx context.Context, args []string, env environment) error {
	flags := newFlags("restore", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	replace := flags.Bool("replace", false, "put it in the place of a database that is there; that one is kept beside")
	mark := flags.Bool("mark", false, "another tool has put the database back: only have Watchbell look at the services before it makes anything")
	next := flags.Int("next", 0, "the `NUMBER` of the next incident; left out, the one after the last of the replaced database, or a hundred later where that does not tell")
	file, err := fileArgument(flags, args, func() bool { return *mark })
	if err != nil {
		return err
	}
	if *mark && file != "" {
		fmt.Fprintln(env.stderr, "watchbell restore: -mark takes no file; it is about the database that is there")
		return errUsage
	}
	if *next < 0 {
		return fmt.Errorf("-next %d is no number of an incident; write one such as 43, or leave it out", *next)
	}
	c, err := loadConfig(*config, env.getenv)
	if err != nil {
		return err
	}
	numbers := &numbering{next: *next, now: env.now}
	prepare := func(s *storage.Store, before int) error { return numbers.prepare(ctx, s, before) }
	if *mark {
		err = markRestored(ctx, c, prepare)
	} else {
		var done storage.Restored
		done, err = storage.Restore(ctx, storage.Restoring{From: file, To: c.database, Replace: *replace, Now: env.now(), Prepare: prepare})
		if err == nil {
			fmt.Fprintf(env.stdout, "The database holds %s.\n", holds(done.Copied))
		}
		if done.Kept != "" && err == nil {
			fmt.Fprintf(env.stdout, "The one before is kept as %s.\n", done.Kept)
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(env.stdout, "Start Watchbell: it looks at the services before it makes anything for these incidents, and edits what it finds. "+numbers.said())
	return nil
}

// markRestored prepares the database that is there.
func markRestored(ctx context.Context, c Config, prepare func(*storage.Store, int) error) error {
	if err := mustExist(c.database); err != nil {
		return err
	}
	s, err := storage.Open(ctx, c.database, storage.Options{Readers: 1, Alone: true})
	if err != nil {
		return err
	}
	return errors.Join(prepare(s, 0), s.Close())
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

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

// runRestore puts a copy back.
func runRestore(ctx context.Context, args []string, env environment) error {
	flags := newFlags("restore", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	replace := flags.Bool("replace", false, "put it in the place of a database that is there; that one is kept beside")
	mark := flags.Bool("mark", false, "another tool has put the database back: only have Watchbell look at the services before it makes anything")
	next := flags.Int("next", 0, "the `NUMBER` of the next incident; left out, the one after the last of the replaced database, or a hundred later")
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
	first := 0
	prepare := func(s *storage.Store, before int) error {
		service := incidents.NewService(s, incidents.Options{Now: env.now})
		from := *next
		if from == 0 {
			from = before + 1
		}
		if from == 1 {
			last, err := s.LastNumber(ctx)
			if err != nil {
				return err
			}
			from = last + unknownLater
		}
		if first, err = s.MarkRestored(ctx, from, env.now()); err != nil {
			return err
		}
		return service.ShowAgain(ctx)
	}
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
	fmt.Fprintf(env.stdout, "Start Watchbell: it looks at the services before it makes anything for these incidents, and edits what it finds. "+
		"The next incident will be #%d.\n", first)
	return nil
}

// markRestored prepares the database that is there.
func markRestored(ctx context.Context, c Config, prepare func(*storage.Store, int) error) error {
	if err := mustExist(c.database); err != nil {
		return err
	}
	s, err := storage.Open(ctx, c.database, storage.Options{Readers: 1})
	if err != nil {
		return err
	}
	return errors.Join(prepare(s, 0), s.Close())
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"

	"watchbell/storage"
)

// runMigrateStore copies a database. The word DATABASE_URL stands for the one in the environment, whose password then
// appears in no list of processes.
func runMigrateStore(ctx context.Context, args []string, env environment) error {
	flags := newFlags("migrate-store", env)
	flags.Usage = func() {
		fmt.Fprintln(env.stderr, `watchbell migrate-store FROM TO
FROM and TO are written like DATABASE_URL: sqlite:watchbell.db or postgres://… The word DATABASE_URL stands for what is set
there. Stop Watchbell first. TO must be empty; FROM stays as it is.`)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	case flags.NArg() != 2:
		flags.Usage()
		return errUsage
	}
	var wrong mistakes
	urls := [2]string{flags.Arg(0), flags.Arg(1)}
	for i, u := range urls {
		if u == "DATABASE_URL" {
			urls[i] = readSecret(u, env.getenv, &wrong)
			wrong.unless(urls[i] != "" || wrong.about(u+"_FILE"), u, "is not set; set it, or write the database itself")
		}
	}
	wrong.list = slices.Compact(wrong.list)
	if err := wrong.err(); err != nil {
		return err
	}
	err := storage.Copy(ctx, urls[0], urls[1], func(table string, rows int) {
		fmt.Fprintf(env.stdout, "%s: %d copied and compared\n", table, rows)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(env.stdout, "Everything is there. Start Watchbell with DATABASE_URL set to the second database, and keep the first one for a while.")
	return nil
}

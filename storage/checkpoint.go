package storage

// How many commits, or updates, go into the log before it is moved into the database file; after that it is overwritten
// from its beginning, which syncs twice as fast as appending does. More would not cost less for each update.
const (
	checkpointAfterCommits = 256
	checkpointAfterUpdates = 1024
)

// checkpoints moves the log into the database file, on a connection of its own, while the writer goes on: it takes up to a
// tenth of a second on a slow disk. The log can begin anew only when all of it has been moved, so what the writer adds
// meanwhile it moves itself at the end, between two batches; that is little.
type checkpoints struct {
	session *session // nil where the database does it by itself
	commits int      // since the last one
	updates int
	under   bool // one is under way
	done    chan error
}

// begin has the log moved when enough has gone into it.
func (c *checkpoints) begin() {
	if c.session == nil || c.under || c.commits < checkpointAfterCommits && c.updates < checkpointAfterUpdates {
		return
	}
	c.commits, c.updates, c.under = 0, 0, true
	go func() { c.done <- c.session.checkpoint() }()
}

// checkpoint moves what is in the log by now.
func (s *session) checkpoint() error {
	_, err := s.one(s.engine.checkpoint)
	s.failed = nil
	return err
}

// checkpointed ends a checkpoint. What is only busy or full is tried again later.
func (w *writer) checkpointed(err error) {
	w.log.under = false
	if w.noticed(err) == nil {
		_ = w.noticed(w.session.checkpoint())
	}
}

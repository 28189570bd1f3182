package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

// While Watchbell runs, commands such as `watchbell log` reach it through a Unix socket in a folder beside the database
// that only the owner of the database may enter. So the right to write is the right to the file, as it is when nothing
// runs; there is no secret to hand out, and nothing listens on the network. Requests are JSON over HTTP.

// controlFolder holds the socket of the process that has the database file.
func controlFolder(database string) string { return database + ".control" }

const (
	controlSocket  = "socket"
	controlTimeout = 30 * time.Second
	// controlBody bounds a request: an entry, or a message of an export.
	controlBody = 1 << 20
	// socketPath is the longest path that every system takes for a socket.
	socketPath = 100
)

// near calls do with a path of the socket that is short enough for the system: a long one is reached through a link in a
// folder of our own.
func near(database string, do func(path string) error) error {
	path := filepath.Join(controlFolder(database), controlSocket)
	if len(path) <= socketPath {
		return do(path)
	}
	dir, err := os.MkdirTemp("", "watchbell-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	link := filepath.Join(dir, "db")
	if err := os.Symlink(controlFolder(database), link); err != nil {
		return err
	}
	return do(filepath.Join(link, controlSocket))
}

// listenControl opens the socket. The caller has the database's lock, so a socket that is there belongs to nobody.
func listenControl(ctx context.Context, database string) (net.Listener, error) {
	folder := controlFolder(database)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(folder, controlSocket)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var l net.Listener
	err := near(database, func(path string) (err error) {
		l, err = (&net.ListenConfig{}).Listen(ctx, "unix", path)
		return err
	})
	if err != nil {
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // the short path is gone by then
	}
	return l, nil
}

// control takes in what commands on this machine write, until the context ends. Without a socket the bot goes on.
func (a *app) control(ctx context.Context) error {
	file, err := storage.File(a.config.database)
	if err != nil || file == "" {
		return nil
	}
	listener, err := listenControl(ctx, file)
	if err != nil {
		a.log.Warn("commands such as `watchbell log` cannot reach this process", "error", err)
		return nil
	}
	server := &http.Server{
		Handler: controlHandler(a.service, (&operator{a.store, a.service, a.now, true}).do), ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: controlTimeout,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	defer func() { _ = os.RemoveAll(controlFolder(file)) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if server.Shutdown(stopping) != nil {
		_ = server.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the commands: %w", err)
	}
	return nil
}

// controlAnswer is the answer to every request.
type controlAnswer struct {
	Result   incidents.Result     `json:"result,omitzero"`
	Refusal  *incidents.Refusal   `json:"refusal,omitempty"`
	Snapshot *incidents.Snapshot  `json:"snapshot,omitempty"`
	Found    []incidents.Incident `json:"found,omitempty"`
	Operated *operatorAnswer      `json:"operated,omitempty"`
	// Missing, NotDurable and Unsure stand for the errors of package incidents, Full for storage.ErrFull, Problem for every other one.
	Missing    bool   `json:"missing,omitempty"`
	NotDurable bool   `json:"not_durable,omitempty"`
	Full       bool   `json:"full,omitempty"`
	Unsure     bool   `json:"unsure,omitempty"`
	Problem    string `json:"problem,omitempty"`
}

// controlRequest is an incidents.Request.
type controlRequest struct {
	Event    string          `json:"event,omitempty"`
	By       incidents.Actor `json:"by"`
	Incident int             `json:"incident"`
	Kind     string          `json:"kind"`
	Command  json.RawMessage `json:"command"`
}

// controlCommands are the commands that may come through the socket.
var controlCommands = map[string]func([]byte) (incidents.Command, error){
	kindOf(incidents.Log{}): readCommand[incidents.Log], kindOf(incidents.Backfill{}): readCommand[incidents.Backfill],
	kindOf(incidents.CaptureMessage{}): readCommand[incidents.CaptureMessage],
	kindOf(incidents.EditMessage{}):    readCommand[incidents.EditMessage],
}

func kindOf(c incidents.Command) string { return fmt.Sprintf("%T", c) }

func readCommand[C incidents.Command](data []byte) (incidents.Command, error) {
	var c C
	err := json.Unmarshal(data, &c)
	return c, err
}

// operating carries out an operator's order.
type operating func(context.Context, operatorRequest) (operatorAnswer, error)

func controlHandler(l ledger, operate operating) http.Handler {
	mux := http.NewServeMux()
	serve(mux, "/operate", func(ctx context.Context, r operatorRequest, a *controlAnswer) error {
		done, err := operate(ctx, r)
		a.Operated = &done
		return err
	})
	serve(mux, "/handle", func(ctx context.Context, r controlRequest, a *controlAnswer) error {
		read, known := controlCommands[r.Kind]
		if !known {
			return fmt.Errorf("this Watchbell knows no %s", r.Kind)
		}
		cmd, err := read(r.Command)
		if err != nil {
			return err
		}
		a.Result, err = l.Handle(ctx, incidents.Request{Event: r.Event, By: r.By, Incident: r.Incident, Command: cmd})
		return err
	})
	serve(mux, "/snapshot", func(ctx context.Context, number int, a *controlAnswer) error {
		snap, err := l.Snapshot(ctx, number)
		a.Snapshot = &snap
		return err
	})
	serve(mux, "/find", func(ctx context.Context, q incidents.Query, a *controlAnswer) (err error) {
		a.Found, err = l.Find(ctx, q)
		return err
	})
	return mux
}

func serve[In any](mux *http.ServeMux, path string, do func(context.Context, In, *controlAnswer) error) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		var a controlAnswer
		if path == "/operate" { // a large database takes its time
			_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlBody)).Decode(&in)
		if err == nil {
			err = do(r.Context(), in, &a)
		}
		if a.Refusal = incidents.AsRefusal(err); a.Refusal == nil && err != nil {
			a.Missing, a.NotDurable = errors.Is(err, incidents.ErrNotFound), errors.Is(err, incidents.ErrNotDurable)
			a.Unsure, a.Full = errors.Is(err, incidents.ErrUnsure), errors.Is(err, storage.ErrFull)
			a.Problem = err.Error()
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a)
	})
}

// remoteLedger is the ledger of a running process.
type remoteLedger struct{ client *http.Client }

// dialControl returns the ledger of the process that has the database file; nil when none answers.
func dialControl(ctx context.Context, database string) *remoteLedger {
	if database == "" {
		return nil // no file: the database is a server, and takes many
	}
	dial := func(ctx context.Context, _, _ string) (conn net.Conn, err error) {
		err = near(database, func(path string) (err error) {
			conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
			return err
		})
		return conn, err
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil
	}
	_ = conn.Close()
	return &remoteLedger{&http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: controlTimeout}}
}

func (l *remoteLedger) close() error {
	l.client.CloseIdleConnections()
	return nil
}

func (l *remoteLedger) Handle(ctx context.Context, r incidents.Request) (incidents.Result, error) {
	command, err := json.Marshal(r.Command)
	if err != nil {
		return incidents.Result{}, err
	}
	a, err := l.ask(ctx, "/handle", controlRequest{r.Event, r.By, r.Incident, kindOf(r.Command), command})
	return a.Result, err
}

func (l *remoteLedger) Snapshot(ctx context.Context, number int) (incidents.Snapshot, error) {
	a, err := l.ask(ctx, "/snapshot", number)
	if err != nil {
		return incidents.Snapshot{}, err
	}
	return *a.Snapshot, nil
}

func (l *remoteLedger) Find(ctx context.Context, q incidents.Query) ([]incidents.Incident, error) {
	a, err := l.ask(ctx, "/find", q)
	return a.Found, err
}

// operate has the running process carry out an order, which takes as long as it takes.
func (l *remoteLedger) operate(ctx context.Context, r operatorRequest) (operatorAnswer, error) {
	patient := &remoteLedger{&http.Client{Transport: l.client.Transport}}
	a, err := patient.ask(ctx, "/operate", r)
	if a.Operated == nil {
		return operatorAnswer{}, err
	}
	return *a.Operated, err
}

func (l *remoteLedger) ask(ctx context.Context, path string, in any) (a controlAnswer, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return a, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://watchbell"+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	response, err := l.client.Do(r)
	if err != nil {
		return a, fmt.Errorf("the running Watchbell does not answer: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(answer, &a)
	}
	switch {
	case err != nil:
		return a, fmt.Errorf("the running Watchbell answers what this version does not understand: %w", err)
	case a.Refusal != nil:
		return a, a.Refusal
	case a.Missing:
		return a, fmt.Errorf("%w: %s", incidents.ErrNotFound, a.Problem)
	case a.Unsure:
		return a, fmt.Errorf("%w: %w: %s", incidents.ErrNotDurable, incidents.ErrUnsure, withoutVerdict(a.Problem))
	case a.NotDurable && a.Full:
		return a, fmt.Errorf("%w: %w: %s", incidents.ErrNotDurable, storage.ErrFull, strings.ReplaceAll(withoutVerdict(a.Problem), storage.ErrFull.Error()+": ", ""))
	case a.NotDurable:
		return a, fmt.Errorf("%w: %s", incidents.ErrNotDurable, withoutVerdict(a.Problem))
	case a.Problem != "":
		return a, errors.New(a.Problem)
	case path == "/snapshot" && a.Snapshot == nil:
		return a, fmt.Errorf("the running Watchbell gave no snapshot: %w", incidents.ErrNotFound)
	}
	return a, nil
}

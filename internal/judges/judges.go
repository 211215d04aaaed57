// Package judges starts servers that others wrote, so that tests can compare
// the embedded engine with them: moto (DynamoDB with transactions, and KMS) and
// dynalite (DynamoDB without transactions). .ci/judges installs them.
//
// The environment says where they are and whether they must be there:
//
//	DDBE_JUDGES=DIR            where .ci/judges put them; default: .judges beside go.mod
//	DDBE_REQUIRE_JUDGES=1      a judge that is not there fails the test
package judges

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// A Judge is a program that serves the API on a loopback port.
type Judge struct {
	Name    string
	program string // below the directory of the judges
	args    func(port string) []string
	// KMS says whether it serves KMS as well.
	KMS bool
	// reset is the path that a POST makes it forget everything with, if it has one.
	reset string
}

// The judges.
var (
	Moto = &Judge{
		Name:    "moto",
		program: "moto/bin/moto_server",
		args:    func(port string) []string { return []string{"-H", "127.0.0.1", "-p", port} },
		KMS:     true,
		reset:   "/moto-api/reset",
	}
	Dynalite = &Judge{
		Name:    "dynalite",
		program: "dynalite/node_modules/.bin/dynalite",
		args: func(port string) []string {
			return []string{"--host", "127.0.0.1", "--port", port,
				"--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"}
		},
	}
)

// A Server is a running judge.
type Server struct {
	Judge *Judge
	URL   string // such as http://127.0.0.1:40123

	stop func()
	log  *bytes.Buffer // complete only after stop
}

// Start starts a judge and ends it with the test. If it is not installed the
// test says so and is skipped, or fails under DDBE_REQUIRE_JUDGES=1.
func (j *Judge) Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := j.Run()
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("DDBE_REQUIRE_JUDGES") == "" {
		// Printed even without -v: a green run must not hide that nobody judged.
		fmt.Fprintf(os.Stderr, "%s: NOT COMPARED with %s: %v (run .ci/judges)\n", tb.Name(), j.Name, err)
		tb.Skipf("%s is not installed: %v", j.Name, err)
	}
	if err != nil {
		tb.Fatalf("start %s: %v", j.Name, err)
	}
	tb.Cleanup(s.Stop)
	return s
}

// attempts bounds how often a port is lost to another program between the
// moment it was free and the moment the judge takes it.
const attempts = 3

// Run starts a judge that is not bound to one test. Stop ends it, and so does
// the end of this process, however it comes.
func (j *Judge) Run() (*Server, error) {
	program, err := j.find()
	if err != nil {
		return nil, err
	}
	for range attempts {
		var s *Server
		if s, err = j.run(program); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func (j *Judge) find() (string, error) {
	dir := os.Getenv("DDBE_JUDGES")
	if dir == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(root, ".judges")
	}
	program := filepath.Join(dir, filepath.FromSlash(j.program))
	_, err := os.Stat(program)
	return program, err
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("go.mod above the working directory: %w", fs.ErrNotExist)
		}
		dir = parent
	}
}

// supervise runs a program until standard input ends, which it also does when
// the process that holds its other end is killed.
const supervise = `"$@" </dev/null & child=$!; cat >/dev/null; kill "$child"; wait "$child"`

const startTimeout = time.Minute

func (j *Judge) run(program string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Judge: j, URL: "http://127.0.0.1:" + port, log: &bytes.Buffer{}}
	cmd := exec.Command("sh", append([]string{"-c", supervise, "sh", program}, j.args(port)...)...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.stop = func() {
		// Both only report that the judge has gone, which is the purpose.
		_ = stdin.Close()
		_ = cmd.Wait()
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.wait(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w; it printed:\n%s", err, s.log)
	}
	return s, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return strconv.Itoa(port), l.Close()
}

// wait returns when the judge answers.
func (s *Server) wait(ctx context.Context) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(r)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer on %s: %w", s.Judge.Name, s.URL, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the judge.
func (s *Server) Stop() { s.stop() }

// Reset makes the judge forget everything, if it can.
func (s *Server) Reset(ctx context.Context) error {
	if s.Judge.reset == "" {
		return fmt.Errorf("%s cannot be reset", s.Judge.Name)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+s.Judge.reset, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("reset %s: %s", s.Judge.Name, response.Status)
	}
	return errors.Join(err, response.Body.Close())
}

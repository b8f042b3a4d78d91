//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestNoRegularFiles names pipes and devices where files should be.
func TestNoRegularFiles(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{fifo, "/dev/zero", "/dev/null"} {
		refused(t, run(t, "-db", "sqlite://:memory:", "-json", name), name+" is no regular file")
		list := filepath.Join(dir, "list.json")
		text := fmt.Sprintf(`{"ImportPath": "x", "Dir": %q, "GoFiles": [%q]}`, filepath.Dir(name), filepath.Base(name))
		if err := os.WriteFile(list, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		refused(t, run(t, "-db", "sqlite://:memory:", "-json", list), name+" is no regular file")
	}
}

func TestFilesHaveALimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 2<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(t.Context(), name, 1<<20); err == nil || !strings.Contains(err.Error(), "is larger than 1 MB") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f, err := openFile(ctx, name, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, 1<<20)
	if n, err := f.Read(buf); n == 0 || err != nil {
		t.Fatal(n, err)
	}
	more, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0) // it grows while it is read
	if err != nil {
		t.Fatal(err)
	}
	if _, err := more.Write(buf[:10]); err != nil {
		t.Fatal(err)
	}
	more.Close()
	for err == nil {
		_, err = f.Read(buf)
	}
	if !strings.Contains(err.Error(), "is larger than 2 MB") {
		t.Error(err)
	}
	cancel()
	if _, err := f.Read(buf); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// output collects what a process says.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process starts the real program.
func process(t *testing.T, stdout *os.File, env []string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), "STDLIB_RUN_MAIN=1"), env...)
	said := new(output)
	cmd.Stderr = said
	if stdout != nil {
		cmd.Stdout = stdout
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { timer.Stop() })
	return cmd, said
}

func waitFor(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
	}
}

// TestSecondSignal has a program that waits for somebody to read what it prints.
func TestSecondSignal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := w.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil { // until the pipe is full
		_, err = w.Write(make([]byte, 4096))
	}
	for err = nil; err == nil; {
		_ = w.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, err = w.Write([]byte{0})
	}
	cmd, said := process(t, w, nil, "-db", "sqlite://:memory:", "-json", newTree(t).json(), "-echo")
	waitFor(t, "the commit", func() bool { return strings.Contains(said.String(), "COMMIT") })
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	_ = cmd.Wait()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(lines[len(lines)-1], "stdlib: ended at once by a second signal") {
		t.Errorf("exit code %d, last line %q", code, lines[len(lines)-1])
	}
}

// TestSignalWhileGoIsSilent has a go command whose child keeps the pipe open.
func TestSignalWhileGoIsSilent(t *testing.T) {
	bin := t.TempDir()
	mark := filepath.Join(bin, "mark")
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\n/bin/sleep 15 &\n: > "+mark+"\nwait\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd, said := process(t, nil, []string{"PATH=" + bin}, "-db", "sqlite://:memory:")
	waitFor(t, "go list", func() bool { _, err := os.Stat(mark); return err == nil })
	start := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || strings.TrimSpace(said.String()) != "stdlib: interrupted; the database is as it was" || time.Since(start) > 10*time.Second {
		t.Errorf("exit code %d after %s: %s", code, time.Since(start), said)
	}
}

package containers

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// reaperVariable, set by startReaper for its child only, makes a copy of the test binary a reaper. It holds whose containers
// to remove.
const reaperVariable = "DORMER_TEST_REAPER"

// A reaper must not reach the tests, and a test binary need not have a TestMain of ours: so it branches off here.
func init() {
	if whose, set := os.LookupEnv(reaperVariable); set {
		os.Unsetenv(reaperVariable)
		os.Exit(reap(whose))
	}
}

// startReaper starts the one reaper of this process, before the first container, so that none is without.
var startReaper = sync.OnceValue(func() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start the reaper: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start the reaper: %w", err)
	}
	defer read.Close()
	me := self()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s %s", reaperVariable, me.pid, me.host, me.started))
	cmd.Stdin = read
	// No output: go test waits until everyone who holds its pipe has closed it.
	if err := cmd.Start(); err != nil {
		write.Close()
		return fmt.Errorf("start the reaper: %w", err)
	}
	running.Lock()
	running.lifeline = write
	running.Unlock()
	return cmd.Process.Release()
})

// reap waits until its parent has ended and removes what that left; it returns the exit code, which nobody reads but a
// debugger.
func reap(whose string) int {
	// Ctrl-C goes to the whole group: the parent ends by it, the reaper begins.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	parts := strings.SplitN(whose, " ", 3)
	if len(parts) != 3 {
		return 2
	}
	pid, err := strconv.Atoi(parts[0])
	if err != nil {
		return 2
	}
	_, _ = io.Copy(io.Discard, os.Stdin)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	engine, err := connect(ctx)
	if err != nil {
		return 1
	}
	if err := removeOf(ctx, engine, process{host: parts[1], pid: pid, started: parts[2]}); err != nil {
		return 1
	}
	return 0
}

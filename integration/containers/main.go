package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
)

// Main runs the tests and then removes the servers that they started; it returns the code for os.Exit. It is for TestMain, which
// returns only after the servers are gone; a test binary without it leaves that to the reaper, some moments later. Tests that
// fail change nothing of this; a panic or a timeout ends the process at once, and the reaper takes over.
//
// No server may be asked for after Main. It is called once, by one goroutine.
func Main(m *testing.M) int {
	defer func() {
		if err := terminate(); err != nil {
			// The tests have their verdict; what stays behind is removed by the reaper, or at the next start.
			fmt.Fprintln(os.Stderr, "containers:", err)
		}
	}()
	return m.Run()
}

// terminate removes every server of this process.
func terminate() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	running.Lock()
	defer running.Unlock()
	var faults []error
	for _, s := range running.servers {
		// Nobody reads the data again, so the server need not say goodbye to it.
		if err := s.ctr.Terminate(ctx, testcontainers.StopTimeout(0)); err != nil {
			faults = append(faults, fmt.Errorf("remove %s: %w", s.spec.name, err))
		}
	}
	running.servers = nil
	return errors.Join(faults...)
}

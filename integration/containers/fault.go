package containers

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

const faultTimeout = time.Minute

// Pause freezes the server behind rawURL, a URL of [Postgres] or of another database on the same server: connections stay
// open and nobody answers, as when a machine hangs or a network drops packets. The server goes on when the returned function
// is called, at the latest when the test ends; further calls do nothing. A URL of no server of this process fails the test.
func Pause(t testing.TB, rawURL string) (resume func()) {
	t.Helper()
	s := find(t, rawURL)
	ctx, cancel := faultContext()
	defer cancel()
	if _, err := s.engine.ContainerPause(ctx, s.ctr.GetContainerID(), client.ContainerPauseOptions{}); err != nil {
		t.Fatalf("containers: pause %s: %v", s.spec.name, err)
	}
	return atLatestAtEnd(t, func() {
		ctx, cancel := faultContext()
		defer cancel()
		if _, err := s.engine.ContainerUnpause(ctx, s.ctr.GetContainerID(), client.ContainerUnpauseOptions{}); err != nil {
			t.Errorf("containers: resume %s: %v", s.spec.name, err)
		}
	})
}

// Kill ends the server behind rawURL by SIGKILL, as a crash does: connections break, and new ones are refused until the
// returned function is called, at the latest when the test ends; it returns when the server takes connections again, at the
// same URL, with what was committed. Further calls of it do nothing. A URL of no server of this process fails the test.
func Kill(t testing.TB, rawURL string) (revive func()) {
	t.Helper()
	s := find(t, rawURL)
	ctx, cancel := faultContext()
	defer cancel()
	if _, err := s.engine.ContainerKill(ctx, s.ctr.GetContainerID(), client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatalf("containers: kill %s: %v", s.spec.name, err)
	}
	return atLatestAtEnd(t, func() {
		ctx, cancel := faultContext()
		defer cancel()
		// The engine learns of the end a moment later, and would take the start for one of a container that runs.
		stopped := s.engine.ContainerWait(ctx, s.ctr.GetContainerID(), client.ContainerWaitOptions{})
		select {
		case <-stopped.Result:
		case err := <-stopped.Error:
			t.Errorf("containers: wait for the end of %s: %v", s.spec.name, err)
		}
		if err := s.ctr.Start(ctx); err != nil {
			t.Errorf("containers: revive %s: %v", s.spec.name, err)
		}
	})
}

// Restart shuts the server behind rawURL down in order and starts it again, as an upgrade or a failover does: connections are
// ended by the server, and the URL stays. It returns when the server takes connections again. A URL of no server of this process
// fails the test.
func Restart(t testing.TB, rawURL string) {
	t.Helper()
	s := find(t, rawURL)
	ctx, cancel := faultContext()
	defer cancel()
	patience := 20 * time.Second
	if err := s.ctr.Stop(ctx, &patience); err != nil {
		t.Fatalf("containers: stop %s: %v", s.spec.name, err)
	}
	if err := s.ctr.Start(ctx); err != nil {
		t.Fatalf("containers: start %s again: %v", s.spec.name, err)
	}
}

// find returns the server by the host and port of a URL, so that any database on it will do. The URL itself stays out of the
// message: it has a password.
func find(t testing.TB, rawURL string) *server {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal("containers: the URL of the server cannot be read")
	}
	running.Lock()
	defer running.Unlock()
	for _, s := range running.servers {
		if s.host == u.Host {
			return s
		}
	}
	t.Fatalf("containers: no server of this process is at %s", u.Host)
	return nil
}

// faultContext is not the test's: at its end the server is put right again.
func faultContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), faultTimeout)
}

// atLatestAtEnd returns f to be called once, by the test or by its end.
func atLatestAtEnd(t testing.TB, f func()) func() {
	once := sync.OnceFunc(f)
	t.Cleanup(once)
	return once
}

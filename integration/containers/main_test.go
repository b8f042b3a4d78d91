package containers

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// childVariable makes this test binary a child of one of its own tests: TestChild then does what it says.
const childVariable = "DORMER_TEST_CHILD"

func TestMain(m *testing.M) {
	if strings.HasSuffix(os.Getenv(childVariable), "without Main") {
		os.Exit(m.Run())
	}
	os.Exit(Main(m))
}

// TestChild is the body of the child processes; in the parent it does nothing.
func TestChild(t *testing.T) {
	switch os.Getenv(childVariable) {
	case "end", "end without Main":
		t.Log("url", Postgres(t))
	case "fatal":
		Postgres(t)
		t.Fatal("as asked")
	case "panic":
		Postgres(t)
		panic("as asked")
	case "hang":
		Postgres(t)
		os.Stdout.WriteString("started\n")
		select {}
	case "ask twice":
		t.Run("first", func(t *testing.T) { Postgres(t) })
		t.Run("second", func(t *testing.T) { Postgres(t) })
	}
}

// child prepares a run of this binary in which TestChild does what mode says.
func child(t *testing.T, mode string, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestChild$", "-test.v", "-test.timeout=2m")
	cmd.Env = append(append(os.Environ(), childVariable+"="+mode), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

func testEngine(t *testing.T) *testcontainers.DockerClient {
	t.Helper()
	engine, err := connect(t.Context())
	if err != nil {
		t.Fatalf("%v; run integration/prepare.sh", err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

// containersOf lists the containers labelled with a pid, in whatever state.
func containersOf(t *testing.T, engine *testcontainers.DockerClient, pid int) []container.Summary {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	all, err := engine.ContainerList(ctx, client.ContainerListOptions{
		All:     true,
		Filters: make(client.Filters).Add("label", labelPID),
	})
	if err != nil {
		t.Fatal(err)
	}
	var its []container.Summary
	for _, c := range all.Items {
		if p, ours := owner(c); ours && p.pid == pid {
			its = append(its, c)
		}
	}
	return its
}

// Main returns only when the servers are gone, whether the tests passed or not.
func TestMainRemovesServers(t *testing.T) {
	engine := testEngine(t)
	for mode, wantOK := range map[string]bool{"end": true, "fatal": false} {
		cmd, out := child(t, mode)
		err := cmd.Run()
		if (err == nil) != wantOK {
			t.Fatalf("%s: exit %v, expected success %v\n%s", mode, err, wantOK, out)
		}
		if wantOK && !strings.Contains(out.String(), "url postgres://") {
			t.Fatalf("%s: the child started no server\n%s", mode, out)
		}
		if left := containersOf(t, engine, cmd.Process.Pid); len(left) != 0 {
			t.Errorf("%s: %d containers left when the process had ended", mode, len(left))
		}
	}
}

// What Main cannot do, the reaper does, moments later.
func TestReaperRemovesServersOfTheDead(t *testing.T) {
	engine := testEngine(t)
	gone := func(t *testing.T, pid int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; {
			left := containersOf(t, engine, pid)
			if len(left) == 0 {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d containers left 20 s after the process had ended", len(left))
			}
			time.Sleep(100 * time.Millisecond)
		}
	}

	t.Run("panic", func(t *testing.T) {
		cmd, out := child(t, "panic")
		if err := cmd.Run(); err == nil || !strings.Contains(out.String(), "panic: as asked") {
			t.Fatalf("exit %v, expected a panic\n%s", err, out)
		}
		gone(t, cmd.Process.Pid)
	})
	t.Run("no Main", func(t *testing.T) {
		cmd, out := child(t, "end without Main")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		gone(t, cmd.Process.Pid)
	})
	t.Run("killed", func(t *testing.T) {
		cmd, _ := child(t, "hang")
		cmd.Stdout, cmd.Stderr = nil, nil
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var seen []byte
		for buf := make([]byte, 512); !bytes.Contains(seen, []byte("started\n")); {
			n, err := out.Read(buf)
			if seen = append(seen, buf[:n]...); err != nil {
				t.Fatalf("the child ended before its server was up: %v\n%s", err, seen)
			}
		}
		if n := len(containersOf(t, engine, cmd.Process.Pid)); n != 1 {
			t.Fatalf("%d containers while the child lives, expected 1", n)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		gone(t, cmd.Process.Pid)
	})
}

// Without an engine every test that asks fails, says what to do, and does not wait again.
func TestNoEngineFailsTheTest(t *testing.T) {
	cmd, out := child(t, "ask twice", "DOCKER_HOST=unix:///nonexistent/docker.sock", "CI=true")
	start := time.Now()
	if err := cmd.Run(); err == nil {
		t.Fatalf("the tests passed without an engine\n%s", out)
	}
	for _, want := range []string{"--- FAIL: TestChild/first", "--- FAIL: TestChild/second"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if n := strings.Count(out.String(), "integration/prepare.sh"); n != 2 {
		t.Errorf("the way out is named %d times, expected once per test\n%s", n, out)
	}
	if strings.Contains(out.String(), "panic") {
		t.Errorf("a panic\n%s", out)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A server that starts but never gets ready fails with its own words, and leaves nothing.
func TestServerThatDoesNotStart(t *testing.T) {
	engine := testEngine(t)
	s := &server{spec: postgres.spec}
	s.spec.command = []string{"postgres", "-c", "no_such_setting=1"}
	before := len(containersOf(t, engine, os.Getpid()))
	err := s.run(t.Context(), s.spec.image(t.Context(), engine))
	if err == nil {
		t.Fatal("a server with a wrong setting started")
	}
	if !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the log is not in the error: %v", err)
	}
	if after := len(containersOf(t, engine, os.Getpid())); after != before {
		t.Errorf("%d containers, %d before", after, before)
	}
}

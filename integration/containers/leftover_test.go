package containers

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

func TestProcessGone(t *testing.T) {
	me := self()
	if me.started == "" {
		t.Fatal("this system does not tell when a process started")
	}
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	parent, _ := startTime(os.Getppid())

	for _, c := range []struct {
		doc  string
		p    process
		want bool
	}{
		{"this process", me, false},
		{"its parent", process{host: me.host, pid: os.Getppid(), started: parent}, false},
		{"one that has ended", process{host: me.host, pid: ended.Process.Pid, started: "1@earlier"}, true},
		{"an earlier one with this pid", process{host: me.host, pid: me.pid, started: "1@earlier"}, true},
		{"one on another machine", process{host: me.host + "-other", pid: ended.Process.Pid, started: "1@earlier"}, false},
	} {
		if got := c.p.gone(); got != c.want {
			t.Errorf("%s: gone = %v, expected %v", c.doc, got, c.want)
		}
	}
}

// Containers of the dead go, those of the living and those of others stay.
func TestRemoveLeftovers(t *testing.T) {
	Postgres(t) // so that the image is there
	engine := testEngine(t)
	image := postgres.spec.image(t.Context(), engine)
	me := self()

	make1 := func(labels map[string]string) string {
		t.Helper()
		made, err := engine.ContainerCreate(t.Context(), client.ContainerCreateOptions{
			Config: &container.Config{Image: image, Labels: labels},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = engine.ContainerRemove(context.Background(), made.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		})
		return made.ID
	}
	dead := make1(labels(process{host: me.host, pid: me.pid, started: "1@earlier"}))
	living := make1(labels(me))
	elsewhere := make1(labels(process{host: me.host + "-other", pid: me.pid, started: "1@earlier"}))
	foreign := make1(map[string]string{labelPID: "not a number"})

	if err := removeLeftovers(t.Context(), engine); err != nil {
		t.Fatal(err)
	}

	all, err := engine.ContainerList(t.Context(), client.ContainerListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{dead: false, living: true, elsewhere: true, foreign: true} {
		got := slices.ContainsFunc(all.Items, func(c container.Summary) bool { return c.ID == id })
		if got != want {
			t.Errorf("container %.12s there = %v, expected %v", id, got, want)
		}
	}
}

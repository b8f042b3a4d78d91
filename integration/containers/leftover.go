package containers

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// Each container says which process it belongs to.
const (
	labelHost    = "dormer.test.host"
	labelPID     = "dormer.test.pid"
	labelStarted = "dormer.test.started"
)

func labels(p process) map[string]string {
	return map[string]string{labelHost: p.host, labelPID: strconv.Itoa(p.pid), labelStarted: p.started}
}

// owner reads the labels back; false for a container that is none of ours.
func owner(c container.Summary) (process, bool) {
	pid, err := strconv.Atoi(c.Labels[labelPID])
	if err != nil || pid <= 0 {
		return process{}, false
	}
	return process{host: c.Labels[labelHost], pid: pid, started: c.Labels[labelStarted]}, true
}

// removeLeftovers removes the containers of processes that are no more.
func removeLeftovers(ctx context.Context, engine *testcontainers.DockerClient) error {
	return removeWhere(ctx, engine, process.gone)
}

// removeOf removes the containers of one process, stopped and half-made ones too.
func removeOf(ctx context.Context, engine *testcontainers.DockerClient, p process) error {
	return removeWhere(ctx, engine, func(o process) bool { return o == p })
}

func removeWhere(ctx context.Context, engine *testcontainers.DockerClient, chosen func(process) bool) error {
	found, err := engine.ContainerList(ctx, client.ContainerListOptions{
		All:     true,
		Filters: make(client.Filters).Add("label", labelPID),
	})
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	var faults []error
	for _, c := range found.Items {
		p, ours := owner(c)
		if !ours || !chosen(p) {
			continue
		}
		_, err := engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		// Another process may be removing it at this moment: it is going either way.
		if err != nil && !cerrdefs.IsNotFound(err) && !cerrdefs.IsConflict(err) {
			faults = append(faults, fmt.Errorf("remove container %.12s of process %d: %w", c.ID, p.pid, err))
		}
	}
	return errors.Join(faults...)
}

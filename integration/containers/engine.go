package containers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

const (
	loopback     = "127.0.0.1"
	hostOverride = "TESTCONTAINERS_HOST_OVERRIDE"
	ryukDisabled = "TESTCONTAINERS_RYUK_DISABLED"
)

// configure tells testcontainers what it would otherwise find out wrongly; what the environment says goes first.
var configure = sync.OnceFunc(func() {
	if os.Getenv(ryukDisabled) == "" {
		// Its reaper is an image from a registry; this package has its own.
		os.Setenv(ryukDisabled, "true")
	}
	local := os.Getenv("DOCKER_HOST")
	if os.Getenv(hostOverride) == "" && (local == "" || strings.HasPrefix(local, "unix://") || strings.HasPrefix(local, "npipe://")) {
		// localhost may be ::1 first, where no port is published, and inside a container a guess is made from the gateway.
		os.Setenv(hostOverride, loopback)
	}
	// A page about the engine in the output of every test binary hides what the tests say; errors carry what matters.
	log.SetDefault(log.NewNoopLogger())
})

// connect returns a client of the Docker engine, or an error when none answers soon.
func connect(ctx context.Context) (*testcontainers.DockerClient, error) {
	configure()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	engine, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("no Docker engine answers: %w", err)
	}
	// testcontainers goes on to other places when the engine that was named does not answer; a test run on another machine's
	// engine, or another user's, is worse than none.
	if named := os.Getenv("DOCKER_HOST"); named != "" && named != engine.DaemonHost() {
		engine.Close()
		return nil, fmt.Errorf("no Docker engine answers at DOCKER_HOST=%s", named)
	}
	return engine, nil
}

// image is the one the environment names, else the one that integration/images/build.sh made, else the official one, which
// testcontainers pulls.
func (s spec) image(ctx context.Context, engine *testcontainers.DockerClient) string {
	if named := os.Getenv("DORMER_" + strings.ToUpper(s.name) + "_IMAGE"); named != "" {
		return named
	}
	local := "dormer-test/" + s.name + ":local"
	if _, err := engine.ImageInspect(ctx, local); err == nil {
		return local
	}
	return s.official
}

// lastLog returns the end of what a container that failed has printed, for the error; empty when there is nothing.
func lastLog(ctr *testcontainers.DockerContainer) string {
	if ctr == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stream, err := ctr.Logs(ctx)
	if err != nil {
		return ""
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil {
		// Not every engine frames its log; what is not framed is read as it is.
		_, _ = io.Copy(&text, stream)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) > 15 {
		lines = lines[len(lines)-15:]
	}
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	return "\nits log ends:\n" + strings.Join(lines, "\n")
}

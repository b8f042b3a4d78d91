package containers

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// startTimeout covers pulling an image; a server whose image is there takes some seconds.
const startTimeout = 4 * time.Minute

// spec says how one kind of server is started.
type spec struct {
	name     string            // folder in integration/images, part of the override's name
	official string            // image for machines that integration/prepare.sh has not seen
	port     string            // as Docker writes it: 5432/tcp
	env      map[string]string // read by the image's entry point
	command  []string          // the server's arguments
	ready    []string          // run inside the container: exits with 0 once the server takes connections
	url      url.URL           // what tests connect to, without the host
}

// server is one server of this process: started at the first call of get, its outcome kept whichever it was.
type server struct {
	spec spec
	once sync.Once
	host string // host and port, fixed for the life of the container so that a restart keeps the URL
	ctr  *testcontainers.DockerContainer
	// engine does what testcontainers has no words for.
	engine *testcontainers.DockerClient
	fault  error
}

// running holds the servers that this process has started, for the fault helpers to find and for Main to remove.
var running struct {
	sync.Mutex
	servers []*server
	// lifeline is the end of a pipe that nobody writes to: the system closes it when this process ends, however it ends, and
	// that is what the reaper waits for. It is kept here so that the garbage collector does not close it.
	lifeline *os.File
}

// get returns the server's URL, or fails the test; the server outlives the test, so the test's context is not used.
func (s *server) get(t testing.TB) string {
	t.Helper()
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		if s.fault = s.start(ctx); s.fault == nil {
			running.Lock()
			running.servers = append(running.servers, s)
			running.Unlock()
		}
	})
	if s.fault != nil {
		t.Fatalf("containers: start %s: %v\nThese tests need a Docker engine and the image: run integration/prepare.sh, as root, and try again.",
			s.spec.name, s.fault)
	}
	u := s.spec.url
	u.Host = s.host
	return u.String()
}

func (s *server) start(ctx context.Context) error {
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	s.engine = engine
	if err := removeLeftovers(ctx, engine); err != nil {
		return err
	}
	if err := startReaper(); err != nil {
		return err
	}
	image := s.spec.image(ctx, engine)

	// Between choosing a free port and Docker's taking it, someone else may; a second choice settles it.
	for attempt := 1; ; attempt++ {
		err = s.run(ctx, image)
		if err == nil || attempt == 3 || !portTaken(err) {
			return err
		}
	}
}

// run starts one container and waits until its server takes connections; a container that does not get there is removed.
func (s *server) run(ctx context.Context, image string) error {
	hostPort, err := freePort()
	if err != nil {
		return err
	}
	port, err := network.ParsePort(s.spec.port)
	if err != nil {
		return err
	}
	binding := network.PortBinding{HostPort: hostPort}
	if os.Getenv(hostOverride) == loopback {
		// Test servers have well-known passwords: nobody but this machine reaches them.
		binding.HostIP = netip.MustParseAddr(loopback)
	}

	ctr, err := testcontainers.Run(ctx, image,
		testcontainers.WithExposedPorts(s.spec.port),
		testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
			host.PortBindings = network.PortMap{port: {binding}}
		}),
		testcontainers.WithEnv(s.spec.env),
		testcontainers.WithCmd(s.spec.command...),
		testcontainers.WithLabels(labels(self())),
		// The same wait serves the first start and a restart; the log would hold the words of an earlier one.
		testcontainers.WithWaitStrategyAndDeadline(time.Minute,
			wait.ForExec(s.spec.ready),
			wait.ForListeningPort(s.spec.port).SkipInternalCheck()),
	)
	if err != nil {
		err = fmt.Errorf("image %s: %w%s", image, err, lastLog(ctr))
		if ctr != nil {
			_ = ctr.Terminate(context.WithoutCancel(ctx), testcontainers.StopTimeout(0))
		}
		return err
	}
	host, err := ctr.Host(ctx)
	if err != nil {
		return err
	}
	s.ctr, s.host = ctr, net.JoinHostPort(host, hostPort)
	return nil
}

// freePort asks the system for a port that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func portTaken(err error) bool {
	return strings.Contains(err.Error(), "port is already allocated") || strings.Contains(err.Error(), "address already in use")
}

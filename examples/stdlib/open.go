package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The largest files that are read: of the library, and of go list's output.
const (
	maxFile = 256 << 20
	maxList = 1 << 30
)

// openFile opens a file for reading until ctx ends. What is no regular file is
// refused before it is read, since a pipe or a device may give nothing or never
// end; a file that is or grows larger than limit is, too.
func openFile(ctx context.Context, name string, limit int64) (io.ReadCloser, error) {
	// Not blocking: to open a pipe would wait for its writer.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no regular file", name)
	case info.Size() > limit:
		err = tooLarge(name, limit)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{ctx, f, limit, limit}, nil
}

func tooLarge(name string, limit int64) error {
	return fmt.Errorf("%s is larger than %d MB", name, limit>>20)
}

// file is an open file.
type file struct {
	ctx   context.Context
	f     *os.File
	left  int64 // of what may be read
	limit int64
}

func (f *file) Read(b []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.f.Read(b)
	if f.left -= int64(n); f.left < 0 {
		return 0, tooLarge(f.f.Name(), f.limit)
	}
	return n, err
}

func (f *file) Close() error { return f.f.Close() }

// untilSignal is a context that the first signal ends. The second ends the
// program at once, whatever it waits for.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		said := make(chan struct{})
		go func() {
			fmt.Fprintln(os.Stderr, "stdlib: ended at once by a second signal; what was not committed is not in the database")
			close(said)
		}()
		select {
		case <-said:
		case <-time.After(100 * time.Millisecond): // nobody reads it
		}
		os.Exit(1)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

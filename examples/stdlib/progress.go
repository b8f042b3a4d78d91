package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress is one line on a terminal that is written over and over. Elsewhere,
// and when nil, it writes nothing. It is safe for concurrent use.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	last  time.Time
	width int
}

// newProgress returns nil unless w is a terminal.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &progress{w: w}
}

// say shows a step at once.
func (p *progress) say(format string, args ...any) {
	if p != nil {
		p.mu.Lock()
		p.show(fmt.Sprintf(format, args...))
		p.mu.Unlock()
	}
}

// count shows a number that changes fast, twenty times a second at most.
func (p *progress) count(what string, done, of int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case time.Since(p.last) < 50*time.Millisecond:
	case of > 0:
		p.show(fmt.Sprintf("%s %d of %d", what, done, of))
	default:
		p.show(fmt.Sprintf("%s %d", what, done))
	}
}

// clear leaves an empty line.
func (p *progress) clear() {
	if p != nil {
		p.mu.Lock()
		p.show("")
		fmt.Fprint(p.w, "\r")
		p.mu.Unlock()
	}
}

// show writes the text over what stood there.
func (p *progress) show(text string) {
	fmt.Fprintf(p.w, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-len(text))))
	p.last, p.width = time.Now(), len(text)
}

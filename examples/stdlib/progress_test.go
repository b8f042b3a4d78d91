package main

import (
	"bytes"
	"os"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, w := range []any{file, new(bytes.Buffer)} {
		var p *progress
		switch w := w.(type) {
		case *os.File:
			p = newProgress(w)
		case *bytes.Buffer:
			p = newProgress(w)
		}
		if p != nil {
			t.Errorf("%T is taken for a terminal", w)
		}
		p.say("nothing") // a nil progress says nothing
		p.count("nothing", 1, 2)
		p.clear()
	}
	if info, err := file.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("%d bytes written: %v", info.Size(), err)
	}

	var out bytes.Buffer
	p := &progress{w: &out}
	p.say("syncing: %s", "packages")
	p.count("reading file", 1, 2) // too soon after the last
	p.last = time.Time{}
	p.count("reading", 10, 20)
	p.clear()
	want := "\rsyncing: packages" + "\rreading 10 of 20 " + "\r                " + "\r"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

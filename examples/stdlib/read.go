package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// library is the standard library as it is on this machine: what the database
// is to hold. Its entities are patterns and come into no unit of work.
type library struct {
	packages []*Package                         // those listed first, then what else they import
	files    map[string][]*File                 // by the package's path
	imports  map[string]map[ImportKind][]string // by the package's path
}

// readLibrary makes the rows for what go list has listed. Each file is read
// once, by as many goroutines as there are processors, which call each.
func readLibrary(ctx context.Context, list []*listing, each func(done, of int)) (*library, error) {
	lib := &library{files: make(map[string][]*File), imports: make(map[string]map[ImportKind][]string)}
	contents := make(map[string][]*File) // a file that stands in two lists is read once all the same
	var paths []string
	for _, l := range list {
		lib.packages = append(lib.packages, &Package{Path: l.ImportPath, Name: l.Name, Doc: l.Doc, Listed: true})
		for _, kind := range fileKinds {
			for _, name := range unique(l.files[kind]) {
				f := &File{Kind: kind, Name: name}
				lib.files[l.ImportPath] = append(lib.files[l.ImportPath], f)
				path := filepath.Join(l.Dir, filepath.FromSlash(name))
				if contents[path] == nil {
					paths = append(paths, path)
				}
				contents[path] = append(contents[path], f)
			}
		}
		lib.imports[l.ImportPath] = make(map[ImportKind][]string)
		for _, kind := range importKinds {
			targets := make([]string, 0, len(l.imports[kind]))
			for _, path := range l.imports[kind] {
				if full, ok := l.importMap[path]; ok {
					path = full
				}
				targets = append(targets, path)
			}
			lib.imports[l.ImportPath][kind] = unique(targets)
		}
	}
	lib.addTargets()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			buf := make([]byte, 256<<10)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(paths) {
					return
				}
				if err := readFile(ctx, paths[i], buf, contents[paths[i]]); err != nil {
					cancel(fmt.Errorf("read the library: %w", err))
					return
				}
				each(int(done.Add(1)), len(paths))
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return lib, nil
}

// addTargets adds what is imported but not listed.
func (lib *library) addTargets() {
	known := make(map[string]bool)
	for _, p := range lib.packages {
		known[p.Path] = true
	}
	for _, p := range lib.packages {
		for _, kind := range importKinds {
			for _, path := range lib.imports[p.Path][kind] {
				if !known[path] {
					known[path] = true
					lib.packages = append(lib.packages, &Package{Path: path})
				}
			}
		}
	}
}

// readFile counts and sums up a file for its rows. A last line without an end
// is a line; of files that are no text it counts what wc would.
func readFile(ctx context.Context, path string, buf []byte, rows []*File) error {
	f, err := openFile(ctx, path, maxFile)
	if err != nil {
		return err
	}
	defer f.Close()
	var size, lines int64
	sum := sha256.New()
	last := byte('\n')
	for {
		n, err := f.Read(buf)
		if n > 0 {
			size += int64(n)
			lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
			last = buf[n-1]
			sum.Write(buf[:n])
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if last != '\n' {
		lines++
	}
	for _, r := range rows {
		r.Size, r.Lines, r.Sum = size, lines, hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

// unique leaves out repetitions and keeps the order.
func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	out := make([]string, 0, len(list))
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

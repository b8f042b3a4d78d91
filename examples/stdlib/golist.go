package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// listing is what go list says about a package.
type listing struct {
	Dir, ImportPath, Name, Doc string

	Error *struct{ Err string }

	files     map[FileKind][]string
	imports   map[ImportKind][]string
	importMap map[string]string
}

// UnmarshalJSON reads the lists by the names that go list has for them.
func (l *listing) UnmarshalJSON(b []byte) error {
	type plain listing
	if err := json.Unmarshal(b, (*plain)(l)); err != nil {
		return err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	read := func(name string, to any) error {
		if raw[name] == nil {
			return nil
		}
		return json.Unmarshal(raw[name], to)
	}
	l.files = make(map[FileKind][]string)
	for _, k := range fileKinds {
		var names []string
		if err := read(string(k), &names); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		l.files[k] = names
	}
	l.imports = make(map[ImportKind][]string)
	for _, k := range importKinds {
		var paths []string
		if err := read(string(k), &paths); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		l.imports[k] = paths
	}
	if err := read("ImportMap", &l.importMap); err != nil {
		return fmt.Errorf("ImportMap: %w", err)
	}
	return nil
}

// listFields are the fields to ask go list for: it need not then work out the
// rest, such as all dependencies.
func listFields() string {
	fields := []string{"Dir", "ImportPath", "Name", "Doc", "Error", "ImportMap", string(ByCode), string(ByTest), string(ByXTest)}
	for _, k := range fileKinds {
		fields = append(fields, string(k))
	}
	return strings.Join(fields, ",")
}

// goList asks the go command for the standard library.
func goList(ctx context.Context, each func(done int)) ([]*listing, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("the go command is not in PATH: install Go from https://go.dev/dl, or give go list's output with -json")
	}
	cmd := exec.CommandContext(ctx, path, "list", "-json="+listFields(), "std")
	cmd.WaitDelay = time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	// A child of its own may keep the pipe open.
	stop := context.AfterFunc(ctx, func() { _ = out.Close() })
	defer stop()
	list, derr := decode("go list", out, each)
	if derr != nil {
		_, _ = io.Copy(io.Discard, out) // or go list would wait for a reader for ever
	}
	// If go list failed, that is why its output is no good.
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if said := strings.TrimSpace(complaints.String()); said != "" {
			return nil, fmt.Errorf("go list: %w: %s", err, said)
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	return list, derr
}

// listFile reads what go list wrote into a file earlier.
func listFile(ctx context.Context, name string, each func(done int)) ([]*listing, error) {
	f, err := openFile(ctx, name, maxList)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decode(name, f, each)
}

// decode reads packages one after the other. What is cut off, doubtful or empty
// is an error: to sync with it would delete what it lacks.
func decode(source string, r io.Reader, each func(done int)) ([]*listing, error) {
	var list []*listing
	seen := make(map[string]bool)
	for dec := json.NewDecoder(r); ; {
		l := new(listing)
		err := dec.Decode(l)
		switch {
		case err == io.EOF && len(list) == 0:
			return nil, fmt.Errorf("%s: no packages", source)
		case err == io.EOF:
			return list, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("%s: the JSON is cut off after %d packages", source, len(list))
		case err != nil:
			return nil, fmt.Errorf("%s: package %d: %w", source, len(list)+1, err)
		case l.Error != nil:
			return nil, fmt.Errorf("%s: package %s: %s", source, l.ImportPath, l.Error.Err)
		case l.ImportPath == "" || l.Dir == "":
			return nil, fmt.Errorf("%s: package %d has no ImportPath or no Dir: is this the output of go list -json std?", source, len(list)+1)
		case seen[l.ImportPath]:
			return nil, fmt.Errorf("%s: package %s is listed twice", source, l.ImportPath)
		}
		seen[l.ImportPath] = true
		list = append(list, l)
		each(len(list))
	}
}

package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// draft is a revision that is to be written. Operations stand in for its functions.
type draft struct {
	Revision
	up, down []Operation
	notes    []string
	// empty leaves both functions out, oneWay Downgrade.
	empty, oneWay bool
	when          time.Time
}

// writeRevision writes a revision's file into a folder and returns its path. pkg is
// the package's name, "" for that of the folder's files. A file that is there is
// never overwritten.
func writeRevision(dir, pkg string, r draft) (string, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("migrate: path does not exist: %s: run init first, or name the folder that the revisions are in", dir)
	}
	if pkg == "" {
		pkg = packageOf(dir)
	}
	text, err := r.source(pkg)
	if err != nil {
		return "", err
	}
	name := r.fileName()
	if leftOut(name) {
		return "", fmt.Errorf("migrate: revision id %s: Go would leave out a file of that name, %s: choose another id", r.ID, name)
	}
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", fmt.Errorf("migrate: write revision: %w", err)
	}
	_, err = f.Write(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("migrate: write revision: %w", err), os.Remove(path))
	}
	return path, nil
}

// fileName is the date, some of the message, and the id: last, since Go leaves out
// files whose names end in words such as test or windows.
func (r *draft) fileName() string {
	name := r.when.Format("20060102")
	if s := slug(r.Message); s != "" {
		name += "_" + s
	}
	return name + "_" + r.ID + ".go"
}

// maxSlug is how much of a message a file's name holds.
const maxSlug = 40

// slug is a message in letters, digits and underscores, cut after a word.
func slug(message string) string {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var s string
	for _, w := range words {
		if s != "" {
			w = "_" + w
		}
		if len(s)+len(w) > maxSlug {
			if s == "" {
				s = w[:maxSlug]
			}
			break
		}
		s += w
	}
	return s
}

// leftOut reports whether Go leaves a file of that name out of some builds: it is
// asked for two machines that have nothing in common.
func leftOut(name string) bool {
	if strings.HasSuffix(name, "_test.go") {
		return true
	}
	for _, machine := range [][2]string{{"linux", "amd64"}, {"plan9", "arm"}} {
		c := build.Default
		c.GOOS, c.GOARCH, c.BuildTags = machine[0], machine[1], nil
		c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil }
		if ok, err := c.MatchFile(".", name); err != nil || !ok {
			return true
		}
	}
	return false
}

// packageOf is the package of the folder's files, or of a folder of that name.
func packageOf(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		if p, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.PackageClauseOnly); err == nil {
			return p.Name.Name
		}
	}
	if abs, err := filepath.Abs(dir); err == nil {
		if name := filepath.Base(abs); token.IsIdentifier(name) {
			return name
		}
	}
	return "migrations"
}

// source is the revision's file, as gofmt has it.
func (r *draft) source(pkg string) ([]byte, error) {
	var p printer
	p.comments = true
	var body bytes.Buffer
	line := func(f string, args ...any) { fmt.Fprintf(&body, f+"\n", args...) }
	line("ID: %s,", quote(r.ID))
	if len(r.Parents) > 0 {
		line("Parents: %s,", list(r.Parents))
	}
	if len(r.DependsOn) > 0 {
		line("DependsOn: %s,", list(r.DependsOn))
	}
	if len(r.Labels) > 0 {
		line("Labels: %s,", list(r.Labels))
	}
	line("Message: %s,", quote(r.Message))
	calls := func(ops []Operation) (string, error) {
		p.Reset()
		err := p.operations(ops)
		return p.String(), err
	}
	if !r.empty {
		up, err := calls(r.up)
		if err != nil {
			return nil, err
		}
		line("Upgrade: func(op *migrate.Op) {\n%s},", up)
		if !r.oneWay {
			down, err := calls(r.down)
			if err != nil {
				return nil, err
			}
			line("Downgrade: func(op *migrate.Op) {\n%s},", down)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\nimport (\n", pkg)
	for _, i := range []struct {
		used bool
		path string
	}{{p.expr, "expr"}, {true, "migrate"}, {p.schema, "schema"}} {
		if i.used {
			fmt.Fprintf(&out, "\t\"github.com/dormer-orm/dormer/%s\"\n", i.path)
		}
	}
	out.WriteString(")\n\n")
	for _, n := range r.notes {
		fmt.Fprintf(&out, "// %s\n", strings.Join(strings.Fields(n), " "))
	}
	fmt.Fprintf(&out, "func init() {\nRevisions.Add(migrate.Revision{\n%s})\n}\n", body.Bytes())
	text, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("migrate: revision %s does not print as Go: %w", r.ID, err)
	}
	return text, nil
}

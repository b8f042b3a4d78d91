package handles

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writer makes the files of a package that has drifted.
type writer struct {
	*model
	dir   string // where the command was run
	drift []string
	files map[string]*output
	edges map[string]map[string]bool // tables whose definitions mention others
	late  map[*output][]string       // definitions that go into an init
	names map[string]bool            // of the package's declarations, with those written
}

func (w *writer) output(f *file) *output {
	if w.files[f.path] == nil {
		w.files[f.path] = &output{file: f, w: w, adds: map[string]string{}}
	}
	return w.files[f.path]
}

// finish renders what has changed.
func (w *writer) finish(into map[string][]byte) error {
	for path, o := range w.files {
		if len(o.edits) == 0 && len(o.placed) == 0 {
			continue
		}
		text, err := o.render()
		if err != nil {
			return err
		}
		if !bytes.Equal(text, o.text) {
			into[path] = text
		}
	}
	return nil
}

// beside is the file for the handles of an entity: of its file's name with
// _handles, or its own file where that is only built on some systems.
func (w *writer) beside(e *entity) (*output, error) {
	name := filepath.Base(e.file.path)
	if strings.HasSuffix(name, "_handles.go") || constrained(e.file.path) {
		return w.output(e.file), nil
	}
	path := filepath.Join(filepath.Dir(e.file.path), strings.TrimSuffix(name, ".go")+"_handles.go")
	for _, f := range w.pkg.files {
		if f.path == path {
			return w.output(f), nil
		}
	}
	if o := w.files[path]; o != nil {
		return o, nil
	}
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("%s is there, but no part of the package", filepath.Base(path))
	}
	text := []byte("package " + w.types.Name() + "\n")
	f, err := parser.ParseFile(w.fset, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return w.output(&file{path, text, f}), nil
}

// constrained reports whether a file is left out on some other system.
func constrained(path string) bool {
	other := build.Default
	other.GOOS, other.GOARCH = "plan9", "mips64"
	ok, err := other.MatchFile(filepath.Dir(path), filepath.Base(path))
	return err != nil || !ok
}

// table is the variable of a table, and what its definition is to say.
type table struct {
	*entity
	out               *output
	variable, struct_ string
	fresh             bool // the struct is to be written
}

// define writes structs of handles and Define for entities that lack them.
func (w *writer) define(lacking []*entity) {
	w.names, w.edges, w.late = map[string]bool{}, map[string]map[string]bool{}, map[*output][]string{}
	for _, n := range w.types.Scope().Names() {
		w.names[n] = true
	}
	for _, d := range w.defines {
		if d.variable != "" {
			w.edges[d.variable] = d.mentions
		}
	}
	var list []*table
	for _, e := range lacking {
		if e.file == nil {
			w.problem(e.tables[0].obj.Pos(), "handles %s of entity %s, of another package, are in no schema.Define: write it", e.tables[0].name, e.name)
			continue
		}
		out, err := w.beside(e)
		if err != nil {
			w.problem(e.pos(), "entity %s: %s", e.name, err)
			continue
		}
		if e.table == "" {
			e.table = tableName(e.name)
		}
		t := &table{entity: e, out: out, fresh: len(e.tables) == 0}
		base := plural(e.name)
		if e.table != tableName(e.name) {
			base = varName(e.table)
		}
		if ast.IsExported(e.name) {
			base = raised(base)
		} else {
			base = lowered(base)
		}
		switch {
		case !t.fresh:
			t.struct_ = e.tables[0].name
			out = w.output(e.tables[0].file)
			t.out = out
		case e.struct_ != "":
			t.struct_ = e.struct_
		}
		if d := w.defineOf(t.struct_); d == nil {
			t.variable = w.fresh(base, "Table")
		} else {
			t.variable = d.variable
		}
		if t.struct_ == "" {
			t.struct_ = w.fresh(lowered(base), "Handles")
		}
		list = append(list, t)
	}
	for _, t := range list {
		if t.fresh {
			t.out.append(t.structText())
		}
		if w.defineOf(t.struct_) == nil {
			t.out.append(w.defineText(t, list))
		}
	}
	w.manyToMany(list)
	for o, lines := range w.late {
		o.append("\nfunc init() {\n\t" + strings.Join(lines, "\n\t") + "\n}\n")
	}
}

func (w *writer) defineOf(struct_ string) *define {
	for _, d := range w.defines {
		if struct_ != "" && d.handles == struct_ {
			return d
		}
	}
	return nil
}

// fresh is a name that the package has not got.
func (w *writer) fresh(name, more string) string {
	for w.names[name] || token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
		name += more
	}
	w.names[name] = true
	return name
}

func (t *table) structText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\ntype %s struct {\n\t%sTable[%s]\n", t.struct_, t.out.use(schemaPkg), t.name)
	for _, x := range t.wants {
		if nameable(x.value, t.out.w.types) {
			fmt.Fprintf(&b, "\t%s %s\n", x.name, t.out.typeOf(t.entity, x))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// defineText is the skeleton of a definition: the key, and the relations that the
// fields' names tell.
func (w *writer) defineText(t *table, list []*table) string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	sch := t.out.use(schemaPkg)
	links := w.links(t, list)
	switch {
	case t.want("ID", "Column") != nil:
		say("%sColumn(t.ID).PrimaryKey()", sch)
	case len(links) > 1 && !slices.ContainsFunc(links, func(l link) bool { return l.nullable || l.late }):
		var cols []string
		for _, l := range links {
			cols = append(cols, "t."+l.column)
		}
		say("%sPrimaryKey(%s)", sch, strings.Join(cols, ", "))
	default:
		say("// There is no field ID: say by schema.PrimaryKey which columns are the key.")
	}
	for _, l := range links {
		unique, rel := "", t.out.use(relPkg)
		if l.one {
			unique = ".Unique()"
		}
		if l.late {
			w.late[t.out] = append(w.late[t.out],
				fmt.Sprintf("%sForeignKey(%s.%s, %s.ID)", sch, t.variable, l.column, l.target),
				fmt.Sprintf("%sVia(%s.%s, %s.%s)%s", rel, t.variable, l.name, t.variable, l.column, l.back(l.target)))
			continue
		}
		say("%sColumn(t.%s).References(%s.ID)%s", sch, l.column, l.target, unique)
		say("%sVia(t.%s, t.%s)%s", rel, l.name, l.column, l.back(l.target))
	}
	return fmt.Sprintf("\nvar %s = %sDefine(%q, func(t *%s) {\n\t%s\n})\n", t.variable, sch, t.table, t.struct_, strings.Join(lines, "\n\t"))
}

func (e *entity) want(name string, kinds ...string) *wanted {
	for i, x := range e.wants {
		if x.name == name && slices.Contains(kinds, x.kind) {
			return &e.wants[i]
		}
	}
	return nil
}

// Write puts the files into place.
func (r *Result) Write() error {
	for path, text := range r.Files {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return fmt.Errorf("handles: %w", err)
		}
	}
	return nil
}

package handles

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// Result is what Examine found.
type Result struct {
	// Drift are the differences between entities and handles, each with its place.
	Drift []string
	// Files are the contents that files must have so that there is no drift, by
	// path; files that stay as they are, are not among them.
	Files map[string][]byte
	// Entities is how many there are.
	Entities int
}

// Examine compares the entities of packages with their handles. dir is the folder
// in which patterns mean what they mean to the go command; without patterns it is
// the folder's own package. types are entities that nothing else makes one; each
// must be in one of the packages. It writes nothing. The error lists all fields
// that no handle can be given to.
func Examine(ctx context.Context, dir string, patterns, types []string) (*Result, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	pkgs, err := load(ctx, dir, slices.Clone(patterns))
	if err != nil {
		return nil, err
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("handles: no Go files in %s", strings.Join(patterns, " "))
	}
	for _, name := range types {
		if !slices.ContainsFunc(pkgs, func(p *pkg) bool { return p.types.Scope().Lookup(name) != nil }) {
			return nil, fmt.Errorf("handles: no package of %s has a type %s", strings.Join(patterns, " "), name)
		}
	}
	r := &Result{Files: map[string][]byte{}}
	var faults []string
	for _, p := range pkgs {
		m, err := p.model(types)
		if err != nil {
			return nil, err
		}
		r.Entities += len(m.entities)
		w := &writer{model: m, files: map[string]*output{}, dir: dir}
		w.compare()
		for _, x := range m.problems {
			faults = append(faults, w.place(x.pos)+": "+x.text)
		}
		if len(faults) > 0 {
			continue
		}
		r.Drift = append(r.Drift, w.drift...)
		if err := w.finish(r.Files); err != nil {
			return nil, err
		}
	}
	if len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "\n"))
	}
	return r, nil
}

// place is a position as commands print it.
func (w *writer) place(p token.Position) string {
	name := p.Filename
	if abs, err := filepath.Abs(w.dir); err == nil {
		if rel, err := filepath.Rel(abs, name); err == nil && !strings.HasPrefix(rel, "..") {
			name = rel
		}
	}
	return fmt.Sprintf("%s:%d", filepath.ToSlash(name), p.Line)
}

func (w *writer) found(at token.Pos, format string, args ...any) {
	w.drift = append(w.drift, w.place(w.fset.Position(at))+": "+fmt.Sprintf(format, args...))
}

// compare finds the differences, and notes the edits that end them.
func (w *writer) compare() {
	var lacking []*entity
	for _, e := range w.entities {
		if len(e.tables) == 0 && e.file != nil {
			w.found(e.pos(), "entity %s has no handles: no struct embeds schema.Table[%s]", e.name, e.name)
			lacking = append(lacking, e)
		}
		for _, h := range e.tables {
			w.compareHandles(e, h)
			if !slices.ContainsFunc(w.defines, func(d *define) bool { return d.handles == h.name }) {
				w.found(h.obj.Pos(), "handles %s of entity %s are in no schema.Define", h.name, e.name)
				if !slices.Contains(lacking, e) {
					lacking = append(lacking, e)
				}
			}
		}
	}
	for _, d := range w.defines {
		if d.handles != "" && w.decls[d.handles] == nil && !slices.ContainsFunc(lacking, func(e *entity) bool { return e.struct_ == d.handles }) {
			w.problem(d.pos, "schema.Define with handles %s, which are not there: say of which entity they are to be, schema.Define[Entity, %s](…)", d.handles, d.handles)
		}
	}
	w.define(lacking)
}

func (w *writer) compareHandles(e *entity, h *handles) {
	out := w.output(h.file)
	have := map[string]*handle{}
	for i, x := range h.list {
		have[x.name] = &h.list[i]
	}
	wants := map[string]bool{}
	for _, x := range e.wants {
		wants[x.name] = true
		if !nameable(x.value, w.types) {
			continue // nothing can be written; the field is a column all the same
		}
		got := have[x.name]
		kind := w.spell(e, x)
		switch {
		case got == nil:
			w.found(e.at(w.model, x), "%s.%s has no handle in %s: %s", e.name, x.name, h.name, kind)
			out.insert(h, e, x)
		case got.fault != "":
			w.found(got.pos, "handle %s.%s %s: %s", h.name, x.name, got.fault, kind)
			w.retype(out, h, got, e, x)
		case got.kind != x.kind || !types.Identical(got.value, x.value) || !types.Identical(got.entity, e.typ):
			w.found(got.pos, "handle %s.%s is %s, but the field's is %s", h.name, x.name, types.TypeString(got.typ, w.qualified), kind)
			w.retype(out, h, got, e, x)
		}
	}
	for i, x := range h.list {
		if wants[x.name] {
			continue
		}
		w.found(x.pos, "handle %s.%s: entity %s has no mapped field of that name", h.name, x.name, e.name)
		if x.field == nil {
			w.problem(x.pos, "handle %s of %s stands in an embedded struct: correct it there", x.name, h.name)
			continue
		}
		out.remove(h, &h.list[i])
	}
}

func (w *writer) retype(out *output, h *handles, got *handle, e *entity, x wanted) {
	if got.field == nil {
		w.problem(got.pos, "handle %s of %s stands in an embedded struct: correct it there", x.name, h.name)
		return
	}
	out.retype(got, e, x)
}

// at is where a field stands: in the entity, or the entity itself where the field
// comes from another package.
func (e *entity) at(m *model, x wanted) token.Pos {
	if x.field.Pkg() == m.types {
		return x.field.Pos()
	}
	return e.pos()
}

// spell is a handle's type for messages.
func (w *writer) spell(e *entity, x wanted) string {
	return fmt.Sprintf("%s.%s[%s, %s]", filepath.Base(pkgOf(x.kind)), x.kind, e.name, types.TypeString(x.value, w.qualified))
}

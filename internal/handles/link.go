package handles

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// link is a relation that a foreign key of the table holds: the field AuthorID of
// Author.
type link struct {
	name, column string
	target       string // the other table, as the definition names it
	inverse      string // the relation on the other side, "" if it cannot be told
	one          bool   // the inverse holds one
	nullable     bool
	late         bool // said in an init, since the tables refer to each other
}

func (l link) back(target string) string {
	if l.inverse == "" {
		return ""
	}
	return fmt.Sprintf(".BackPopulates(%s.%s)", target, l.inverse)
}

// links finds the relations of a table to be defined.
func (w *writer) links(t *table, list []*table) (out []link) {
	for _, x := range t.wants {
		if x.kind != "ToOne" {
			continue
		}
		column := t.want(x.name+"ID", "Column", "Nullable")
		if column == nil {
			continue
		}
		l := link{name: x.name, column: column.name, nullable: column.kind == "Nullable"}
		variable, key, other := w.lookup(t, x.value, list)
		if variable == "" || key == nil || !types.Identical(key, column.value) {
			continue
		}
		l.target = variable
		if other != nil {
			if inverse := facing(other, t.entity, x); inverse != nil {
				l.inverse, l.one = inverse.name, inverse.kind == "ToOne"
			}
		}
		switch {
		case types.Identical(x.value, t.typ):
			l.target = "t"
		case w.reaches(variable, t.variable, map[string]bool{}):
			l.late = true
		default:
			if w.edges[t.variable] == nil {
				w.edges[t.variable] = map[string]bool{}
			}
			w.edges[t.variable][variable] = true
		}
		out = append(out, l)
	}
	return out
}

// lookup finds the table of an entity: its variable, the type of its key ID, and
// the entity if it is of this package.
func (w *writer) lookup(t *table, target types.Type, list []*table) (variable string, key types.Type, e *entity) {
	n, ok := types.Unalias(target).(*types.Named)
	if !ok {
		return "", nil, nil
	}
	if n.Obj().Pkg() != w.types {
		return t.foreign(n)
	}
	for _, x := range w.entities {
		if !types.Identical(x.typ, target) {
			continue
		}
		if id := x.want("ID", "Column"); id != nil {
			key = id.value
		}
		for _, other := range list {
			if other.entity == x {
				return other.variable, key, x
			}
		}
		for _, h := range x.tables {
			if d := w.defineOf(h.name); d != nil && d.variable != "" && d.variable != "_" {
				return d.variable, key, x
			}
		}
	}
	return "", nil, nil
}

// foreign finds the table of an entity of another package among its variables.
func (t *table) foreign(n *types.Named) (variable string, key types.Type, e *entity) {
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok || !v.Exported() {
			continue
		}
		p, ok := v.Type().(*types.Pointer)
		if !ok {
			continue
		}
		s, ok := p.Elem().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		if of := tableOf(s); of == nil || !types.Identical(of, n) {
			continue
		}
		for f := range s.Fields() {
			if id, ok := types.Unalias(f.Type()).(*types.Named); ok && f.Name() == "ID" && named(id, exprPkg, "Column") {
				key = id.TypeArgs().At(1)
			}
		}
		if key != nil {
			return t.out.name(n.Obj().Pkg()) + "." + name, key, nil
		}
	}
	return "", nil, nil
}

// facing finds the relation of the other side, if there is only one that it can be.
func facing(other, e *entity, x wanted) *wanted {
	var there *wanted
	for i, y := range other.wants {
		if !y.relation() || !types.Identical(y.value, e.typ) || other == e && y.name == x.name {
			continue
		}
		if y.kind == "ToOne" && other.want(y.name+"ID", "Column", "Nullable") != nil {
			continue // it has a foreign key of its own
		}
		if there != nil {
			return nil
		}
		there = &other.wants[i]
	}
	for _, y := range e.wants {
		if y.kind == "ToOne" && y.name != x.name && types.Identical(y.value, x.value) && (other != e || y.name != there.nameOr()) {
			return nil
		}
	}
	return there
}

func (w *wanted) nameOr() string {
	if w == nil {
		return ""
	}
	return w.name
}

// reaches reports whether the definition of one table needs another's.
func (w *writer) reaches(from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for next := range w.edges[from] {
		if w.edges[next] != nil && w.reaches(next, to, seen) || next == to {
			return true
		}
	}
	return false
}

// manyToMany joins the relations of tables of which each has one collection of the
// other and nothing else that leads there.
func (w *writer) manyToMany(list []*table) {
	leading := func(from, to *entity) (found []wanted) {
		for _, x := range from.wants {
			if x.relation() && types.Identical(x.value, to.typ) {
				found = append(found, x)
			}
		}
		return found
	}
	var done []*table
	for _, a := range list {
		done = append(done, a)
		for _, b := range w.entities {
			if b == a.entity || slices.ContainsFunc(done, func(t *table) bool { return t.entity == b }) {
				continue
			}
			to, back := leading(a.entity, b), leading(b, a.entity)
			if len(to) != 1 || len(back) != 1 || to[0].kind != "ToMany" || back[0].kind != "ToMany" {
				continue
			}
			other, _, _ := w.lookup(a, b.typ, list)
			if other == "" || a.variable == "" || a.variable == "_" || w.joined(to[0].name, back[0].name) {
				continue
			}
			name := tableName(a.name + raised(b.name))
			variable := w.fresh(varName(name), "Table")
			a.out.append(fmt.Sprintf("\nvar %s = %sManyToMany(%q, %s.%s, %s.%s)\n", variable, a.out.use(relPkg), name, a.variable, to[0].name, other, back[0].name))
		}
	}
}

// joined reports whether a call of ManyToMany in the package has relations of
// these names.
func (w *writer) joined(a, b string) bool {
	found := false
	for _, f := range w.pkg.files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "ManyToMany" {
				return true
			}
			names := map[string]bool{}
			for _, x := range call.Args {
				if s, ok := x.(*ast.SelectorExpr); ok {
					names[s.Sel.Name] = true
				}
			}
			found = found || names[a] && names[b]
			return true
		})
	}
	return found
}

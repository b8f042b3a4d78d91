package handles

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strings"
)

// wanted is the handle that a field of an entity should have.
type wanted struct {
	name  string
	kind  string     // Column, Nullable, ToMany, ToOne
	value types.Type // the column's value, or the entity on the other side
	field *types.Var
}

func (w wanted) relation() bool { return w.kind == "ToMany" || w.kind == "ToOne" }

// pkgOf is the package of a handle's kind.
func pkgOf(kind string) string {
	if kind == "ToMany" || kind == "ToOne" {
		return relPkg
	}
	return exprPkg
}

// fields are the handles that an entity should have, by the rules of
// schema.Define, and what it would refuse.
type fields struct {
	list   []wanted
	seen   map[string]string // mapped fields by name, with their paths
	entity string
	fault  func(at *types.Var, format string, args ...any)
}

func (f *fields) read(s *types.Struct, path string) {
	for i := range s.NumFields() {
		v := s.Field(i)
		tag, tagged := reflect.StructTag(s.Tag(i)).Lookup("db")
		tag, _, _ = strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		if !ast.IsExported(v.Name()) && !v.Embedded() {
			continue
		}
		name := f.entity + "." + path + v.Name()
		if invalid(v.Type()) {
			f.fault(v, "%s: its type does not compile", name)
			continue
		}
		if many, target, ok := container(v.Type()); ok && v.Exported() {
			kind := "ToOne"
			if many {
				kind = "ToMany"
			}
			f.list = append(f.list, wanted{v.Name(), kind, target, v})
			continue
		}
		value, nullable := column(v.Type())
		known := isColumn(value)
		if inner, ok := v.Type().Underlying().(*types.Struct); ok && v.Embedded() && !known && !tagged {
			f.read(inner, path+v.Name()+".")
			continue
		}
		if !v.Exported() {
			continue
		}
		if !known {
			f.fault(v, "%s: type %s is no column: use a type that Dormer knows, one with Scan and Value, schema.JSON[…], or tag it db:\"-\"", name, types.TypeString(v.Type(), shortly))
			continue
		}
		if other := f.seen[v.Name()]; other != "" {
			f.fault(v, "%s and %s have one name, so that a handle could mean either; tag one of them db:\"-\"", other, name)
			continue
		}
		f.seen[v.Name()] = name
		w := wanted{v.Name(), "Column", value, v}
		if nullable {
			w.kind = "Nullable"
		}
		f.list = append(f.list, w)
	}
}

func shortly(p *types.Package) string { return p.Name() }

func invalid(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Kind() == types.Invalid
	case *types.Pointer:
		return invalid(t.Elem())
	case *types.Slice:
		return invalid(t.Elem())
	case *types.Array:
		return invalid(t.Elem())
	case *types.Map:
		return invalid(t.Key()) || invalid(t.Elem())
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if invalid(a) {
				return true
			}
		}
		return invalid(t.Underlying())
	}
	return false
}

// generic returns the type argument of a type that is an instance of pkg.name.
func generic(t types.Type, pkg, name string) (arg types.Type, ok bool) {
	n, is := types.Unalias(t).(*types.Named)
	if !is || n.TypeArgs().Len() == 0 || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != pkg || n.Obj().Name() != name {
		return nil, false
	}
	return n.TypeArgs().At(0), true
}

func container(t types.Type) (many bool, target types.Type, ok bool) {
	if target, ok = generic(t, relPkg, "Many"); ok {
		return true, target, true
	}
	target, ok = generic(t, relPkg, "One")
	return false, target, ok
}

// column takes from a field's type what makes it nullable.
func column(t types.Type) (value types.Type, nullable bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem(), true
	}
	if v, ok := generic(t, "database/sql", "Null"); ok {
		return v, true
	}
	return t, false
}

func named(t types.Type, pkg, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg && n.Obj().Name() == name
}

// isColumn reports whether a column can hold the type, as schema.TypeOf does.
func isColumn(t types.Type) bool {
	switch {
	case named(t, "time", "Time"), named(t, "encoding/json", "RawMessage"), isJSON(t), isScanner(t):
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsInteger|types.IsFloat|types.IsString|types.IsBoolean) != 0 && u.Kind() != types.Uintptr
	case *types.Array:
		return u.Len() == 16 && isByte(u.Elem())
	case *types.Slice:
		if isByte(u.Elem()) {
			return true
		}
		if inner, ok := u.Elem().Underlying().(*types.Slice); ok && !isByte(inner.Elem()) && !isScanner(u.Elem()) {
			return false // no arrays of arrays
		}
		return isColumn(u.Elem())
	case *types.Map:
		return true
	}
	return false
}

func isByte(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

func isJSON(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Struct); !ok {
		return false
	}
	return types.NewMethodSet(t).Lookup(types.NewPackage(schemaPkg, "schema"), "isJSON") != nil
}

func isScanner(t types.Type) bool {
	set := types.NewMethodSet(types.NewPointer(t))
	return method(set, "Scan", "func(any) error") && method(set, "Value", "func() (database/sql/driver.Value, error)")
}

func method(set *types.MethodSet, name, want string) bool {
	m := set.Lookup(nil, name)
	if m == nil {
		return false
	}
	s, ok := m.Type().(*types.Signature)
	if !ok || s.Variadic() {
		return false
	}
	list := func(t *types.Tuple) string {
		var parts []string
		for v := range t.Variables() {
			text := types.TypeString(types.Unalias(v.Type()), nil)
			if text == "interface{}" {
				text = "any"
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, ", ")
	}
	results := list(s.Results())
	if s.Results().Len() > 1 {
		results = "(" + results + ")"
	}
	return fmt.Sprintf("func(%s) %s", list(s.Params()), results) == want
}

// nameable reports whether a package can name the type.
func nameable(t types.Type, from *types.Package) bool {
	seen := func(o *types.TypeName, args *types.TypeList) bool {
		if o.Pkg() != nil && o.Pkg() != from && !o.Exported() || o.Parent() != nil && o.Pkg() != nil && o.Parent() != o.Pkg().Scope() {
			return false
		}
		for a := range args.Types() {
			if !nameable(a, from) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return seen(t.Obj(), t.TypeArgs())
	case *types.Named:
		return seen(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return nameable(t.Elem(), from)
	case *types.Slice:
		return nameable(t.Elem(), from)
	case *types.Array:
		return nameable(t.Elem(), from)
	case *types.Map:
		return nameable(t.Key(), from) && nameable(t.Elem(), from)
	}
	return true
}

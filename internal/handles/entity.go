package handles

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// entity is a struct whose rows a table holds.
type entity struct {
	name   string // of the type, as the package knows it
	typ    types.Type
	obj    *types.TypeName
	file   *file  // nil for one of another package
	table  string // its name, "" to be made from the entity's
	wants  []wanted
	tables []*handles
	// struct_ is the name that Define gives to a struct that is not there yet.
	struct_ string
	// asked: a comment or the caller named it.
	asked bool
}

// handles is a struct of handles.
type handles struct {
	name string
	obj  *types.TypeName
	file *file
	ast  *ast.StructType
	list []handle
}

// handle is a field of such a struct.
type handle struct {
	name   string
	kind   string // "" for one that cannot be told
	entity types.Type
	value  types.Type
	typ    types.Type
	field  *ast.Field // nil where it stands in an embedded struct
	pos    token.Pos
	fault  string
}

// model is what a package declares.
type model struct {
	*pkg
	entities []*entity
	problems []problem
	decls    map[string]*typeDecl // the package's types by name
	defines  []*define
}

type typeDecl struct {
	spec *ast.TypeSpec
	file *file
	doc  []*ast.Comment
}

// define is a call of schema.Define.
type define struct {
	entity, handles string // as far as the call says
	variable        string
	mentions        map[string]bool // identifiers that the call uses
	pos             token.Pos
}

type problem struct {
	pos  token.Position
	text string
}

func (p *pkg) model(asked []string) (*model, error) {
	m := &model{pkg: p, decls: map[string]*typeDecl{}}
	for _, f := range p.files {
		for _, d := range f.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				t := &typeDecl{spec: spec, file: f}
				if g.Doc != nil && !g.Lparen.IsValid() { // of a group it is nobody's
					t.doc = g.Doc.List
				}
				if spec.Doc != nil {
					t.doc = spec.Doc.List
				}
				m.decls[spec.Name.Name] = t
			}
		}
	}
	m.findDefines()
	m.findHandles()
	m.findMarked()
	m.findHolders()
	for _, name := range asked {
		if m.decls[name] == nil {
			continue
		}
		e, err := m.entityNamed(name)
		if err != nil {
			return nil, err
		}
		e.asked = true
	}
	for i := 0; i < len(m.entities); i++ { // it grows
		m.readFields(m.entities[i])
	}
	slices.SortStableFunc(m.entities, func(a, b *entity) int { return int(a.pos() - b.pos()) })
	return m, nil
}

func (e *entity) pos() token.Pos { return e.obj.Pos() }

func (m *model) problem(at token.Pos, format string, args ...any) {
	pos := m.fset.Position(at)
	p := problem{pos, fmt.Sprintf(format, args...)}
	if !slices.Contains(m.problems, p) {
		m.problems = append(m.problems, p)
	}
}

// findDefines notes the calls of schema.Define.
func (m *model) findDefines() {
	for _, f := range m.files {
		local := f.importName(schemaPkg, "schema")
		if local == "" {
			continue
		}
		for _, d := range f.ast.Decls {
			names := map[ast.Expr]string{}
			ast.Inspect(d, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
					for i, x := range v.Values {
						names[x] = v.Names[i].Name
					}
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if def := m.defineCall(call, local); def != nil {
					def.variable = names[call]
					m.defines = append(m.defines, def)
				}
				return true
			})
		}
	}
}

func (m *model) defineCall(call *ast.CallExpr, schema string) *define {
	fun, indices := call.Fun, []ast.Expr(nil)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun, indices = x.X, []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		fun, indices = x.X, x.Indices
	}
	switch x := fun.(type) {
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); !ok || id.Name != schema || x.Sel.Name != "Define" {
			return nil
		}
	case *ast.Ident:
		if schema != "." || x.Name != "Define" {
			return nil
		}
	default:
		return nil
	}
	d := &define{mentions: map[string]bool{}, pos: call.Pos()}
	ident := func(x ast.Expr) string {
		if id, ok := x.(*ast.Ident); ok {
			return id.Name
		}
		return ""
	}
	if len(indices) > 0 {
		d.entity = ident(indices[0])
	}
	if len(indices) > 1 {
		d.handles = ident(indices[1])
	}
	if len(call.Args) > 1 && d.handles == "" {
		var params *ast.FieldList
		if lit, ok := call.Args[1].(*ast.FuncLit); ok {
			params = lit.Type.Params
		}
		if params != nil && len(params.List) == 1 {
			if star, ok := params.List[0].Type.(*ast.StarExpr); ok {
				d.handles = ident(star.X)
			}
		} else if s, ok := m.info.TypeOf(call.Args[1]).(*types.Signature); ok && s.Params().Len() == 1 {
			if p, ok := s.Params().At(0).Type().(*types.Pointer); ok {
				if n, ok := p.Elem().(*types.Named); ok {
					d.handles = n.Obj().Name()
				}
			}
		}
	}
	ast.Inspect(call, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			d.mentions[id.Name] = true
		}
		return true
	})
	return d
}

// findHandles finds the structs that embed schema.Table, and so entities.
func (m *model) findHandles() {
	for _, name := range m.types.Scope().Names() {
		obj, ok := m.types.Scope().Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() || m.decls[name] == nil {
			continue
		}
		s, ok := obj.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		of := tableOf(s)
		if of == nil {
			continue
		}
		n, ok := types.Unalias(of).(*types.Named)
		if !ok {
			continue // a type parameter, of a struct that others embed
		}
		d := m.decls[name]
		st, ok := d.spec.Type.(*ast.StructType)
		if !ok {
			continue // named after another type, which is read itself
		}
		h := &handles{name: name, obj: obj, file: d.file, ast: st}
		h.read(s, st)
		e := m.entityOf(n)
		e.tables = append(e.tables, h)
	}
}

// tableOf returns E of the schema.Table[E] that a struct embeds, nil for none.
func tableOf(s *types.Struct) types.Type {
	for v := range s.Fields() {
		if !v.Embedded() {
			continue
		}
		if e, ok := generic(v.Type(), schemaPkg, "Table"); ok {
			return e
		}
		if inner, ok := v.Type().Underlying().(*types.Struct); ok {
			if e := tableOf(inner); e != nil {
				return e
			}
		}
	}
	return nil
}

// read collects the handles of a struct. at is its source, nil for a struct that
// is embedded.
func (h *handles) read(s *types.Struct, at *ast.StructType) {
	fields := map[string]*ast.Field{}
	if at != nil {
		for _, f := range at.Fields.List {
			for _, n := range f.Names {
				fields[n.Name] = f
			}
		}
	}
	for v := range s.Fields() {
		if _, ok := generic(v.Type(), schemaPkg, "Table"); ok && v.Embedded() {
			continue
		}
		if v.Embedded() {
			if inner, ok := v.Type().Underlying().(*types.Struct); ok {
				h.read(inner, nil)
			}
			continue
		}
		x := handle{name: v.Name(), typ: v.Type(), field: fields[v.Name()], pos: v.Pos()}
		t := v.Type()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
			x.fault = "is a pointer"
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.TypeArgs().Len() == 2 && n.Obj().Pkg() != nil {
			switch kind := n.Obj().Name(); kind {
			case "Column", "Nullable", "ToMany", "ToOne":
				if n.Obj().Pkg().Path() == pkgOf(kind) {
					x.kind, x.entity, x.value = kind, n.TypeArgs().At(0), n.TypeArgs().At(1)
				}
			}
		}
		switch {
		case x.kind == "" && !invalid(v.Type()):
			continue // something of the program's own
		case !v.Exported() && x.kind == "":
			continue
		case !v.Exported():
			x.fault = "is unexported and cannot be bound"
		}
		h.list = append(h.list, x)
	}
}

// findMarked finds what comments and Define name.
func (m *model) findMarked() {
	for name, d := range m.decls {
		for _, c := range d.doc {
			rest, ok := strings.CutPrefix(c.Text, "//dormer:entity")
			if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
				continue
			}
			e, err := m.entityNamed(name)
			if err != nil {
				m.problem(d.spec.Pos(), "%s", strings.TrimPrefix(err.Error(), "handles: "))
				continue
			}
			e.asked = true
			e.table = strings.TrimSpace(rest)
		}
	}
	for _, d := range m.defines {
		if d.entity == "" || m.decls[d.entity] == nil {
			continue
		}
		e, err := m.entityNamed(d.entity)
		if err == nil && len(e.tables) == 0 && d.handles != "" && m.decls[d.handles] == nil {
			e.struct_ = d.handles
		}
	}
}

// entityNamed returns the entity of that type name, a new one if need be.
func (m *model) entityNamed(name string) (*entity, error) {
	obj, _ := m.types.Scope().Lookup(name).(*types.TypeName)
	if obj == nil {
		return nil, fmt.Errorf("handles: package %s has no type %s", m.types.Path(), name)
	}
	n, ok := obj.Type().(*types.Named)
	if !ok {
		return nil, fmt.Errorf("handles: %s is an alias: name the type itself", name)
	}
	if n.TypeParams().Len() > 0 {
		return nil, fmt.Errorf("handles: %s has type parameters: write the handles of the instance that a table holds", name)
	}
	if _, ok := n.Underlying().(*types.Struct); !ok {
		return nil, fmt.Errorf("handles: %s is no struct", name)
	}
	return m.entityOf(n), nil
}

func (m *model) entityOf(n *types.Named) *entity {
	for _, e := range m.entities {
		if types.Identical(e.typ, n) {
			return e
		}
	}
	e := &entity{name: types.TypeString(n, m.qualified), typ: n, obj: n.Obj()}
	if n.Obj().Pkg() == m.types {
		e.file = m.decls[n.Obj().Name()].file
	}
	m.entities = append(m.entities, e)
	return e
}

func (m *model) qualified(p *types.Package) string {
	if p == m.types {
		return ""
	}
	return p.Name()
}

// readFields reads an entity's fields, and finds the entities that its relations
// lead to.
func (m *model) readFields(e *entity) {
	s, ok := e.typ.Underlying().(*types.Struct)
	if !ok {
		return
	}
	f := &fields{entity: e.name, seen: map[string]string{}, fault: func(v *types.Var, format string, args ...any) {
		at := v.Pos()
		if v.Pkg() != m.types {
			at = e.pos()
		}
		text := fmt.Sprintf(format, args...)
		for _, err := range m.faults {
			if te, ok := err.(types.Error); ok && strings.HasSuffix(text, "does not compile") && m.fset.Position(te.Pos).Line == m.fset.Position(at).Line {
				text += ": " + te.Msg
				break
			}
		}
		m.problem(at, "%s", text)
	}}
	f.read(s, "")
	e.wants = f.list
	for _, w := range e.wants {
		if n, ok := types.Unalias(w.value).(*types.Named); ok && w.relation() && n.Obj().Pkg() == m.types && n.TypeParams().Len() == 0 && n.TypeArgs().Len() == 0 {
			if _, ok := n.Underlying().(*types.Struct); ok {
				m.entityOf(n)
			}
		}
	}
}

// findHolders makes the structs that hold relations entities, but for those that
// others embed.
func (m *model) findHolders() {
	embedded := map[*types.TypeName]bool{}
	var holders []*types.Named
	for _, name := range m.types.Scope().Names() {
		obj, ok := m.types.Scope().Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		n, ok := obj.Type().(*types.Named)
		if !ok {
			continue
		}
		s, ok := n.Underlying().(*types.Struct)
		if !ok {
			continue
		}
		holds := false
		for v := range s.Fields() {
			if in, ok := types.Unalias(v.Type()).(*types.Named); ok && v.Embedded() {
				embedded[in.Obj()] = true
			}
			if _, _, ok := container(v.Type()); ok && v.Exported() {
				holds = true
			}
		}
		if holds && n.TypeParams().Len() == 0 {
			holders = append(holders, n)
		}
	}
	for _, n := range holders {
		if !embedded[n.Obj()] {
			m.entityOf(n)
		}
	}
}

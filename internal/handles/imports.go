package handles

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// importEdits adds the imports that the file needs now, and drops those that it
// needed before and needs no more. f is the file with its other edits made.
func (o *output) importEdits(fset *token.FileSet, f *ast.File) []edit {
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	var edits []edit
	before, now := selected(o.ast), selected(f)
	gone := func(s *ast.ImportSpec) bool {
		name := o.localName(s)
		return name != "" && before[name] && !now[name]
	}
	var decls []*ast.GenDecl
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		var left []ast.Spec
		for _, s := range g.Specs {
			if !gone(s.(*ast.ImportSpec)) {
				left = append(left, s)
			}
		}
		switch {
		case len(left) == 0 && len(g.Specs) > 0:
			edits = append(edits, edit{offset(g.Pos()), offset(g.End()), ""})
			continue
		case len(left) < len(g.Specs):
			for _, s := range g.Specs {
				if spec := s.(*ast.ImportSpec); gone(spec) {
					from, to := offset(spec.Pos()), offset(spec.End())
					if spec.Comment != nil {
						to = offset(spec.Comment.End())
					}
					edits = append(edits, edit{from, to, ""})
				}
			}
		}
		g.Specs = left
		decls = append(decls, g)
	}
	add := slices.Sorted(maps.Keys(o.adds))
	if len(add) == 0 {
		return edits
	}
	spec := func(path string) string {
		if name := o.adds[path]; name != path[strings.LastIndexByte(path, '/')+1:] {
			return name + ` "` + path + `"`
		}
		return `"` + path + `"`
	}
	if len(decls) == 0 {
		at := offset(f.Name.End())
		return append(edits, edit{at, at, "\n\n" + grouped(nil, add, spec) + "\n"})
	}
	if last := decls[len(decls)-1]; !last.Lparen.IsValid() && last.Specs[0].(*ast.ImportSpec).Path.Value != `"C"` {
		return append(edits, edit{offset(last.Pos()), offset(last.End()), grouped(last.Specs[0].(*ast.ImportSpec), add, spec)})
	}
	for _, path := range add {
		at, text := placeOf(decls, path, spec(path))
		edits = append(edits, edit{offset(at), offset(at), text})
	}
	return edits
}

// grouped is a declaration of the import that is there, nil for none, and others.
func grouped(one *ast.ImportSpec, add []string, spec func(string) string) string {
	var groups [2][]string
	put := func(path, line string) {
		i := 0
		if !standard(path) {
			i = 1
		}
		groups[i] = append(groups[i], "\t"+line+"\n")
	}
	if one != nil {
		text := one.Path.Value
		if one.Name != nil {
			text = one.Name.Name + " " + text
		}
		put(strings.Trim(one.Path.Value, `"`), text)
	}
	for _, path := range add {
		put(path, spec(path))
	}
	text := "import (\n" + strings.Join(groups[0], "")
	if len(groups[0]) > 0 && len(groups[1]) > 0 {
		text += "\n"
	}
	return text + strings.Join(groups[1], "") + ")"
}

// placeOf is where an import goes: behind the last one of its kind, or into the
// last declaration.
func placeOf(decls []*ast.GenDecl, path, spec string) (token.Pos, string) {
	for _, g := range slices.Backward(decls) {
		for _, s := range slices.Backward(g.Specs) {
			x := s.(*ast.ImportSpec)
			other := strings.Trim(x.Path.Value, `"`)
			if other == "C" || standard(other) != standard(path) {
				continue
			}
			if g.Lparen.IsValid() {
				at := x.End()
				if x.Comment != nil {
					at = x.Comment.End()
				}
				return at, "\n\t" + spec
			}
			return g.End(), "\nimport " + spec
		}
	}
	last := decls[len(decls)-1]
	switch {
	case !last.Lparen.IsValid():
		return last.End(), "\nimport " + spec
	case standard(path):
		return last.Lparen + 1, "\n\t" + spec + "\n"
	}
	return last.Rparen, "\n\t" + spec + "\n"
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// localName is the name of an import in its file, "" for one without.
func (o *output) localName(s *ast.ImportSpec) string {
	if s.Name != nil {
		if s.Name.Name == "_" || s.Name.Name == "." {
			return ""
		}
		return s.Name.Name
	}
	path := strings.Trim(s.Path.Value, `"`)
	for _, p := range o.w.types.Imports() {
		if p.Path() == path {
			return p.Name()
		}
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// selected are the names x of all x.y in a file.
func selected(f *ast.File) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok {
				out[id.Name] = true
			}
		}
		return true
	})
	return out
}

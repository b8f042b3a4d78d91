package handles

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// output is a file as it is to become.
type output struct {
	*file
	w      *writer
	edits  []edit
	adds   map[string]string // names of imports to be added, by path
	taken  []handle          // removed or retyped fields, whole fields at a time
	placed map[*ast.Field]string
}

// edit puts text in place of what stands between two offsets.
type edit struct {
	from, to int
	text     string
}

func (o *output) offset(p token.Pos) int { return o.w.fset.Position(p).Offset }

// name is the name of a package in the file, for types.TypeString. A package that
// it does not import is noted.
func (o *output) name(p *types.Package) string {
	if p == o.w.types {
		return ""
	}
	switch name := o.importName(p.Path(), p.Name()); name {
	case ".":
		return ""
	case "":
	default:
		return name
	}
	if name, ok := o.adds[p.Path()]; ok {
		return name
	}
	taken := func(name string) bool {
		for _, s := range o.ast.Imports {
			path := strings.Trim(s.Path.Value, `"`)
			if s.Name != nil && s.Name.Name == name || s.Name == nil && path[strings.LastIndexByte(path, '/')+1:] == name {
				return true
			}
		}
		for _, n := range o.adds {
			if n == name {
				return true
			}
		}
		return o.w.types.Scope().Lookup(name) != nil || types.Universe.Lookup(name) != nil
	}
	name := p.Name()
	for taken(name) {
		name += "pkg"
	}
	o.adds[p.Path()] = name
	return name
}

// use is name for a package of Dormer's own.
func (o *output) use(path string) string {
	name := o.name(types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:]))
	if name != "" {
		name += "."
	}
	return name
}

func (o *output) typeOf(e *entity, x wanted) string {
	return fmt.Sprintf("%s%s[%s, %s]", o.use(pkgOf(x.kind)), x.kind, types.TypeString(e.typ, o.name), types.TypeString(x.value, o.name))
}

// insert adds a handle behind that of the field before it.
func (o *output) insert(h *handles, e *entity, x wanted) {
	list := h.ast.Fields.List
	at := h.ast.Fields.Opening + 1
	for _, f := range list {
		if len(f.Names) == 0 {
			at = end(f) // schema.Table, as a rule
		}
	}
	for _, before := range e.wants {
		if before.name == x.name {
			break
		}
		for _, f := range list {
			for _, n := range f.Names {
				if n.Name == before.name {
					at = end(f)
				}
			}
		}
	}
	text := "\n\t" + x.name + " " + o.typeOf(e, x)
	from := o.offset(at)
	if i := slices.IndexFunc(o.edits, func(e edit) bool { return e.from == from && e.to == from }); i >= 0 {
		o.edits[i].text += text
		return
	}
	o.edits = append(o.edits, edit{from, from, text})
}

// end is where a field ends, with the comment behind it.
func end(f *ast.Field) token.Pos {
	if f.Comment != nil {
		return f.Comment.End()
	}
	return f.End()
}

// retype gives a handle another type.
func (o *output) retype(got *handle, e *entity, x wanted) {
	if len(got.field.Names) == 1 {
		o.edits = append(o.edits, edit{o.offset(got.field.Type.Pos()), o.offset(got.field.Type.End()), o.typeOf(e, x)})
		return
	}
	o.split(got, x.name+" "+o.typeOf(e, x))
}

// remove takes a handle out, with its comments and line.
func (o *output) remove(h *handles, got *handle) {
	f := got.field
	if len(f.Names) > 1 {
		o.split(got, "")
		return
	}
	from, to := f.Pos(), end(f)
	if f.Doc != nil {
		from = f.Doc.Pos()
	}
	a, b := o.offset(from), o.offset(to)
	for a > 0 && (o.text[a-1] == ' ' || o.text[a-1] == '\t') {
		a--
	}
	for b < len(o.text) && (o.text[b] == ' ' || o.text[b] == '\t' || o.text[b] == ';') {
		b++
	}
	if b < len(o.text) && o.text[b] == '\n' && a > 0 && o.text[a-1] == '\n' {
		b++
	}
	o.edits = append(o.edits, edit{a, b, ""})
}

// split writes a field of several names as one of those that stay as they are,
// and a line for one that does not; line is "" for one that goes.
func (o *output) split(got *handle, line string) {
	f := got.field
	if o.placed == nil {
		o.placed = map[*ast.Field]string{}
	}
	o.taken = append(o.taken, *got)
	if line != "" {
		o.placed[f] += "\n\t" + line
	} else if _, ok := o.placed[f]; !ok {
		o.placed[f] = ""
	}
}

func (o *output) splits() {
	for f, more := range o.placed {
		var stay []string
		for _, n := range f.Names {
			if !slices.ContainsFunc(o.taken, func(h handle) bool { return h.field == f && h.name == n.Name }) {
				stay = append(stay, n.Name)
			}
		}
		text := strings.TrimPrefix(more, "\n\t")
		if len(stay) > 0 {
			text = strings.Join(stay, ", ") + " " + string(o.text[o.offset(f.Type.Pos()):o.offset(f.Type.End())]) + more
		}
		o.edits = append(o.edits, edit{o.offset(f.Pos()), o.offset(f.Type.End()), text})
	}
	o.placed = nil
}

// append adds text at the end of the file.
func (o *output) append(text string) {
	o.edits = append(o.edits, edit{len(o.text), len(o.text), text})
}

// render is the file with its edits, imports put right, formatted.
func (o *output) render() ([]byte, error) {
	o.splits()
	text := apply(o.text, o.edits)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, o.path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("handles: %w", err)
	}
	edits := o.importEdits(fset, f)
	out, err := format.Source(apply(text, edits))
	if err != nil {
		return nil, fmt.Errorf("handles: %s: %w", o.path, err)
	}
	return out, nil
}

func apply(text []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.Write(text[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.Write(text[at:])
	return []byte(b.String())
}

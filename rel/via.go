package rel

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// LinkDefinition defines how a relation from E to T is joined. Its methods return
// it, go in any order, and panic with a *schema.DefineError that names table and
// relation where they are wrong or come after the model was sealed.
type LinkDefinition[E, T any] struct{ link *Link }

// Via joins a to-one relation by the foreign key columns of its own table: several
// where the key that they hold is composite. What they point to is what the
// foreign key over exactly these columns says, in whatever order they are given;
// without one it is the other table's key, in its order. Without columns it is the
// only foreign key from E's table to T's.
//
// What the columns point to, and their types, are checked when the model is
// sealed. Via itself panics with a *schema.DefineError where a handle is not
// bound, the relation is joined already, or the model is sealed.
func Via[E, T any](one ToOne[E, T], columns ...expr.Of[E]) *LinkDefinition[E, T] {
	nodes := make([]expr.Node, len(columns))
	for i, x := range columns {
		nodes[i] = expr.NodeOf(x)
	}
	return &LinkDefinition[E, T]{via(one.def, one.source, nodes)}
}

func via(def *schema.RelationDef, from *expr.Source, columns []expr.Node) *Link {
	r := begin("rel.Via", def, from)
	l := &Link{Child: r, derived: len(columns) == 0}
	for i, x := range columns {
		ref, ok := x.(*expr.ColumnRef)
		switch {
		case x == nil:
			panic(l.fault(fmt.Sprintf("rel.Via through a nil column (argument %d)", i+2)))
		case !ok:
			panic(l.fault(fmt.Sprintf("rel.Via through something that is no bound column (argument %d)", i+2)))
		case ref.Source != r.Table.Source:
			panic(l.fault(fmt.Sprintf("rel.Via through column %s of %s: name a column of %s by the table's own handles", ref.Name, ref.Source.Label(), r.Table.Name)))
		}
		c := ref.Def.(*schema.ColumnDef)
		if slices.Contains(l.Columns, c) {
			panic(l.fault(fmt.Sprintf("rel.Via: column %s stands twice", c.Name)))
		}
		l.Columns = append(l.Columns, c)
	}
	sideOf(r).link = l
	r.Table.Metadata.OnSeal(l.resolve)
	return l
}

// begin returns the relation behind a handle, which must be bound to its table,
// open, and not joined yet.
func begin(what string, r *schema.RelationDef, from *expr.Source) *schema.RelationDef {
	if r == nil {
		panic(&schema.DefineError{Table: "?", Faults: []string{what + " of a relation handle that is not bound: schema.Define binds the handles of its struct"}})
	}
	r.Table.MustBeOpen(r.Name)
	switch {
	case from != r.Table.Source:
		panic(fault(r, what+" through alias "+from.Alias+": define on the table's own handles"))
	case sideOf(r).link != nil:
		panic(fault(r, what+": it is joined already"))
	}
	return r
}

// BackPopulates names the relation on the other side: the two agree. It is a
// ToMany, or for a one-to-one a ToOne.
func (d *LinkDefinition[E, T]) BackPopulates(inverse Inverse[T, E]) *LinkDefinition[E, T] {
	l := d.link.open()
	if inverse == nil {
		panic(l.fault("BackPopulates of nil"))
	}
	l.backPopulates(inverse.Relation(), inverse.seenFrom())
	return d
}

func (l *Link) backPopulates(inverse *schema.RelationDef, from *expr.Source) {
	r := begin(l.Child.Table.Name+"."+l.Child.Name+": BackPopulates", inverse, from)
	if l.Parent != nil {
		panic(l.fault("BackPopulates " + l.Parent.Table.Name + "." + l.Parent.Name + " already"))
	}
	sideOf(r).link = l
	l.Parent = r
}

// Own has the children deleted with their parent, and when they are taken out of
// its collection.
func (d *LinkDefinition[E, T]) Own() *LinkDefinition[E, T] {
	d.link.say(Own)
	return d
}

// Passive leaves the children of a deleted parent to the foreign key's ON DELETE,
// which must be CASCADE, SET NULL or SET DEFAULT: what the model says is checked
// when it is sealed.
func (d *LinkDefinition[E, T]) Passive() *LinkDefinition[E, T] {
	d.link.say(Passive)
	return d
}

// Keep sets the foreign keys of the children of a deleted parent to NULL, or is an
// error where they cannot be. It is what holds where nothing is said.
func (d *LinkDefinition[E, T]) Keep() *LinkDefinition[E, T] {
	d.link.say(Keep)
	return d
}

func (l *Link) say(o Ownership) {
	l.open()
	if l.said && l.Ownership != o {
		panic(l.fault(fmt.Sprintf("it is %s already and cannot be %s too", l.Ownership, o)))
	}
	l.Ownership, l.said = o, true
}

func (l *Link) open() *Link {
	l.Child.Table.MustBeOpen(l.Child.Name)
	return l
}

func (l *Link) fault(text string) *schema.DefineError { return fault(l.Child, text) }

func fault(r *schema.RelationDef, text string) *schema.DefineError {
	return &schema.DefineError{Table: r.Table.QualifiedName(), Faults: []string{"relation " + r.Name + ": " + text}}
}

package rel

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// LinkDefinition defines how a relation from E to T is joined.
type LinkDefinition[E, T any] struct{ link *Link }

// Via joins a to-one relation by the foreign key column of its own table. Which
// column of the other table it points to is what References says, or else that
// table's key; types are checked when the model is sealed. It panics with a
// *schema.DefineError where a handle is not bound or the relation is joined
// already.
func Via[E, T, V, R any](one ToOne[E, T], column expr.Typed[E, V, R]) *LinkDefinition[E, T] {
	r := one.def
	if r == nil {
		panic(&schema.DefineError{Table: "?", Faults: []string{"rel.Via of a relation handle that is not bound"}})
	}
	ref, ok := expr.NodeOf(column).(*expr.ColumnRef)
	if !ok {
		panic(&schema.DefineError{Table: r.Table.QualifiedName(), Faults: []string{"relation " + r.Name + ": rel.Via through something that is no column"}})
	}
	if r.Spec != nil {
		panic(&schema.DefineError{Table: r.Table.QualifiedName(), Faults: []string{"relation " + r.Name + ": joined twice by rel.Via"}})
	}
	l := &Link{Child: r, Columns: []*schema.ColumnDef{ref.Def.(*schema.ColumnDef)}}
	r.Spec = l
	r.Table.Metadata.OnSeal(l.resolve)
	return &LinkDefinition[E, T]{l}
}

// BackPopulates names the relation on the other side: the two agree.
func (d *LinkDefinition[E, T]) BackPopulates(inverse Inverse[T, E]) *LinkDefinition[E, T] {
	r := inverse.Relation()
	switch {
	case r == nil:
		panic(d.link.fault("BackPopulates of a relation handle that is not bound"))
	case r.Spec != nil:
		panic(d.link.fault("BackPopulates " + r.Table.Name + "." + r.Name + ", which is joined already"))
	}
	r.Spec = d.link
	d.link.Parent = r
	return d
}

func (l *Link) fault(text string) *schema.DefineError {
	return &schema.DefineError{Table: l.Child.Table.QualifiedName(), Faults: []string{"relation " + l.Child.Name + ": " + text}}
}

// resolve finds what the column points to and checks it.
func (l *Link) resolve() error {
	column, target := l.Columns[0], (*schema.ColumnDef)(nil)
	for _, fk := range l.Child.Table.ForeignKeys {
		if len(fk.Columns) == 1 && fk.Columns[0] == column {
			target = fk.RefColumns[0]
		}
	}
	if target == nil {
		t := l.Child.Table.Metadata.Entity(l.Child.Target)
		if t == nil {
			return l.fault(fmt.Sprintf("%s has no table", l.Child.Target))
		}
		if len(t.PrimaryKey) != 1 {
			return l.fault(fmt.Sprintf("the key of %s has %d columns: say by References which one %s points to", t.Name, len(t.PrimaryKey), column.Name))
		}
		target = t.PrimaryKey[0]
	}
	switch {
	case target.Table.Entity != l.Child.Target:
		return l.fault(fmt.Sprintf("column %s refers to table %s, whose entity is %s and not %s", column.Name, target.Table.Name, target.Table.Entity, l.Child.Target))
	case target.GoType != column.GoType:
		return l.fault(fmt.Sprintf("column %s is %s, but %s.%s is %s", column.Name, column.GoType, target.Table.Name, target.Name, target.GoType))
	case l.Parent != nil && l.Parent.Table != target.Table:
		return l.fault(fmt.Sprintf("it back-populates a relation of %s, but refers to %s", l.Parent.Table.Name, target.Table.Name))
	}
	l.Targets = []*schema.ColumnDef{target}
	return nil
}

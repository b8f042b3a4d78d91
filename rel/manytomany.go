package rel

import (
	"fmt"

	"github.com/dormer-orm/dormer/schema"
)

// Association is the table of a ManyToMany: a schema.Handle, which CreateAll and
// DropAll take. Its definition is complete once the model is sealed; the struct
// type of its rows, TableDef.Entity, is made by reflection, with one field for
// each column. It is immutable and safe for concurrent use.
type Association struct {
	schema.Association
	link *Link
}

// Link returns how the two relations join, complete once the model is sealed.
func (a *Association) Link() *Link { return a.link }

// ManyToMany joins two relations by a table of that name between theirs, and makes
// the table. They agree: what a leads to, b leads back to.
//
// For each of the two tables it has a column that holds its key, named after it:
// user_id for a table users, and user_ with the name of each column for a key of
// several. Where that does not tell the two apart, since both relations are of one
// table, the columns are named after the relations: in
//
//	rel.ManyToMany("follows", Users.Following, Users.Followers)
//
// following_id has the key of the one who is in somebody's Following, and
// follower_id of the one in somebody's Followers. The columns are of the types of
// the keys and together the primary key; foreign keys that cascade lead to both
// tables, and an index on the columns of b's table serves the way back. The table
// lies in the schema of both, where they share one and no option says otherwise.
// Its rows belong to the relations; the entities on either side never do.
//
// ManyToMany is called in package variables, in Define or in an init. It panics
// with a *schema.DefineError that names table and relation where a handle is not
// bound or joined already, where both are the same relation or their tables are
// not of one Metadata, where the table's name is none or taken, and once the model
// is sealed.
func ManyToMany[E, T any](name string, a ToMany[E, T], b ToMany[T, E], opts ...schema.Option) *Association {
	what := fmt.Sprintf("rel.ManyToMany(%q)", name)
	child, parent := begin(what, a.def, a.source), begin(what, b.def, b.source)
	switch {
	case child == parent:
		panic(fault(child, what+": both sides are this relation: a relation that is its own other side has no direction; declare two, such as Following and Followers"))
	case child.Table.Metadata != parent.Table.Metadata:
		panic(fault(child, fmt.Sprintf("%s: its table and %s, of relation %s, are not of one Metadata", what, parent.Table.QualifiedName(), parent.Name)))
	}
	l := &Link{Child: child, Parent: parent}
	if child.Table.Schema == parent.Table.Schema && child.Table.Schema != "" {
		opts = append([]schema.Option{schema.Schema(child.Table.Schema)}, opts...)
	}
	out := &Association{*l.makeTable(name, opts), l}
	l.Association = schema.DefOf(out)
	sideOf(child).link, sideOf(parent).link = l, l
	child.Table.Metadata.OnSeal(l.associated)
	return out
}

// makeTable makes the table; what is wrong with it is told with the relations.
func (l *Link) makeTable(name string, opts []schema.Option) *schema.Association {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *schema.DefineError:
			for i, f := range e.Faults {
				e.Faults[i] = fmt.Sprintf("association of %s.%s and %s.%s: %s", l.Child.Table.Name, l.Child.Name, l.Parent.Table.Name, l.Parent.Name, f)
			}
			panic(e)
		default:
			panic(e)
		}
	}()
	return schema.NewAssociation(name, l.Child.Table.Metadata, l.sides, opts...)
}

// sides names the association's columns.
func (l *Link) sides() ([2]schema.AssociationSide, error) {
	child, parent := l.Child.Table, l.Parent.Table
	near, far := singular(child.Name), singular(parent.Name)
	if near == far {
		near, far = singular(schema.ColumnName(l.Parent.Name)), singular(schema.ColumnName(l.Child.Name))
	}
	if near == far {
		near, far = schema.ColumnName(l.Parent.Name), schema.ColumnName(l.Child.Name)
	}
	return [2]schema.AssociationSide{{Table: child, Columns: keyColumns(near, child)}, {Table: parent, Columns: keyColumns(far, parent)}}, nil
}

// keyColumns names the columns that hold a table's key.
func keyColumns(prefix string, t *schema.TableDef) []string {
	if len(t.PrimaryKey) == 1 {
		return []string{prefix + "_id"}
	}
	var names []string
	for _, c := range t.PrimaryKey {
		names = append(names, prefix+"_"+c.Name)
	}
	return names
}

// associated takes over the columns of the association once it has them.
func (l *Link) associated() error {
	n := len(l.Child.Table.PrimaryKey)
	l.ToChild, l.ToParent = l.Association.Columns[:n:n], l.Association.Columns[n:]
	return nil
}

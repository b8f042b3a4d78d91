package rel

import (
	"github.com/dormer-orm/dormer/schema"
)

// Ownership says what becomes of children whose parent is deleted, or which are
// taken out of its collection.
type Ownership uint8

// The ownerships.
const (
	// Keep sets their foreign keys to NULL; where these cannot be NULL, it is an
	// error. It is the default.
	Keep Ownership = iota
	// Own deletes them.
	Own
	// Passive leaves it to the foreign key's ON DELETE.
	Passive
)

func (o Ownership) String() string { return [...]string{"Keep", "Own", "Passive"}[o] }

// Link is how relations join, as Via or ManyToMany declared it. It is complete
// once the model is sealed, and immutable then.
type Link struct {
	// Child is the relation that was joined: the side of the foreign key, or the
	// first one of ManyToMany. Parent is the other side, nil where it has none.
	Child, Parent *schema.RelationDef
	// Columns are the child's foreign key, Targets the parent's columns that
	// they point to, in pairs. ManyToMany has none.
	Columns, Targets []*schema.ColumnDef
	// Ownership is what becomes of children.
	Ownership Ownership
	// Association is ManyToMany's table; ToChild are its columns that hold the
	// key of the child's table, ToParent those that hold the key of the parent's.
	Association       *schema.TableDef
	ToChild, ToParent []*schema.ColumnDef

	said    bool // Ownership was given
	derived bool // Columns are those of the only foreign key
}

// LinkOf returns how a relation joins, nil where nothing has said. JoinOf tells it
// from the relation's point of view.
func LinkOf(r *schema.RelationDef) *Link {
	if s := sideOf(r); s != nil {
		return s.link
	}
	return nil
}

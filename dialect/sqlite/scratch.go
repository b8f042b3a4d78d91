package sqlite

import "github.com/dormer-orm/dormer/dialect"

// Scratch is a database in memory, which the connection attaches outside a
// transaction.
func (d Dialect) Scratch(name string) dialect.Scratch {
	quoted := string(d.AppendQuoted(nil, name))
	return dialect.Scratch{
		Open:   []string{"ATTACH DATABASE ':memory:' AS " + quoted},
		Close:  []string{"DETACH DATABASE " + quoted},
		Schema: name,
	}
}

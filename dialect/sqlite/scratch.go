package sqlite

import "github.com/dormer-orm/dormer/dialect"

// PlainCasts are the tokens: SQLite keeps expressions as they were written.
func (Dialect) PlainCasts(tokens []string, _ func(string) bool) []string { return tokens }

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

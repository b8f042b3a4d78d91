package postgres

import "github.com/dormer-orm/dormer/dialect"

// Scratch is a schema that stands first in the search path of the transaction, so
// that it takes what is made and is the default one for Inspect, while the types
// and functions of the others are still found.
func (d Dialect) Scratch(name string) dialect.Scratch {
	quoted := string(d.AppendQuoted(nil, name))
	path, _ := d.AppendLiteral(nil, quoted)
	return dialect.Scratch{
		Open: []string{
			"CREATE SCHEMA " + quoted,
			"SELECT pg_catalog.set_config('search_path', " + string(path) +
				" || CASE pg_catalog.current_setting('search_path') WHEN '' THEN '' ELSE ', ' || pg_catalog.current_setting('search_path') END, true)",
		},
		Transaction: true,
	}
}

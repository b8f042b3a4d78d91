package sqlite

// TableExists asks for a table or view. SQLite's names have no case.
func (d Dialect) TableExists(schemaName, table string) (string, []any) {
	master := "sqlite_master"
	if schemaName != "" {
		master = string(d.AppendQuoted(nil, schemaName)) + "." + master
	}
	return "SELECT EXISTS (SELECT 1 FROM " + master + " WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE)", []any{table}
}

// EnumExists asks nothing: there are no such types.
func (Dialect) EnumExists(string) (string, []any) { return "", nil }

// SchemaExists asks nothing: a schema is a database that was attached.
func (Dialect) SchemaExists(string) (string, []any) { return "", nil }

// SchemaLock is "": a transaction that writes holds the whole database.
func (Dialect) SchemaLock() string { return "" }

// ForeignKeyExists asks nothing: a foreign key is part of its table.
func (Dialect) ForeignKeyExists(_, _, _ string) (string, []any) { return "", nil }

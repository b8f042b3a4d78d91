package postgres

// TableExists asks for a table or view; without a schema for one that the search
// path finds.
func (Dialect) TableExists(schemaName, table string) (string, []any) {
	return "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" +
		" WHERE c.relname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')" +
		" AND CASE WHEN $2::text = '' THEN pg_catalog.pg_table_is_visible(c.oid) AND n.nspname <> 'pg_catalog' ELSE n.nspname = $2::text END)", []any{table, schemaName}
}

// EnumExists asks for a type that the search path finds.
func (Dialect) EnumExists(name string) (string, []any) {
	return "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_type t WHERE t.typname = $1::text AND pg_catalog.pg_type_is_visible(t.oid))", []any{name}
}

// SchemaExists asks for a schema.
func (Dialect) SchemaExists(name string) (string, []any) {
	return "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1::text)", []any{name}
}

// SchemaLock takes an advisory lock, whose number spells "dormer", to the end of
// the transaction: two programs that start at once would else both find a table
// missing and both create it.
func (Dialect) SchemaLock() string { return "SELECT pg_advisory_xact_lock(110429823919474)" }

// ForeignKeyExists asks for a constraint of a table that TableExists finds.
func (Dialect) ForeignKeyExists(schemaName, table, name string) (string, []any) {
	return "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid" +
		" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND c.relname = $1::text AND k.conname = $3::text" +
		" AND CASE WHEN $2::text = '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2::text END)", []any{table, schemaName, name}
}

package postgres

// The catalogue's queries. $1 is the list of schemas to read. Names travel as
// text, lists as JSON, since a name may hold any character.

// notOfExtension leaves out what an extension made; catalogue and oid say what of.
func notOfExtension(catalogue, oid string) string {
	return " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog." + catalogue +
		"'::pg_catalog.regclass AND x.objid = " + oid + " AND x.deptype = 'e')"
}

// inspectSchemas lists schemas, and which of them is the default one.
var inspectSchemas = `SELECT n.nspname::text, COALESCE(n.nspname = pg_catalog.current_schema(), false)
FROM pg_catalog.pg_namespace n
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'` + notOfExtension("pg_namespace", "n.oid") + `
ORDER BY 1`

// theTables are the tables in the schemas: those that stand by themselves, which
// partitions do not.
var theTables = `(SELECT c.oid, c.relname, c.relkind, n.nspname
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition` + notOfExtension("pg_class", "c.oid") + `) t`

var inspectTables = `SELECT t.oid::int8, t.nspname::text, t.relname::text, COALESCE(d.description, ''),
	CASE WHEN t.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(t.oid) ELSE '' END
FROM ` + theTables + `
LEFT JOIN pg_catalog.pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
ORDER BY t.nspname::text COLLATE "C", t.relname::text COLLATE "C"`

// inspectEnums lists all enum types with their values: columns may be of types
// that stand in other schemas.
var inspectEnums = `SELECT y.oid::int8, n.nspname::text, y.typname::text, e.enumlabel::text
FROM pg_catalog.pg_type y JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = y.oid
WHERE y.typtype = 'e' AND n.nspname !~ '^pg_'` + notOfExtension("pg_type", "y.oid") + `
ORDER BY n.nspname::text COLLATE "C", y.typname::text COLLATE "C", e.enumsortorder`

var inspectColumns = `SELECT t.oid::int8, a.attnum::int8, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
	(CASE WHEN y.typcategory = 'A' THEN y.typelem ELSE y.oid END)::int8, y.typcategory = 'A',
	NOT a.attnotnull, a.attidentity::text, a.attgenerated::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
	COALESCE(k.collname::text, ''), COALESCE(m.description, '')
FROM ` + theTables + `
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation k ON k.oid = a.attcollation AND a.attcollation <> y.typcollation
LEFT JOIN pg_catalog.pg_description m ON m.objoid = t.oid AND m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objsubid = a.attnum
ORDER BY t.oid, a.attnum`

// attributes is the JSON list of the names of a relation's columns by number.
func attributes(relation, numbers string) string {
	return `(SELECT pg_catalog.json_agg(a.attname::text ORDER BY u.i) FROM pg_catalog.unnest(` + numbers + `) WITH ORDINALITY u(n, i)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = ` + relation + ` AND a.attnum = u.n)::text`
}

// inspectConstraints leaves out EXCLUDE, which becomes a note, triggers, and what a foreign key to a
// partitioned table has for each partition.
var inspectConstraints = `SELECT t.oid::int8, k.conname::text, k.contype::text, ` + attributes("k.conrelid", "k.conkey") + `,
	k.confrelid::int8, COALESCE(rn.nspname::text, ''), COALESCE(r.relname::text, ''), ` + attributes("k.confrelid", "k.confkey") + `,
	k.confdeltype::text, k.confupdtype::text, k.condeferrable AND k.condeferred,
	CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END
FROM ` + theTables + `
JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'c', 'f') AND k.conparentid = 0
LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
ORDER BY t.oid, k.oid`

// inspectIndexes has for each part of an index its column's number (0 for an
// expression), its options (none for one that is only included), its name or
// expression, and its operator class if that is not the default of a type.
var inspectIndexes = `SELECT t.oid::int8, x.relname::text, i.indisunique, m.amname::text, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
	(SELECT pg_catalog.json_agg(pg_catalog.json_build_array(i.indkey[p - 1], CASE WHEN p <= i.indnkeyatts THEN i.indoption[p - 1] END,
			COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.indexrelid, p, false)),
			CASE WHEN p <= i.indnkeyatts THEN (SELECT CASE WHEN pg_catalog.pg_opclass_is_visible(o.oid) THEN '' ELSE pg_catalog.quote_ident(n.nspname) || '.' END || pg_catalog.quote_ident(o.opcname)
				FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace WHERE o.oid = i.indclass[p - 1] AND NOT o.opcdefault) END) ORDER BY p)
		FROM pg_catalog.generate_series(1, i.indnatts::int4) p
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1])::text
FROM ` + theTables + `
JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY t.oid, x.oid`

var inspectViews = `SELECT n.nspname::text, c.relname::text, c.relkind = 'm', pg_catalog.pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('v', 'm')` + notOfExtension("pg_class", "c.oid") + `
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`

var inspectTriggers = `SELECT n.nspname::text, c.relname::text, g.tgname::text, pg_catalog.pg_get_triggerdef(g.oid)
FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND NOT g.tgisinternal AND NOT c.relispartition` + notOfExtension("pg_class", "c.oid") + notOfExtension("pg_trigger", "g.oid") + `
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", g.tgname::text COLLATE "C"`

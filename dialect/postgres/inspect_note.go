package postgres

import (
	"database/sql/driver"

	"github.com/dormer-orm/dormer/internal/catalogue"
)

// standardMin and standardMax are the bounds of a sequence of which nothing was said.
const (
	standardMin = "CASE WHEN s.seqincrement > 0 THEN 1 ELSE " + leastOf + " END"
	standardMax = "CASE WHEN s.seqincrement > 0 THEN -(" + leastOf + " + 1) ELSE -1 END"
	leastOf     = "CASE s.seqtypid::pg_catalog.regtype::text WHEN 'smallint' THEN -32768 WHEN 'integer' THEN -2147483648 ELSE (-9223372036854775808)::int8 END"
)

// inspectNotes lists what a TableDef has no word for, in words: what is left out,
// in the order of tables.
var inspectNotes = `SELECT t.oid::int8, 1 AS part, 'constraint ' || k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid) AS note
FROM ` + theTables + ` JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'x'
UNION ALL
SELECT t.oid::int8, 2, CASE WHEN k.contype IN ('p', 'u') THEN 'DEFERRABLE'
	WHEN k.condeferrable AND NOT k.condeferred THEN 'DEFERRABLE, but not INITIALLY DEFERRED,'
	WHEN k.confmatchtype = 'f' THEN 'MATCH FULL' ELSE 'NOT VALID' END || ' of constraint ' || k.conname
FROM ` + theTables + ` JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.conparentid = 0 AND k.contype IN ('p', 'u', 'c', 'f')
WHERE k.condeferrable AND (k.contype <> 'f' OR NOT k.condeferred) OR k.contype = 'f' AND k.confmatchtype = 'f' OR NOT k.convalidated
UNION ALL
SELECT t.oid::int8, 3, 'NULLS NOT DISTINCT of unique index ' || x.relname
FROM ` + theTables + ` JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'
UNION ALL
SELECT t.oid::int8, 4, 'COLLATE ' || pg_catalog.quote_ident(c.collname) || ' of column ' || a.attname || ' in index ' || x.relname
FROM ` + theTables + ` JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnkeyatts - 1) p
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[p] AND a.attcollation <> i.indcollation[p]
JOIN pg_catalog.pg_collation c ON c.oid = i.indcollation[p]
UNION ALL
SELECT t.oid::int8, 5, 'GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END
	|| CASE WHEN s.seqstart <> 1 THEN ' START ' || s.seqstart ELSE '' END || CASE WHEN s.seqincrement <> 1 THEN ' INCREMENT ' || s.seqincrement ELSE '' END
	|| CASE WHEN s.seqmin <> ` + standardMin + ` THEN ' MINVALUE ' || s.seqmin ELSE '' END || CASE WHEN s.seqmax <> ` + standardMax + ` THEN ' MAXVALUE ' || s.seqmax ELSE '' END
	|| CASE WHEN s.seqcache <> 1 THEN ' CACHE ' || s.seqcache ELSE '' END || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END || ' of the identity of column ' || a.attname
FROM ` + theTables + ` JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid AND d.refobjid = t.oid AND d.refobjsubid = a.attnum AND d.deptype = 'i'
JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
WHERE a.attidentity = 'a' OR s.seqstart <> 1 OR s.seqincrement <> 1 OR s.seqcycle OR s.seqcache <> 1 OR s.seqmin <> ` + standardMin + ` OR s.seqmax <> ` + standardMax + `
UNION ALL
SELECT t.oid::int8, 6, 'type ' || pg_catalog.format_type(y.oid, NULL) || ' of column ' || a.attname || ', which has to exist'
	|| CASE WHEN y.typtype = 'd' THEN ': CREATE DOMAIN ' || pg_catalog.format_type(y.oid, NULL) || ' AS ' || pg_catalog.format_type(y.typbasetype, y.typtypmod)
		|| COALESCE(' DEFAULT ' || y.typdefault, '') || CASE WHEN y.typnotnull THEN ' NOT NULL' ELSE '' END
		|| COALESCE((SELECT pg_catalog.string_agg(' CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid), '' ORDER BY k.conname)
			FROM pg_catalog.pg_constraint k WHERE k.contypid = y.oid AND k.contype = 'c'), '') ELSE '' END
FROM ` + theTables + ` JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type o ON o.oid = a.atttypid
JOIN pg_catalog.pg_type y ON y.oid = CASE WHEN o.typcategory = 'A' AND o.typelem <> 0 THEN o.typelem ELSE o.oid END
JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace AND n.nspname <> 'pg_catalog'
WHERE y.typtype <> 'e' OR n.nspname <> COALESCE(pg_catalog.current_schema(), '') OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_enum e WHERE e.enumtypid = y.oid)
UNION ALL
SELECT t.oid::int8, 7, 'INHERITS (' || i.inhparent::pg_catalog.regclass::text || '), whose rows are its parent''s too'
FROM ` + theTables + ` JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.oid
UNION ALL
SELECT t.oid::int8, 8, 'partition ' || x.relid::text || CASE WHEN x.parentrelid = t.oid THEN '' ELSE ' of ' || x.parentrelid::text END
	|| ' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid) || CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END
FROM ` + theTables + ` CROSS JOIN LATERAL pg_catalog.pg_partition_tree(t.oid) x JOIN pg_catalog.pg_class c ON c.oid = x.relid
WHERE t.relkind = 'p' AND x.level > 0
UNION ALL
SELECT t.oid::int8, 9, 'ON DELETE SET ' || CASE k.confdeltype WHEN 'n' THEN 'NULL' ELSE 'DEFAULT' END || ' of the columns (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.i)
	FROM pg_catalog.jsonb_array_elements_text(pg_catalog.to_jsonb(k) -> 'confdelsetcols') WITH ORDINALITY u (n, i) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n::int) || ') alone of constraint ' || k.conname
FROM ` + theTables + ` JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.conparentid = 0 AND k.contype = 'f' AND k.confdeltype IN ('n', 'd')
WHERE pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(k) -> 'confdelsetcols') = 'array'
UNION ALL
SELECT t.oid::int8, 10, s.note
FROM ` + theTables + ` JOIN pg_catalog.pg_class c ON c.oid = t.oid
CROSS JOIN LATERAL (VALUES (CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED' END), ('WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')'),
	(CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' || CASE WHEN c.relforcerowsecurity THEN ', forced' ELSE '' END END),
	('REPLICA IDENTITY ' || CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
		WHEN 'i' THEN 'USING INDEX ' || COALESCE((SELECT x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = t.oid AND i.indisreplident), '') END)) s (note)
WHERE s.note IS NOT NULL
UNION ALL
SELECT t.oid::int8, 11, 'WITH (' || pg_catalog.array_to_string(x.reloptions, ', ') || ') of index ' || x.relname
FROM ` + theTables + ` JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND x.reloptions IS NOT NULL
UNION ALL
SELECT t.oid::int8, 12, 'policy ' || p.polname || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
	|| ' FOR ' || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
	|| COALESCE(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '') || COALESCE(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
FROM ` + theTables + ` JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid
UNION ALL
SELECT t.oid::int8, 13, 'rule ' || pg_catalog.rtrim(pg_catalog.regexp_replace(pg_catalog.pg_get_ruledef(r.oid), '\s+', ' ', 'g'), ';')
FROM ` + theTables + ` JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid
UNION ALL
SELECT t.oid::int8, 14, 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END || ' of column ' || a.attname
FROM ` + theTables + ` JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
WHERE a.attstorage <> y.typstorage
ORDER BY 1, 2, 3`

func (r *inspector) notes() error {
	return r.q(r.ctx, inspectNotes, r.args, func(row []driver.Value) error {
		if t := r.tables[catalogue.Int(row[0])]; t != nil {
			t.Notes = append(t.Notes, catalogue.Text(row[2]))
		}
		return nil
	})
}

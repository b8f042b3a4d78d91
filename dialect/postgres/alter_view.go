package postgres

import (
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// keepViews is the body of a block that runs statements without the views over some
// columns. The views are found by what the server knows, those over others last, and
// have their owner, comments, options and grants again afterwards, and no grants but
// those: ALTER DEFAULT PRIVILEGES gives every new view some. What it cannot make again
// as it was it refuses before it drops anything.
//
// A view that the server spells otherwise with the new types may have lost a cast,
// which nothing would bring back with the old ones. It is then made, without any
// rows, over tables of the old types, and is refused if it is not as it was there.
const keepViews = `DECLARE v record; granted record; names text[] := '{}'; texts text[] := '{}'; again text[] := '{}'; grants text[] := '{}'; shapes text[] := '{}'; is_now text[];
	why text; i int; tables_of oid[]; names_of name[]; types oid[]; loose boolean; tables oid[] := ARRAY(SELECT DISTINCT x.o FROM (VALUES %[1]s) x (o, n)); moves text[]; todo text; BEGIN
SELECT pg_catalog.array_agg(a.attrelid), pg_catalog.array_agg(a.attname), pg_catalog.array_agg(a.atttypid) INTO tables_of, names_of, types FROM pg_catalog.pg_attribute a WHERE (a.attrelid, a.attname) IN (VALUES %[1]s);
moves := ARRAY(SELECT m FROM pg_catalog.unnest(tables) WITH ORDINALITY t (o, k) CROSS JOIN LATERAL (SELECT 'ALTER TABLE ' || t.o::pg_catalog.regclass || ' RENAME TO dormer_apart_' || t.k AS m
	UNION ALL SELECT 'CREATE TABLE ' || t.o::pg_catalog.regclass || ' (' || pg_catalog.concat_ws(', ', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
			|| COALESCE(' COLLATE ' || pg_catalog.quote_ident(l.collname), ''), ', ' ORDER BY a.attnum)
		FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND l.collname <> 'default' WHERE a.attrelid = t.o AND a.attnum > 0 AND NOT a.attisdropped),
		(SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k WHERE k.conrelid = t.o AND k.contype = 'p')) || ')') x);
FOR v IN WITH RECURSIVE d (oid, depth) AS (
	SELECT r.ev_class, 1 FROM pg_catalog.pg_depend x JOIN pg_catalog.pg_rewrite r ON r.oid = x.objid
	JOIN pg_catalog.pg_attribute a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid
	WHERE x.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.ev_class <> x.refobjid
		AND (x.refobjid, a.attname) IN (VALUES %[1]s)
	UNION SELECT r.ev_class, d.depth + 1 FROM d JOIN pg_catalog.pg_depend x ON x.refobjid = d.oid JOIN pg_catalog.pg_rewrite r ON r.oid = x.objid
	WHERE x.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.ev_class <> d.oid)
SELECT c.*, c.oid::pg_catalog.regclass::text AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner, m.depth
FROM (SELECT oid, max(depth) AS depth FROM d GROUP BY oid) m JOIN pg_catalog.pg_class c ON c.oid = m.oid ORDER BY m.depth, c.oid LOOP
	why := CASE WHEN v.relkind = 'm' THEN 'materialized view ' || v.name
		WHEN v.relkind <> 'v' OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = v.oid AND r.rulename <> '_RETURN') THEN v.name || ', which has rules,'
		WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = v.oid) THEN 'view ' || v.name || ', which has triggers,'
		WHEN EXISTS (SELECT FROM pg_catalog.pg_attrdef f WHERE f.adrelid = v.oid) THEN 'view ' || v.name || ', which has defaults,'
		WHEN EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = v.oid AND x.deptype = 'e') THEN 'view ' || v.name || ', which an extension made,'
		WHEN EXISTS (SELECT FROM pg_catalog.pg_seclabel s WHERE s.objoid = v.oid) THEN 'view ' || v.name || ', which has security labels,'
		WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = v.oid AND a.attacl IS NOT NULL)
			OR EXISTS (SELECT FROM pg_catalog.aclexplode(v.relacl) p WHERE p.grantor <> v.relowner) THEN 'view ' || v.name || ', which has grants of columns or of others than its owner,' END;
	IF why IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist', MESSAGE = why || ' uses a column whose type changes (%[2]s), and is not made again by itself';
	END IF;
	names := names || v.name;
	texts := texts || pg_catalog.pg_get_viewdef(v.oid);
	shapes := shapes || (SELECT pg_catalog.string_agg(pg_catalog.format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = v.oid);
	again := again || ('CREATE VIEW ' || v.name || COALESCE(' WITH (' || pg_catalog.array_to_string(v.reloptions, ', ') || ')', '') || ' AS ' || pg_catalog.pg_get_viewdef(v.oid))
		|| ARRAY(SELECT 'COMMENT ON ' || CASE m.objsubid WHEN 0 THEN 'VIEW ' || v.name ELSE 'COLUMN ' || v.name || '.' || pg_catalog.quote_ident(a.attname) END || ' IS ' || pg_catalog.quote_literal(m.description)
			FROM pg_catalog.pg_description m LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum = m.objsubid
			WHERE m.objoid = v.oid AND m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass)
		|| CASE WHEN v.owner <> current_user THEN ARRAY['ALTER VIEW ' || v.name || ' OWNER TO ' || pg_catalog.quote_ident(v.owner)] ELSE '{}'::text[] END;
	grants := grants || CASE WHEN v.relacl IS NULL THEN '{}'::text[] ELSE ARRAY['REVOKE ALL ON ' || v.name || ' FROM PUBLIC, ' || pg_catalog.quote_ident(v.owner)] END
		|| ARRAY(SELECT 'GRANT ' || p.privilege_type || ' ON ' || v.name || ' TO ' || CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.grantee)) END
			|| CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM pg_catalog.aclexplode(v.relacl) p);
END LOOP;
FOR i IN REVERSE COALESCE(pg_catalog.array_length(names, 1), 0)..1 LOOP EXECUTE 'DROP VIEW ' || names[i]; END LOOP;
%[3]s
FOR i IN 1..COALESCE(pg_catalog.array_length(again, 1), 0) LOOP
	BEGIN EXECUTE again[i]; EXCEPTION WHEN others THEN
		RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist', MESSAGE = 'views use a column whose type changes (%[2]s), and are not as they were with the new one: ' || SQLERRM, DETAIL = again[i];
	END;
END LOOP;
FOR v IN SELECT n.name, w.relowner, w.relacl FROM pg_catalog.unnest(names) n (name) JOIN pg_catalog.pg_class w ON w.oid = n.name::pg_catalog.regclass LOOP
	FOR granted IN SELECT DISTINCT a.grantee FROM pg_catalog.aclexplode(v.relacl) a WHERE a.grantee <> v.relowner LOOP
		EXECUTE 'REVOKE ALL ON ' || v.name || ' FROM ' || CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(granted.grantee)) END;
	END LOOP;
END LOOP;
FOREACH todo IN ARRAY grants LOOP EXECUTE todo; END LOOP;
is_now := ARRAY(SELECT pg_catalog.pg_get_viewdef(n.name::pg_catalog.regclass) FROM pg_catalog.unnest(names) WITH ORDINALITY n (name, k) ORDER BY n.k);
IF is_now = texts THEN RETURN; END IF;
-- Among texts a cast is no loss, and the server adds and leaves out some.
loose := COALESCE((SELECT pg_catalog.bool_and(a.atttypid = o.was OR b.typname IN ('text', 'varchar') AND e.typname IN ('text', 'varchar'))
	FROM ROWS FROM (pg_catalog.unnest(tables_of), pg_catalog.unnest(names_of), pg_catalog.unnest(types)) o (t, n, was)
	JOIN pg_catalog.pg_attribute a ON a.attrelid = o.t AND a.attname = o.n JOIN pg_catalog.pg_type b ON b.oid = o.was JOIN pg_catalog.pg_type e ON e.oid = a.atttypid), false);
BEGIN
	FOR i IN REVERSE pg_catalog.array_length(names, 1)..1 LOOP EXECUTE 'DROP VIEW ' || names[i]; END LOOP;
	FOREACH todo IN ARRAY moves LOOP EXECUTE todo; END LOOP;
	FOR i IN 1..pg_catalog.array_length(names, 1) LOOP
		why := names[i];
		EXECUTE 'CREATE VIEW ' || names[i] || ' AS ' || is_now[i];
		todo := pg_catalog.pg_get_viewdef(names[i]::pg_catalog.regclass);
		IF todo <> texts[i] AND NOT (loose AND pg_catalog.translate(pg_catalog.regexp_replace(todo, '::(text|character varying)(\[\])?', '', 'g'), E'() \n', '')
				= pg_catalog.translate(pg_catalog.regexp_replace(texts[i], '::(text|character varying)(\[\])?', '', 'g'), E'() \n', ''))
			OR shapes[i] <> (SELECT pg_catalog.string_agg(pg_catalog.format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = names[i]::pg_catalog.regclass) THEN
			RAISE EXCEPTION 'another';
		END IF;
	END LOOP;
	why := NULL;
	RAISE EXCEPTION 'undone';
EXCEPTION WHEN others THEN
END;
IF why IS NOT NULL THEN
	RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist', MESSAGE = 'view ' || why || ' uses a column whose type changes (%[2]s), and would not be as it was once the change is undone: the server keeps no cast that the new type does without';
END IF;
END`

// KeepViews drops the views over the columns, and those over them, around the
// statements, all in one block.
func (d Dialect) KeepViews(columns []*schema.ColumnDef, statements []string) ([]string, error) {
	var of, names []string
	for _, c := range columns {
		t, err := d.tableLiteral(c.Table)
		if err != nil {
			return nil, err
		}
		name, err := d.AppendLiteral(nil, c.Name)
		if err != nil {
			return nil, err
		}
		of = append(of, fmt.Sprintf("(%s::pg_catalog.regclass::oid, %s)", t, name))
		names = append(names, strings.ReplaceAll(c.Table.QualifiedName()+"."+c.Name, "'", "''"))
	}
	var run []string
	for _, s := range statements {
		text, err := d.AppendLiteral(nil, s)
		if err != nil {
			return nil, err
		}
		run = append(run, "EXECUTE "+string(text)+";")
	}
	s, err := d.do(fmt.Sprintf(keepViews, strings.Join(of, ", "), strings.Join(names, ", "), strings.Join(run, "\n")))
	return []string{s}, err
}

package postgres

import (
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// keepViews is the body of a block that runs statements without the views over some
// columns. The views are found by what the server knows, those over others last, and
// have their owner, comments, options and grants again afterwards. What it cannot make
// again as it was it refuses before it drops anything.
const keepViews = `DECLARE v record; names text[] := '{}'; again text[] := '{}'; why text; i int; BEGIN
FOR v IN WITH RECURSIVE d (oid, depth) AS (
	SELECT r.ev_class, 1 FROM pg_catalog.pg_depend x JOIN pg_catalog.pg_rewrite r ON r.oid = x.objid
	JOIN pg_catalog.pg_attribute a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid
	WHERE x.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.ev_class <> x.refobjid
		AND (x.refobjid, a.attname) IN (%[1]s)
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
	again := again || ('CREATE VIEW ' || v.name || COALESCE(' WITH (' || pg_catalog.array_to_string(v.reloptions, ', ') || ')', '') || ' AS ' || pg_catalog.pg_get_viewdef(v.oid))
		|| ARRAY(SELECT 'COMMENT ON ' || CASE m.objsubid WHEN 0 THEN 'VIEW ' || v.name ELSE 'COLUMN ' || v.name || '.' || pg_catalog.quote_ident(a.attname) END || ' IS ' || pg_catalog.quote_literal(m.description)
			FROM pg_catalog.pg_description m LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum = m.objsubid
			WHERE m.objoid = v.oid AND m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass)
		|| CASE WHEN v.owner <> current_user THEN ARRAY['ALTER VIEW ' || v.name || ' OWNER TO ' || pg_catalog.quote_ident(v.owner)] ELSE '{}'::text[] END
		|| CASE WHEN v.relacl IS NULL THEN '{}'::text[] ELSE ARRAY['REVOKE ALL ON ' || v.name || ' FROM PUBLIC, ' || pg_catalog.quote_ident(v.owner)] END
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
END`

// KeepViews drops the views over the columns, and those over them, around the
// statements, all in one block.
func (d Dialect) KeepViews(columns []*schema.ColumnDef, statements []string) ([]string, error) {
	var of, names []string
	for _, c := range columns {
		table := string(d.AppendQuoted(nil, c.Table.Name))
		if c.Table.Schema != "" {
			table = string(d.AppendQuoted(nil, c.Table.Schema)) + "." + table
		}
		t, err := d.AppendLiteral(nil, table)
		if err != nil {
			return nil, err
		}
		name, err := d.AppendLiteral(nil, c.Name)
		if err != nil {
			return nil, err
		}
		of = append(of, fmt.Sprintf("(%s::pg_catalog.regclass, %s)", t, name))
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

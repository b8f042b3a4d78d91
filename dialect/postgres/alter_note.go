package postgres

import (
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// keptNotes collects, as statements, what is said of the indexes and constraints of
// tables and who may use their generated columns.
const keptNotes = `SELECT pg_catalog.set_config('dormer.notes', COALESCE((SELECT pg_catalog.json_agg(n.sql) FROM (
SELECT 'COMMENT ON INDEX ' || i.indexrelid::pg_catalog.regclass || ' IS ' || pg_catalog.quote_literal(d.description) AS sql
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_description d ON d.objoid = i.indexrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
WHERE i.indrelid IN (%[1]s)
UNION ALL
SELECT 'COMMENT ON CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ON ' || k.conrelid::pg_catalog.regclass || ' IS ' || pg_catalog.quote_literal(d.description)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
WHERE k.conrelid IN (%[1]s)
UNION ALL
SELECT 'GRANT ' || p.privilege_type || ' (' || pg_catalog.quote_ident(a.attname) || ') ON ' || a.attrelid::pg_catalog.regclass
	|| ' TO ' || CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.grantee)) END || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) p
WHERE a.attrelid IN (%[1]s) AND a.attgenerated <> ''
) n)::text, '[]'), true)`

// sayAgain runs them. What the statements in between have taken away for good is
// left out.
const sayAgain = `DECLARE s text; BEGIN
FOR s IN SELECT pg_catalog.json_array_elements_text(pg_catalog.current_setting('dormer.notes')::json) LOOP
	BEGIN EXECUTE s; EXCEPTION WHEN undefined_object OR undefined_table OR undefined_column THEN END;
END LOOP;
END`

// KeepNotes keeps what is said in a setting of the transaction.
func (d Dialect) KeepNotes(tables []*schema.TableDef, statements []string) ([]string, error) {
	var of []string
	for _, t := range tables {
		name, err := d.tableLiteral(t)
		if err != nil {
			return nil, err
		}
		of = append(of, name+"::pg_catalog.regclass")
	}
	again, err := d.do(sayAgain)
	return append(append([]string{fmt.Sprintf(keptNotes, strings.Join(of, ", "))}, statements...), again), err
}

// tableLiteral is a table's quoted name as a constant.
func (d Dialect) tableLiteral(t *schema.TableDef) (string, error) {
	name := string(d.AppendQuoted(nil, t.Name))
	if t.Schema != "" {
		name = string(d.AppendQuoted(nil, t.Schema)) + "." + name
	}
	b, err := d.AppendLiteral(nil, name)
	return string(b), err
}

// likeType gives a type what another one has. A new type may be used by all unless
// ALTER DEFAULT PRIVILEGES says otherwise.
const likeType = `DECLARE o record; n record; p record; note text; BEGIN
SELECT * INTO o FROM pg_catalog.pg_type WHERE oid = %[1]s::pg_catalog.regtype;
SELECT * INTO n FROM pg_catalog.pg_type WHERE oid = %[2]s::pg_catalog.regtype;
note := pg_catalog.obj_description(%[1]s::pg_catalog.regtype, 'pg_type');
IF note IS NOT NULL THEN EXECUTE 'COMMENT ON TYPE ' || %[2]s || ' IS ' || pg_catalog.quote_literal(note); END IF;
FOR p IN SELECT DISTINCT a.grantee FROM pg_catalog.aclexplode(COALESCE(n.typacl, pg_catalog.acldefault('T', n.typowner))) a WHERE a.grantee <> n.typowner LOOP
	EXECUTE 'REVOKE ALL ON TYPE ' || %[2]s || ' FROM ' || CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.grantee)) END;
END LOOP;
IF o.typowner <> n.typowner THEN EXECUTE 'ALTER TYPE ' || %[2]s || ' OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.typowner)); END IF;
EXECUTE 'REVOKE ALL ON TYPE ' || %[2]s || ' FROM ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.typowner));
FOR p IN SELECT * FROM pg_catalog.aclexplode(COALESCE(o.typacl, pg_catalog.acldefault('T', o.typowner))) LOOP
	EXECUTE 'GRANT USAGE ON TYPE ' || %[2]s || ' TO ' || CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.grantee)) END
		|| CASE WHEN p.is_grantable AND p.grantee <> o.typowner THEN ' WITH GRANT OPTION' ELSE '' END;
END LOOP;
END`

// LikeType is a DO block.
func (d Dialect) LikeType(from, to string) (string, error) {
	was, err := d.AppendLiteral(nil, from)
	if err != nil {
		return "", err
	}
	is, err := d.AppendLiteral(nil, to)
	if err != nil {
		return "", err
	}
	return d.do(fmt.Sprintf(likeType, was, is))
}

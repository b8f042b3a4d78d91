package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// Views over a column whose type changes, and those over them, are as they were
// afterwards, with all that belongs to them.
func TestViewsOverColumnsWhoseTypeChanges(t *testing.T) {
	db := postgresDB(t)
	role := "viewer_" + strings.ToLower(strings.NewReplacer("/", "_").Replace(t.Name()))
	_ = tryExec(t, db, "DROP ROLE IF EXISTS "+role)
	execAll(t, db,
		"CREATE ROLE "+role,
		`CREATE TYPE mood AS ENUM ('sad', 'ok')`,
		`CREATE TABLE "it's" (id bigint PRIMARY KEY, n integer NOT NULL, other text, m mood, twice bigint GENERATED ALWAYS AS (n * 2) STORED)`,
		`INSERT INTO "it's" VALUES (1, 7, 'x', 'ok')`,
		`CREATE VIEW aaa AS SELECT id, n AS number, twice, m FROM "it's" WHERE n > 3 WITH LOCAL CHECK OPTION`,
		`CREATE SCHEMA "Far"`,
		`CREATE VIEW "Far"."B v" WITH (security_barrier) AS SELECT number + 1 AS more, m FROM aaa`,
		`CREATE VIEW zz (a, b) AS SELECT v.more, w.id FROM "Far"."B v" v, aaa w`,
		`CREATE VIEW apart AS SELECT other FROM "it's"`,
	)
	execAll(t, db,
		`COMMENT ON VIEW aaa IS 'it''s a view'`, `COMMENT ON COLUMN aaa.number IS 'a number'`,
		`GRANT SELECT ON aaa TO PUBLIC`, `GRANT SELECT, UPDATE ON "Far"."B v" TO `+role+` WITH GRANT OPTION`, `ALTER VIEW zz OWNER TO `+role,
	)
	t.Cleanup(func() { _ = tryExec(t, db, "DROP OWNED BY "+role); _ = tryExec(t, db, "DROP ROLE "+role) })
	state := func() string {
		return rowsOf(t, db, `SELECT c.oid::regclass, pg_get_userbyid(c.relowner), array_to_string(c.reloptions, ','), obj_description(c.oid, 'pg_class'), col_description(c.oid, 2),
			(SELECT string_agg(p.grantee::regrole || ':' || p.privilege_type || p.is_grantable, ',' ORDER BY p.grantee, p.privilege_type) FROM aclexplode(c.relacl) p), pg_get_viewdef(c.oid)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND n.nspname IN ('public', 'Far') ORDER BY c.relname`)
	}
	before := state()
	oid := rowsOf(t, db, "SELECT 'apart'::regclass::oid")
	var op Op
	op.AlterColumn("it's", schema.Col("n", schema.Int()), schema.Col("n", schema.BigInt()))
	op.AlterEnum("mood", []string{"sad", "ok"}, []string{"ok"})
	if err := carry(t, db, op.Operations()...); err != nil {
		t.Fatal(err)
	}
	if after := state(); after != before {
		t.Errorf("before\n%s\nafterwards\n%s", before, after)
	}
	if got := rowsOf(t, db, `SELECT a, b, pg_typeof(a) FROM zz`) + rowsOf(t, db, `SELECT number, twice, m FROM aaa`); got != "8|1|bigint7|14|ok" {
		t.Errorf("rows are %s", got)
	}
	if rowsOf(t, db, "SELECT 'apart'::regclass::oid") != oid {
		t.Error("a view of other columns was made again")
	}
	execAll(t, db, `CREATE TABLE up (id bigint PRIMARY KEY, k integer REFERENCES up (id) DEFERRABLE INITIALLY DEFERRED)`, `INSERT INTO up VALUES (1, NULL)`, `CREATE VIEW of_k AS SELECT k FROM up`)
	var filled Op
	filled.AlterColumn("up", schema.Col("k", schema.Int()).Nullable(), schema.Col("k", schema.BigInt())).Backfill(1)
	if err := carry(t, db, filled.Operations()...); err != nil || rowsOf(t, db, "SELECT k, pg_typeof(k) FROM of_k") != "1|bigint" {
		t.Errorf("with rows to fill: %v", err)
	}
	execAll(t, db, "DROP VIEW of_k", "DROP TABLE up")
	var back Op
	back.AlterColumn("it's", schema.Col("n", schema.BigInt()), schema.Col("n", schema.Int()))
	if err := carry(t, db, back.Operations()...); err != nil || state() != before {
		t.Errorf("%v\n%s", err, state())
	}
}

// A view that cannot be made again as it was stops the upgrade before anything has
// changed, and is named.
func TestViewsThatAreNotMadeAgain(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"materialized":        {`CREATE MATERIALIZED VIEW v AS SELECT n FROM t`, "materialized view v"},
		"materialized beyond": {`CREATE VIEW u AS SELECT n FROM t; CREATE MATERIALIZED VIEW v AS SELECT n FROM u`, "materialized view v"},
		"rule":                {`CREATE VIEW v AS SELECT n FROM t; CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING`, "v, which has rules,"},
		"trigger":             {`CREATE VIEW v AS SELECT n FROM t; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()`, "view v, which has triggers,"},
		"other type":          {`CREATE VIEW v AS SELECT n + 1 AS more FROM t`, "views use a column whose type changes (t.n), and are not as they were"},
		"needed":              {`CREATE VIEW v AS SELECT n FROM t; CREATE FUNCTION f(v) RETURNS int LANGUAGE sql AS 'SELECT 1'`, "view v"},
	} {
		t.Run(name, func(t *testing.T) {
			db := postgresDB(t)
			execAll(t, db, "CREATE TABLE t (id bigint PRIMARY KEY, n integer NOT NULL)", "INSERT INTO t VALUES (1, 7)", c.sql)
			before := described(t, inspected(t, db, dialect.InspectOptions{}), "text")
			var set Set
			set.Add(Revision{ID: "a", Upgrade: func(op *Op) {
				op.AlterColumn("t", schema.Col("n", schema.Int()), schema.Col("n", schema.LongText()))
			}})
			err := Upgrade(t.Context(), db, set, "head")
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "by op.Exec, and make it again") || len(err.Error()) > 900 {
				t.Errorf("error is %v", err)
			}
			after := inspected(t, db, dialect.InspectOptions{Tables: func(_, name string) bool { return !ownTable(name) }})
			if s := described(t, after, "text"); s != before {
				t.Errorf("before\n%s\nafterwards\n%s", before, s)
			}
		})
	}
}

package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

// postgresDB is an empty database on PostgreSQL; without one the test is skipped.
func postgresDB(t testing.TB) *engine.Engine {
	t.Helper()
	list := databases(t)
	if len(list) < 2 {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	return list[1].open(t, engine.PoolSize(1), engine.PoolOverflow(0))
}

// TestInspectedPostgresByHand reads what Dormer never writes.
func TestInspectedPostgresByHand(t *testing.T) {
	db := postgresDB(t)
	execAll(t, db,
		`CREATE EXTENSION pg_trgm`,
		`CREATE SCHEMA "Other.One"`,
		`CREATE TYPE "Mood" AS ENUM ('sad', 'it''s', 'a"b')`,
		`CREATE TYPE "Other.One".size AS ENUM ('s')`,
		`CREATE TYPE nix AS ENUM ()`,
		`CREATE TYPE pair AS (a int, b text)`,
		`CREATE DOMAIN positive AS integer NOT NULL CHECK (VALUE > 0)`,
		`CREATE TABLE parents (a integer, b text, PRIMARY KEY (b, a))`,
		`CREATE TABLE users (
			id serial PRIMARY KEY, big bigint GENERATED ALWAYS AS IDENTITY,
			name character varying, short varchar(9) NOT NULL, fixed char(3), amount numeric, exact numeric(10, 2), rounded numeric(5, -2),
			plain timestamp, precise timestamptz(3), day date, span interval, doc json, addr inet, bits bit(4), tags text[][], moods "Mood"[] DEFAULT '{}',
			size "Other.One".size, mood "Mood" DEFAULT 'it''s', pos positive, p pair, n nix,
			twice integer GENERATED ALWAYS AS (id * 2) STORED, here text COLLATE "C" DEFAULT 'C:\x' || 'y',
			gone int, pa int, pb text, during int4range, made timestamptz DEFAULT now(),
			UNIQUE (short, name), CHECK (id > 0 AND name <> ')'), CHECK (true), EXCLUDE USING gist (during WITH &&),
			FOREIGN KEY (pb, pa) REFERENCES parents ON DELETE SET DEFAULT, FOREIGN KEY (pa) REFERENCES users DEFERRABLE
		)`,
		`ALTER TABLE users DROP gone`,
		`ALTER TABLE users ADD "Ünï ""x""" int DEFAULT 1`,
		`COMMENT ON TABLE users IS 'all of ''em'`, `COMMENT ON COLUMN users.name IS 'who'`,
		`CREATE INDEX ix_e ON users (lower(name), (id + 1) DESC, short COLLATE "C") INCLUDE (day) WHERE pa IS NOT NULL`,
		`CREATE INDEX ix_t ON users USING gin (name gin_trgm_ops)`,
		`CREATE INDEX ix_n ON users (pa DESC NULLS LAST, pb NULLS FIRST, id DESC)`,
		`CREATE UNIQUE INDEX ix_u ON users (name text_pattern_ops) WHERE day > '2020-01-01'`,
		`CREATE TABLE parts (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)`,
		`CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
		`CREATE INDEX ix_parts ON parts (at)`,
		`CREATE TABLE "Other.One".refs (id bigint, at date, FOREIGN KEY (id, at) REFERENCES parts ON UPDATE CASCADE)`,
		`CREATE VIEW v AS SELECT id FROM users;`,
		`CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one`,
		`CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`,
		`CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION noop()`,
		`CREATE TRIGGER tp AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION noop()`,
		`CREATE TEMP TABLE passing (x int)`,
		`CREATE TABLE bare ()`,
	)
	cat := inspected(t, db, dialect.InspectOptions{})
	var got []string
	for _, tab := range cat.Tables {
		got = append(got, spelled(db.Dialect(), tab)...)
	}
	// column is a nullable column without anything unless more says so.
	column := func(name, typ string, more ...string) string {
		s := `column ` + name + ` ` + typ + ` values [] null true key false identity false default - computed - stored false collation "" comment ""`
		for i := 0; i < len(more); i += 2 {
			s = strings.Replace(s, more[i], more[i+1], 1)
		}
		return s
	}
	notNull := []string{"null true", "null false"}
	key := append(notNull, "key false", "key true")
	compare(t, []string{
		`table ""."bare" comment "" options "" key `,
		`table ""."parents" comment "" options "" key "b","a"`,
		column(`"a"`, "INTEGER", key...), column(`"b"`, "TEXT", key...),

		`table ""."parts" comment "" options "PARTITION BY RANGE (at)" key "id","at"`,
		column(`"id"`, "BIGINT", key...), column(`"at"`, "date", key...),
		`index "ix_parts" "at" desc false nulls 0 include  unique false where - method ""`,

		`table "Other.One"."refs" comment "" options "" key `,
		column(`"id"`, "BIGINT"), column(`"at"`, "date"),
		`foreign key "refs_id_at_fkey" "id","at" to ""."parts" "id","at" NO ACTION CASCADE deferrable false`,

		`table ""."users" comment "all of 'em" options "" key "id"`,
		column(`"id"`, "INTEGER", append(key, "default -", "default nextval('users_id_seq'::regclass)")...),
		column(`"big"`, "BIGINT", "null true", "null false", "identity false", "identity true"),
		column(`"name"`, "character varying", `comment ""`, `comment "who"`), column(`"short"`, "VARCHAR(9)", notNull...), column(`"fixed"`, "character(3)"),
		column(`"amount"`, "NUMERIC"), column(`"exact"`, "NUMERIC(10, 2)"), column(`"rounded"`, "numeric(5,-2)"),
		column(`"plain"`, "timestamp without time zone"), column(`"precise"`, "timestamp(3) with time zone"), column(`"day"`, "date"), column(`"span"`, "interval"),
		column(`"doc"`, "json"), column(`"addr"`, "inet"), column(`"bits"`, "bit(4)"), column(`"tags"`, "TEXT[]"),
		column(`"moods"`, `"Mood"[]`, "default -", `default '{}'::"Mood"[]`), column(`"size"`, `"Other.One".size`),
		column(`"mood"`, `"Mood"`, "values []", `values ["sad" "it's" "a\"b"]`, "default -", `default 'it''s'::"Mood"`),
		column(`"pos"`, "positive"), column(`"p"`, "pair"), column(`"n"`, "nix"),
		column(`"twice"`, "INTEGER", "computed - stored false", "computed id * 2 stored true"),
		column(`"here"`, "TEXT", "default -", `default 'C:\x'::text || 'y'::text`, `collation ""`, `collation "C"`),
		column(`"pa"`, "INTEGER"), column(`"pb"`, "TEXT"), column(`"during"`, "int4range"), column(`"made"`, "TIMESTAMPTZ", "default -", "default now()"),
		column(`"Ünï \"x\""`, "INTEGER", "default -", "default 1"),
		`unique "users_short_name_key" "short","name"`,
		`check "users_check" (id > 0) AND ((name)::text <> ')'::text)`, `check "users_check1" true`,
		`foreign key "users_pb_pa_fkey" "pb","pa" to ""."parents" "b","a" SET DEFAULT NO ACTION deferrable false`,
		`foreign key "users_pa_fkey" "pa" to ""."users" "id" NO ACTION NO ACTION deferrable false`,
		`index "ix_e" (lower((name)::text)) desc false nulls 0; (id + 1) desc true nulls 0; "short" desc false nulls 0 include "day" unique false where pa IS NOT NULL method ""`,
		`index "ix_t" "name" class gin_trgm_ops desc false nulls 0 include  unique false where - method "gin"`,
		`index "ix_n" "pa" desc true nulls 2; "pb" desc false nulls 1; "id" desc true nulls 0 include  unique false where - method ""`,
		`index "ix_u" "name" class text_pattern_ops desc false nulls 0 include  unique true where day > '2020-01-01'::date method ""`,
	}, got)
	var enums []string
	for _, e := range cat.Enums {
		enums = append(enums, e.Schema+"/"+e.Name+"/"+strings.Join(e.Values, "/"))
	}
	compare(t, []string{`/Mood/sad/it's/a"b`, `Other.One/size/s`, `/nix/`}, enums)
	var rest []string
	for _, v := range cat.Views {
		rest = append(rest, v.Schema+"/"+v.Name+"/"+strings.Join(strings.Fields(v.SQL), " ")+map[bool]string{true: "/materialized"}[v.Materialized])
	}
	for _, g := range cat.Triggers {
		rest = append(rest, g.Schema+"/"+g.Table+"/"+g.Name+"/"+g.SQL)
	}
	compare(t, []string{
		`/v/SELECT users.id FROM users`, `/mv/SELECT 1 AS one/materialized`,
		`/users/tr/CREATE TRIGGER tr BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION noop()`,
		`/parts/tp/CREATE TRIGGER tp AFTER INSERT ON public.parts FOR EACH ROW EXECUTE FUNCTION noop()`,
	}, rest)
}

// TestInspectedWithoutSchema: no schema of the search path is there.
func TestInspectedWithoutSchema(t *testing.T) {
	db := postgresDB(t)
	execAll(t, db, `CREATE TABLE t (id int)`, `SET search_path = nowhere`)
	cat := inspected(t, db, dialect.InspectOptions{})
	if len(cat.Tables) != 1 || cat.Table("public", "t") == nil {
		t.Errorf("%+v", cat.Tables)
	}
}

// TestInspectedByOtherRole: a role that may read nothing sees the same.
func TestInspectedByOtherRole(t *testing.T) {
	db := postgresDB(t)
	execAll(t, db, `CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1 CHECK (a > 0))`)
	want := spelled(db.Dialect(), inspected(t, db, dialect.InspectOptions{}).Tables[0])
	execAll(t, db, `SET ROLE pg_read_all_settings`)
	cat := inspected(t, db, dialect.InspectOptions{})
	if len(cat.Tables) != 1 {
		t.Fatalf("%+v", cat.Tables)
	}
	compare(t, want, spelled(db.Dialect(), cat.Tables[0]))
}

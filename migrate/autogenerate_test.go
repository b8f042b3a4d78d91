package migrate

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	side string

	player struct {
		ID      int64
		Email   string
		Score   int
		Side    side
		Notes   schema.JSON[map[string]string]
		Tags    []string
		Token   uuid.UUID
		Worth   decimal.Decimal
		Upper   string
		TeamID  *int64
		Born    time.Time
		Deleted *time.Time
	}
	players struct {
		schema.Table[player]
		ID     expr.Column[player, int64]
		Email  expr.Column[player, string]
		Score  expr.Column[player, int]
		Side   expr.Column[player, side]
		Token  expr.Column[player, uuid.UUID]
		Worth  expr.Column[player, decimal.Decimal]
		Upper  expr.Column[player, string]
		TeamID expr.Nullable[player, int64]
		Born   expr.Column[player, time.Time]
	}

	team struct {
		ID    int64
		Title string
	}
	teams struct {
		schema.Table[team]
		ID    expr.Column[team, int64]
		Title expr.Column[team, string]
	}
)

// gameModel is a model of Go structs, whose expressions are no text.
func gameModel() *schema.Metadata {
	m := schema.NewMetadata()
	ts := schema.Define("teams", func(t *teams) {
		schema.Column(t.ID).PrimaryKey()
		schema.Text(t.Title).Size(30).ServerDefault(expr.Val("it's new")).ZeroIsDefault()
	}, schema.In(m), schema.Comment("who plays"))
	schema.Define("players", func(t *players) {
		schema.Column(t.ID).PrimaryKey()
		schema.Text(t.Email).Size(80).Unique()
		schema.Number(t.Score).ServerDefault(expr.Val(5)).ZeroIsDefault()
		schema.Enum(t.Side, "left", "right").ServerDefault(expr.Val(side("left")))
		schema.Decimal(t.Worth, 12, 2)
		schema.Column(t.Token).ServerDefault(expr.Val(uuid.MustParse("0190b6d0-0000-7000-8000-000000000001")))
		schema.Column(t.Born).ServerDefault(expr.Now())
		schema.Column(t.Upper).Computed(expr.Upper(t.Email))
		schema.Column(t.TeamID).References(ts.ID).OnDelete(schema.SetNull)
		schema.Check("ck_players_score", expr.And(t.Score.Ge(0), t.Email.Ne("x"), t.Side.In("left", "right")))
		schema.Check("ck_players_born", t.Born.Gt(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)))
		schema.Index(expr.Lower(t.Email)).Name("ix_players_lower").Where(t.Score.Gt(1))
		schema.IndexBy(t.Score.Desc(), t.Email.Asc())
	}, schema.In(m))
	return m
}

func TestAutogenerateWritesWhatTheModelHasMore(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			meta := gameModel()
			dir := t.TempDir()
			var set Set
			w, err := NewRevision(t.Context(), db, set, RevisionOptions{Dir: dir, Package: "m", Message: "players", Autogenerate: true, Metadata: meta, Now: day})
			text := written(t, w, err)
			for _, want := range []string{
				`op.CreateTable("players",`, `schema.Col("email", schema.Varchar(80)),`, `schema.Col("score", schema.BigInt()).Default(5),`,
				`schema.UniqueKey("uq_players_email", "email")`, `schema.CheckThat("ck_players_score", schema.SQL(`, `schema.IndexOn("ix_players_lower").ThenBy(schema.SQL(`,
				"Downgrade: func(op *migrate.Op) {\n", `op.DropTable("players",`, "// loses data: the rows of table players",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("it lacks %s:\n%s", want, text)
				}
			}
			back, _ := (&Difference{Operations: w.Operations}).Reverse()
			set.Add(Revision{ID: w.ID, Upgrade: func(op *Op) { op.Add(w.Operations...) }, Downgrade: func(op *Op) { op.Add(back...) }})

			if _, err := Check(t.Context(), db, set, meta); !errors.Is(err, ErrNotUpToDate) || !strings.Contains(err.Error(), w.ID) {
				t.Errorf("check of a database that lacks a revision: %v", err)
			}
			_, err = NewRevision(t.Context(), db, set, RevisionOptions{Dir: dir, Message: "again", Autogenerate: true, Metadata: meta})
			var late *NewRevisionError
			if !errors.As(err, &late) || late.Kind != ErrNotUpToDate || !strings.Contains(err.Error(), "target database is not up to date") {
				t.Errorf("autogenerate on a database that lacks a revision: %v", err)
			}
			if err := Upgrade(t.Context(), db, set, "head"); err != nil {
				t.Fatal(err)
			}
			diff, err := Check(t.Context(), db, set, meta)
			if err != nil || !diff.Empty() {
				t.Errorf("check of a database at head: %v %v", diff, err)
			}
			// What was printed makes the same operations as what was found.
			source, err := printOps(w.Operations)
			if err != nil {
				t.Fatal(err)
			}
			if again := runPrinted(t, source); again != source {
				t.Errorf("printed first:\n%s\nand then:\n%s", source, again)
			}

			w, err = NewRevision(t.Context(), db, set, RevisionOptions{Dir: dir, Message: "nothing new", Autogenerate: true, Metadata: meta})
			if text := written(t, w, err); !strings.Contains(text, "Upgrade: func(op *migrate.Op) {\n\t\t},") || strings.Contains(text, "dormer/schema") {
				t.Error(text)
			}
			w, err = NewRevision(t.Context(), db, set, RevisionOptions{Dir: dir, Message: "skipped", Autogenerate: true, Metadata: meta,
				Edit: func(up, _ *[]Operation) (bool, error) { return len(*up) > 0, nil }})
			if err != nil || w.Path != "" {
				t.Errorf("a revision that Edit wants not: %v %v", w, err)
			}
			if found, _ := filepath.Glob(filepath.Join(dir, "*skipped*")); len(found) > 0 {
				t.Errorf("it was written: %v", found)
			}
			failed := errors.New("no")
			if _, err := NewRevision(t.Context(), db, set, RevisionOptions{Dir: dir, Autogenerate: true, Metadata: meta,
				Edit: func(_, _ *[]Operation) (bool, error) { return true, failed }}); !errors.Is(err, failed) {
				t.Errorf("the error of Edit: %v", err)
			}
		})
	}
}

func TestDiffFilters(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			execAll(t, db, "CREATE TABLE strange (id INTEGER)", "CREATE TABLE dormer_version (id INTEGER)", "CREATE TABLE dormer_revision (id INTEGER)")
			model := []*schema.TableDef{
				schema.NewTable("a", schema.Col("id", schema.Int()), schema.Key("id"), schema.IndexOn("ix_a", "id")),
				schema.NewTable("b", schema.Col("id", schema.Int()), schema.Key("id")),
			}
			found := func(opts ...DiffOption) string { return differences(t, db, model, opts...).String() }
			if s := found(); strings.Contains(s, "Drop") || !strings.Contains(s, `CreateTable("a"`) || !strings.Contains(s, `CreateTable("b"`) {
				t.Errorf("without options:\n%s", s)
			}
			if s := found(DropUnknown()); !strings.Contains(s, `DropTable("strange"`) || strings.Contains(s, "dormer_") {
				t.Errorf("with tables that the model does not know:\n%s", s)
			}
			only := OnlyTables(func(_, name string) bool { return name == "b" })
			if s := found(only, DropUnknown()); strings.Contains(s, `"a"`) || strings.Contains(s, "strange") || !strings.Contains(s, `CreateTable("b"`) {
				t.Errorf("of one table:\n%s", s)
			}
			if s := found(OnlySchemas("elsewhere")); s != "" {
				t.Errorf("of another schema:\n%s", s)
			}
			if s := found(OnlySchemas("")); !strings.Contains(s, `CreateTable("a"`) {
				t.Errorf("of the default schema:\n%s", s)
			}
			noTables := OnlyObjects(func(o Object) bool { return o != Object{"table", Table{"", "b"}, "b"} })
			if s := found(noTables); strings.Contains(s, `"b"`) || !strings.Contains(s, `CreateTable("a"`) {
				t.Errorf("without an object:\n%s", s)
			}
		})
	}
}

func TestDiffOfSeveralSchemas(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			if !db.Dialect().Capabilities().Schemas {
				t.Skip("the database has no schemas of its own")
			}
			table := func(in string, parts ...schema.TablePart) *schema.TableDef {
				return schema.NewTable("users", append([]schema.TablePart{schema.InSchema(in), schema.Col("id", schema.Int()), schema.Col("n", schema.Varchar(9)).Default("x"), schema.Key("id"),
					schema.CheckThat("ck_users", schema.SQL("n<>'y'")), schema.IndexOn("ix_users").ThenBy(schema.SQL("lower(n)"), false, expr.NullsDefault)}, parts...)...)
			}
			model := []*schema.TableDef{
				table("public"), table("one"),
				table("two", schema.Reference("fk_users", []string{"id"}, "users", []string{"id"}).Schema("one")),
			}
			diff := differences(t, db, model)
			if s := diff.String(); !strings.HasPrefix(s, "op.CreateSchema(\"one\")\nop.CreateSchema(\"two\")\n") || strings.Contains(s, `"public"`) {
				t.Error(s)
			}
			alter(t, db, diff.Operations)
			noDifference(t, db, model)
			model[1] = table("one", schema.IndexOn("ix_more", "n"))
			diff = differences(t, db, model)
			if s := diff.String(); s != `op.CreateIndex("one.users", schema.IndexOn("ix_more", "n"))` {
				t.Error(s)
			}
			alter(t, db, diff.Operations)
			noDifference(t, db, model)
			back, _ := differences(t, db, nil, DropUnknown(), OnlySchemas("one", "two", "")).Reverse()
			if len(back) != 3 {
				t.Errorf("%d tables come back", len(back))
			}
		})
	}
}

func TestDiffOfWhatCannotBeTriedOut(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			sound := schema.NewTable("sound", schema.Col("id", schema.Int()), schema.Key("id"), schema.CheckThat("ck_sound", schema.SQL("id>0")))
			before := []*schema.TableDef{sound, schema.NewTable("t", schema.Col("id", schema.Int()), schema.Key("id"), schema.CheckThat("ck", schema.SQL("id>0")))}
			alter(t, db, differences(t, db, before).Operations)
			after := []*schema.TableDef{sound, schema.NewTable("t", schema.Col("id", schema.Int()), schema.Key("id"), schema.CheckThat("ck", schema.SQL("no_such_function(id, id) > 0 AND no_such_column")))}
			diff, err := diffTables(t.Context(), db, after)
			if err != nil {
				t.Fatal(err)
			}
			if len(diff.Notes) != 1 || !strings.Contains(diff.Notes[0], "table t could not be made for a trial") {
				t.Errorf("notes: %q", diff.Notes)
			}
			if got := strings.Split(diff.String(), "\n"); len(got) != 2 || !strings.HasPrefix(got[0], `op.DropCheck("t", "ck"`) {
				t.Errorf("found\n%s", diff)
			}
			cat, err := Inspect(t.Context(), db, dialect.InspectOptions{})
			if err != nil || len(cat.Schemas) > 0 {
				t.Errorf("the trial left something: %v %v", cat.Schemas, err)
			}
		})
	}
}

// A user who may not make schemas makes the trial in the default one.
func TestDiffWithoutAScratchPlace(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			model := []*schema.TableDef{everyColumn(db.Dialect())}
			alter(t, db, differences(t, db, model).Operations)
			c, err := db.Acquire(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Release()
			refusing := &refusingScratch{Dialect: db.Dialect()}
			df := &differ{ctx: t.Context(), conn: c, dialect: refusing, caps: db.Dialect().Capabilities(), want: []*schema.TableDef{model[0].Clone()}}
			if err := df.compare(); err != nil {
				t.Fatal(err)
			}
			if !refusing.asked && d.name != "sqlite" { // which keeps texts as they were written
				t.Error("nothing was tried out")
			}
			if len(df.notes) > 0 {
				t.Error(df.notes)
			}
			for _, o := range slices.Concat(df.phases[:]...) {
				t.Errorf("%#v", o)
			}
			cat, err := Inspect(t.Context(), db, dialect.InspectOptions{})
			if err != nil || len(cat.Tables) != 3 {
				t.Errorf("%d tables afterwards, %v", len(cat.Tables), err)
			}
		})
	}
}

type refusingScratch struct {
	dialect.Dialect
	asked bool
}

func (r *refusingScratch) Scratch(name string) dialect.Scratch {
	r.asked = true
	s := r.Dialect.Scratch(name)
	s.Open = []string{"this is refused"}
	return s
}

// Hostile names are names.
func TestDiffOfHostileNames(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			odd := `a.b"; DROP TABLE x; --`
			model := []*schema.TableDef{schema.NewTable(odd, schema.Col("it's", schema.Int()), schema.Col("`select`", schema.LongText()).Default(`'; --`),
				schema.Key("it's"), schema.UniqueKey(`uq"`, "`select`"), schema.IndexOn("ix ü", "`select`", "it's"),
				schema.CheckThat("ck?", schema.SQL(`"it's" > 0`)))}
			diff := differences(t, db, model)
			alter(t, db, diff.Operations)
			noDifference(t, db, model)
			text, err := printOps(diff.Operations)
			if err != nil {
				t.Fatal(err)
			}
			if got := runPrinted(t, text); got != text {
				t.Errorf("printed first:\n%s\nand then:\n%s", text, got)
			}
		})
	}
}

func TestDeclaredRenames(t *testing.T) {
	for _, c := range []struct {
		have   string
		wanted []pair
		want   string
	}{
		{"a", []pair{{"a", "b"}}, "[{a b}]"},
		{"b", []pair{{"a", "b"}}, "[]"},
		{"a b", []pair{{"a", "b"}}, "[]"},
		{"a b", []pair{{"a", "b"}, {"b", "c"}}, "[{b c} {a b}]"},
		{"a b", []pair{{"a", "b"}, {"b", "a"}}, "[]"},
		{"x", []pair{{"", "y"}, {"y", "z"}}, "[]"},
		{"a", []pair{{"a", "b"}, {"a", "c"}}, "[{a b}]"},
	} {
		got := renames(strings.Fields(c.have), c.wanted)
		if s := sprint(got); s != c.want {
			t.Errorf("%s, %v: %s, want %s", c.have, c.wanted, s, c.want)
		}
	}
}

func sprint(list []pair) string {
	var out []string
	for _, p := range list {
		out = append(out, "{"+p.from+" "+p.to+"}")
	}
	return "[" + strings.Join(out, " ") + "]"
}

func TestDiffOfAReadOnlyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ro.db")
	db := openURL(t, "sqlite:///"+path)
	model := []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.Int()), schema.Key("id"), schema.CheckThat("ck", schema.SQL("id>0")))}
	alter(t, db, differences(t, db, model).Operations)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	noDifference(t, openURL(t, "sqlite:///"+path+"?mode=ro"), model)
}

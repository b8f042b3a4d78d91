package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// stage is a state of the model, and SQL that fills what it has.
type stage struct {
	tables []*schema.TableDef
	rows   []string
	// want are the operations on enums that lead to it, in order.
	want []string
}

// enumTable is a table with a column of an enum.
func enumTable(table, column, enum string, values ...string) *schema.TableDef {
	parts := []schema.TablePart{schema.Col("id", schema.Int()), schema.Key("id")}
	if len(values) > 0 {
		parts = []schema.TablePart{schema.Col("id", schema.Int()), schema.Col(column, schema.EnumType(enum, values...)).Default(values[0]), schema.Key("id")}
	}
	return schema.NewTable(table, parts...)
}

func fromTable(t *schema.TableDef, old string) *schema.TableDef {
	t.RenamedFrom = old
	return t
}

func fromColumn(t *schema.TableDef, column, old string) *schema.TableDef {
	t.Column(column).RenamedFrom = old
	return t
}

var enumStories = map[string][]stage{
	"created, changed, dropped": {
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "sad", "ok")}, rows: []string{"INSERT INTO users (id, mood) VALUES (1, 'ok')", "INSERT INTO users (id) VALUES (2)"},
			want: []string{`op.CreateEnum("mood", "sad", "ok")`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "sad", "so-so", "ok")}, rows: []string{"INSERT INTO users (id, mood) VALUES (3, 'so-so')"},
			want: []string{`op.AlterEnum("mood", []string{"sad", "ok"}, []string{"sad", "so-so", "ok"}, "users.mood")`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "so-so", "sad", "ok", "glad")}, rows: []string{"INSERT INTO users (id, mood) VALUES (4, 'glad')"},
			want: []string{`op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "so-so", "sad", "it's ok", "ok", "glad")}, want: []string{`op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "so-so", "sad", "ok", "happy", "glad")}, want: []string{`op.AlterEnum("mood"`, `op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "so-so", "sad", "ok", "glad")}, want: []string{`op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "so-so", "sad", "ok", "glad"), enumTable("dogs", "temper", "mood", "so-so", "sad", "ok", "glad")}, rows: []string{"INSERT INTO dogs (id) VALUES (1)"}},
		{tables: []*schema.TableDef{enumTable("users", "", ""), enumTable("dogs", "temper", "mood", "so-so", "ok", "glad")}, want: []string{`op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "", ""), enumTable("dogs", "", "")}, want: []string{`op.DropEnum("mood", "so-so", "ok", "glad")`}},
	},
	"added to a table, turned into text and back": {
		{tables: []*schema.TableDef{enumTable("users", "", "")}, rows: []string{"INSERT INTO users (id) VALUES (1)"}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "sad", "ok")}, want: []string{`op.CreateEnum("mood", "sad", "ok")`}},
		{tables: []*schema.TableDef{schema.NewTable("users", schema.Col("id", schema.Int()), schema.Col("mood", schema.LongText()), schema.Key("id"))},
			want: []string{`op.DropEnum("mood", "sad", "ok")`}},
		{tables: []*schema.TableDef{enumTable("users", "mood", "mood", "ok", "sad")}, want: []string{`op.CreateEnum("mood", "ok", "sad")`}},
	},
	"two of the same values": {
		{tables: []*schema.TableDef{enumTable("users", "state", "users_state", "on", "off"), enumTable("dogs", "state", "dogs_state", "on", "off")},
			rows: []string{"INSERT INTO users (id, state) VALUES (1, 'off')", "INSERT INTO dogs (id, state) VALUES (1, 'off')"},
			want: []string{`op.CreateEnum("dogs_state"`, `op.CreateEnum("users_state"`}},
		{tables: []*schema.TableDef{enumTable("users", "state", "users_state", "on", "off", "sold"), enumTable("dogs", "state", "dogs_state", "on", "off")},
			want: []string{`op.AlterEnum("users_state", []string{"on", "off"}, []string{"on", "off", "sold"}, "users.state")`}},
		{tables: []*schema.TableDef{enumTable("users", "state", "users_state", "on", "off", "sold"), enumTable("dogs", "", "")}, want: []string{`op.DropEnum("dogs_state"`}},
	},
	"called otherwise": {
		{tables: []*schema.TableDef{enumTable("users", "mood", "users_mood", "sad", "ok"), enumTable("dogs", "mood", "mood", "sad", "ok")},
			rows: []string{"INSERT INTO users (id, mood) VALUES (1, 'ok')", "INSERT INTO dogs (id, mood) VALUES (1, 'ok')"},
			want: []string{`op.CreateEnum("mood"`, `op.CreateEnum("users_mood"`}},
		{tables: []*schema.TableDef{fromTable(enumTable("people", "mood", "people_mood", "sad", "ok"), "users"), enumTable("dogs", "mood", "temper", "sad", "ok")},
			want: []string{`op.CreateEnum("people_mood"`, `op.CreateEnum("temper"`, `op.DropEnum("mood"`, `op.DropEnum("users_mood"`}},
		{tables: []*schema.TableDef{fromColumn(enumTable("people", "feel", "people_feel", "sad", "ok", "glad"), "feel", "mood"), enumTable("dogs", "mood", "temper", "sad", "ok")},
			want: []string{`op.CreateEnum("people_feel"`, `op.DropEnum("people_mood"`}},
	},
	"lists": {
		{tables: []*schema.TableDef{schema.NewTable("users", schema.Col("id", schema.Int()), schema.Col("moods", schema.ArrayOf(schema.EnumType("mood", "sad", "ok"))).Nullable(), schema.Key("id"))},
			rows: []string{"INSERT INTO users (id) VALUES (1)"}, want: []string{`op.CreateEnum("mood", "sad", "ok")`}},
		{tables: []*schema.TableDef{schema.NewTable("users", schema.Col("id", schema.Int()), schema.Col("moods", schema.ArrayOf(schema.EnumType("mood", "sad", "ok", "glad"))).Nullable(), schema.Key("id"))},
			want: []string{`op.AlterEnum("mood"`}},
		{tables: []*schema.TableDef{enumTable("users", "", "")}, want: []string{`op.DropEnum("mood", "sad", "ok", "glad")`}},
	},
}

// since is the option by which autogenerate knows the revisions.
func since(t testing.TB, set Set) DiffOption {
	t.Helper()
	g, err := set.graph()
	must(t, err)
	o, err := g.history()
	must(t, err)
	return o
}

// Revisions are autogenerated on one database and applied to all others as they
// are: enums come and go with them, whether the database that they were made on has
// enum types or not.
func TestEnumsAreTheSameEverywhere(t *testing.T) {
	list := databases(t)
	for name, story := range enumStories {
		for _, author := range list {
			t.Run(name+"/"+author.name, func(t *testing.T) {
				dbs := []*engine.Engine{author.open(t)}
				for _, d := range list {
					if d.name != author.name {
						dbs = append(dbs, d.open(t))
					}
				}
				var set Set
				var parents []string
				var before []*schema.TableDef
				for i, s := range story {
					was := since(t, set)
					diff := differences(t, dbs[0], s.tables, DropUnknown(), was)
					text := diff.String()
					var enums []string
					for _, line := range strings.Split(text, "\n") {
						if strings.Contains(line, "Enum(") {
							enums = append(enums, line)
						}
					}
					if len(enums) != len(s.want) {
						t.Errorf("stage %d:\n%s\nwant\n%s", i, text, strings.Join(s.want, "\n"))
					}
					for j := range min(len(enums), len(s.want)) {
						if !strings.HasPrefix(enums[j], s.want[j]) {
							t.Errorf("stage %d:\n%s\nwant\n%s", i, text, strings.Join(s.want, "\n"))
						}
					}
					back, lost := diff.Reverse()
					if len(lost) > 0 {
						t.Errorf("no way back from %v", lost)
					}
					id := string(rune('a' + i))
					set.Add(Revision{ID: id, Parents: parents, Upgrade: func(op *Op) { op.Add(diff.Operations...) }, Downgrade: func(op *Op) { op.Add(back...) }})
					parents = []string{id}
					is := since(t, set)
					for _, db := range dbs {
						where := db.Dialect().Name() + ", stage " + id + ": "
						check := func(tables []*schema.TableDef, history DiffOption) {
							for _, o := range [][]DiffOption{{DropUnknown(), history}, {}} {
								if d := differences(t, db, tables, o...); !d.Empty() {
									t.Errorf("%sthere is still a difference:\n%s\nafter\n%s", where, d, text)
								}
							}
						}
						if err := Upgrade(t.Context(), db, set, "head", AllowDataLoss()); err != nil {
							t.Fatalf("%s%v\n%s", where, err, text)
						}
						check(s.tables, is)
						if err := Downgrade(t.Context(), db, set, "-1"); err != nil {
							t.Fatalf("%s%v\nback from\n%s", where, err, text)
						}
						check(before, was)
						if err := Upgrade(t.Context(), db, set, "head", AllowDataLoss()); err != nil {
							t.Fatalf("%s%v\nagain\n%s", where, err, text)
						}
						check(s.tables, is)
						execAll(t, db, s.rows...)
						for _, table := range s.tables {
							for _, c := range table.Columns {
								if c.Type.Kind != schema.EnumKind {
									continue
								}
								if err := tryExec(t, db, "INSERT INTO "+table.Name+" (id, "+c.Name+") VALUES (99, 'no such value')"); err == nil {
									t.Errorf("%s%s.%s takes all values", where, table.Name, c.Name)
								}
							}
						}
					}
					before = s.tables
				}
			})
		}
	}
}

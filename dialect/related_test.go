package dialect_test

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// relation joins as package rel's relations do, by columns given here.
type relation struct {
	expr.RelatedColumns
	err error
}

func (r *relation) RelatedOn() (expr.RelatedColumns, error) { return r.RelatedColumns, r.err }

var relations uint64

func relate(target *expr.Source, on ...*expr.ColumnRef) *relation {
	relations++
	return &relation{RelatedColumns: expr.RelatedColumns{ID: relations, Target: target, On: pairs(on)}}
}

func relateThrough(through, target *expr.Source, on, far []*expr.ColumnRef) *relation {
	r := relate(target, on...)
	r.Through, r.Far = through, pairs(far)
	return r
}

func pairs(cols []*expr.ColumnRef) (ps [][2]*expr.ColumnRef) {
	for ; len(cols) > 0; cols = cols[2:] {
		ps = append(ps, [2]*expr.ColumnRef{cols[0], cols[1]})
	}
	return ps
}

type cols = []*expr.ColumnRef

// The relations of the model: people have a boss, reports, a team, and by their
// seats the teams of a row and the people whose number is a column's; teams have
// members.
var (
	ofPeople   = schema.SourceOf(People)
	ofTeams    = schema.SourceOf(Teams)
	ofBoss     = schema.SourceOf(boss)
	bossOf     = relate(ofPeople, People.BossID.Ref(), People.ID.Ref())
	reports    = relate(ofPeople, People.ID.Ref(), People.BossID.Ref())
	teamOf     = relate(ofTeams, People.TeamID.Ref(), Teams.ID.Ref())
	members    = relate(ofPeople, Teams.ID.Ref(), People.TeamID.Ref())
	rowTeams   = relateThrough(schema.SourceOf(Seats), ofTeams, cols{People.ID.Ref(), Seats.PersonID.Ref()}, cols{Seats.Row.Ref(), Teams.ID.Ref()})
	neighbours = relateThrough(schema.SourceOf(Seats), ofPeople, cols{People.ID.Ref(), Seats.PersonID.Ref()}, cols{Seats.Col.Ref(), People.ID.Ref()})
	namesakes  = relate(ofPeople, People.Name.Ref(), People.Name.Ref(), People.Age.Ref(), People.Age.Ref())
)

func related(kind expr.RelatedKind, from *expr.Source, by *relation, where expr.Cond) *expr.RelatedNode {
	return &expr.RelatedNode{Kind: kind, From: from, Join: by, Where: expr.NodeOf(where)}
}

func relatedAny(from *expr.Source, by *relation, where expr.Cond) expr.Expr[Person] {
	return expr.NewExpr[Person](related(expr.RelatedExists, from, by, where))
}

func relatedNone(from *expr.Source, by *relation, where expr.Cond) expr.Expr[Person] {
	n := related(expr.RelatedExists, from, by, where)
	n.Not = true
	return expr.NewExpr[Person](n)
}

func relatedCount(from *expr.Source, by *relation, where expr.Cond) expr.Value[Person, int64, int64] {
	return expr.NewValue[Person, int64, int64](related(expr.RelatedCount, from, by, where))
}

func relatedValue[V any](from *expr.Source, by *relation, x expr.Valued[V]) expr.Value[Person, V, *V] {
	n := related(expr.RelatedValue, from, by, nil)
	n.Value = expr.NodeOf(x)
	return expr.NewValue[Person, V, *V](n)
}

// onTeams makes a condition on people one on the teams that a statement is about.
func onTeams(s *expr.SelectStmt) *expr.SelectStmt {
	s.Columns, s.From = []expr.Node{Teams.ID.Ref()}, ofTeams
	return s
}

func onBoss(s *expr.SelectStmt) *expr.SelectStmt {
	s.Columns, s.From = []expr.Node{boss.ID.Ref()}, ofBoss
	return s
}

func perGroup(limit int64, by []expr.Node, order ...expr.OrderTerm) *expr.SelectStmt {
	return &expr.SelectStmt{Columns: []expr.Node{People.ID.Ref(), People.TeamID.Ref(), People.Name.Ref(), People.Created.Ref()}, From: ofPeople,
		PerGroup: &expr.PerGroup{By: by, Limit: limit}, OrderBy: order, Limit: -1, Offset: -1}
}

func relatedStatements() []statementCase {
	ann := People.Name.Eq("Ann")
	update := func(set expr.SetClause, where expr.Cond) expr.Statement {
		return &expr.UpdateStmt{Table: ofPeople, Set: []expr.SetClause{set}, Where: expr.NodeOf(where), Returning: []expr.Node{People.ID.Ref()}}
	}
	byTeam := []expr.Node{People.TeamID.Ref()}
	return []statementCase{
		{"any", from(relatedAny(ofPeople, teamOf, Teams.Title.Eq("x")))},
		{"any at all", onTeams(from(relatedAny(ofTeams, members, nil)))},
		{"none", from(expr.And(People.Age.Gt(1), relatedNone(ofPeople, teamOf, expr.Or(Teams.Title.Eq("x"), Teams.Title.Eq("y")))))},
		{"not none", from(expr.Not(relatedNone(ofPeople, teamOf, nil)))},
		{"any is what", from(expr.And(expr.NewExpr[Person](&expr.CompareNode{Left: expr.NodeOf(relatedNone(ofPeople, teamOf, nil)), Right: People.Active.Ref()})))},
		{"raw condition", from(relatedAny(ofPeople, teamOf, expr.Raw[Team](`"title" = ? OR "title" = ?`, "x", "y")))},
		{"count", from(relatedCount(ofPeople, teamOf, Teams.Title.Eq("x")).Gt(3))},
		{"value", with(from(relatedValue(ofPeople, teamOf, Teams.Title).Eq("x")), func(s *expr.SelectStmt) {
			s.Columns = []expr.Node{People.Name.Ref(), expr.NodeOf(relatedValue(ofPeople, teamOf, Teams.Title)), expr.NodeOf(relatedCount(ofPeople, reports, nil)), expr.NodeOf(relatedAny(ofPeople, bossOf, nil))}
		})},
		{"value of each kind", with(from(nil), func(s *expr.SelectStmt) {
			s.Columns = nil
			for _, x := range []expr.Node{People.Age.Ref(), People.Created.Ref(), People.Tags.Ref(), People.Balance.Ref(), People.Status.Ref(), expr.NodeOf(expr.Lower(People.Name)), expr.NodeOf(expr.Val("x"))} {
				s.Columns = append(s.Columns, &expr.RelatedNode{Kind: expr.RelatedValue, From: ofPeople, Join: bossOf, Value: x})
			}
		})},
		{"value of an aggregate", with(from(nil), func(s *expr.SelectStmt) {
			s.Columns = []expr.Node{expr.NodeOf(relatedValue(ofPeople, reports, expr.Max(People.Age)))}
		})},
		{"value through two", from(relatedValue(ofPeople, bossOf, relatedValue(ofPeople, teamOf, Teams.Title)).Eq("x"))},
		{"value in its stored form", from(expr.And(relatedValue(ofPeople, bossOf, People.Balance).Gt("1.5"), relatedValue(ofPeople, bossOf, People.Created).In(noon), expr.Like(relatedValue(ofPeople, bossOf, People.Status), "n%")))},
		{"order by a value", with(from(nil), func(s *expr.SelectStmt) {
			s.OrderBy = []expr.OrderTerm{relatedValue(ofPeople, teamOf, Teams.Title).Desc().NullsLast().Term(), relatedValue(ofPeople, bossOf, People.Balance).Asc().Term(), relatedCount(ofPeople, reports, nil).Asc().Term()}
		})},
		{"having", &expr.SelectStmt{Columns: []expr.Node{People.TeamID.Ref(), expr.NodeOf(expr.CountAll())}, From: ofPeople, GroupBy: byTeam,
			Having: expr.NodeOf(relatedAny(ofPeople, teamOf, Teams.Title.Eq("x"))), Limit: -1, Offset: -1}},
		{"for update", with(from(relatedAny(ofPeople, teamOf, nil)), func(s *expr.SelectStmt) { s.Lock = expr.LockUpdate })},
		{"in joins", &expr.SelectStmt{Columns: []expr.Node{People.Name.Ref(), boss.Name.Ref()}, From: ofPeople,
			Joins: []expr.JoinClause{{Source: ofBoss, On: expr.NodeOf(expr.AllOf(expr.On(People.BossID, boss.ID), relatedAny(ofBoss, reports, People.Age.GtTo(boss.Age))))}},
			Where: expr.NodeOf(relatedAny(ofPeople, teamOf, nil)), Limit: -1, Offset: -1}},

		{"self", from(relatedAny(ofPeople, reports, ann))},
		{"self, of an alias", onBoss(from(relatedAny(ofBoss, reports, People.Age.GtTo(boss.Age))))},
		{"self, twice", from(expr.And(relatedAny(ofPeople, reports, ann), relatedNone(ofPeople, bossOf, ann)))},
		{"self in self", from(relatedAny(ofPeople, reports, expr.And(People.Age.Gt(1), relatedAny(ofPeople, reports, expr.And(ann, relatedNone(ofPeople, bossOf, People.Age.Lt(9)))))))},
		{"self, by two columns", from(relatedAny(ofPeople, namesakes, expr.Not(People.ID.Eq(1))))},
		{"back to the outer table", from(relatedAny(ofPeople, teamOf, expr.AllOf(Teams.Title.Eq("x"), relatedAny(ofTeams, members, ann))))},
		{"back and back again", onTeams(from(relatedAny(ofTeams, members, relatedAny(ofPeople, teamOf, expr.AllOf(Teams.Title.Eq("x"), relatedAny(ofTeams, members, ann))))))},
		{"back, and outward by an alias", onBoss(from(relatedAny(ofBoss, teamOf, relatedAny(ofTeams, members, expr.AllOf(People.Age.GtTo(boss.Age), relatedAny(ofBoss, teamOf, Teams.Title.Eq("x")))))))},
		{"many to many", from(relatedAny(ofPeople, rowTeams, Teams.Title.Eq("x")))},
		{"many to many of itself", from(expr.And(relatedAny(ofPeople, neighbours, expr.And(ann, relatedNone(ofPeople, neighbours, ann))), relatedCount(ofPeople, rowTeams, nil).Eq(0)))},
		{"many to many with the table between outside", &expr.SelectStmt{Columns: []expr.Node{Seats.Note.Ref()}, From: ofPeople,
			Joins: []expr.JoinClause{{Source: schema.SourceOf(Seats), On: expr.NodeOf(expr.On(Seats.PersonID, People.ID))}},
			Where: expr.NodeOf(relatedAny(ofPeople, rowTeams, expr.On(Seats.PersonID, Teams.ID))), Limit: -1, Offset: -1}},

		{"update", update(People.Name.Set("x").Clause(), relatedAny(ofPeople, reports, expr.And(ann, relatedAny(ofPeople, teamOf, nil))))},
		{"update to a count", update(People.Age.SetTo(expr.NewValue[Person, int32, int32](related(expr.RelatedCount, ofPeople, reports, nil))).Clause(), expr.And(People.Age.Gt(1), relatedAny(ofPeople, bossOf, nil)))},
		{"update to a value, of all", update(expr.SetClause{Column: People.Name.Ref(), Value: expr.NodeOf(expr.Coalesce(relatedValue(ofPeople, bossOf, People.Name), "none"))}, expr.Every[Person]())},
		{"update of an alias", &expr.UpdateStmt{Table: ofBoss, Set: []expr.SetClause{boss.Name.Set("x").Clause()}, Where: expr.NodeOf(relatedAny(ofBoss, reports, ann))}},
		{"delete", &expr.DeleteStmt{Table: ofPeople, Where: expr.NodeOf(expr.And(People.Age.Lt(3), relatedNone(ofPeople, reports, ann))), Returning: []expr.Node{People.ID.Ref(), People.Name.Ref()}}},
		{"delete, returning what is related", &expr.DeleteStmt{Table: ofPeople, Where: expr.NodeOf(People.Age.Lt(3)), Returning: []expr.Node{People.ID.Ref(), expr.NodeOf(relatedValue(ofPeople, teamOf, Teams.Title))}}},
		{"delete by teams", &expr.DeleteStmt{Table: schema.SourceOf(Seats), Where: expr.NodeOf(relatedAny(schema.SourceOf(Seats), relate(ofPeople, Seats.PersonID.Ref(), People.ID.Ref()), relatedAny(ofPeople, rowTeams, nil)))}},

		{"per group", perGroup(3, byTeam, People.Name.Desc().Term())},
		{"per group, by key", with(perGroup(0, byTeam), func(s *expr.SelectStmt) { s.Where = expr.NodeOf(People.TeamID.In(1, 2)) })},
		{"per group, nothing read", with(perGroup(1, byTeam), func(s *expr.SelectStmt) { s.Columns = nil })},
		{"per group of two, with joins", with(perGroup(2, []expr.Node{Teams.ID.Ref(), People.Active.Ref()}, Teams.Title.Asc().Term(), People.Balance.Desc().NullsLast().Term()), func(s *expr.SelectStmt) {
			s.Columns = append(s.Columns, Teams.ID.Ref(), expr.NodeOf(expr.Optional(Teams.Title)), expr.NodeOf(expr.Concat(People.Name, "x")))
			s.Joins = []expr.JoinClause{{Kind: expr.LeftJoin, Source: ofTeams, On: expr.NodeOf(expr.AllOf(expr.On(People.TeamID, Teams.ID), Teams.Title.Ne("z")))}}
			s.Where = expr.NodeOf(People.Age.Gt(7))
		})},
		{"per group, with related rows", with(perGroup(2, []expr.Node{expr.NodeOf(relatedValue(ofPeople, teamOf, Teams.Title))}, relatedCount(ofPeople, reports, ann).Desc().Term()), func(s *expr.SelectStmt) {
			s.Columns = append(s.Columns, expr.NodeOf(relatedValue(ofPeople, bossOf, People.Name)))
			s.Where = expr.NodeOf(relatedAny(ofPeople, bossOf, People.Age.Gt(1)))
		})},
		{"per group of an alias", &expr.SelectStmt{Columns: []expr.Node{boss.ID.Ref()}, From: ofBoss, PerGroup: &expr.PerGroup{By: []expr.Node{boss.TeamID.Ref()}, Limit: 1}, Limit: -1, Offset: -1}},
	}
}

func TestRelatedStatements(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) { goldenStatements(t, d, "related", relatedStatements()) })
	}
}

type windowless struct{ sqlite.Dialect }

func (w windowless) Capabilities() dialect.Capabilities {
	c := w.Dialect.Capabilities()
	c.WindowFunctions = false
	return c
}

func TestRelatedErrors(t *testing.T) {
	broken := &relation{err: errors.New("relation people.posts: rel.Via has not joined it")}
	byTeam := []expr.Node{People.TeamID.Ref()}
	group := func(f func(*expr.SelectStmt)) expr.Statement { return with(perGroup(1, byTeam), f) }
	keyless := expr.NewSource("", "keyless", "", nil)
	for _, c := range []struct {
		name string
		stmt expr.Statement
		want string
	}{
		{"relation not joined", from(relatedAny(ofPeople, broken, nil)), "rel.Via has not joined it"},
		{"relation not joined, deep", from(relatedAny(ofPeople, teamOf, relatedAny(ofTeams, broken, nil))), "rel.Via has not joined it"},
		{"of another table", from(relatedAny(ofTeams, members, nil)), "column id of teams: teams is not in FROM (people): join it"},
		{"of an alias", from(relatedAny(ofBoss, teamOf, nil)), "column team_id of boss: boss is not in FROM"},
		{"inside, a column of another table", from(relatedAny(ofPeople, teamOf, expr.On(Seats.PersonID, Teams.ID))), "column person_id of seats: seats is not in FROM (people, teams): join it"},
		{"inside, a column of an alias", from(relatedAny(ofPeople, reports, boss.Age.Gt(1))), "column age of boss: boss is not in FROM (people, people)"},
		{"inside, the table between", from(relatedAny(ofPeople, rowTeams, Seats.Note.IsNull())), "column note of seats: seats is not in FROM (people, teams)"},
		{"a related row's column outside", from(expr.AllOf(relatedAny(ofPeople, teamOf, nil), Teams.Title.Eq("x"))), "column title of teams: teams is not in FROM (people)"},
		{"without FROM", &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(relatedAny(ofPeople, teamOf, nil))}, Limit: -1, Offset: -1}, "the statement has no FROM"},
		{"zero condition inside", from(relatedAny(ofPeople, teamOf, expr.Expr[Team]{})), "zero Expr"},
		{"no value", from(expr.NewExpr[Person](&expr.RelatedNode{Kind: expr.RelatedValue, From: ofPeople, Join: teamOf})), "missing expression"},
		{"no relation", from(expr.NewExpr[Person](&expr.RelatedNode{From: ofPeople})), "no relation"},
		{"nil", from(expr.NewExpr[Person]((*expr.RelatedNode)(nil))), "missing expression"},
		{"unknown question", from(expr.NewExpr[Person](&expr.RelatedNode{Kind: 9, From: ofPeople, Join: teamOf})), "unknown question"},
		{"joined by nothing", from(relatedAny(ofPeople, relate(ofTeams), nil)), "which columns"},
		{"joined by a table between and nothing", from(relatedAny(ofPeople, relateThrough(schema.SourceOf(Seats), ofTeams, cols{People.ID.Ref(), Seats.PersonID.Ref()}, nil), nil)), "which columns"},
		{"joined by no column", from(relatedAny(ofPeople, relate(ofTeams, nil, Teams.ID.Ref()), nil)), "not bound"},
		{"delete by and of nothing inside", &expr.DeleteStmt{Table: ofPeople, Where: expr.NodeOf(relatedAny(ofPeople, teamOf, expr.And[Team]()))}, "expr.Every"},

		{"per group and limit", group(func(s *expr.SelectStmt) { s.Limit = 1 }), "together with LIMIT"},
		{"per group and offset", group(func(s *expr.SelectStmt) { s.Offset = 1 }), "together with LIMIT or OFFSET"},
		{"per group and distinct", group(func(s *expr.SelectStmt) { s.Distinct = true }), "together with DISTINCT"},
		{"per group and group by", group(func(s *expr.SelectStmt) { s.GroupBy = byTeam }), "GROUP BY"},
		{"per group and having", group(func(s *expr.SelectStmt) { s.Having = expr.NodeOf(People.Age.Eq(1)) }), "HAVING"},
		{"per group and lock", group(func(s *expr.SelectStmt) { s.Lock = expr.LockShare }), "row lock"},
		{"per group of nothing", group(func(s *expr.SelectStmt) { s.PerGroup = &expr.PerGroup{Limit: 1} }), "what to group by"},
		{"per group, negative", group(func(s *expr.SelectStmt) { s.PerGroup = &expr.PerGroup{By: byTeam, Limit: -1} }), "negative"},
		{"per group without from", group(func(s *expr.SelectStmt) { s.From = nil }), "without FROM"},
		{"per group, by another table", group(func(s *expr.SelectStmt) { s.PerGroup = &expr.PerGroup{By: []expr.Node{Teams.ID.Ref()}, Limit: 1} }), "teams is not in FROM"},
		{"per group without order or key", &expr.SelectStmt{From: keyless, PerGroup: &expr.PerGroup{By: []expr.Node{expr.NewColumnRef(keyless, "x", nil)}, Limit: 1}, Limit: -1, Offset: -1}, "no primary key"},
	} {
		for _, d := range dialects {
			got, err := dialect.Compile(d, c.stmt)
			if err == nil || got.SQL != "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %q, %v; want an error with %q", c.name, d.Name(), got.SQL, err, c.want)
				continue
			}
			cache := dialect.NewCache(d, 0)
			if s, ok := c.stmt.(*expr.SelectStmt); ok && s.PerGroup != nil {
				// A good statement of the same shape must not hide the error.
				cache.Compile(perGroup(1, byTeam))
			}
			if _, cerr := cache.Compile(c.stmt); cerr == nil || cerr.Error() != err.Error() {
				t.Errorf("%s, %s: the cache gives %v", c.name, d.Name(), cerr)
			}
		}
	}
	if _, err := dialect.Compile(dialects[0], from(relatedAny(ofPeople, broken, nil))); !errors.Is(err, broken.err) {
		t.Errorf("%v does not wrap the relation's error", err)
	}
	for _, d := range dialects {
		if text, err := dialect.Inline(d, expr.NodeOf(expr.And(People.Age.Eq(1), relatedAny(ofPeople, teamOf, nil)))); err == nil || !strings.Contains(err.Error(), "definition of a table") {
			t.Errorf("%s: a CHECK with related rows became %q, %v", d.Name(), text, err)
		}
	}
	var u *dialect.UnsupportedError
	if _, err := dialect.Compile(windowless{}, perGroup(1, byTeam)); !errors.As(err, &u) || !strings.Contains(u.Construct, "limit per group") {
		t.Errorf("without window functions: %v", err)
	}
	x := expr.NewColumnRef(keyless, "x", nil)
	if _, err := dialect.Compile(sqlite.New(), &expr.UpdateStmt{Table: keyless, Where: expr.NodeOf(expr.Every[Person]()),
		Set: []expr.SetClause{{Column: x, Value: related(expr.RelatedCount, keyless, relate(keyless, x, x), nil)}}}); !errors.As(err, &u) || !strings.Contains(u.Construct, "no primary key") {
		t.Errorf("an UPDATE that reads its table, which has no key: %v", err)
	}
}

// staff fills the tables: Ann is the boss of Bob and Cid, Bob of Dan, Dan of Eve;
// Ann and Bob are in team 1, red, Cid and Eve in 2, blue, Dan in none. Bob's seat
// is in row 2 and Ann's column, Eve's in row 1 and her own.
func staff(t *testing.T, d dialect.Dialect, db *sql.DB) {
	t.Helper()
	teams, seats := schema.DefOf(Teams), schema.DefOf(Seats)
	for i, title := range []string{"red", "blue"} {
		run(t, db, d.InsertOne(teams, columns(teams, "id", "title"), nil), int64(i+1), title)
	}
	for i, p := range []struct {
		name, balance string
		boss, team    any
	}{{"Ann", "9.00", nil, int64(1)}, {"Bob", "10.00", int64(1), int64(1)}, {"Cid", "-1.50", int64(1), int64(2)}, {"Dan", "100.00", int64(2), nil}, {"Eve", "2.00", int64(4), int64(2)}} {
		add(t, d, db, i, map[string]any{"id": int64(i + 1), "name": p.name, "balance": Price(p.balance), "boss_id": p.boss, "team_id": p.team, "age": int32(10 * (i + 1))})
	}
	for _, s := range [][]any{{int64(2), int64(1), int64(2), nil}, {int64(1), int64(5), int64(5), "window"}} {
		run(t, db, d.InsertOne(seats, columns(seats, "row", "col", "person_id", "note"), nil), s...)
	}
}

// answer runs a statement and gives the rows on one line, in their order or
// sorted.
func answer(t *testing.T, d dialect.Dialect, db *sql.DB, stmt expr.Statement, order bool) string {
	t.Helper()
	c, err := dialect.Compile(d, stmt)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(dump(t, db, c.SQL, c.Args...), "\n"), "\n")
	if !order {
		slices.Sort(lines)
	}
	return strings.Join(lines, " ")
}

package dialect_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func TestRelatedMeansTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		staff(t, d, db)
		named := func(s string) expr.Expr[Person] { return People.Name.Eq(s) }
		for _, c := range []struct {
			name string
			stmt *expr.SelectStmt
			want string
		}{
			{"any", from(relatedAny(ofPeople, teamOf, Teams.Title.Eq("red"))), "1| 2|"},
			{"none", from(relatedNone(ofPeople, teamOf, Teams.Title.Eq("red"))), "3| 4| 5|"},
			{"none at all", from(relatedNone(ofPeople, teamOf, nil)), "4|"},
			{"not none", from(expr.Not(relatedNone(ofPeople, teamOf, nil))), "1| 2| 3| 5|"},
			{"or inside", from(relatedAny(ofPeople, teamOf, expr.Or(Teams.Title.Eq("x"), Teams.Title.Eq("blue")))), "3| 5|"},
			{"raw or inside", from(relatedAny(ofPeople, teamOf, expr.Raw[Team](`"title" = ? OR "title" = ?`, "x", "blue"))), "3| 5|"},
			{"of teams", onTeams(from(relatedAny(ofTeams, members, named("Eve")))), "2|"},
			{"count", from(relatedCount(ofPeople, reports, nil).Eq(2)), "1|"},
			{"count where", from(relatedCount(ofPeople, reports, People.Age.Gt(20)).Eq(1)), "1| 2| 4|"},
			{"value", from(relatedValue(ofPeople, bossOf, People.Name).Eq("Ann")), "2| 3|"},
			{"no value", from(expr.IsNull(relatedValue(ofPeople, teamOf, Teams.Title))), "4|"},
			{"value through two", from(relatedValue(ofPeople, bossOf, relatedValue(ofPeople, teamOf, Teams.Title)).Eq("red")), "2| 3| 4|"},
			{"decimal", from(relatedValue(ofPeople, bossOf, People.Balance).Gt("9.5")), "4| 5|"},
			{"time", from(relatedValue(ofPeople, bossOf, People.Created).Eq(noon)), "2| 3| 4| 5|"},

			{"who is a boss", from(relatedAny(ofPeople, reports, nil)), "1| 2| 4|"},
			{"whose report is Dan", from(relatedAny(ofPeople, reports, named("Dan"))), "2|"},
			{"whose report has one who has one", from(relatedAny(ofPeople, reports, relatedAny(ofPeople, reports, relatedAny(ofPeople, reports, nil)))), "1|"},
			{"whose report's boss is Bob", from(relatedAny(ofPeople, reports, relatedAny(ofPeople, bossOf, named("Bob")))), "2|"},
			{"whose report is younger than", onBoss(from(relatedAny(ofBoss, reports, People.Age.LtTo(expr.Add(boss.Age, 15))))), "1| 4|"},
			{"who sits with Eve", from(relatedAny(ofPeople, teamOf, relatedAny(ofTeams, members, named("Eve")))), "3| 5|"},
			{"who sits with somebody else", onBoss(from(relatedAny(ofBoss, teamOf, relatedAny(ofTeams, members, expr.Not(expr.NewExpr[Person](expr.NodeOf(expr.On(People.ID, boss.ID)))))))), "1| 2| 3| 5|"},
			{"teams of members of a team with Eve", onTeams(from(relatedAny(ofTeams, members, relatedAny(ofPeople, teamOf, relatedAny(ofTeams, members, named("Eve")))))), "2|"},

			{"rows", from(relatedAny(ofPeople, rowTeams, Teams.Title.Eq("blue"))), "2|"},
			{"no rows", from(relatedNone(ofPeople, rowTeams, nil)), "1| 3| 4|"},
			{"neighbours", from(relatedAny(ofPeople, neighbours, named("Ann"))), "2|"},
			{"neighbours of neighbours", from(relatedAny(ofPeople, neighbours, relatedAny(ofPeople, neighbours, named("Eve")))), "5|"},
			{"the table between is outside", &expr.SelectStmt{Columns: []expr.Node{People.ID.Ref()}, From: ofPeople,
				Joins: []expr.JoinClause{{Source: schema.SourceOf(Seats), On: expr.NodeOf(expr.On(Seats.PersonID, People.ID))}},
				Where: expr.NodeOf(relatedAny(ofPeople, rowTeams, expr.AllOf(expr.On(Seats.PersonID, Teams.ID), Seats.Note.IsNull()))), Limit: -1, Offset: -1}, "2|"},
		} {
			if got := answer(t, d, db, c.stmt, false); got != c.want {
				t.Errorf("%s: got %s, want %s", c.name, got, c.want)
			}
		}
		for _, c := range []struct {
			name  string
			order expr.OrderTerm
			want  string
		}{
			{"the team's title", relatedValue(ofPeople, teamOf, Teams.Title).Desc().NullsLast().Term(), "1| 2| 3| 5| 4|"},
			{"the boss's balance", relatedValue(ofPeople, bossOf, People.Balance).Asc().NullsFirst().Term(), "1| 2| 3| 4| 5|"},
			{"the boss's balance, falling", relatedValue(ofPeople, bossOf, People.Balance).Desc().NullsFirst().Term(), "1| 5| 4| 2| 3|"},
			{"the number of reports", relatedCount(ofPeople, reports, nil).Desc().Term(), "1| 2| 4| 3| 5|"},
		} {
			s := with(from(nil), func(s *expr.SelectStmt) { s.OrderBy = []expr.OrderTerm{c.order, People.ID.Asc().Term()} })
			if got := answer(t, d, db, s, true); got != c.want {
				t.Errorf("order by %s: got %s, want %s", c.name, got, c.want)
			}
		}
		// What is read of a related row is read as the column itself is.
		read := func(n expr.Node, where expr.Cond) string {
			return answer(t, d, db, with(from(where), func(s *expr.SelectStmt) { s.Columns = []expr.Node{n} }), true)
		}
		for _, ref := range schema.DefOf(People).Columns {
			n := related(expr.RelatedValue, ofPeople, bossOf, nil)
			n.Value = ref.Ref
			if got, want := read(n, People.ID.Eq(2)), read(ref.Ref, People.ID.Eq(1)); got != want {
				t.Errorf("the boss's %s is read as %s, the column as %s", ref.Name, got, want)
			}
		}
	})
}

// Statements that write see the rows as they were, by the table's own name.
func TestRelatedInWrites(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		staff(t, d, db)
		exec := func(stmt expr.Statement, want int64) {
			t.Helper()
			c, err := dialect.Compile(d, stmt)
			if err != nil {
				t.Fatal(err)
			}
			res, err := db.Exec(c.SQL, c.Args...)
			if err != nil {
				t.Fatalf("%s\n%v", c.SQL, err)
			}
			if n, _ := res.RowsAffected(); n != want {
				t.Errorf("%s\nchanged %d rows, want %d", c.SQL, n, want)
			}
		}
		names := func() string {
			return strings.Join(strings.Fields(dump(t, db, "SELECT id, name, age FROM people ORDER BY id")), " ")
		}
		exec(&expr.UpdateStmt{Table: ofPeople, Set: []expr.SetClause{People.Name.Set("chief").Clause()},
			Where: expr.NodeOf(relatedAny(ofPeople, reports, relatedAny(ofPeople, reports, nil)))}, 2)
		exec(&expr.UpdateStmt{Table: ofPeople, Set: []expr.SetClause{{Column: People.Age.Ref(), Value: related(expr.RelatedCount, ofPeople, reports, nil)}},
			Where: expr.NodeOf(relatedAny(ofPeople, teamOf, nil))}, 4)
		if got, want := names(), "1|chief|2| 2|chief|1| 3|Cid|0| 4|Dan|40| 5|Eve|0|"; got != want {
			t.Errorf("updated to %s, want %s", got, want)
		}
		exec(&expr.UpdateStmt{Table: ofBoss, Set: []expr.SetClause{boss.Name.Set("head").Clause()},
			Where: expr.NodeOf(relatedAny(ofBoss, reports, expr.And(People.Name.Eq("Eve"), relatedNone(ofPeople, reports, nil))))}, 1)
		exec(&expr.DeleteStmt{Table: schema.SourceOf(Seats), Where: expr.NodeOf(relatedAny(schema.SourceOf(Seats), relate(ofPeople, Seats.PersonID.Ref(), People.ID.Ref()), People.Name.Eq("Eve")))}, 1)
		exec(&expr.DeleteStmt{Table: ofPeople, Where: expr.NodeOf(expr.And(relatedNone(ofPeople, reports, nil), relatedAny(ofPeople, bossOf, People.Name.Eq("head"))))}, 1)
		if got, want := names(), "1|chief|2| 2|chief|1| 3|Cid|0| 4|head|40|"; got != want {
			t.Errorf("left %s, want %s", got, want)
		}
	})
}

// An UPDATE reads of other rows what they held before it, and not what it has
// written to them already.
func TestUpdateReadsOldValues(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		staff(t, d, db)
		bossAge := func(from *expr.Source) expr.Node {
			return expr.NodeOf(expr.Coalesce(relatedValue(from, bossOf, People.Age), 0))
		}
		for _, c := range []struct {
			stmt expr.Statement
			want string
		}{
			{&expr.UpdateStmt{Table: ofPeople, Set: []expr.SetClause{People.Name.Set("x").Clause(), {Column: People.Age.Ref(), Value: bossAge(ofPeople)}},
				Where: expr.NodeOf(expr.Every[Person]()), Returning: []expr.Node{People.ID.Ref(), People.Name.Ref(), People.Age.Ref()}},
				"1|x|0| 2|x|10| 3|x|10| 4|x|20| 5|x|40|"},
			{&expr.UpdateStmt{Table: ofBoss, Set: []expr.SetClause{{Column: boss.Age.Ref(), Value: bossAge(ofBoss)}, boss.Name.Set("y").Clause()},
				Where: expr.NodeOf(expr.And(boss.Age.Gt(0), relatedAny(ofBoss, bossOf, People.Age.Gt(0)))), Returning: []expr.Node{boss.ID.Ref(), boss.Name.Ref(), boss.Age.Ref()}},
				"4|y|10| 5|y|20|"},
		} {
			if got := answer(t, d, db, c.stmt, false); got != c.want {
				t.Errorf("updated to %s, want %s", got, c.want)
			}
			cached, err := dialect.NewCache(d, 0).Compile(c.stmt)
			plain, perr := dialect.Compile(d, c.stmt)
			if err != nil || perr != nil || fmt.Sprint(cached) != fmt.Sprint(plain) {
				t.Errorf("the cache gives %v, %v; want %v, %v", cached, err, plain, perr)
			}
		}
		if got, want := strings.Join(strings.Fields(dump(t, db, "SELECT id, name, age FROM people ORDER BY id")), " "), "1|x|0| 2|x|10| 3|x|10| 4|y|10| 5|y|20|"; got != want {
			t.Errorf("the table holds %s, want %s", got, want)
		}
	})
}

// A SELECT per group gives what a SELECT in the same order gives, cut after the
// first rows of each group.
func TestPerGroupMeansTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		teams := schema.DefOf(Teams)
		for i := range 4 {
			run(t, db, d.InsertOne(teams, columns(teams, "id", "title"), nil), int64(i+1), fmt.Sprint("t", i%2))
		}
		for i := range 40 {
			team := any(int64(1 + i%4))
			if i%7 == 0 {
				team = nil
			}
			add(t, d, db, i, map[string]any{"id": int64(100 - i), "name": fmt.Sprint("n", i%3), "balance": Price(fmt.Sprintf("%d.00", i*17%40)), "team_id": team, "age": int32(i)})
		}
		for name, c := range map[string]struct {
			s  *expr.SelectStmt
			by []int // the group's places among the columns
		}{
			"by name":    {perGroup(0, []expr.Node{People.TeamID.Ref()}, People.Name.Desc().Term(), People.ID.Asc().Term()), []int{1}},
			"by key":     {perGroup(0, []expr.Node{People.TeamID.Ref()}), []int{1}},
			"by balance": {perGroup(0, []expr.Node{People.TeamID.Ref()}, People.Balance.Asc().Term()), []int{1}},
			"where": {with(perGroup(0, []expr.Node{People.TeamID.Ref(), People.Name.Ref()}, People.Age.Asc().Term()), func(s *expr.SelectStmt) {
				s.Where = expr.NodeOf(expr.And(People.Age.Gt(5), People.TeamID.In(1, 2, 4)))
			}), []int{1, 2}},
			"joined, by columns of one name": {with(perGroup(0, []expr.Node{Teams.ID.Ref()}, Teams.Title.Asc().Term(), People.ID.Desc().Term()), func(s *expr.SelectStmt) {
				s.Columns = append(s.Columns, Teams.ID.Ref(), Teams.Title.Ref())
				s.Joins = []expr.JoinClause{{Kind: expr.LeftJoin, Source: ofTeams, On: expr.NodeOf(expr.On(People.TeamID, Teams.ID))}}
			}), []int{4}},
			"by what is related": {with(perGroup(0, []expr.Node{People.TeamID.Ref()}, relatedCount(ofPeople, namesakes, nil).Asc().Term(), People.ID.Asc().Term()), func(s *expr.SelectStmt) {
				s.Where = expr.NodeOf(relatedAny(ofPeople, teamOf, Teams.Title.Eq("t1")))
			}), []int{1}},
		} {
			plain := *c.s
			plain.PerGroup = nil
			if len(plain.OrderBy) == 0 {
				plain.OrderBy = []expr.OrderTerm{People.ID.Asc().Term()}
			}
			all := lines(t, d, db, &plain)
			for _, limit := range []int64{0, 1, 3, 1000} {
				s := *c.s
				s.PerGroup = &expr.PerGroup{By: c.s.PerGroup.By, Limit: limit}
				want, got := groups(all, c.by, limit), groups(lines(t, d, db, &s), c.by, 1<<30)
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, %d a group:\ngot  %v\nwant %v", name, limit, got, want)
				}
				if limit == 1000 && len(want) < 2 {
					t.Errorf("%s: %d groups are too few to mean anything", name, len(want))
				}
			}
		}
	})
}

func lines(t *testing.T, d dialect.Dialect, db *sql.DB, s *expr.SelectStmt) []string {
	t.Helper()
	c, err := dialect.Compile(d, s)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(dump(t, db, c.SQL, c.Args...), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// groups are the first rows of each group, in their order.
func groups(rows []string, by []int, limit int64) map[string][]string {
	out := make(map[string][]string)
	for _, r := range rows {
		cells, key := strings.Split(r, "|"), ""
		for _, i := range by {
			key += cells[i] + "|"
		}
		if int64(len(out[key])) < limit {
			out[key] = append(out[key], r)
		}
	}
	return out
}

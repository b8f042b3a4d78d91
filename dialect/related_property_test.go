package dialect_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Tables whose names are what a subquery might call another one, one as long as
// PostgreSQL takes, and aliases that are such names too, in other letters.
var (
	mazeTables  = []string{"users", "users_1", "users_2", "users_1_1", strings.Repeat("x", 63)}
	mazeAliases = []string{"USERS", "Users_1", "users_1", "users_3", "_V", strings.Repeat("x", 61) + "_1", strings.Repeat("x", 70)}
)

// place is one occurrence of a table with its columns.
type place struct {
	table   int
	src     *expr.Source
	id, ref *expr.ColumnRef
}

func newPlace(table int, alias string) place {
	key := []*schema.ColumnDef{{Name: "id"}}
	s := expr.NewSource("", mazeTables[table], alias, &schema.TableDef{Name: mazeTables[table], PrimaryKey: key})
	return place{table, s, expr.NewColumnRef(s, "id", nil), expr.NewColumnRef(s, "ref", nil)}
}

// bound is an occurrence and the row that it is at.
type bound struct {
	place
	row [2]int64
}

func (b bound) value(c *expr.ColumnRef) int64 {
	if c == b.id {
		return b.row[0]
	}
	return b.row[1]
}

// condition is a tree and, apart from SQL, what it means: scope are the rows at
// hand, the innermost last.
type condition struct {
	n    expr.Node
	test func(scope []bound) bool
}

// maze makes random conditions over the tables' rows.
type maze struct {
	*rand.Rand
	rows   [][][2]int64
	places []place
	joins  map[[4]int]*relation
}

func newMaze(seed uint64) *maze {
	m := &maze{Rand: rand.New(rand.NewPCG(seed, 9)), joins: make(map[[4]int]*relation)}
	for i := range mazeTables {
		m.places = append(m.places, newPlace(i, ""))
		var rows [][2]int64
		for id := range 4 {
			rows = append(rows, [2]int64{int64(id + 1), m.Int64N(5)})
		}
		m.rows = append(m.rows, rows)
	}
	return m
}

// find is the innermost row of a source.
func find(scope []bound, s *expr.Source) bound {
	for i := len(scope) - 1; i >= 0; i-- {
		if scope[i].src == s {
			return scope[i]
		}
	}
	panic("out of scope")
}

// condition makes one over what can be named, which are the innermost
// occurrences of their sources.
func (m *maze) condition(visible []place, depth int) condition {
	pick := func() (place, *expr.ColumnRef) {
		p := visible[m.IntN(len(visible))]
		if m.IntN(2) == 0 {
			return p, p.id
		}
		return p, p.ref
	}
	switch k := m.IntN(6); {
	case depth == 0 || k == 0:
		p, c := pick()
		v := m.Int64N(5)
		return condition{&expr.CompareNode{Op: expr.OpLe, Left: c, Right: &expr.ParamNode{Value: v}},
			func(scope []bound) bool { return find(scope, p.src).value(c) <= v }}
	case k == 1:
		p, c := pick()
		q, e := pick()
		return condition{&expr.CompareNode{Op: expr.OpLt, Left: c, Right: e},
			func(scope []bound) bool { return find(scope, p.src).value(c) < find(scope, q.src).value(e) }}
	case k == 2:
		a, b := m.condition(visible, depth-1), m.condition(visible, depth-1)
		if m.IntN(2) == 0 {
			return condition{&expr.LogicNode{Args: []expr.Node{a.n, b.n}}, func(scope []bound) bool { return a.test(scope) && b.test(scope) }}
		}
		return condition{&expr.NotNode{X: &expr.LogicNode{Or: true, Args: []expr.Node{a.n, b.n}}}, func(scope []bound) bool { return !a.test(scope) && !b.test(scope) }}
	case k == 3:
		n, count := m.related(visible, depth)
		n.Kind = expr.RelatedCount
		return condition{&expr.CompareNode{Op: expr.OpGt, Left: n, Right: &expr.ParamNode{Value: int64(1)}}, func(scope []bound) bool { return count(scope) > 1 }}
	}
	n, count := m.related(visible, depth)
	n.Not = m.IntN(2) == 0
	return condition{n, func(scope []bound) bool { return (count(scope) > 0) != n.Not }}
}

// related makes a question about related rows, and counts them.
func (m *maze) related(visible []place, depth int) (*expr.RelatedNode, func(scope []bound) int) {
	from, target := visible[m.IntN(len(visible))], m.places[m.IntN(len(m.places))]
	kind, between := m.IntN(3), m.places[m.IntN(len(m.places))]
	own := m.places[from.table]
	key := [4]int{from.table, target.table, kind, between.table}
	if m.joins[key] == nil {
		switch kind {
		case 0:
			m.joins[key] = relate(target.src, own.id, target.ref)
		case 1:
			m.joins[key] = relate(target.src, own.ref, target.id)
		case 2:
			m.joins[key] = relateThrough(between.src, target.src, cols{own.id, between.ref}, cols{between.id, target.id})
		}
	}
	belongs := func(a, b [2]int64) bool {
		switch kind {
		case 0:
			return a[0] == b[1]
		case 1:
			return a[1] == b[0]
		}
		for _, x := range m.rows[between.table] {
			if a[0] == x[1] && x[0] == b[0] {
				return true
			}
		}
		return false
	}
	inner := slices.DeleteFunc(slices.Clone(visible), func(p place) bool { return p.src == target.src })
	where := m.condition(append(inner, target), depth-1)
	return &expr.RelatedNode{From: from.src, Join: m.joins[key], Where: where.n}, func(scope []bound) (n int) {
		at := find(scope, from.src)
		for _, row := range m.rows[target.table] {
			if belongs(at.row, row) && where.test(append(slices.Clip(scope), bound{target, row})) {
				n++
			}
		}
		return n
	}
}

// Whatever the tables are called, a condition finds the rows that it means, in
// statements that read and in those that write.
func TestRelatedNamesNeverCollide(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		m := newMaze(11)
		for i, name := range mazeTables {
			run(t, db, fmt.Sprintf(`CREATE TABLE %q (id BIGINT PRIMARY KEY, ref BIGINT NOT NULL, n BIGINT NOT NULL DEFAULT 0)`, name))
			for _, r := range m.rows[i] {
				run(t, db, fmt.Sprintf(`INSERT INTO %q (id, ref) VALUES (%d, %d)`, name, r[0], r[1]))
			}
		}
		run(t, db, "ANALYZE") // or PostgreSQL takes the tables for large, and most of the time to plan
		found, missed, aliased := 0, 0, 0
		for range 600 {
			table := m.IntN(len(mazeTables))
			top := m.places[table]
			if m.IntN(3) == 0 {
				top = newPlace(table, mazeAliases[m.IntN(len(mazeAliases))])
			}
			cond := m.condition([]place{top}, 1+m.IntN(4))
			count, related := m.related([]place{top}, 2)
			count.Kind = expr.RelatedCount
			var stmt expr.Statement
			kind := m.IntN(3)
			switch kind {
			case 0:
				stmt = &expr.SelectStmt{Columns: []expr.Node{top.id, count}, From: top.src, Where: cond.n, Limit: -1, Offset: -1}
			case 1:
				stmt = &expr.DeleteStmt{Table: top.src, Where: cond.n, Returning: []expr.Node{top.id}}
			case 2:
				n := expr.NewColumnRef(top.src, "n", nil)
				stmt = &expr.UpdateStmt{Table: top.src, Set: []expr.SetClause{{Column: n, Value: count}}, Where: cond.n, Returning: []expr.Node{top.id, n}}
			}
			var want []string
			for _, row := range m.rows[table] {
				scope := []bound{{top, row}}
				switch {
				case !cond.test(scope):
					missed++
					continue
				case kind == 1:
					want = append(want, fmt.Sprintf("%d|", row[0]))
				default:
					want = append(want, fmt.Sprintf("%d|%d|", row[0], related(scope)))
				}
				found++
			}
			c, err := dialect.Compile(d, stmt)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(c.SQL, " AS ") {
				aliased++
			}
			run(t, db, "BEGIN")
			got := strings.Split(dump(t, db, c.SQL, c.Args...), "\n")
			run(t, db, "ROLLBACK")
			got = got[:len(got)-1]
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s\n%v\ngot  %v\nwant %v", c.SQL, c.Args, got, want)
			}
		}
		if found < 200 || missed < 200 || aliased < 200 {
			t.Errorf("%d rows found, %d missed, %d statements with an alias: too few to mean anything", found, missed, aliased)
		}
	})
}

package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// search is what a program looks for, and how.
type search struct {
	age, ageOp   int
	city         string
	cityOp       int
	name         string
	ids          []int64
	first, third int // columns of the order
	limit        int
}

// newSearch gives each number another search; Shapes of them have a text of their
// own.
func newSearch(i int) search {
	w := search{age: 1000 + i, city: "Vienna", name: "Ann" + strconv.Itoa(i), ids: make([]int64, 10), limit: 20}
	for j := range w.ids {
		w.ids[j] = int64(1000*i + 977*j)
	}
	w.ageOp, w.cityOp = i%len(handOps), i/len(handOps)%len(handOps)
	i /= len(handOps) * len(handOps)
	w.first, w.third = i%len(handOrders), i/len(handOrders)%len(handOrders)
	return w
}

// Shapes is the number of different statements that newSearch makes: more than a
// cache keeps.
const Shapes = len(handOps) * len(handOps) * len(handOrders) * len(handOrders)

// compared is a comparison by the operator of a number.
func compared[V any](c expr.Column[User, V], op int, v V) expr.Expr[User] {
	switch op {
	case 0:
		return c.Eq(v)
	case 1:
		return c.Ne(v)
	case 2:
		return c.Lt(v)
	case 3:
		return c.Le(v)
	case 4:
		return c.Gt(v)
	}
	return c.Ge(v)
}

func ordered(i int) expr.Order[User] {
	switch i {
	case 0:
		return Users.Name.Asc()
	case 1:
		return Users.Email.Asc()
	case 2:
		return Users.City.Asc()
	case 3:
		return Users.Age.Asc()
	case 4:
		return Users.Score.Asc()
	}
	return Users.Nickname.Asc()
}

// search is a query with three predicates, a list of ten and an order.
func (s *Store) search(w search) repo.Query[User] {
	return s.Users.Where(compared(Users.Age, w.ageOp, w.age), compared(Users.City, w.cityOp, w.city), Users.Name.Lt(w.name), Users.ID.In(w.ids...)).
		OrderBy(ordered(w.first), Users.ID.Desc(), ordered(w.third)).Limit(w.limit)
}

var (
	handOps     = [...]string{" = ", " <> ", " < ", " <= ", " > ", " >= "}
	handOrders  = [...]string{"name", "email", "city", "age", "score", "nickname"}
	handColumns = [...]string{"id", "name", "email", "city", "bio", "active", "age", "score", "created_at", "nickname"}
	// handTexts are the columns that SQLite's driver reads better as expressions.
	handTexts = [...]bool{1: true, 2: true, 3: true, 4: true, 8: true, 9: true}
)

// handText builds the same text and arguments as Dormer does, with a
// strings.Builder: columns from a list, conditions as they come.
func handText(pg bool, w search) (string, []any) {
	var b strings.Builder
	var args []any
	name := func(s string) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
	}
	param := func(v any) {
		args = append(args, v)
		if !pg {
			b.WriteByte('?')
			return
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(len(args)))
	}
	b.WriteString("SELECT ")
	for i, c := range handColumns {
		if i > 0 {
			b.WriteString(", ")
		}
		if !pg && handTexts[i] {
			b.WriteByte('+')
		}
		name(c)
	}
	b.WriteString(" FROM ")
	name("bench_users")
	b.WriteString(" WHERE ")
	name("age")
	b.WriteString(handOps[w.ageOp])
	param(int64(w.age))
	b.WriteString(" AND ")
	name("city")
	b.WriteString(handOps[w.cityOp])
	param(w.city)
	b.WriteString(" AND ")
	name("name")
	b.WriteString(" < ")
	param(w.name)
	b.WriteString(" AND ")
	name("id")
	if pg {
		b.WriteString(" = ANY(")
		param("{" + handList(w.ids) + "}")
		b.WriteString("::bigint[])")
	} else {
		b.WriteString(" IN (SELECT value FROM json_each(")
		param("[" + handList(w.ids) + "]")
		b.WriteString("))")
	}
	b.WriteString(" ORDER BY ")
	name(handOrders[w.first])
	b.WriteString(", ")
	name("id")
	b.WriteString(" DESC, ")
	name(handOrders[w.third])
	b.WriteString(" LIMIT ")
	param(int64(w.limit))
	return b.String(), args
}

func handList(ids []int64) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	return b.String()
}

// Compiles measures what it takes to build a query and its text.
func (s *Store) Compiles(_ context.Context, set Settings) ([]Result, error) {
	pg, d := s.Name != "SQLite", s.DB.Dialect()
	searches := make([]search, Shapes)
	for i := range searches {
		searches[i] = newSearch(i)
	}
	next := 0
	each := func(i int) search {
		if i == 0 {
			return searches[0]
		}
		next++
		return searches[next%Shapes]
	}
	measure := func(shapes int) (Comparison, error) {
		return compare(set.Rounds, 2*Shapes,
			side{run: func() error { handText(pg, each(shapes)); return nil }},
			side{run: func() error { _, _, err := s.search(each(shapes)).SQL(d); return err }})
	}
	first, err := measure(Shapes)
	if err != nil {
		return nil, err
	}
	known, err := measure(0)
	if err != nil {
		return nil, err
	}
	const what = "build and compile a SELECT with three predicates, IN of ten, ORDER BY"
	return []Result{
		{What: what + ", first time", Database: s.Name, Got: first.Ratio, Limit: 1.5, Unit: "× strings.Builder", Noisy: true, Detail: first.detail()},
		{What: what + ", known shape", Database: s.Name, Got: known.Ratio, Limit: 0.9, Unit: "× strings.Builder", Noisy: true, Detail: known.detail()},
	}, nil
}

// card is what a list of users shows.
type card struct {
	ID       int64
	Name     string
	City     string
	Age      int
	Nickname *string
}

// Projections measures values read into structs.
func (s *Store) Projections(ctx context.Context, set Settings) ([]Result, error) {
	st, err := s.Hand.PrepareContext(ctx, "SELECT id, name, city, age, nickname FROM bench_users ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer st.Close()
	cards := repo.Select(func(c *card) repo.Columns {
		return repo.Into(repo.To(&c.ID, Users.ID), repo.To(&c.Name, Users.Name), repo.To(&c.City, Users.City), repo.To(&c.Age, Users.Age), repo.To(&c.Nickname, Users.Nickname))
	}).From(Users).OrderBy(Users.ID.Asc())
	c, err := compare(set.Rounds, 2,
		side{run: func() error {
			rows, err := st.QueryContext(ctx)
			if err != nil {
				return err
			}
			defer rows.Close()
			var out []card
			for rows.Next() {
				var c card
				if err := rows.Scan(&c.ID, &c.Name, &c.City, &c.Age, &c.Nickname); err != nil {
					return err
				}
				out = append(out, c)
			}
			return checkRows(len(out), rows.Err())
		}},
		side{run: func() error {
			out, err := cards.All(ctx, s.DB)
			return checkRows(len(out), err)
		}})
	if err != nil {
		return nil, err
	}
	return []Result{{What: fmt.Sprintf("projection of %d rows into structs", Rows), Database: s.Name, Got: c.Ratio, Limit: 0.85, Unit: "× hand-written", Noisy: true, Detail: c.detail()}}, nil
}

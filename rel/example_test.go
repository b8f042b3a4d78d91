package rel_test

import (
	"fmt"
	"log"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// A key of several columns is referred to by several, which the foreign key pairs
// up.
func ExampleVia_compositeKey() {
	m := schema.NewMetadata()
	seats := schema.Define("seats", func(t *seats) {
		schema.PrimaryKey(t.Row, t.Col)
	}, schema.In(m))
	tickets := schema.Define("tickets", func(t *tickets) {
		schema.Column(t.ID).PrimaryKey()
		schema.ForeignKey(t.Row, seats.Row).And(t.Col, seats.Col).OnDelete(schema.Cascade)
		rel.Via(t.Seat, t.Row, t.Col).BackPopulates(seats.Tickets).Passive()
	}, schema.In(m))
	join, err := rel.JoinOf(tickets.Seat.Relation())
	if err != nil {
		log.Fatal(err)
	}
	for _, pair := range join.On {
		fmt.Println(pair[0].Table.Name+"."+pair[0].Name, "=", pair[1].Table.Name+"."+pair[1].Name)
	}
	// Output:
	// tickets.row = seats.row
	// tickets.col = seats.col
}

func ExampleManyToMany() {
	m := schema.NewMetadata()
	users := schema.Define("users", func(t *fans) {
		schema.Column(t.ID).PrimaryKey()
	}, schema.In(m))
	follows := rel.ManyToMany("follows", users.Following, users.Followers)
	if err := m.Seal(); err != nil {
		log.Fatal(err)
	}
	for _, c := range schema.DefOf(follows).Columns {
		fmt.Println(c.Name)
	}
	// Output:
	// follower_id
	// following_id
}

// Conditions on related rows are subqueries, typed across the relation.
func ExampleToMany_Any() {
	f := newFleet()
	query := func(cond expr.Expr[Harbour]) {
		c, err := dialect.Compile(postgres.New(), &expr.SelectStmt{
			Columns: []expr.Node{f.harbours.Name.Ref()}, From: schema.SourceOf(f.harbours), Where: expr.NodeOf(cond), Limit: -1, Offset: -1,
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.SQL, c.Args)
	}
	query(f.harbours.Ships.Any(f.ships.Flag.Eq("no")))
	query(f.harbours.Ships.Count().Gt(3))
	// Output:
	// SELECT "harbours"."name" FROM "harbours" WHERE EXISTS (SELECT 1 FROM "ships" WHERE "ships"."home_id" = "harbours"."id" AND "ships"."flag" = $1) [no]
	// SELECT "harbours"."name" FROM "harbours" WHERE (SELECT count(*) FROM "ships" WHERE "ships"."home_id" = "harbours"."id") > $1 [3]
}

func ExampleToOne_Is() {
	f := newFleet()
	c, err := dialect.Compile(postgres.New(), &expr.SelectStmt{
		Columns: []expr.Node{f.ships.Name.Ref()}, From: schema.SourceOf(f.ships), Limit: -1, Offset: -1,
		Where:   expr.NodeOf(expr.Or(f.ships.Home.IsNull(), f.ships.Home.Is(f.harbours.Name.Eq("Bergen")))),
		OrderBy: []expr.OrderTerm{f.ships.Home.By(f.harbours.Name.Desc()).Term()},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.SQL)
	// Output:
	// SELECT "ships"."name" FROM "ships" WHERE "ships"."home_id" IS NULL OR EXISTS (SELECT 1 FROM "harbours" WHERE "harbours"."id" = "ships"."home_id" AND "harbours"."name" = $1) ORDER BY (SELECT "harbours"."name" FROM "harbours" WHERE "harbours"."id" = "ships"."home_id") DESC
}

// What is loaded with a query is said by a path, which is a value like any other.
func ExampleEagerPath() {
	f := newFleet()
	recent := f.harbours.Ships.Where(f.ships.Flag.Eq("no")).OrderBy(f.ships.Name.Asc()).Limit(3)
	whole := recent.With(f.ships.Crew.With(f.sailors.Mates.Depth(-1)), f.ships.Log.Join())
	e := whole.Eager()
	fmt.Println(e.Relation.Name, e.Limit, len(e.With), len(recent.Eager().With))
	fmt.Println(f.ships.Home.Limit(1).Eager().Err)
	// Output:
	// Ships 3 2 0
	// rel: load ships.Home: it leads to one row, on which there is no Limit
}

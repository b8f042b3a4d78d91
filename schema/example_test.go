package schema_test

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Team is a row; teams are the handles of its columns.
type Team struct {
	ID        int64
	Name      string
	Rank      int
	CaptainID *int64
}

type teams struct {
	schema.Table[Team]
	ID        expr.Column[Team, int64]
	Name      expr.Column[Team, string]
	Rank      expr.Column[Team, int]
	CaptainID expr.Nullable[Team, int64]
}

type Player struct {
	ID     int64
	Name   string
	TeamID int64
}

type players struct {
	schema.Table[Player]
	ID     expr.Column[Player, int64]
	Name   expr.Column[Player, string]
	TeamID expr.Column[Player, int64]
}

var Teams = schema.Define("teams", func(t *teams) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(80).Unique()
	schema.Number(t.Rank).Default(1).ZeroIsDefault()
	schema.Index(t.Rank, t.Name)
	schema.Check("rank_positive", t.Rank.Gt(0))
})

var Players = schema.Define("players", func(t *players) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TeamID).References(Teams.ID).OnDelete(schema.Cascade)
})

// Teams are defined before Players and cannot name them; an init can.
func init() {
	schema.ForeignKey(Teams.CaptainID, Players.ID).OnDelete(schema.SetNull)
}

func ExampleDefine() {
	for _, c := range schema.DefOf(Teams).Columns {
		fmt.Println(c.Name, c.Type.Kind, c.Type.Size, c.Nullable, c.Identity)
	}
	// Output:
	// id int64 0 false true
	// name text 80 false false
	// rank int64 0 false false
	// captain_id int64 0 true false
}

// A wrong model panics with all that is wrong with it.
func ExampleDefineError() {
	type row struct {
		ID    int64
		Email *string
	}
	type rows struct {
		schema.Table[row]
		ID    expr.Column[row, int64]
		Email expr.Column[row, string]
		Nmae  expr.Column[row, string]
	}
	defer func() { fmt.Println(recover()) }()
	schema.Define("rows", func(t *rows) { schema.Column(t.ID).PrimaryKey() })
	// Output:
	// schema: define rows: 2 faults:
	// 	handle Email: it is expr.Column[schema_test.row, string], but field schema_test.row.Email is *string: write expr.Nullable[schema_test.row, string]
	// 	handle Nmae: entity schema_test.row has no mapped field of that name
}

func ExampleIndex() {
	if err := schema.Default.Seal(); err != nil {
		fmt.Println(err)
	}
	for _, ix := range schema.DefOf(Teams).Indexes {
		fmt.Println(ix.Name, len(ix.Parts), ix.Unique)
	}
	// Output: ix_teams_rank_name 2 false
}

func ExampleCheck() {
	for _, c := range schema.DefOf(Teams).Checks {
		fmt.Println(c.Name)
	}
	// Output: rank_positive
}

// Tables that refer to each other: the second foreign key is added in an init.
func ExampleForeignKey() {
	if err := schema.Default.Seal(); err != nil {
		fmt.Println(err)
	}
	for _, t := range schema.SortTables([]*schema.TableDef{schema.DefOf(Players), schema.DefOf(Teams)}) {
		for _, fk := range t.ForeignKeys {
			fmt.Println(fk.Name, "to", fk.RefTable.Name, fk.OnDelete)
		}
	}
	// Output:
	// fk_teams_captain_id to players SET NULL
	// fk_players_team_id to teams CASCADE
}

func ExampleAs() {
	rival := schema.As(Teams, "rival")
	above := rival.Rank.GtTo(Teams.Rank) // teams and rival are two rows of one table
	for _, c := range expr.Columns(expr.NodeOf(above)) {
		fmt.Println(c.Source.Label(), c.Name)
	}
	// Output:
	// rival rank
	// teams rank
}

// A model of its own, for a test or a second database.
func ExampleNewMetadata() {
	type row struct{ ID int64 }
	type rows struct {
		schema.Table[row]
		ID expr.Column[row, int64]
	}
	meta := schema.NewMetadata()
	schema.Define("rows", func(t *rows) { schema.Column(t.ID).PrimaryKey() }, schema.In(meta))
	fmt.Println(len(meta.Tables()), schema.Default.Lookup("", "rows") == nil)
	// Output: 1 true
}

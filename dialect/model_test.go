package dialect_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// The model of this package's tests: a column of each kind, each constraint, a
// cycle of foreign keys, and names that must be quoted.
type (
	Status string
	Price  string

	Person struct {
		ID      int64
		Name    string
		Email   *string
		Age     int32
		Small   int16
		Score   float64
		Ratio   float32
		Active  bool
		Data    []byte
		Token   [16]byte
		Meta    schema.JSON[map[string]int]
		Tags    []string
		Balance Price
		Status  Status
		BossID  *int64
		TeamID  *int64
		Upper   string
		Created time.Time
		Changed time.Time
		Version int64
	}
	people struct {
		schema.Table[Person]
		ID      expr.Column[Person, int64]
		Name    expr.Column[Person, string]
		Email   expr.Nullable[Person, string]
		Age     expr.Column[Person, int32]
		Small   expr.Column[Person, int16]
		Score   expr.Column[Person, float64]
		Ratio   expr.Column[Person, float32]
		Active  expr.Column[Person, bool]
		Data    expr.Column[Person, []byte]
		Token   expr.Column[Person, [16]byte]
		Meta    expr.Column[Person, schema.JSON[map[string]int]]
		Tags    expr.Column[Person, []string]
		Balance expr.Column[Person, Price]
		Status  expr.Column[Person, Status]
		BossID  expr.Nullable[Person, int64]
		TeamID  expr.Nullable[Person, int64]
		Upper   expr.Column[Person, string]
		Created expr.Column[Person, time.Time]
		Changed expr.Column[Person, time.Time]
		Version expr.Column[Person, int64]
	}

	Team struct {
		ID     int64
		Title  string
		LeadID *int64
	}
	teams struct {
		schema.Table[Team]
		ID     expr.Column[Team, int64]
		Title  expr.Column[Team, string]
		LeadID expr.Nullable[Team, int64]
	}

	Seat struct {
		Row, Col int32
		PersonID *int64
		Note     *string
	}
	seats struct {
		schema.Table[Seat]
		Row      expr.Column[Seat, int32]
		Col      expr.Column[Seat, int32]
		PersonID expr.Nullable[Seat, int64]
		Note     expr.Nullable[Seat, string]
	}

	Odd struct {
		Key   int32
		Value string `db:"a \"b\" % ?"`
	}
	odd struct {
		schema.Table[Odd]
		Key   expr.Column[Odd, int32]
		Value expr.Column[Odd, string]
	}
)

var meta = schema.NewMetadata()

var People = schema.Define("people", func(t *people) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100).Comment("what's said")
	schema.Text(t.Email).Unique().Size(255)
	schema.Number(t.Age).ServerDefault(expr.Val(int32(-1))).KeepZero()
	schema.Decimal(t.Balance, 12, 2).ServerDefault(expr.Val(Price("0.00"))).KeepZero()
	schema.Enum(t.Status, "new", "it's", "done").ServerDefault(expr.Val(Status("new"))).ZeroIsDefault()
	schema.Column(t.BossID).References(t.ID).OnDelete(schema.SetNull)
	schema.Text(t.Upper).Computed(expr.Upper(t.Name))
	schema.Column(t.Created).ServerDefault(expr.Now())
	schema.Column(t.Changed).OnUpdate(expr.Now())
	schema.Column(t.Version).Version()
	schema.Index(t.Name, t.Created)
	schema.IndexBy(t.Score.Desc()).Where(t.Active.Eq(true)).Name("ix_score")
	schema.Index(expr.Lower(t.Name)).Unique().Where(expr.And(t.Age.Between(-5, 150), t.Name.Ne("it's \\ %"), t.Status.In("new", "done"))).Name("ux_lower")
	schema.Check("ck_age", expr.Or(t.Age.Ge(-1), expr.Not(t.Active.Eq(true))))
}, schema.In(meta), schema.Comment("the people"))

var Teams = schema.Define("teams", func(t *teams) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.LeadID).References(People.ID).OnDelete(schema.Restrict).OnKeyUpdate(schema.Cascade)
}, schema.In(meta))

var Seats = schema.Define("seats", func(t *seats) {
	schema.PrimaryKey(t.Row, t.Col)
	schema.Column(t.PersonID).References(People.ID).OnDelete(schema.Cascade)
	schema.Unique(t.PersonID, t.Note)
	schema.Index(t.Note).Include(t.PersonID)
}, schema.In(meta))

var Odds = schema.Define(`select "x"`, func(t *odd) {
	schema.Number(t.Key).PrimaryKey().NoIdentity()
}, schema.In(meta))

func init() {
	schema.ForeignKey(People.TeamID, Teams.ID).Deferrable()
	if err := meta.Seal(); err != nil {
		panic(err)
	}
}

var dialects = []dialect.Dialect{sqlite.New(), postgres.New()}

// opened is a database with the model's tables, nil where none is at hand.
func opened(t testing.TB, d dialect.Dialect) *sql.DB {
	t.Helper()
	var db *sql.DB
	var err error
	switch d.Name() {
	case "sqlite":
		db, err = sql.Open("sqlite", ":memory:")
		if err == nil {
			db.SetMaxOpenConns(1)
		}
	case "postgres":
		if server == "" {
			return nil
		}
		db = fresh(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range d.Setup(false) {
		run(t, db, s)
	}
	for _, op := range schema.PlanCreate(meta.Tables(), d.Capabilities().AlterForeignKeys) {
		for _, s := range rendered(t, d, op) {
			run(t, db, s)
		}
	}
	return db
}

// fresh opens a schema of its own in this process's database.
func fresh(t testing.TB) *sql.DB {
	t.Helper()
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d", time.Now().UnixNano())
	run(t, admin, "CREATE SCHEMA "+name)
	t.Cleanup(func() {
		run(t, admin, "DROP SCHEMA "+name+" CASCADE")
		admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// server is the URL of a database that only this process uses, "" where
// DORMER_TEST_POSTGRES names no server.
var server string

func TestMain(m *testing.M) { os.Exit(onServer(m)) }

func onServer(m *testing.M) int {
	env := os.Getenv("DORMER_TEST_POSTGRES")
	if env == "" {
		return m.Run()
	}
	admin, err := sql.Open("postgres", env)
	if err != nil {
		panic(err)
	}
	defer admin.Close()
	name := fmt.Sprintf("dormer_dialect_%d", time.Now().UnixNano())
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		panic(err)
	}
	defer admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
	u, err := url.Parse(env)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	server = u.String()
	return m.Run()
}

func run(t testing.TB, db *sql.DB, s string, args ...any) {
	t.Helper()
	if _, err := db.Exec(s, args...); err != nil {
		t.Fatalf("%s\n%v", s, err)
	}
}

func rendered(t testing.TB, d dialect.Dialect, op schema.DDL) []string {
	t.Helper()
	list, err := dialect.RenderDDL(d, op)
	if err != nil {
		t.Fatalf("%s: %T: %v", d.Name(), op, err)
	}
	return list
}

package migrate_test

import (
	"context"
	"fmt"
	"os"

	_ "github.com/glebarez/go-sqlite"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// revisions is what the init functions of a program's migrations add to, each in a
// file of its own.
func revisions() migrate.Set {
	var set migrate.Set
	set.Add(migrate.Revision{
		ID: "9f8e7d6c5b4a", Message: "users",
		Upgrade: func(op *migrate.Op) {
			op.CreateTable("users", schema.Col("id", schema.BigInt()), schema.Col("name", schema.Varchar(50)), schema.Key("id"))
		},
		Downgrade: func(op *migrate.Op) { op.DropTable("users") },
	})
	set.Add(migrate.Revision{
		ID: "a1b2c3d4e5f6", Parents: []string{"9f8e7d6c5b4a"}, Message: "add nickname",
		Upgrade: func(op *migrate.Op) {
			op.AddColumn("users", schema.Col("nickname", schema.Varchar(50)).Nullable())
			op.Run(func(ctx context.Context, tx *uow.UnitOfWork) error {
				_, err := tx.Exec(ctx, "UPDATE users SET nickname = lower(name)")
				return err
			})
		},
		Downgrade: func(op *migrate.Op) { op.DropColumn("users", "nickname") },
	})
	return set
}

func Example() {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(schema.NewMetadata()))
	if err != nil {
		panic(err)
	}
	defer db.Close()

	if err := migrate.Upgrade(ctx, db, revisions(), "head"); err != nil {
		panic(err)
	}
	if err := migrate.Downgrade(ctx, db, revisions(), "-1"); err != nil {
		panic(err)
	}
	list, err := migrate.History(ctx, db, revisions(), "")
	if err != nil {
		panic(err)
	}
	for _, r := range list {
		fmt.Println(r)
	}
	// Output:
	// 9f8e7d6c5b4a -> a1b2c3d4e5f6 (head), add nickname
	// <base> -> 9f8e7d6c5b4a (current), users
}

func ExampleUpgradeSQL() {
	err := migrate.UpgradeSQL(os.Stdout, postgres.New(), revisions(), "9f8e:a1b2")
	fmt.Println(err)
	// Output:
	// migrate: operation 2 of revision a1b2c3d4e5f6 (file example_test.go) is op.Run, whose code cannot be written as SQL: run this revision online, and write the ranges before and after it
}

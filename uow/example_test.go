package uow_test

import (
	"context"
	"errors"
	"fmt"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Account struct {
	ID      int64
	Owner   string
	Balance int64
	Version int64
}

type accounts struct {
	schema.Table[Account]
	ID      expr.Column[Account, int64]
	Owner   expr.Column[Account, string]
	Balance expr.Column[Account, int64]
	Version expr.Column[Account, int64]
}

var bank = schema.NewMetadata()

var Accounts = schema.Define("accounts", func(t *accounts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Owner).Unique()
	schema.Column(t.Version).Version()
	schema.Check("accounts_no_debt", t.Balance.Ge(0))
}, schema.In(bank))

func openBank(ctx context.Context) (*engine.Engine, repo.Keyed[Account, int64]) {
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(bank))
	if err != nil {
		panic(err)
	}
	if err := db.CreateAll(ctx); err != nil {
		panic(err)
	}
	all := repo.NewKeyed(db, Accounts.ID, repo.OwnUnit())
	if err := all.Add(ctx, &Account{Owner: "ann", Balance: 10}, &Account{Owner: "bob", Balance: 5}); err != nil {
		panic(err)
	}
	return db, all
}

func ExampleRun() {
	ctx := context.Background()
	db, all := openBank(ctx)
	defer db.Close()
	transfer := func(amount int64) error {
		return uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			ann, err := all.Get(ctx, 1)
			if err != nil {
				return err
			}
			bob, err := all.Get(ctx, 2)
			if err != nil {
				return err
			}
			ann.Balance -= amount
			bob.Balance += amount
			return nil
		}, uow.Retry(3), uow.RetryStale())
	}
	fmt.Println(transfer(4))
	err := transfer(40)
	fmt.Println(errors.Is(err, dialect.ErrCheck))
	var flush *uow.FlushError
	fmt.Println(errors.As(err, &flush), flush.Op, flush.Table)
	ann, _ := all.Untracked().Get(ctx, 1)
	fmt.Println(ann.Balance)
	// Output:
	// <nil>
	// true
	// true update accounts
	// 6
}

func ExampleUnitOfWork_Savepoint() {
	ctx := context.Background()
	db, all := openBank(ctx)
	defer db.Close()
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := all.Get(ctx, 1)
		if err != nil {
			return err
		}
		err = tx.Savepoint(ctx, func(ctx context.Context) error {
			ann.Balance = 0
			return errors.New("not today")
		})
		fmt.Println(err, ann.Balance)
		return nil // the rest goes on
	})
	fmt.Println(err)
	// Output:
	// not today 10
	// <nil>
}

func ExampleUnitOfWork_Plan() {
	ctx := context.Background()
	db, all := openBank(ctx)
	defer db.Close()
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := all.Get(ctx, 1)
		if err != nil {
			return err
		}
		ann.Balance = 100
		if err := all.Add(ctx, &Account{Owner: "eve"}); err != nil {
			return err
		}
		p, err := tx.Plan(ctx)
		fmt.Print(p)
		return err
	})
	fmt.Println(err)
	// Output:
	// update accounts key 1 (balance)
	// insert accounts
	// <nil>
}

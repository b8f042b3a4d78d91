package uow_test

import (
	"context"
	"errors"
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var harbourMeta = schema.NewMetadata()

type ship struct {
	ID    int64
	Log   rel.One[shipLog]
	Cargo rel.Many[cargo]
}
type ships struct {
	schema.Table[ship]
	ID    expr.Column[ship, int64]
	Log   rel.ToOne[ship, shipLog]
	Cargo rel.ToMany[ship, cargo]
}

var harbourShips = schema.Define("ships", func(t *ships) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(harbourMeta))

// shipLog has its ship's key.
type shipLog struct {
	ShipID int64
	Text   string
	Ship   rel.One[ship]
}
type shipLogs struct {
	schema.Table[shipLog]
	ShipID expr.Column[shipLog, int64]
	Ship   rel.ToOne[shipLog, ship]
}

var _ = schema.Define("ship_logs", func(t *shipLogs) {
	schema.Column(t.ShipID).PrimaryKey().References(harbourShips.ID)
	rel.Via(t.Ship, t.ShipID).BackPopulates(harbourShips.Log)
}, schema.In(harbourMeta))

// cargo has its ship's key as a part of its own.
type cargo struct {
	ShipID int64
	Hold   int64
	Ship   rel.One[ship]
}
type cargos struct {
	schema.Table[cargo]
	ShipID expr.Column[cargo, int64]
	Hold   expr.Column[cargo, int64]
	Ship   rel.ToOne[cargo, ship]
}

var harbourCargos = schema.Define("cargos", func(t *cargos) {
	schema.PrimaryKey(t.ShipID, t.Hold)
	schema.Column(t.ShipID).References(harbourShips.ID)
	rel.Via(t.Ship, t.ShipID).BackPopulates(harbourShips.Cargo).Own()
}, schema.In(harbourMeta))

// TestKeysThatWaitForParents adds several new entities whose keys are those of
// new parents: until the flush all of them hold zero, which is no key.
func TestKeysThatWaitForParents(t *testing.T) {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(harbourMeta))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.CreateAll(ctx); err != nil {
		t.Fatal(err)
	}
	fleet := repo.NewKeyed(db, harbourShips.ID)
	logs := repo.New[shipLog](db)
	holds := repo.NewKeyed2(db, harbourCargos.ShipID, harbourCargos.Hold)
	list := []*ship{
		{Log: rel.To(&shipLog{Text: "a"}), Cargo: rel.Of(&cargo{Hold: 1}, &cargo{Hold: 2})},
		{Log: rel.To(&shipLog{Text: "b"}), Cargo: rel.Of(&cargo{Hold: 1}, &cargo{Hold: 2})},
	}
	no := errors.New("no")
	for _, end := range []error{no, nil} { // a rollback leaves them fit to be added again
		err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			if err := fleet.Add(ctx, list...); err != nil {
				return err
			}
			if err := tx.Flush(ctx); err != nil {
				return err
			}
			for _, s := range list {
				log, _ := s.Log.Loaded()
				if same, err := logs.Get(ctx, s.ID); err != nil || same != log || log.ShipID != s.ID || s.ID == 0 {
					t.Errorf("ship %d has the log of %d: %v", s.ID, log.ShipID, err)
				}
				goods, _ := s.Cargo.Loaded()
				for i, c := range goods {
					if same, err := holds.Get(ctx, s.ID, int64(i+1)); err != nil || same != c {
						t.Errorf("ship %d, hold %d: %v", s.ID, i+1, err)
					}
				}
			}
			// A key that is whole is still one that is managed here.
			var duplicate *uow.DuplicateError
			if err := holds.Add(ctx, &cargo{ShipID: list[0].ID, Hold: 1}); !errors.As(err, &duplicate) {
				t.Errorf("a second entity of one key: %v", err)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	if n, err := holds.Untracked().Count(ctx); err != nil || n != 4 {
		t.Errorf("%d rows: %v", n, err)
	}
	if n, err := logs.Untracked().Count(ctx); err != nil || n != 2 {
		t.Errorf("%d logs: %v", n, err)
	}
}

package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type placed struct{ ID int64 }

type placeds struct {
	schema.Table[placed]
	ID expr.Column[placed, int64]
}

func TestSchemaOnSQLiteIsRefusedByName(t *testing.T) {
	m := schema.NewMetadata()
	schema.Define("placed", func(t *placeds) { schema.Column(t.ID).PrimaryKey() }, schema.In(m), schema.Schema("my place"))
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(m))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.CreateAll(context.Background())
	var u *dialect.UnsupportedError
	if !errors.As(err, &u) || u.Dialect != "sqlite" || !strings.Contains(err.Error(), "my place") {
		t.Errorf("got %v", err)
	}
}

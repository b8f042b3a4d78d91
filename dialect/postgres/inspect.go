package postgres

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/catalogue"
	"github.com/dormer-orm/dormer/schema"
)

// maxName is the length in bytes that the server cuts names to.
const maxName = 63

// Inspect reads the database by nine queries. They should be in one transaction
// that sees one state.
func (d Dialect) Inspect(ctx context.Context, q dialect.Query, o dialect.InspectOptions) (*schema.Catalog, error) {
	r := &inspector{ctx: ctx, q: q, o: o, cat: &schema.Catalog{Dialect: d.Name()}, tables: map[int64]*schema.TableDef{}, enums: map[int64]*schema.EnumDef{}}
	for _, step := range []func() error{r.schemas, r.readTables, r.readEnums, r.columns, r.constraints, r.indexes, r.notes, r.views, r.triggers} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("postgres: inspect: %w", err)
		}
	}
	for _, t := range r.cat.Tables {
		catalogue.FoldEnums(t, maxName, enumValues)
	}
	return r.cat, nil
}

// inspector is one Inspect.
type inspector struct {
	ctx context.Context
	q   dialect.Query
	o   dialect.InspectOptions
	cat *schema.Catalog
	// standard is the default schema, "" where there is none.
	standard string
	args     []driver.NamedValue
	tables   map[int64]*schema.TableDef // by oid
	enums    map[int64]*schema.EnumDef  // by oid
}

// schema is the name that the model has for a schema.
func (r *inspector) schema(name string) string {
	if name == r.standard {
		return ""
	}
	return name
}

func (r *inspector) schemas() error {
	var all []string
	err := r.q(r.ctx, inspectSchemas, nil, func(row []driver.Value) error {
		name := catalogue.Text(row[0])
		all = append(all, name)
		if catalogue.Bool(row[1]) {
			r.standard = name
		}
		return nil
	})
	list := []byte{'{'}
	for _, name := range all {
		s := r.schema(name)
		if !r.o.HasSchema(s) {
			continue
		}
		if s != "" {
			r.cat.Schemas = append(r.cat.Schemas, s)
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = appendQuotedElem(list, name)
	}
	r.args = []driver.NamedValue{{Ordinal: 1, Value: string(append(list, '}'))}}
	return err
}

func (r *inspector) readTables() error {
	type found struct {
		oid int64
		t   *schema.TableDef
	}
	var all []found
	err := r.q(r.ctx, inspectTables, r.args, func(row []driver.Value) error {
		t := catalogue.NewTable(r.schema(catalogue.Text(row[1])), catalogue.Text(row[2]))
		t.Comment = catalogue.Text(row[3])
		if key := catalogue.Text(row[4]); key != "" {
			t.Options = "PARTITION BY " + key
		}
		all = append(all, found{catalogue.Int(row[0]), t})
		return nil
	})
	for _, f := range all {
		if r.o.HasTable(f.t.Schema, f.t.Name) {
			r.tables[f.oid] = f.t
			r.cat.Tables = append(r.cat.Tables, f.t)
		}
	}
	sortTables(r.cat.Tables)
	return err
}

func (r *inspector) readEnums() error {
	return r.q(r.ctx, inspectEnums, nil, func(row []driver.Value) error {
		oid := catalogue.Int(row[0])
		e := r.enums[oid]
		if e == nil {
			e = &schema.EnumDef{Schema: r.schema(catalogue.Text(row[1])), Name: catalogue.Text(row[2])}
			r.enums[oid] = e
			if r.o.HasSchema(e.Schema) {
				r.cat.Enums = append(r.cat.Enums, e)
			}
		}
		if row[3] != nil {
			e.Values = append(e.Values, catalogue.Text(row[3]))
		}
		return nil
	})
}

func (r *inspector) columns() error {
	return r.q(r.ctx, inspectColumns, r.args, func(row []driver.Value) error {
		t := r.tables[catalogue.Int(row[0])]
		if t == nil {
			return nil
		}
		c := &schema.ColumnDef{
			Table: t, Position: len(t.Columns), Name: catalogue.Text(row[2]),
			Type:      r.typeOf(catalogue.Text(row[3]), catalogue.Int(row[4]), catalogue.Bool(row[5])),
			Nullable:  catalogue.Bool(row[6]),
			Identity:  catalogue.Text(row[7]) != "",
			Collation: catalogue.Text(row[10]),
			Comment:   catalogue.Text(row[11]),
		}
		switch generated := catalogue.Text(row[8]); {
		case row[9] == nil:
		case generated != "":
			c.Computed, c.Stored = text(catalogue.Text(row[9])), generated == "s"
		default:
			c.ServerDefault = text(catalogue.Text(row[9]))
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
}

// typeOf is the type that the server formats so; oid is its own number, or that
// of its elements for an array.
func (r *inspector) typeOf(formatted string, oid int64, array bool) schema.Type {
	e := r.enums[oid]
	switch {
	case e == nil || e.Schema != "" || len(e.Values) == 0:
		return typeNamed(formatted)
	case array:
		return schema.ArrayOf(schema.EnumType(e.Name, e.Values...))
	}
	return schema.EnumType(e.Name, e.Values...)
}

func (r *inspector) constraints() error {
	return r.q(r.ctx, inspectConstraints, r.args, func(row []driver.Value) error {
		t := r.tables[catalogue.Int(row[0])]
		if t == nil {
			return nil
		}
		name := catalogue.Text(row[1])
		cols, err := namedColumns(t, row[3])
		if err != nil {
			return err
		}
		switch catalogue.Text(row[2]) {
		case "p":
			for _, c := range cols {
				c.PrimaryKey = true
			}
			t.PrimaryKey = cols
		case "u":
			t.Uniques = append(t.Uniques, &schema.UniqueDef{Name: name, Columns: cols})
		case "c":
			t.Checks = append(t.Checks, &schema.CheckDef{Name: name, Cond: text(catalogue.Text(row[11]))})
		case "f":
			ref := r.tables[catalogue.Int(row[4])]
			if ref == nil {
				ref = &schema.TableDef{Schema: r.schema(catalogue.Text(row[5])), Name: catalogue.Text(row[6])}
			}
			targets, err := namedColumns(ref, row[7])
			if err != nil {
				return err
			}
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKeyDef{
				Name: name, Table: t, Columns: cols, RefTable: ref, RefColumns: targets,
				OnDelete: actions[catalogue.Text(row[8])], OnUpdate: actions[catalogue.Text(row[9])],
				Deferrable: catalogue.Bool(row[10]),
			})
		}
		return nil
	})
}

var actions = map[string]schema.Action{"r": schema.Restrict, "c": schema.Cascade, "n": schema.SetNull, "d": schema.SetDefault}

// namedColumns are the columns of a table that a JSON list names.
func namedColumns(t *schema.TableDef, list driver.Value) ([]*schema.ColumnDef, error) {
	if list == nil {
		return nil, nil // a CHECK of no column
	}
	var names []string
	if err := json.Unmarshal([]byte(catalogue.Text(list)), &names); err != nil {
		return nil, err
	}
	cols := make([]*schema.ColumnDef, len(names))
	for i, n := range names {
		cols[i] = catalogue.Column(t, n)
	}
	return cols, nil
}

func (r *inspector) indexes() error {
	return r.q(r.ctx, inspectIndexes, r.args, func(row []driver.Value) error {
		t := r.tables[catalogue.Int(row[0])]
		if t == nil {
			return nil
		}
		x := &schema.IndexDef{Table: t, Name: catalogue.Text(row[1]), Unique: catalogue.Bool(row[2]), Method: catalogue.Text(row[3])}
		if x.Method == "btree" {
			x.Method = ""
		}
		if row[4] != nil {
			x.Where = text(catalogue.Text(row[4]))
		}
		var parts [][4]any
		if err := json.Unmarshal([]byte(catalogue.Text(row[5])), &parts); err != nil {
			return err
		}
		for _, p := range parts {
			number, _ := p[0].(float64)
			name, _ := p[2].(string)
			options, key := p[1].(float64)
			if !key {
				x.Include = append(x.Include, catalogue.Column(t, name))
				continue
			}
			part := indexOrder(int(options))
			part.Class, _ = p[3].(string)
			if number == 0 {
				part.Expr = text(name)
			} else {
				part.Column = catalogue.Column(t, name)
			}
			x.Parts = append(x.Parts, part)
		}
		t.Indexes = append(t.Indexes, x)
		return nil
	})
}

// indexOrder reads a part's options: NULLs stand last in ascending order and
// first in descending order unless something else was said.
func indexOrder(options int) schema.IndexPart {
	const desc, nullsFirst = 1, 2
	p := schema.IndexPart{Desc: options&desc != 0}
	if first := options&nullsFirst != 0; first != p.Desc {
		p.Nulls = expr.NullsLast
		if first {
			p.Nulls = expr.NullsFirst
		}
	}
	return p
}

func (r *inspector) views() error {
	return r.q(r.ctx, inspectViews, r.args, func(row []driver.Value) error {
		r.cat.Views = append(r.cat.Views, &schema.ViewDef{
			Schema: r.schema(catalogue.Text(row[0])), Name: catalogue.Text(row[1]),
			Materialized: catalogue.Bool(row[2]),
			SQL:          strings.TrimSuffix(strings.TrimSpace(catalogue.Text(row[3])), ";"),
		})
		return nil
	})
}

func (r *inspector) triggers() error {
	return r.q(r.ctx, inspectTriggers, r.args, func(row []driver.Value) error {
		r.cat.Triggers = append(r.cat.Triggers, &schema.TriggerDef{
			Schema: r.schema(catalogue.Text(row[0])), Table: catalogue.Text(row[1]),
			Name: catalogue.Text(row[2]), SQL: catalogue.Text(row[3]),
		})
		return nil
	})
}

// text is an expression as the server writes it, without parentheses around all
// of it.
func text(s string) *expr.TextNode { return &expr.TextNode{SQL: unwrap(s)} }

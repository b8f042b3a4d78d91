package engine

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// CreateAll creates tables that do not exist yet, with their schemas, enum
// types, indexes, constraints and comments: those named, or all of the engine's
// Metadata. A table comes after those that it points to. Tables that exist are
// left as they are, whatever they look like. All is done in one transaction, or
// nothing; programs that start at once do not get in each other's way.
func (e *Engine) CreateAll(ctx context.Context, tables ...schema.Handle) error {
	defs, err := e.tables("create", tables)
	if err != nil {
		return err
	}
	if err := e.checkSchemas("create", defs); err != nil {
		return err
	}
	plan := schema.PlanCreate(defs, e.dialect.Capabilities().AlterForeignKeys)
	return e.changeSchema(ctx, "create", func(s *schemaChange) error {
		made := make(map[*schema.TableDef]bool)
		for _, op := range plan {
			skip := false
			switch op := op.(type) {
			case schema.CreateSchema:
				skip, err = s.exists(e.dialect.SchemaExists(op.Name))
			case schema.CreateEnum:
				skip, err = s.exists(e.dialect.EnumExists(op.Name))
			case schema.CreateTable:
				skip, err = s.exists(e.dialect.TableExists(op.Table.Schema, op.Table.Name))
				made[op.Table] = !skip
			case schema.CreateIndex:
				skip = !made[op.Index.Table]
			case schema.CommentTable:
				skip = !made[op.Table]
			case schema.CommentColumn:
				skip = !made[op.Column.Table]
			case schema.AddForeignKey:
				skip = !made[op.Key.Table]
			}
			if err != nil {
				return err
			}
			if skip {
				continue
			}
			if err := s.apply(op); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropAll drops tables with all that is in them: those named, or all of the
// engine's Metadata, and the enum types that no other table of the Metadata
// uses. A table goes before those that it points to. Tables that do not exist
// are passed over. All is done in one transaction, or nothing.
func (e *Engine) DropAll(ctx context.Context, tables ...schema.Handle) error {
	defs, err := e.tables("drop", tables)
	if err != nil {
		return err
	}
	if err := e.checkSchemas("drop", defs); err != nil {
		return err
	}
	kept := enumsOfOthers(defs)
	plan := schema.PlanDrop(defs, e.dialect.Capabilities().AlterForeignKeys)
	return e.changeSchema(ctx, "drop", func(s *schemaChange) error {
		for _, op := range plan {
			there := true
			switch op := op.(type) {
			case schema.DropForeignKey:
				there, err = s.exists(e.dialect.ForeignKeyExists(op.Key.Table.Schema, op.Key.Table.Name, op.Key.Name))
			case schema.DropTable:
				there, err = s.exists(e.dialect.TableExists(op.Table.Schema, op.Table.Name))
			case schema.DropEnum:
				there, err = s.exists(e.dialect.EnumExists(op.Name))
				there = there && !kept[op.Name]
			}
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			if err := s.apply(op); err != nil {
				return err
			}
		}
		return nil
	})
}

// tables are the definitions behind handles, or all where none is named. Their
// Metadata is sealed: what is created must not be defined further.
func (e *Engine) tables(what string, handles []schema.Handle) ([]*schema.TableDef, error) {
	if err := e.meta.Seal(); err != nil {
		return nil, fmt.Errorf("engine: %s tables: %w", what, err)
	}
	if len(handles) == 0 {
		return e.meta.Tables(), nil
	}
	defs := make([]*schema.TableDef, 0, len(handles))
	for i, h := range handles {
		def := schema.DefOf(h)
		if def == nil {
			return nil, fmt.Errorf("engine: %s tables: argument %d is no table: schema.Define makes one", what, i+1)
		}
		if def.Metadata != nil && def.Metadata != e.meta {
			if err := def.Metadata.Seal(); err != nil {
				return nil, fmt.Errorf("engine: %s tables: %w", what, err)
			}
		}
		if !slices.Contains(defs, def) {
			defs = append(defs, def)
		}
	}
	return defs, nil
}

// checkSchemas refuses tables in schemas where the database has none.
func (e *Engine) checkSchemas(what string, defs []*schema.TableDef) error {
	if e.dialect.Capabilities().Schemas {
		return nil
	}
	for _, d := range defs {
		if d.Schema != "" {
			return fmt.Errorf("engine: %s table %s: %w", what, d.QualifiedName(), &dialect.UnsupportedError{Construct: "a schema (" + d.Schema + ")", Dialect: e.dialect.Name()})
		}
	}
	return nil
}

// enumsOfOthers are the enum types of tables that share a Metadata with those
// given and are not among them.
func enumsOfOthers(defs []*schema.TableDef) map[string]bool {
	kept := make(map[string]bool)
	for _, d := range defs {
		if d.Metadata == nil {
			continue
		}
		for _, t := range d.Metadata.Tables() {
			if slices.Contains(defs, t) {
				continue
			}
			for _, c := range t.Columns {
				for typ := &c.Type; typ != nil; typ = typ.Elem {
					kept[typ.EnumName] = true
				}
			}
		}
	}
	return kept
}

// schemaChange is a transaction that changes the schema.
type schemaChange struct {
	ctx  context.Context
	conn *Conn
}

func (e *Engine) changeSchema(ctx context.Context, what string, f func(*schemaChange) error) error {
	c, err := e.Acquire(ctx, what+" tables")
	if err != nil {
		return err
	}
	defer c.Release() // rolls back what is not committed
	if err := c.Begin(ctx, TxOptions{}); err != nil {
		return err
	}
	s := &schemaChange{ctx, c}
	if lock := e.dialect.SchemaLock(); lock != "" {
		if _, err := c.Query(ctx, lock, nil, func([]driver.Value) error { return nil }); err != nil {
			return err
		}
	}
	if err := f(s); err != nil {
		return err
	}
	return c.Commit(ctx)
}

// exists runs one of the dialect's queries after what there is. An empty one is
// about something that the database does not have: there is nothing to do.
func (s *schemaChange) exists(query string, args []any) (bool, error) {
	if query == "" {
		return false, nil
	}
	found := false
	_, err := s.conn.Query(s.ctx, query, Args(args...), func(vals []driver.Value) error {
		switch v := vals[0].(type) {
		case bool:
			found = v
		case int64:
			found = v != 0
		}
		return nil
	})
	return found, err
}

func (s *schemaChange) apply(op schema.DDL) error {
	list, err := dialect.RenderDDL(s.conn.e.dialect, op)
	if err != nil {
		return err
	}
	for _, sql := range list {
		if err := s.conn.ExecDDL(s.ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// Altering is how tables that exist are changed, as far as databases do so in ways
// of their own. Names of tables and columns are given as they are quoted.
type Altering interface {
	// Conversion is an expression over column from that has its value as column
	// to keeps it, "" where the database converts it by itself without loss. It
	// fails on a value that it cannot convert. An error says that values of the
	// one type are not converted to the other unless someone says how.
	Conversion(from, to *schema.ColumnDef) (string, error)
	// RefuseIf is a statement that fails with a message if a query has a row.
	RefuseIf(query, message string) (string, error)
	// Refusal is an expression that fails with a message where it is evaluated,
	// "" where there is no such thing.
	Refusal(message string) (string, error)
	// DropPrimaryKey drops a table's key, whatever its name is.
	DropPrimaryKey(table string) (string, error)
	// RestartIdentity has an identity column of a table with rows go on after
	// the greatest of its values and of those that it has given out.
	RestartIdentity(table, column string) (string, error)
	// DropInvalidIndex drops an index that was left behind unfinished, and none
	// other.
	DropInvalidIndex(index string) (string, error)
	// KeepViews are the statements, which change the types of columns, with what
	// takes views over these out of the way and makes them again as they were.
	// It fails, and has changed nothing, where one cannot be made again.
	KeepViews(columns []*schema.ColumnDef, statements []string) ([]string, error)
	// KeepNotes are the statements, which make parts of tables anew, with what keeps
	// the comments on indexes and constraints and the grants of generated columns.
	KeepNotes(tables []*schema.TableDef, statements []string) ([]string, error)
	// LikeType gives an enum type, by its quoted name, the comment, the owner and
	// the grants of another.
	LikeType(from, to string) (string, error)
	// Rebuild is what makes a table anew where Capabilities.AlterTable is not
	// set.
	Rebuild(b Rebuild) []string
}

// Rebuild is a schema.RebuildTable whose parts are rendered.
type Rebuild struct {
	Op schema.RebuildTable
	// Create makes the table under the name Temp; its quoted form and that of
	// the table that is replaced, both with their schema, are TempTable and
	// Table.
	Create, Temp, TempTable, Table string
	// Columns are those that are copied, Values what they take.
	Columns, Values []string
	// Indexes make the indexes.
	Indexes []string
}

// AddsValues reports whether an enum's change only adds values, so that no row has
// to be converted.
func AddsValues(from, to []string) bool {
	i := 0
	for _, v := range to {
		if i < len(from) && from[i] == v {
			i++
		}
	}
	return i == len(from)
}

// renderChange renders the changes of what exists.
func (r *ddl) renderChange(op schema.DDL) ([]string, error) {
	switch op := op.(type) {
	case schema.DropSchema:
		return only(r.caps.Schemas, "DROP SCHEMA "+r.name(op.Name)), CheckName(op.Name)
	case schema.AlterEnum:
		if !r.caps.NativeEnums {
			return nil, nil
		}
		list, err := r.alterEnum(op)
		return list, within("enum "+op.Name, err)
	case schema.RenameTable:
		if !r.caps.AlterTable && op.Table.Name != op.To && strings.EqualFold(op.Table.Name, op.To) {
			// Names that differ by case are one there, and taken.
			between := &schema.TableDef{Schema: op.Table.Schema, Name: "dormer_old_" + op.To}
			return []string{"ALTER TABLE " + r.table(op.Table) + " RENAME TO " + r.name(between.Name), "ALTER TABLE " + r.table(between) + " RENAME TO " + r.name(op.To)},
				errors.Join(CheckTable(op.Table), CheckName(op.To))
		}
		return []string{"ALTER TABLE " + r.table(op.Table) + " RENAME TO " + r.name(op.To)}, errors.Join(CheckTable(op.Table), CheckName(op.To))
	case schema.AddColumn:
		return r.addColumn(op.Column)
	case schema.DropColumn:
		return r.alterTable(op.Column.Table, "DROP COLUMN", r.name(op.Column.Name), CheckName(op.Column.Name))
	case schema.RenameColumn:
		return []string{"ALTER TABLE " + r.table(op.Column.Table) + " RENAME COLUMN " + r.name(op.Column.Name) + " TO " + r.name(op.To)},
			errors.Join(CheckName(op.Column.Name), CheckName(op.To))
	case schema.AlterColumn:
		list, err := r.alterColumn(op)
		return list, within("column "+op.To.Name, err)
	case schema.DropIndex:
		return []string{"DROP INDEX " + r.index(op.Index)}, CheckName(op.Index.Name)
	case schema.CreateIndexConcurrently:
		return r.createConcurrently(op.Index)
	case schema.DropIndexConcurrently:
		// It stands outside a transaction and may be run again.
		return []string{"DROP INDEX " + choose(r.caps.ConcurrentIndexes, "CONCURRENTLY IF EXISTS ", "") + r.index(op.Index)}, CheckName(op.Index.Name)
	case schema.RenameIndex:
		return r.renameIndex(op)
	case schema.AddPrimaryKey:
		return r.alterTable(op.Table, "ADD", "PRIMARY KEY ("+r.names(op.Table.PrimaryKey)+")", checkNames(op.Table.PrimaryKey))
	case schema.AddUnique:
		return r.alterTable(op.Table, "ADD", r.constraint(op.Unique.Name)+"UNIQUE ("+r.names(op.Unique.Columns)+")", checkNames(op.Unique.Columns))
	case schema.AddCheck:
		s, err := Inline(r.d, op.Check.Cond)
		return r.alterTable(op.Table, "ADD", r.constraint(op.Check.Name)+"CHECK ("+s+")", within("check "+op.Check.Name, err))
	case schema.DropConstraint:
		if op.Kind == schema.PrimaryKeyConstraint && op.Name == "" && r.caps.AlterTable {
			s, err := r.d.DropPrimaryKey(r.table(op.Table))
			return []string{s}, errors.Join(CheckTable(op.Table), err)
		}
		return r.alterTable(op.Table, "DROP CONSTRAINT", r.name(op.Name), CheckName(op.Name))
	case schema.RenameConstraint:
		return r.alterTable(op.Table, "RENAME CONSTRAINT", r.name(op.Name)+" TO "+r.name(op.To), errors.Join(CheckName(op.Name), CheckName(op.To)))
	case schema.RebuildTable:
		list, err := r.rebuildTable(op)
		return list, within("table "+op.To.QualifiedName(), err)
	}
	return nil, fmt.Errorf("unknown DDL %T", op)
}

// within says what an error is about.
func within(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func checkNames(cols []*schema.ColumnDef) error {
	for _, c := range cols {
		if err := CheckName(c.Name); err != nil {
			return err
		}
	}
	if len(cols) == 0 {
		return errors.New("no columns")
	}
	return nil
}

// alterTable is one change of a table, where ALTER TABLE can make it.
func (r *ddl) alterTable(t *schema.TableDef, verb, what string, err error) ([]string, error) {
	if !r.caps.AlterTable {
		return nil, r.unsupported("ALTER TABLE " + verb)
	}
	if err == nil {
		err = CheckTable(t)
	}
	if err != nil {
		return nil, within("table "+t.QualifiedName(), err)
	}
	return []string{"ALTER TABLE " + r.table(t) + " " + verb + " " + what}, nil
}

// index is an index's name, which lies in its table's schema.
func (r *ddl) index(x *schema.IndexDef) string {
	if x.Table != nil && x.Table.Schema != "" {
		return r.name(x.Table.Schema) + "." + r.name(x.Name)
	}
	return r.name(x.Name)
}

// createConcurrently makes an index outside a transaction. What an attempt that
// failed has left there must not pass for the index.
func (r *ddl) createConcurrently(x *schema.IndexDef) ([]string, error) {
	if !r.caps.ConcurrentIndexes {
		s, err := r.createIndex(x, "")
		return []string{s}, err
	}
	s, err := r.createIndex(x, "CONCURRENTLY IF NOT EXISTS ")
	if err != nil {
		return nil, err
	}
	drop, err := r.d.DropInvalidIndex(r.index(x))
	return []string{drop, s}, err
}

func (r *ddl) renameIndex(op schema.RenameIndex) ([]string, error) {
	if err := errors.Join(CheckName(op.Index.Name), CheckName(op.To)); err != nil {
		return nil, err
	}
	if r.caps.AlterTable {
		return []string{"ALTER INDEX " + r.index(op.Index) + " RENAME TO " + r.name(op.To)}, nil
	}
	if len(op.Index.Parts) == 0 {
		return nil, fmt.Errorf("index %s: %w", op.Index.Name, r.unsupported("ALTER INDEX RENAME of an index whose columns are not known"))
	}
	x := *op.Index
	x.Name = op.To
	s, err := r.createIndex(&x, "")
	return []string{"DROP INDEX " + r.index(op.Index), s}, err
}

// alterEnum adds values, or makes the type anew and converts the columns by the
// values' text.
func (r *ddl) alterEnum(op schema.AlterEnum) ([]string, error) {
	if err := CheckName(op.Name); err != nil {
		return nil, err
	}
	if AddsValues(op.From, op.To) {
		return r.addValues(op)
	}
	old := "dormer_old_" + op.Name
	create, err := r.render(schema.CreateEnum{Name: op.Name, Values: op.To})
	if err != nil {
		return nil, err
	}
	list := append([]string{"ALTER TYPE " + r.name(op.Name) + " RENAME TO " + r.name(old)}, create...)
	for _, c := range op.Columns {
		typ, err := r.d.ColumnType(c)
		if err != nil {
			return nil, err
		}
		text := "text"
		for t := &c.Type; t.Kind == schema.ArrayKind && t.Elem != nil; t = t.Elem {
			text += "[]"
		}
		col := "ALTER COLUMN " + r.name(c.Name)
		actions := []string{col + " TYPE " + typ + " USING CAST(CAST(" + r.name(c.Name) + " AS " + text + ") AS " + typ + ")"}
		if c.ServerDefault != nil {
			def, err := r.defaultValue(c)
			if err != nil {
				return nil, err
			}
			// A default has the type's old values.
			actions = []string{col + " DROP DEFAULT", actions[0], col + " SET DEFAULT " + def}
		}
		list = append(list, "ALTER TABLE "+r.table(c.Table)+" "+strings.Join(actions, ", "))
	}
	like, err := r.d.LikeType(r.name(old), r.name(op.Name))
	return append(list, like, "DROP TYPE "+r.name(old)), err
}

// addValues adds each new value after the one that it follows. It can be run
// again.
func (r *ddl) addValues(op schema.AlterEnum) ([]string, error) {
	var list []string
	have := slices.Clone(op.From)
	for i, v := range op.To {
		if slices.Contains(have, v) {
			continue
		}
		where := ""
		switch {
		case i == 0 && len(have) > 0:
			s, err := r.literal(have[0])
			if err != nil {
				return nil, err
			}
			where = " BEFORE " + s
		case i > 0 && have[len(have)-1] != op.To[i-1]:
			s, err := r.literal(op.To[i-1])
			if err != nil {
				return nil, err
			}
			where = " AFTER " + s
		}
		s, err := r.literal(v)
		if err != nil {
			return nil, err
		}
		list = append(list, "ALTER TYPE "+r.name(op.Name)+" ADD VALUE IF NOT EXISTS "+s+where)
		have = slices.Insert(have, i, v)
	}
	return list, nil
}

package migrate

import (
	"fmt"

	"github.com/dormer-orm/dormer/schema"
)

// What an operation loses. What the database would refuse to lose, such as a text
// that is too long for its new type, is no loss.

func (o DropTable) Loses() string  { return "the rows of table " + o.Table.String() }
func (o DropColumn) Loses() string { return "the values of column " + o.Table.String() + "." + o.Name }
func (o AlterColumn) Loses() string {
	what := "column " + o.Table.String() + "." + o.To.Name
	switch {
	case o.From.Computed == nil && o.To.Computed != nil:
		return "the values of " + what
	case o.Using != nil:
		return "" // whoever wrote it has said what becomes of the values
	}
	if s := narrows(o.From.Type, o.To.Type); s != "" {
		return s + " of " + what
	}
	return ""
}

func (CreateSchema) Loses() string     { return "" }
func (DropSchema) Loses() string       { return "" }
func (CreateEnum) Loses() string       { return "" }
func (DropEnum) Loses() string         { return "" }
func (AlterEnum) Loses() string        { return "" }
func (CreateTable) Loses() string      { return "" }
func (RenameTable) Loses() string      { return "" }
func (CommentTable) Loses() string     { return "" }
func (AddColumn) Loses() string        { return "" }
func (RenameColumn) Loses() string     { return "" }
func (CreateIndex) Loses() string      { return "" }
func (DropIndex) Loses() string        { return "" }
func (RenameIndex) Loses() string      { return "" }
func (AddPrimaryKey) Loses() string    { return "" }
func (AddUnique) Loses() string        { return "" }
func (AddCheck) Loses() string         { return "" }
func (AddForeignKey) Loses() string    { return "" }
func (DropConstraint) Loses() string   { return "" }
func (RenameConstraint) Loses() string { return "" }
func (Exec) Loses() string             { return "" }
func (Run) Loses() string              { return "" }

// narrows says what a conversion between types rounds off, "" for nothing.
func narrows(from, to schema.Type) string {
	if from.Custom != "" || to.Custom != "" {
		return ""
	}
	fraction := from.Kind == schema.Float32Kind || from.Kind == schema.Float64Kind || from.Kind == schema.DecimalKind && (from.Scale > 0 || from.Precision == 0)
	switch to.Kind {
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		if fraction {
			return "the digits after the point"
		}
	case schema.DecimalKind:
		if fraction && to.Precision > 0 && (from.Kind != schema.DecimalKind || from.Precision == 0 || from.Scale > to.Scale) {
			return fmt.Sprintf("the digits after the %dth behind the point", to.Scale)
		}
	case schema.Float32Kind:
		if from.Kind == schema.Float64Kind || from.Kind == schema.DecimalKind || from.Kind == schema.Int32Kind || from.Kind == schema.Int64Kind {
			return "the digits after the sixth"
		}
	case schema.Float64Kind:
		if from.Kind == schema.DecimalKind && (from.Precision == 0 || from.Precision > 15) || from.Kind == schema.Int64Kind {
			return "the digits after the fifteenth"
		}
	}
	return ""
}

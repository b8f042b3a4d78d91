package migrate

// What an operation loses. What the database would refuse to lose, such as a text
// that is too long for its new type, is no loss.

func (o DropTable) Loses() string { return "the rows of table " + o.Table.String() }
func (o DropColumn) Loses() string {
	if o.Was != nil && o.Was.Computed != nil {
		return "" // others have what it is made of
	}
	return "the values of column " + o.Table.String() + "." + o.Name
}
func (o AlterColumn) Loses() string {
	what := "column " + o.Table.String() + "." + o.To.Name
	switch {
	case o.From.Computed == nil && o.To.Computed != nil:
		return "the values of " + what
	case o.To.Computed != nil:
		return "" // they are computed again
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

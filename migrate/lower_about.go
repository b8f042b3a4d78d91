package migrate

// about says what an operation does, for errors and logs.
func about(o Operation) string {
	switch o := o.(type) {
	case CreateSchema:
		return "create schema " + o.Name
	case DropSchema:
		return "drop schema " + o.Name
	case CreateEnum:
		return "create enum " + o.Name
	case DropEnum:
		return "drop enum " + o.Name
	case AlterEnum:
		return "alter enum " + o.Name
	case CreateTable:
		return "create table " + nameOf(o.Table).String()
	case DropTable:
		return "drop table " + o.Table.String()
	case RenameTable:
		return "rename table " + o.Table.String() + " to " + o.To
	case CommentTable:
		return "comment on table " + o.Table.String()
	case AddColumn:
		return "add column " + o.Table.String() + "." + o.Column.Name
	case DropColumn:
		return "drop column " + o.Table.String() + "." + o.Name
	case RenameColumn:
		return "rename column " + o.Table.String() + "." + o.From + " to " + o.To
	case AlterColumn:
		return "alter column " + o.Table.String() + "." + o.To.Name
	case CreateIndex:
		return "create index " + o.Index.Name + " on " + o.Table.String()
	case DropIndex:
		return "drop index " + o.Name + " of " + o.Table.String()
	case RenameIndex:
		return "rename index " + o.From + " of " + o.Table.String() + " to " + o.To
	case AddPrimaryKey:
		return "add primary key to " + o.Table.String()
	case AddUnique:
		return "add unique constraint " + o.Unique.Name + " to " + o.Table.String()
	case AddCheck:
		return "add check " + o.Check.Name + " to " + o.Table.String()
	case AddForeignKey:
		return "add foreign key " + o.Key.Name + " to " + o.Table.String()
	case DropConstraint:
		s := "drop " + o.Kind.String()
		if o.Name != "" {
			s += " " + o.Name
		}
		return s + " of " + o.Table.String()
	case RenameConstraint:
		return "rename constraint " + o.From + " of " + o.Table.String() + " to " + o.To
	case Exec:
		return "exec"
	}
	return "run"
}

// tableOf is the table that an operation changes, the zero Table where it changes
// none that is there.
func tableOf(o Operation) Table {
	switch o := o.(type) {
	case DropTable:
		return o.Table
	case RenameTable:
		return o.Table
	case CommentTable:
		return o.Table
	case AddColumn:
		return o.Table
	case DropColumn:
		return o.Table
	case RenameColumn:
		return o.Table
	case AlterColumn:
		return o.Table
	case CreateIndex:
		return o.Table
	case DropIndex:
		return o.Table
	case RenameIndex:
		return o.Table
	case AddPrimaryKey:
		return o.Table
	case AddUnique:
		return o.Table
	case AddCheck:
		return o.Table
	case AddForeignKey:
		return o.Table
	case DropConstraint:
		return o.Table
	case RenameConstraint:
		return o.Table
	}
	return Table{}
}

package schema

import "slices"

// DDL is one change of a database's schema as data; a dialect renders it, to no
// statement at all where the database has nothing of the kind. The types of this
// package are all there are. A DDL is not changed once it is made.
type DDL interface{ isDDL() }

type (
	// CreateSchema makes a schema.
	CreateSchema struct{ Name string }
	// CreateEnum makes an enum type.
	CreateEnum struct {
		Name   string
		Values []string
	}
	// CreateTable makes a table with its columns and constraints, of foreign
	// keys those listed.
	CreateTable struct {
		Table       *TableDef
		ForeignKeys []*ForeignKeyDef
	}
	// CreateIndex makes an index.
	CreateIndex struct{ Index *IndexDef }
	// CommentTable and CommentColumn set a comment.
	CommentTable  struct{ Table *TableDef }
	CommentColumn struct{ Column *ColumnDef }
	// AddForeignKey adds a foreign key to a table that exists.
	AddForeignKey struct{ Key *ForeignKeyDef }
	// DropForeignKey takes it away.
	DropForeignKey struct{ Key *ForeignKeyDef }
	// DeferForeignKeys lets the foreign keys of tables that are dropped in the
	// same transaction be violated in between.
	DeferForeignKeys struct{}
	// DropTable drops a table with its indexes.
	DropTable struct{ Table *TableDef }
	// DropEnum drops an enum type.
	DropEnum struct{ Name string }
)

func (CreateSchema) isDDL()     {}
func (CreateEnum) isDDL()       {}
func (CreateTable) isDDL()      {}
func (CreateIndex) isDDL()      {}
func (CommentTable) isDDL()     {}
func (CommentColumn) isDDL()    {}
func (AddForeignKey) isDDL()    {}
func (DropForeignKey) isDDL()   {}
func (DeferForeignKeys) isDDL() {}
func (DropTable) isDDL()        {}
func (DropEnum) isDDL()         {}

// PlanCreate lists what creates the tables, a table after those that it points
// to. Foreign keys that close a cycle are added at the end if alter says that
// the database can add them to a table; else they stand in their tables. Foreign
// keys to tables that are not listed take these to exist.
func PlanCreate(tables []*TableDef, alter bool) []DDL {
	order, late := sortTables(tables)
	var plan []DDL
	for _, name := range schemaNames(order) {
		plan = append(plan, CreateSchema{name})
	}
	plan = append(plan, enums(order)...)
	for _, t := range order {
		keys := t.ForeignKeys
		if alter {
			keys = slices.DeleteFunc(slices.Clone(keys), func(k *ForeignKeyDef) bool { return late[k] })
		}
		plan = append(plan, CreateTable{t, keys})
		for _, x := range t.Indexes {
			plan = append(plan, CreateIndex{x})
		}
		if t.Comment != "" {
			plan = append(plan, CommentTable{t})
		}
		for _, c := range t.Columns {
			if c.Comment != "" {
				plan = append(plan, CommentColumn{c})
			}
		}
	}
	if alter {
		for _, t := range order {
			for _, k := range t.ForeignKeys {
				if late[k] {
					plan = append(plan, AddForeignKey{k})
				}
			}
		}
	}
	return plan
}

// PlanDrop lists what drops the tables, a table before those that it points to,
// and the enum types that they use. Foreign keys that close a cycle are dropped
// first if alter says that the database can drop them. Schemas stay.
func PlanDrop(tables []*TableDef, alter bool) []DDL {
	order, late := sortTables(tables)
	var plan []DDL
	if len(late) > 0 && !alter {
		plan = append(plan, DeferForeignKeys{})
	}
	if alter {
		for _, t := range order {
			for _, k := range t.ForeignKeys {
				if late[k] {
					plan = append(plan, DropForeignKey{k})
				}
			}
		}
	}
	for _, t := range slices.Backward(order) {
		plan = append(plan, DropTable{t})
	}
	for _, e := range enums(order) {
		plan = append(plan, DropEnum{e.(CreateEnum).Name})
	}
	return plan
}

// sortTables puts tables into foreign-key order, each once, and returns the
// foreign keys that point to a later table, since they close a cycle. The result
// does not depend on the order given.
func sortTables(tables []*TableDef) (order []*TableDef, late map[*ForeignKeyDef]bool) {
	position := make(map[*TableDef]int, len(tables))
	for _, t := range SortTables(tables) {
		if _, twice := position[t]; !twice {
			position[t] = len(order)
			order = append(order, t)
		}
	}
	late = make(map[*ForeignKeyDef]bool)
	for i, t := range order {
		for _, k := range t.ForeignKeys {
			if position[k.RefTable] > i {
				late[k] = true
			}
		}
	}
	return order, late
}

func schemaNames(tables []*TableDef) []string {
	var names []string
	for _, t := range tables {
		if t.Schema != "" && !slices.Contains(names, t.Schema) {
			names = append(names, t.Schema)
		}
	}
	return names
}

// enums lists the enum types that the tables use, each once.
func enums(tables []*TableDef) []DDL {
	var list []DDL
	seen := make(map[string]bool)
	for _, t := range tables {
		for _, c := range t.Columns {
			typ := &c.Type
			for typ.Kind == ArrayKind && typ.Elem != nil {
				typ = typ.Elem
			}
			if typ.Kind != EnumKind || typ.EnumName == "" || typ.Custom != "" || seen[typ.EnumName] {
				continue
			}
			seen[typ.EnumName] = true
			list = append(list, CreateEnum{typ.EnumName, typ.Values})
		}
	}
	return list
}

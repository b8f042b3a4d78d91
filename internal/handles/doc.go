// Package handles writes the structs of typed handles that the entities of a
// package lack, and finds where handles and entities have drifted apart. It is
// what the command dormer handles runs.
//
// A struct is an entity if
//
//   - a struct of handles of the package embeds schema.Table of it,
//   - its doc comment has the line //dormer:entity, after which may stand the
//     name of its table,
//   - it is named by the caller (-type), or by schema.Define[Entity, handles],
//   - a relation container leads to it or stands in it (rel.Many[Post] makes
//     Post one), unless other structs of the package embed it.
//
// What a field's handle is follows package schema: expr.Column, expr.Nullable for
// pointers and sql.Null, rel.ToMany and rel.ToOne for containers, nothing for
// unexported fields and those tagged db:"-"; embedded structs are flattened. The
// package need not compile: what it imports must, and the types of the fields.
package handles

// Package uow is the unit of work: it tracks the entities that a piece of work
// reads and is given, finds by comparison what has changed, writes the changes
// in as few statements as the database allows, and puts everything back if the
// work fails.
//
//	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
//		u, err := users.Get(ctx, 7) // users is a repository; ctx carries tx
//		if err != nil {
//			return err
//		}
//		u.Name = "Bob" // tracked; no Save
//		return nil     // flushes and commits; an error or a panic rolls back
//	}, uow.Retry(3))
//
// Entities are plain structs: what is known about them lives in the unit of work
// and is found by pointer. Within a unit a row has one pointer.
//
// What an entity's relations hold (see package rel) comes into the unit with it,
// and foreign keys and association rows follow: parents are inserted before their
// children, and a deleted parent takes along what it owns. Plan tells what a flush
// would write, and which cascade asks for it. A rollback puts relations back, too.
package uow

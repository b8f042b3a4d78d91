package main

import (
	"context"
	"errors"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// services are the program's domain services on one database.
type services struct {
	db       *engine.Engine
	packages PackageService
	files    FileService
}

func newServices(db *engine.Engine) services {
	return services{db, NewPackageService(db), NewFileService(db)}
}

// counts is what a sync wrote.
type counts struct{ inserted, updated, deleted int }

// sync makes the database equal to the library, in one transaction: all of it,
// the tables of an empty database included, or nothing.
//
// Most runs change nothing and need not lock out those who do, so the first
// attempt is read-only: there the unit of work refuses the first write, and only
// then is there something to write.
func (s services) sync(ctx context.Context, lib *library, empty bool, say func(string)) (counts, error) {
	if !empty {
		err := uow.Run(ctx, s.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			return s.compare(ctx, tx, lib, say)
		}, uow.ReadOnly())
		if !errors.Is(err, uow.ErrReadOnly) {
			return counts{}, err
		}
	}
	var n counts
	err := uow.Run(ctx, s.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		n = counts{}
		if err := prepareTables(ctx, tx); err != nil {
			return err
		}
		tx.OnBeforeFlush(func(_ context.Context, p *uow.Plan) error {
			n.add(p)
			return nil
		})
		return s.compare(ctx, tx, lib, say)
	}, uow.Retry(3))
	return n, err
}

// compare loads what is stored and makes it what the library says.
func (s services) compare(ctx context.Context, tx *uow.UnitOfWork, lib *library, say func(string)) error {
	say("comparing")
	gone, err := s.packages.Sync(ctx, lib)
	if err != nil {
		return err
	}
	say("writing")
	if len(gone) > 0 {
		// Imports go first, so that the plan has them: those of a package that goes
		// in the same flush go with it in the database.
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		if err := s.packages.Delete(ctx, gone...); err != nil {
			return err
		}
	}
	return tx.Flush(ctx)
}

// add counts what a flush writes.
func (n *counts) add(p *uow.Plan) {
	for _, c := range p.Changes() {
		switch c.Op {
		case uow.Insert:
			n.inserted++
		case uow.Update:
			n.updated++
		case uow.Delete:
			n.deleted++
		}
	}
}

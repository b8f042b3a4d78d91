package main

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
)

// PackageService is what the program does with packages.
type PackageService struct{ repo.Keyed[Package, int64] }

// NewPackageService returns the service on a database.
func NewPackageService(db *engine.Engine) PackageService {
	return PackageService{repo.NewKeyed(db, Packages.ID)}
}

// Sync makes the packages stored those wanted. It returns the wanted ones by
// path, whose keys are set after the next flush, and the stored ones that are no
// longer wanted, for the caller to delete once nothing needs them.
func (s PackageService) Sync(ctx context.Context, want []*Package) (byPath map[string]*Package, gone []*Package, err error) {
	return reconcile(ctx, s.Repository, want,
		func(p *Package) string { return p.Path },
		func(have, want *Package) { have.Name, have.Doc = want.Name, want.Doc })
}

// Importers are the packages whose own code, tests aside, imports a path.
func (s PackageService) Importers(ctx context.Context, imports ImportService, path string) ([]*Package, error) {
	found, err := imports.Find(ctx, Imports.Path.Eq(path), Imports.Kind.Eq(ByCode))
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(found))
	for i, f := range found {
		ids[i] = f.PackageID
	}
	return s.Where(Packages.ID.In(ids...)).OrderBy(Packages.Path.Asc()).All(ctx)
}

// FileService is what the program does with files.
type FileService struct{ repo.Keyed[File, int64] }

// NewFileService returns the service on a database.
func NewFileService(db *engine.Engine) FileService {
	return FileService{repo.NewKeyed(db, Files.ID)}
}

// Sync makes the files stored those wanted.
func (s FileService) Sync(ctx context.Context, want []*File) error {
	type key struct {
		pkg  int64
		kind FileKind
		name string
	}
	_, gone, err := reconcile(ctx, s.Repository, want,
		func(f *File) key { return key{f.PackageID, f.Kind, f.Name} },
		func(have, want *File) { have.Size, have.Lines, have.Sum = want.Size, want.Lines, want.Sum })
	if err != nil {
		return err
	}
	return s.Delete(ctx, gone...)
}

// Largest are the n largest files, the largest first.
func (s FileService) Largest(ctx context.Context, n int) ([]*File, error) {
	return s.Query().OrderBy(Files.Size.Desc(), Files.ID.Asc()).Limit(n).All(ctx)
}

// ImportService is what the program does with imports.
type ImportService struct{ repo.Keyed[Import, int64] }

// NewImportService returns the service on a database.
func NewImportService(db *engine.Engine) ImportService {
	return ImportService{repo.NewKeyed(db, Imports.ID)}
}

// Sync makes the imports stored those wanted.
func (s ImportService) Sync(ctx context.Context, want []*Import) error {
	type key struct {
		pkg  int64
		kind ImportKind
		path string
	}
	_, gone, err := reconcile(ctx, s.Repository, want,
		func(i *Import) key { return key{i.PackageID, i.Kind, i.Path} },
		func(have, want *Import) { have.TargetID = want.TargetID })
	if err != nil {
		return err
	}
	return s.Delete(ctx, gone...)
}

// reconcile loads all stored entities, adds those wanted that are missing, and
// has copy bring the others up to date. There is no Save: the unit of work finds
// by comparison what copy really changed, and writes that. It returns the
// managed entities of those wanted, and those stored that are not wanted.
func reconcile[T any, K comparable](ctx context.Context, r repo.Repository[T], want []*T, key func(*T) K, copy func(have, want *T)) (kept map[K]*T, gone []*T, err error) {
	stored, err := r.Find(ctx)
	if err != nil {
		return nil, nil, err
	}
	have := make(map[K]*T, len(stored))
	for _, e := range stored {
		have[key(e)] = e
	}
	kept = make(map[K]*T, len(want))
	var missing []*T
	for _, w := range want {
		k := key(w)
		e, ok := have[k]
		if ok {
			copy(e, w)
		} else {
			e = w
			missing = append(missing, w)
		}
		kept[k] = e
	}
	if err := r.Add(ctx, missing...); err != nil {
		return nil, nil, err
	}
	for _, e := range stored {
		if kept[key(e)] == nil {
			gone = append(gone, e)
		}
	}
	return kept, gone, nil
}

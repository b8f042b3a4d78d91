package main

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
)

// PackageService is what the program does with packages.
type PackageService struct{ repo.Keyed[Package, int64] }

// NewPackageService returns the service on a database.
func NewPackageService(db *engine.Engine) PackageService {
	return PackageService{repo.NewKeyed(db, Packages.ID)}
}

// Sync makes the stored packages, with their files and imports, those of the
// library. There is no Save: the unit of work finds by comparison what has really
// changed, and writes that. It returns the stored packages that the library has
// no longer; they have no files and imports left, and are to be deleted after
// the next flush.
func (s PackageService) Sync(ctx context.Context, lib *library) (gone []*Package, err error) {
	all, err := s.Query().With(Packages.Files, Packages.Imports, Packages.TestImports, Packages.XTestImports).All(ctx)
	if err != nil {
		return nil, err
	}
	byPath := make(map[string]*Package, len(all))
	for _, p := range all {
		byPath[p.Path] = p
	}
	wanted := make(map[*Package]bool, len(lib.packages))
	var missing []*Package
	for _, w := range lib.packages {
		p := byPath[w.Path]
		if p == nil {
			p = &Package{Path: w.Path}
			byPath[w.Path] = p
			missing = append(missing, p)
		}
		p.Name, p.Doc, p.Listed = w.Name, w.Doc, w.Listed
		wanted[p] = true
	}
	if err := s.Add(ctx, missing...); err != nil {
		return nil, err
	}
	for _, p := range append(all, missing...) {
		if !wanted[p] {
			gone = append(gone, p)
		}
		if err := p.hold(lib.files[p.Path]); err != nil {
			return nil, err
		}
		for _, kind := range importKinds {
			var targets []*Package
			for _, path := range lib.imports[p.Path][kind] {
				targets = append(targets, byPath[path])
			}
			if err := agree(p.imported(kind), targets); err != nil {
				return nil, err
			}
		}
	}
	return gone, nil
}

// hold makes a package's files those wanted, which stay what they are: what is
// added is a copy.
func (p *Package) hold(want []*File) error {
	type key struct {
		kind FileKind
		name string
	}
	stored, _ := p.Files.Loaded() // a new package has none
	have := make(map[key]*File, len(stored))
	for _, f := range stored {
		have[key{f.Kind, f.Name}] = f
	}
	var missing, gone []*File
	for _, w := range want {
		k := key{w.Kind, w.Name}
		if f := have[k]; f != nil {
			f.Size, f.Lines, f.Sum = w.Size, w.Lines, w.Sum
			delete(have, k)
		} else {
			missing = append(missing, &File{Kind: w.Kind, Name: w.Name, Size: w.Size, Lines: w.Lines, Sum: w.Sum})
		}
	}
	for _, f := range stored {
		if have[key{f.Kind, f.Name}] != nil {
			gone = append(gone, f)
		}
	}
	if err := p.Files.Remove(gone...); err != nil {
		return err
	}
	return p.Files.Add(missing...)
}

// agree makes a relation that is loaded lead to want. One that does already is
// left alone, since Set is a change, which a read-only unit of work refuses.
func agree(have *rel.Many[Package], want []*Package) error {
	stored, _ := have.Loaded()
	held := make(map[*Package]bool, len(stored))
	for _, p := range stored {
		held[p] = true
	}
	same := len(want) == len(stored)
	for _, p := range want {
		same = same && held[p]
	}
	if same {
		return nil
	}
	return have.Set(want...)
}

// Listed are the packages that go list lists.
func (s PackageService) Listed() repo.Query[Package] {
	return s.Where(Packages.Listed.Eq(true))
}

// Importers are the packages whose own code, tests aside, imports a path.
func (s PackageService) Importers(ctx context.Context, path string) ([]*Package, error) {
	return s.Where(Packages.Imports.Any(Packages.Path.Eq(path))).OrderBy(Packages.Path.Asc()).All(ctx)
}

// MostImported are the n packages that most packages' own code imports, with
// these in ImportedBy.
func (s PackageService) MostImported(ctx context.Context, n int) ([]*Package, error) {
	return s.Listed().Where(Packages.ImportedBy.Any()).With(Packages.ImportedBy).
		OrderBy(Packages.ImportedBy.Count().Desc(), Packages.Path.Asc()).Limit(n).All(ctx)
}

// FileService is what the program does with files.
type FileService struct{ repo.Keyed[File, int64] }

// NewFileService returns the service on a database.
func NewFileService(db *engine.Engine) FileService {
	return FileService{repo.NewKeyed(db, Files.ID)}
}

// Largest are the n largest files, the largest first, with their packages.
func (s FileService) Largest(ctx context.Context, n int) ([]*File, error) {
	return s.Query().With(Files.Package).OrderBy(Files.Size.Desc(), Files.ID.Asc()).Limit(n).All(ctx)
}

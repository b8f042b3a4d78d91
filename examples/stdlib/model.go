package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Package is a package of the standard library, vendored ones included, or what
// one of them imports: "C" of cgo is no package, but has importers.
type Package struct {
	ID     int64
	Path   string // as go list has it: net/http, vendor/golang.org/x/net/idna
	Name   string
	Doc    string // the first sentence of its comment
	Listed bool   // by go list; otherwise it is here for its importers only

	Files rel.Many[File]
	// Who imports whom: by a package's own code, by its tests, and by tests in a
	// package beside it.
	Imports, ImportedBy           rel.Many[Package]
	TestImports, TestImportedBy   rel.Many[Package]
	XTestImports, XTestImportedBy rel.Many[Package]
}

type packages struct {
	schema.Table[Package]
	ID     expr.Column[Package, int64]
	Path   expr.Column[Package, string]
	Name   expr.Column[Package, string]
	Listed expr.Column[Package, bool]

	Files                         rel.ToMany[Package, File]
	Imports, ImportedBy           rel.ToMany[Package, Package]
	TestImports, TestImportedBy   rel.ToMany[Package, Package]
	XTestImports, XTestImportedBy rel.ToMany[Package, Package]
}

// Packages is the table of packages.
var Packages = schema.Define("packages", func(t *packages) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Path).Size(500).Unique()
})

// The tables of imports: a row for each package and each that it imports.
var (
	Imports      = rel.ManyToMany("imports", Packages.Imports, Packages.ImportedBy)
	TestImports  = rel.ManyToMany("test_imports", Packages.TestImports, Packages.TestImportedBy)
	XTestImports = rel.ManyToMany("x_test_imports", Packages.XTestImports, Packages.XTestImportedBy)
)

// ImportKind is the list in which go list names an import.
type ImportKind string

// By the package's own code, by its tests, and by tests in a package beside it.
const (
	ByCode  ImportKind = "Imports"
	ByTest  ImportKind = "TestImports"
	ByXTest ImportKind = "XTestImports"
)

var importKinds = []ImportKind{ByCode, ByTest, ByXTest}

// imported is what a package imports in a way.
func (p *Package) imported(kind ImportKind) *rel.Many[Package] {
	switch kind {
	case ByTest:
		return &p.TestImports
	case ByXTest:
		return &p.XTestImports
	}
	return &p.Imports
}

// FileKind is the list in which go list names a file.
type FileKind string

// fileKinds are the lists of go list that name files. A file has one row for
// each list that it stands in, which for a sound package is one.
var fileKinds = []FileKind{
	"GoFiles", "CgoFiles", "IgnoredGoFiles", "TestGoFiles", "XTestGoFiles",
	"CFiles", "CXXFiles", "MFiles", "HFiles", "FFiles", "SFiles", "SwigFiles", "SwigCXXFiles", "SysoFiles", "IgnoredOtherFiles",
	"EmbedFiles", "TestEmbedFiles", "XTestEmbedFiles",
}

// File is a file of a package, which owns it.
type File struct {
	ID        int64
	PackageID int64
	Package   rel.One[Package]
	Kind      FileKind
	Name      string // relative to the package's directory
	Size      int64
	Lines     int64
	Sum       string // SHA-256 of the contents, so that an edit that keeps the size is found too
}

type files struct {
	schema.Table[File]
	ID        expr.Column[File, int64]
	PackageID expr.Column[File, int64]
	Package   rel.ToOne[File, Package]
	Kind      expr.Column[File, FileKind]
	Name      expr.Column[File, string]
	Size      expr.Column[File, int64]
	Sum       expr.Column[File, string]
}

// Files is the table of files.
var Files = schema.Define("files", func(t *files) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PackageID).References(Packages.ID).OnDelete(schema.Cascade)
	rel.Via(t.Package, t.PackageID).BackPopulates(Packages.Files).Own()
	schema.Enum(t.Kind, fileKinds...).Default("GoFiles").ZeroIsDefault()
	schema.Text(t.Name).Size(500)
	schema.Text(t.Sum).Size(64)
	schema.Unique(t.PackageID, t.Kind, t.Name)
	schema.Index(t.Size)
})

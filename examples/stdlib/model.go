package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Package is a package of the standard library, vendored ones included.
type Package struct {
	ID   int64
	Path string // as go list has it: net/http, vendor/golang.org/x/net/idna
	Name string
	Doc  string // the first sentence of its comment
}

type packages struct {
	schema.Table[Package]
	ID   expr.Column[Package, int64]
	Path expr.Column[Package, string]
	Name expr.Column[Package, string]
}

// Packages is the table of packages.
var Packages = schema.Define("packages", func(t *packages) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Path).Size(500).Unique()
})

// FileKind is the list in which go list names a file.
type FileKind string

// fileKinds are the lists of go list that name files. A file has one row for
// each list that it stands in, which for a sound package is one.
var fileKinds = []FileKind{
	"GoFiles", "CgoFiles", "IgnoredGoFiles", "TestGoFiles", "XTestGoFiles",
	"CFiles", "CXXFiles", "MFiles", "HFiles", "FFiles", "SFiles", "SwigFiles", "SwigCXXFiles", "SysoFiles", "IgnoredOtherFiles",
	"EmbedFiles", "TestEmbedFiles", "XTestEmbedFiles",
}

// File is a file of a package.
type File struct {
	ID        int64
	PackageID int64
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
	Kind      expr.Column[File, FileKind]
	Name      expr.Column[File, string]
	Size      expr.Column[File, int64]
	Sum       expr.Column[File, string]
}

// Files is the table of files.
var Files = schema.Define("files", func(t *files) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PackageID).References(Packages.ID).OnDelete(schema.Cascade)
	schema.Enum(t.Kind, fileKinds...).Default("GoFiles").ZeroIsDefault()
	schema.Text(t.Name).Size(500)
	schema.Text(t.Sum).Size(64)
	schema.Unique(t.PackageID, t.Kind, t.Name)
	schema.Index(t.Size)
})

// ImportKind is the list in which go list names an import.
type ImportKind string

// By the package's own code, by its tests, and by tests in a package beside it.
const (
	ByCode  ImportKind = "Imports"
	ByTest  ImportKind = "TestImports"
	ByXTest ImportKind = "XTestImports"
)

// Import says that a package imports another.
type Import struct {
	ID        int64
	PackageID int64
	Kind      ImportKind
	Path      string
	TargetID  *int64 // nil where the import is no package of the library: "C" of cgo
}

type imports struct {
	schema.Table[Import]
	ID        expr.Column[Import, int64]
	PackageID expr.Column[Import, int64]
	Kind      expr.Column[Import, ImportKind]
	Path      expr.Column[Import, string]
	TargetID  expr.Nullable[Import, int64]
}

// Imports is the table of imports.
var Imports = schema.Define("imports", func(t *imports) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PackageID).References(Packages.ID).OnDelete(schema.Cascade)
	schema.Enum(t.Kind, ByCode, ByTest, ByXTest).Default(ByCode).ZeroIsDefault()
	schema.Text(t.Path).Size(500)
	schema.Column(t.TargetID).References(Packages.ID).OnDelete(schema.SetNull)
	schema.Unique(t.PackageID, t.Kind, t.Path)
	schema.Index(t.TargetID, t.Kind)
})

package vet

import (
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// Analyzers returns the checks, in the order of their names.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{BuiltSQL, DroppedError, DroppedQuery, OuterContext, UntrackedChange}
}

// IsUnit reports whether args, which do not begin with the program, are those by
// which go vet calls a tool: the question for its version or its flags, or flags and
// the file that describes a package.
func IsUnit(args []string) bool {
	if len(args) == 0 {
		return false
	}
	if len(args) == 1 && (args[0] == "-flags" || strings.HasPrefix(args[0], "-V=")) {
		return true
	}
	for _, a := range args[:len(args)-1] {
		if !strings.HasPrefix(a, "-") {
			return false
		}
	}
	last := args[len(args)-1]
	return strings.HasSuffix(last, ".cfg") && !strings.HasPrefix(last, "-")
}

// Unit does what go vet has called the program for, and ends it.
func Unit() { unitchecker.Main(Analyzers()...) }

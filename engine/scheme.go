package engine

import (
	"fmt"
	"sort"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
)

// schemes is the static table of URL schemes.
var schemes = map[string]func() dialect.Dialect{
	"postgres":   func() dialect.Dialect { return postgres.New() },
	"postgresql": func() dialect.Dialect { return postgres.New() },
	"sqlite":     func() dialect.Dialect { return sqlite.New() },
}

func dialectOf(scheme string) (dialect.Dialect, error) {
	if f := schemes[scheme]; f != nil {
		return f(), nil
	}
	if scheme == "mysql" || scheme == "mariadb" {
		return nil, fmt.Errorf("engine: open: %s is not supported by this version of Dormer; use one of %s", scheme, knownSchemes())
	}
	return nil, fmt.Errorf("engine: open: unknown scheme %q; use one of %s", scheme, knownSchemes())
}

func knownSchemes() string {
	names := make([]string, 0, len(schemes))
	for s := range schemes {
		names = append(names, s+"://")
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

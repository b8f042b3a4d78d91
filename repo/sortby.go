package repo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// ErrSort is the kind of all errors in a request's sort text: each is a *SortError.
var ErrSort = errors.New("sort refused")

// SortError says that a sort text was refused. It is ErrSort. Its message may be
// shown to whoever sent the text: it tells nothing of the table.
type SortError struct {
	// Name is the part of the text that was refused, without its sign; "" where the
	// text has an empty part.
	Name string
	// Twice says that the column stands in the text twice; else the name is none
	// that may be sorted by.
	Twice bool
}

func (e *SortError) Error() string {
	switch {
	case e.Name == "":
		return "repo: sort: empty part: give column names, with commas between them and - before those in descending order"
	case e.Twice:
		return fmt.Sprintf("repo: sort: %q stands twice", shortened(e.Name))
	}
	return fmt.Sprintf("repo: sort: %q is not a column that can be sorted by", shortened(e.Name))
}

// shortened keeps a text that somebody sent from filling a log.
func shortened(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// Is reports whether target is ErrSort.
func (e *SortError) Is(target error) bool { return target == ErrSort }

// SortBy reads the sort text of a request, such as "name,-created_at", as terms
// for OrderBy: names of columns with commas between them, each with - before it
// for descending order, or + for ascending order as without it. Spaces around
// names and signs do not matter. Only the columns listed are taken, under their
// names in the database.
//
//	terms, err := repo.SortBy(Users, r.FormValue("sort"), Users.Name, Users.CreatedAt)
//	if err != nil { … } // 400: errors.Is(err, repo.ErrSort)
//	page, err := users.Query().OrderBy(terms...).Page(ctx, 20, repo.Cursor(r.FormValue("after")))
//
// A text of nothing but spaces gives no terms. A column that is not listed or
// stands twice, and an empty part, is a *SortError. Columns of another table than
// h's are an error that is none of the request's.
func SortBy[T any](h schema.Of[T], text string, cols ...expr.ColumnIn[T]) ([]expr.Order[T], error) {
	src := schema.SourceOf(h)
	if src == nil {
		return nil, errors.New("repo: sort of no table: schema.Define makes one")
	}
	refs := make(map[string]*expr.ColumnRef, len(cols))
	for i, c := range cols {
		if c == nil || c.Ref() == nil {
			return nil, fmt.Errorf("repo: sort of %s: column %d is not bound: take it from the handles that schema.Define made", src.Label(), i+1)
		}
		if ref := c.Ref(); ref.Source != src {
			return nil, fmt.Errorf("repo: sort of %s: column %s is one of %s", src.Label(), ref.Name, ref.Source.Label())
		}
		refs[c.Ref().Name] = c.Ref()
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var terms []expr.Order[T]
	taken := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name := strings.TrimSpace(part)
		desc := strings.HasPrefix(name, "-")
		if desc || strings.HasPrefix(name, "+") {
			name = strings.TrimSpace(name[1:])
		}
		ref := refs[name]
		if ref == nil || taken[name] {
			return nil, &SortError{Name: name, Twice: ref != nil}
		}
		taken[name] = true
		terms = append(terms, expr.NewOrder[T](expr.OrderTerm{X: ref, Desc: desc}))
	}
	return terms, nil
}

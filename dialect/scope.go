package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/expr"
)

// occurrence is a table in the FROM of a statement or of a subquery in it.
type occurrence struct {
	src *expr.Source
	// alias is what a subquery calls the table because its own name is taken,
	// "" where it is not.
	alias string
	// hidden: the caller's handles do not mean this occurrence.
	hidden bool
}

func (o occurrence) label() string {
	if o.alias != "" {
		return o.alias
	}
	return o.src.Label()
}

// scope notes which tables may be named and refuses two of one name.
func (c *Compiler) scope(s *expr.SelectStmt) error {
	if s.From == nil {
		if len(s.Joins) > 0 {
			return errors.New("JOIN without FROM")
		}
		return nil
	}
	outer := len(c.sources)
	c.enter(s.From, false)
	for _, j := range s.Joins {
		if j.Source == nil {
			return errors.New("JOIN of no table")
		}
		for _, o := range c.sources[outer:] {
			in := o.src
			if in.Label() == j.Source.Label() && (in.Schema == j.Source.Schema || in.Alias != "" || j.Source.Alias != "") {
				return fmt.Errorf("%s stands in FROM twice: give one an alias with schema.As", j.Source.Label())
			}
		}
		if outer == 0 && !c.mistaken(j.Source.Label()) {
			c.sources = append(c.sources, occurrence{src: j.Source})
			continue
		}
		c.enter(j.Source, false)
	}
	c.nameFiltered(s, outer)
	c.qualify = len(c.sources) > 1 || s != c.simple && hasRelated(s) || c.misnames(s)
	return nil
}

// misnames reports whether a result may bear the name of a column that the order
// goes by, as that of a cast does: an order by the bare name means the result.
func (c *Compiler) misnames(s *expr.SelectStmt) bool {
	byName := false
	for _, o := range s.OrderBy {
		byName = byName || refOf(o.X) != nil
	}
	if !byName {
		return false
	}
	if c.inner && len(c.names) > 0 {
		return true
	}
	for _, n := range s.Columns {
		if refOf(n) == nil {
			return true
		}
	}
	return false
}

// enter adds a table to the scopes, under a name that none of them has. Columns
// may be named of every scope, so the name must be new in all of them.
func (c *Compiler) enter(s *expr.Source, hidden bool) occurrence {
	o := occurrence{src: s, hidden: hidden}
	if c.taken(s.Label()) {
		n := 1
		for _, in := range c.sources {
			if in.src == s && in.alias != "" {
				n++
			}
		}
		for o.alias = numbered(s.Label(), n); c.taken(o.alias); o.alias = numbered(s.Label(), n) {
			n++
		}
	}
	c.sources = append(c.sources, o)
	return o
}

// maxName is the length to which PostgreSQL cuts names off, without an error.
const maxName = 63

// numbered is name_n, short enough to be kept whole.
func numbered(name string, n int) string {
	end := "_" + strconv.Itoa(n)
	if keep := maxName - len(end); len(name) > keep {
		for keep > 0 && !utf8.RuneStart(name[keep]) {
			keep--
		}
		name = name[:keep]
	}
	return name + end
}

// taken reports whether a label means an occurrence already to some database:
// SQLite folds case, PostgreSQL cuts names off.
func (c *Compiler) taken(label string) bool {
	for _, in := range c.sources {
		if strings.EqualFold(clip(in.label()), clip(label)) {
			return true
		}
	}
	return false
}

// mistaken reports whether some database takes a label for another one.
func (c *Compiler) mistaken(label string) bool {
	return slices.ContainsFunc(c.sources, func(in occurrence) bool {
		return in.label() != label && strings.EqualFold(clip(in.label()), clip(label))
	})
}

func clip(name string) string { return name[:min(len(name), maxName)] }

// find is the innermost occurrence that a source means.
func (c *Compiler) find(s *expr.Source) (occurrence, bool) {
	for i := len(c.sources) - 1; i >= 0; i-- {
		if o := c.sources[i]; o.src == s && !o.hidden {
			return o, true
		}
	}
	return occurrence{}, false
}

func (c *Compiler) column(ref *expr.ColumnRef) error {
	if ref.Source == nil {
		return fmt.Errorf("column %s belongs to no table", ref.Name)
	}
	o := occurrence{src: ref.Source}
	if c.filtering != nil {
		return c.columnOf(c.bound, ref.Name)
	}
	if !c.inline {
		var ok bool
		if o, ok = c.find(ref.Source); !ok {
			return c.outOfScope(ref)
		}
	}
	return c.columnOf(o, ref.Name)
}

func (c *Compiler) columnOf(o occurrence, name string) error {
	if c.qualify {
		if err := c.label(o); err != nil {
			return err
		}
		c.Text(".")
	}
	return c.Name(name)
}

func (c *Compiler) outOfScope(ref *expr.ColumnRef) error {
	var names []string
	for _, o := range c.sources {
		if o.hidden {
			continue
		}
		names = append(names, o.src.Label())
		if o.src != ref.Source && o.src.Label() == ref.Source.Label() {
			return fmt.Errorf("column %s of %s: this %s is another occurrence of the table than the one in FROM; use the handles of the one that is", ref.Name, ref.Source.Label(), ref.Source.Label())
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("column %s of %s: the statement has no FROM", ref.Name, ref.Source.Label())
	}
	return fmt.Errorf("column %s of %s: %s is not in FROM (%s): join it", ref.Name, ref.Source.Label(), ref.Source.Label(), strings.Join(names, ", "))
}

// label writes the name by which columns refer to a table.
func (c *Compiler) label(o occurrence) error {
	if o.alias == "" && o.src.Alias == "" && o.src.Schema != "" {
		if err := c.Name(o.src.Schema); err != nil {
			return err
		}
		c.Text(".")
	}
	return c.Name(o.label())
}

// source writes a table as FROM names it.
func (c *Compiler) source(o occurrence) error {
	if o.src.Query != nil && !o.src.Query.Common {
		return c.derived(o)
	}
	if o.src.Schema != "" {
		if err := c.Name(o.src.Schema); err != nil {
			return err
		}
		c.Text(".")
	}
	if err := c.Name(o.src.Name); err != nil {
		return err
	}
	if alias := o.label(); o.alias != "" || o.src.Alias != "" {
		c.Text(" AS ")
		return c.Name(alias)
	}
	return nil
}

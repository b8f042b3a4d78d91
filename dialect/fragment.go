package dialect

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// fragments are texts of parts of statements that the model and the dialect alone
// decide: a statement of a shape that is new consists of known parts nearly always.
// They belong to a compiler that a Cache keeps, and to one goroutine at a time.
type fragments struct {
	parts map[partKey]part
	// results are lists of results, by the first of them.
	results map[*expr.Node]results
}

// maxFragments is the number of parts after which a compiler begins anew.
const maxFragments = 1024

// partKey is a part about one column: its ID, and what is written of it.
type partKey uint64

type partKind uint8

const (
	partCompare partKind = iota
	partIn
	partOrder
)

// keyOf is the key of a part; detail is the operator or the form.
func keyOf(column *expr.ColumnRef, kind partKind, detail uint16) partKey {
	return partKey(column.ID<<18 | uint64(kind)<<16 | uint64(detail))
}

// part is what stands before a placeholder and after it.
type part struct{ before, after string }

// results are a list of results, and the table that they are read from.
type results struct {
	n      int
	packed bool
	text   string
	from   *expr.Source
	// whole is text, FROM and the table.
	whole string
}

// partly reports whether a comparison of a column with a value, or an order by it, has
// the same text each time here.
func (c *Compiler) partly(ref *expr.ColumnRef) bool {
	if !c.plainly(ref) {
		return false
	}
	def := columnDef(ref)
	return def != nil && def.Type.Kind != schema.DecimalKind // whose text goes by scales
}

// plainly reports whether a column has the same text each time here: the statement
// reads one table of the model's, the column's, whose name it does not say.
func (c *Compiler) plainly(ref *expr.ColumnRef) bool {
	return ref != nil && ref.Source != nil && c.bareNames(ref.Source) && !local(ref.Source)
}

// bareNames reports whether a table is all that a statement reads, with nothing around
// it by which names would mean something else.
func (c *Compiler) bareNames(src *expr.Source) bool {
	return c.known != nil && len(c.sources) == 1 && c.sources[0].src == src && !c.sources[0].hidden && !c.qualify
}

// around writes a part around the placeholder of its argument.
func (c *Compiler) around(p part, arg any) error {
	c.Text(p.before)
	if err := c.Placeholder(arg); err != nil {
		return err
	}
	c.Text(p.after)
	return nil
}

// keep keeps what was written since mark as a part with as many arguments as were
// bound since there were args.
func (c *Compiler) keep(key partKey, mark, args int) {
	var p part
	switch len(c.args) - args {
	case 0:
		p.before = string(c.buf[mark:])
	case 1:
		p = part{string(c.buf[mark:c.placed.from]), string(c.buf[c.placed.to:])}
	default:
		return
	}
	if len(c.known.parts) >= maxFragments {
		clear(c.known.parts)
	}
	c.known.parts[key] = p
}

// compare writes a comparison, that of a column with a value of its own as it was
// written before.
func (c *Compiler) compare(n *expr.CompareNode) error {
	ref, _ := n.Left.(*expr.ColumnRef)
	v, _ := n.Right.(*expr.ParamNode)
	if v == nil || v.Like != ref || !c.partly(ref) {
		return c.compareAnew(n)
	}
	key := compareKey(ref, n)
	if p, ok := c.known.parts[key]; ok {
		arg, err := c.encode(v.Value, ref)
		if err != nil {
			return err
		}
		return c.around(p, arg)
	}
	mark, args := len(c.buf), len(c.args)
	if err := c.compareAnew(n); err != nil {
		return err
	}
	c.keep(key, mark, args)
	return nil
}

// knownInts writes a column in a list of whole numbers as it was written before.
func (c *Compiler) knownInts(n *expr.InNode) (done bool, err error) {
	ref, _ := n.X.(*expr.ColumnRef)
	if n.Like != ref || !c.partly(ref) {
		return false, nil
	}
	def := columnDef(ref)
	if !whole(n, def) {
		return false, nil
	}
	form, count, arg := c.planInts(n, def)
	p, ok := c.known.parts[inKey(ref, n, form)]
	if !ok || count != 0 {
		return false, nil
	}
	return true, c.around(p, arg)
}

func compareKey(ref *expr.ColumnRef, n *expr.CompareNode) partKey {
	return keyOf(ref, partCompare, uint16(n.Op))
}

func inKey(ref *expr.ColumnRef, n *expr.InNode, form uint8) partKey {
	return keyOf(ref, partIn, uint16(form)<<1|uint16(flag(n.Not, 1)))
}

func orderKey(ref *expr.ColumnRef, o expr.OrderTerm) partKey {
	return keyOf(ref, partOrder, uint16(o.Nulls)<<1|uint16(flag(o.Desc, 1)))
}

// appendIn writes a column in a list, or not in it, as compare does.
func (c *Compiler) appendIn(n *expr.InNode, l List) error {
	ref, _ := n.X.(*expr.ColumnRef)
	if len(l.Args) != 1 || l.Count != 0 || n.Like != ref || !c.partly(ref) {
		return c.d.AppendIn(c, n, l)
	}
	key := inKey(ref, n, l.Form)
	if p, ok := c.known.parts[key]; ok {
		return c.around(p, l.Args[0])
	}
	mark, args := len(c.buf), len(c.args)
	if err := c.d.AppendIn(c, n, l); err != nil {
		return err
	}
	c.keep(key, mark, args)
	return nil
}

// order writes a term of ORDER BY.
func (c *Compiler) order(o expr.OrderTerm) error {
	ref, _ := o.X.(*expr.ColumnRef)
	if !c.partly(ref) {
		return c.orderAnew(o)
	}
	key := orderKey(ref, o)
	if p, ok := c.known.parts[key]; ok {
		c.Text(p.before)
		return nil
	}
	mark, args := len(c.buf), len(c.args)
	if err := c.orderAnew(o); err != nil {
		return err
	}
	c.keep(key, mark, args)
	return nil
}

// results writes what rows consist of: the list of a table's columns as it was
// written before.
func (c *Compiler) results(ns []expr.Node, packed bool) error {
	if len(ns) < 4 || c.inner || len(c.sources) == 0 || !c.bareNames(c.sources[0].src) {
		return c.resultsAnew(ns, packed)
	}
	if r, ok := c.known.results[&ns[0]]; ok && r.n == len(ns) && r.packed == packed && r.from == c.sources[0].src {
		c.Text(r.text)
		return nil
	}
	mark := len(c.buf)
	if err := c.resultsAnew(ns, packed); err != nil {
		return err
	}
	for _, n := range ns {
		if ref, ok := n.(*expr.ColumnRef); !ok || !c.plainly(ref) {
			return nil
		}
	}
	if len(c.known.results) >= maxFragments/16 {
		clear(c.known.results)
	}
	r := results{n: len(ns), packed: packed, from: c.sources[0].src, text: string(c.buf[mark:])}
	c.Text(" FROM ")
	if err := c.source(c.sources[0]); err != nil {
		return err
	}
	r.whole = string(c.buf[mark:])
	c.buf = c.buf[:mark+len(r.text)]
	c.known.results[&ns[0]] = r
	return nil
}

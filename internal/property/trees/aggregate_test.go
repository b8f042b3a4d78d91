package trees_test

import (
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// agg is an aggregate of some rows.
type agg struct {
	val
	of func(rows []*env) any
}

// aggregate is one over the group.
func (g *gen) aggregate(k kind) (val, bool) {
	a, ok := g.agg(k, false)
	a.val.ev = func(e *env) any { return a.of(members(e)) }
	return a.val, ok
}

// agg makes an aggregate of a kind, for a group or for a window. It is of columns of
// the statement at hand: one of outer columns alone would be the outer statement's.
func (g *gen) agg(k kind, window bool) (agg, bool) {
	arg := func(k kind) val {
		var x val
		g.within(g.own, false, func() {
			g.aggArg, g.related = true, false
			x = g.ungrouped(func() val { return g.value(k, 1) })
		})
		return x
	}
	out := agg{val: val{k: k, agg: true, null: true, scale: -1}}
	distinct := !window && g.s.rarely(3)
	take := func(x val) func(rows []*env) []any {
		return func(rows []*env) (vs []any) {
			seen := map[string]bool{}
			for _, e := range rows {
				v := x.ev(e)
				if v == nil || distinct && seen[key([]any{v})] {
					continue
				}
				seen[key([]any{v})] = true
				vs = append(vs, v)
			}
			return vs
		}
	}
	ends := func() bool {
		// PostgreSQL 15 has neither max nor min of booleans and bytes, and SQLite
		// none of decimals, which it keeps as text.
		if k == kBool || k == kBytes || k == kPrice || !g.ordered(k) {
			return false
		}
		x, greatest := arg(k), g.s.flag()
		vals := take(x)
		out.max, out.scale, out.ascii = x.max, x.scale, x.ascii
		out.n = of[k].ends(greatest, x)
		out.of = func(rows []*env) (best any) {
			for _, v := range vals(rows) {
				if c := orderNull(v, best); best == nil || greatest && c > 0 || !greatest && c < 0 {
					best = v
				}
			}
			return best
		}
		return true
	}
	switch c := g.s.n(4); {
	case k == kInt && c < 2:
		out.null, out.max, out.scale = false, 1e5, 0
		if g.s.flag() {
			distinct = false
			out.n, out.of = nodeOf(expr.CountAll()), func(rows []*env) any { return int64(len(rows)) }
			break
		}
		x := arg(kind(g.s.n(int(kinds))))
		vals := take(x)
		out.n, out.of = nodeOf(expr.Count(expr.NewExpr[row](x.n))), func(rows []*env) any { return int64(len(vals(rows))) }
	case (k == kInt || k == kFloat) && c == 2:
		x := arg(k)
		if k == kFloat && (x.scale < 0 || x.max > 1e6) || x.max > 1e14 {
			return out, false // the order of the rows would show, or it would not fit
		}
		vals := take(x)
		out.n, out.max, out.scale = num[k].sum(x), x.max*1e4, x.scale
		out.of = func(rows []*env) any { return sum(vals(rows)) }
	case k == kFloat && c == 3 && !window:
		from := kInt
		if g.s.flag() {
			from = kFloat
		}
		x := arg(from)
		if x.max > 1e6 || from == kFloat && x.scale < 0 {
			return out, false
		}
		vals := take(x)
		out.n, out.max, out.rough = num[from].avg(x), x.max, true
		out.of = func(rows []*env) any {
			vs := vals(rows)
			switch s := sum(vs).(type) {
			case int64:
				return float64(s) / float64(len(vs))
			case float64:
				return s / float64(len(vs))
			}
			return nil
		}
	case k == kBool:
		var x cond
		g.within(g.own, false, func() {
			g.aggArg, g.related = true, false
			nest := g.nest
			g.nest = 0
			x = g.cond(1)
			g.nest = nest
		})
		every := g.s.flag()
		distinct = false
		out.n = nodeOf(expr.BoolOr(x.expr()))
		if every {
			out.n = nodeOf(expr.BoolAnd(x.expr()))
		}
		out.of = func(rows []*env) (is any) {
			for _, e := range rows {
				switch t := x.ev(e); {
				case t == unknown:
				case is == nil:
					is = t == yes
				case every:
					is = is.(bool) && t == yes
				default:
					is = is.(bool) || t == yes
				}
			}
			return is
		}
	case k == kText && c == 3 && !window && g.byteOrder:
		x := arg(k)
		distinct = false // SQLite has none of it
		vals := take(x)
		sep := pick(g.v, texts)
		desc := g.s.flag()
		out.n = nodeOf(expr.StringAgg(opt[string](x), sep).OrderBy(term{x: x, desc: desc}.ordering()))
		out.of = func(rows []*env) any {
			vs := vals(rows)
			if len(vs) == 0 {
				return nil
			}
			slices.SortFunc(vs, order)
			if desc {
				slices.Reverse(vs)
			}
			var parts []string
			for _, v := range vs {
				parts = append(parts, v.(string))
			}
			return strings.Join(parts, sep)
		}
	default:
		if !ends() {
			return out, false
		}
	}
	a := expr.NewAgg[row, row](out.n)
	if distinct {
		a = a.Distinct()
	}
	if g.s.rarely(3) {
		var c cond
		g.within(g.own, false, func() {
			g.aggArg, g.related = true, false
			nest := g.nest
			g.nest = 0
			c = g.cond(1)
			g.nest = nest
		})
		a = a.Filter(c.expr())
		all := out.of
		out.of = func(rows []*env) any {
			return all(slices.DeleteFunc(slices.Clone(rows), func(e *env) bool { return c.ev(e) != yes }))
		}
	}
	out.n = nodeOf(a)
	return out, true
}

func sum(vs []any) any {
	if len(vs) == 0 {
		return nil
	}
	if _, whole := vs[0].(int64); whole {
		var s int64
		for _, v := range vs {
			s += v.(int64)
		}
		return s
	}
	var s float64
	for _, v := range vs {
		s += v.(float64)
	}
	return s
}

// window is a function over the rows of the query, or over its groups.
func (g *gen) window(p *plan, k kind) (val, bool) {
	if p.grouped && len(p.group) == 0 { // SQLite does not see the aggregates in it, which say that there is a group
		return val{}, false
	}
	w := expr.Window()
	var partition []val
	for range g.s.n(3) {
		x := g.ungrouped(func() val { return g.value(kind(g.s.n(int(kinds))), 1) })
		if x.rough {
			continue
		}
		partition = append(partition, x)
		w = w.PartitionBy(expr.NewExpr[row](x.n))
	}
	var terms []term
	add := func(x val) bool {
		if !g.ordered(x.k) || x.rough {
			return false
		}
		t := term{x: x, desc: g.s.flag(), nulls: expr.NullsFirst}
		if g.s.flag() {
			t.nulls = expr.NullsLast
		}
		terms = append(terms, t)
		w = w.OrderBy(t.ordering())
		return true
	}
	for range g.s.n(3) {
		add(g.ungrouped(func() val { return g.value(kind(g.s.n(int(kinds))), 1) }))
	}
	// Where rows are counted, the order must tell them apart.
	single := func() bool {
		for _, x := range p.telling() {
			if !add(x) {
				return false
			}
		}
		return true
	}
	out := val{k: k, null: true, scale: -1}
	type position struct {
		rows []*env // of the partition, in order
		at   int
		peer []int // the number of the group of equals of each
	}
	find := func(e *env) (pos position) {
		values := func(e *env) (vs []any) {
			for _, x := range partition {
				vs = append(vs, x.ev(e))
			}
			return vs
		}
		orders := func(e *env) (vs []any) {
			for _, t := range terms {
				vs = append(vs, t.x.ev(e))
			}
			return vs
		}
		spend(2 * len(e.all)) // each is shown, and put in order
		own := key(values(e))
		for _, r := range e.all {
			if key(values(r)) == own {
				pos.rows = append(pos.rows, r)
			}
		}
		slices.SortStableFunc(pos.rows, func(a, b *env) int { return inOrder(terms, orders(a), orders(b)) })
		for i, r := range pos.rows {
			n := 0
			if i > 0 {
				n = pos.peer[i-1]
				if inOrder(terms, orders(pos.rows[i-1]), orders(r)) != 0 {
					n++
				}
			}
			pos.peer = append(pos.peer, n)
			if r == e {
				pos.at = i
			}
		}
		return pos
	}
	switch c := g.s.n(4); {
	case c == 0 && k == kInt:
		out.null, out.max, out.scale = false, 1e4, 0
		switch g.s.n(4) {
		case 0:
			out.n, out.ev = nodeOf(expr.Rank().Over(w)), func(e *env) any {
				pos := find(e)
				return int64(slices.Index(pos.peer, pos.peer[pos.at]) + 1)
			}
		case 1:
			out.n, out.ev = nodeOf(expr.DenseRank().Over(w)), func(e *env) any { pos := find(e); return int64(pos.peer[pos.at] + 1) }
		case 2:
			if !single() {
				return out, false
			}
			n := 1 + g.v.n(4)
			out.n, out.ev = nodeOf(expr.NTile(n).Over(w)), func(e *env) any {
				pos := find(e)
				size, more := len(pos.rows)/n, len(pos.rows)%n
				if pos.at < more*(size+1) {
					return int64(pos.at/(size+1) + 1)
				}
				return int64((pos.at-more*(size+1))/size + more + 1)
			}
		default:
			if !single() {
				return out, false
			}
			out.n, out.ev = nodeOf(expr.RowNumber().Over(w)), func(e *env) any { return int64(find(e).at + 1) }
		}
		return out, true
	case c == 1:
		x := g.ungrouped(func() val { return g.value(k, 1) })
		if !single() || x.rough || k == kPrice && !x.col {
			return out, false
		}
		lead, n := g.s.flag(), g.v.n(3)
		by := -n
		if lead {
			by = n
		}
		var otherwise any
		if g.s.flag() && k != kPrice {
			otherwise, _ = g.plain(k)
			out.n = of[k].shiftedOr(lead, x, n, otherwise, w)
		} else {
			out.n = of[k].shifted(lead, x, n, w)
		}
		out.ev = func(e *env) any {
			pos := find(e)
			if i := pos.at + by; i >= 0 && i < len(pos.rows) {
				return x.ev(pos.rows[i])
			}
			return otherwise
		}
		return out, true
	}
	// Over a frame.
	which := g.s.n(3)
	counts := which < 2
	var mode int
	var from, to bound
	framed := g.s.flag()
	if framed {
		mode = g.s.n(3)
		from, to = g.bound(mode, true), g.bound(mode, false)
		counts = counts || mode == 0
	}
	if counts && !single() {
		return out, false
	}
	if framed && mode == 2 && len(terms) == 0 {
		mode = 1
		from, to = bound{place: -2}, bound{}
	}
	exclude := 0
	if framed {
		switch mode {
		case 0:
			w = w.Rows(from.expr(), to.expr())
		case 1:
			w = w.Range(from.expr(), to.expr())
		case 2:
			w = w.Groups(from.expr(), to.expr())
		}
		switch exclude = g.s.n(4); exclude {
		case 1:
			w = w.ExcludeCurrentRow()
		case 2:
			w = w.ExcludeGroup()
		case 3:
			w = w.ExcludeTies()
		}
	}
	frame := func(e *env) (rows []*env) {
		pos := find(e)
		for i, r := range pos.rows {
			in := true
			switch {
			case !framed:
				in = len(terms) == 0 || pos.peer[i] <= pos.peer[pos.at]
			case mode == 0:
				in = from.before(i-pos.at) && to.after(i-pos.at)
			default:
				in = from.before(pos.peer[i]-pos.peer[pos.at]) && to.after(pos.peer[i]-pos.peer[pos.at])
			}
			peer := pos.peer[i] == pos.peer[pos.at]
			if exclude == 1 && i == pos.at || exclude == 2 && peer || exclude == 3 && peer && i != pos.at {
				in = false
			}
			if in {
				rows = append(rows, r)
			}
		}
		return rows
	}
	if which == 0 {
		x := g.ungrouped(func() val { return g.value(k, 1) })
		if x.rough || k == kPrice && !x.col {
			return out, false
		}
		f, n := g.s.n(3), 1+g.v.n(3)
		out.n = of[k].place(f, x, n, w)
		out.ev = func(e *env) any {
			rows := frame(e)
			i := []int{0, len(rows) - 1, n - 1}[f]
			if i < 0 || i >= len(rows) {
				return nil
			}
			return x.ev(rows[i])
		}
		return out, true
	}
	if p.grouped {
		return out, false // an aggregate of aggregates: of plain rows there is enough
	}
	a, ok := g.agg(k, true)
	if !ok {
		return out, false
	}
	out.null, out.max = a.null, a.max
	out.n, out.ev = of[k].over(a.n, w), func(e *env) any { return a.of(frame(e)) }
	return out, true
}

// bound is an end of a frame.
type bound struct{ place, by int }

func (g *gen) bound(mode int, from bool) bound {
	side := 1
	if from {
		side = -1
	}
	b := bound{place: side * g.s.n(3), by: g.s.n(3)}
	if mode == 1 && (b.place == 1 || b.place == -1) { // by a number only of a number
		b.place = 0
	}
	return b
}

func (b bound) expr() expr.Bound {
	switch b.place {
	case -2:
		return expr.UnboundedPreceding()
	case -1:
		return expr.Preceding(int64(b.by))
	case 1:
		return expr.Following(int64(b.by))
	case 2:
		return expr.UnboundedFollowing()
	}
	return expr.CurrentRow()
}

// before reports whether what lies so far away is not before the bound.
func (b bound) before(far int) bool {
	switch b.place {
	case -2:
		return true
	case -1:
		return far >= -b.by
	}
	return far >= 0
}

func (b bound) after(far int) bool {
	switch b.place {
	case 2:
		return true
	case 1:
		return far <= b.by
	}
	return far <= 0
}

package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// setOf makes a set of lines "id < parent,parent / dependency #label".
func setOf(t testing.TB, text string) Set {
	t.Helper()
	var s Set
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		r := Revision{ID: fields[0]}
		for i := 1; i < len(fields); i++ {
			switch f := fields[i]; {
			case f == "<":
				i++
				r.Parents = strings.Split(fields[i], ",")
			case f == "/":
				i++
				r.DependsOn = strings.Split(fields[i], ",")
			case strings.HasPrefix(f, "#"):
				r.Labels = append(r.Labels, f[1:])
			default:
				t.Fatalf("%q", line)
			}
		}
		s.Add(r)
	}
	return s
}

func mustGraph(t testing.TB, s Set) *graph {
	t.Helper()
	g, err := s.graph()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func placeOf(t testing.TB, g *graph, rows string) place {
	t.Helper()
	var list []*node
	for id := range strings.FieldsSeq(rows) {
		if g.byID[id] == nil {
			t.Fatalf("no %s", id)
		}
		list = append(list, g.byID[id])
	}
	return placeAt(list)
}

func idLine(list []*node) string { return strings.Join(ids(list), " ") }

const (
	linear = `
		a
		b < a
		c < b
		d < c`
	branched = `
		a
		b1 < a #one
		c1 < b1
		b2 < a #two
		c2 < b2`
	merged = branched + `
		m < c1,c2
		n < m`
	dependent = `
		a1 #app
		a2 < a1 / b1
		a3 < a2
		b1 #base_data
		b2 < b1
		c1 #other`
)

func TestGraphShape(t *testing.T) {
	for _, c := range []struct {
		name, set                   string
		order, heads, bases, labels string
	}{
		{"empty", "", "", "", "", ""},
		{"linear", linear, "a b c d", "d", "a", "a b c d"},
		{"added backwards", "d < c\nc < b\nb < a\na", "a b c d", "d", "a", "a b c d"},
		{"branched", branched, "a b1 c1 b2 c2", "c1 c2", "a", "a b1:one c1:one b2:two c2:two"},
		{"merged", merged, "a b1 c1 b2 c2 m n", "n", "a", "a b1:one c1:one b2:two c2:two m:one,two n:one,two"},
		{"dependent", dependent, "a1 b1 a2 a3 b2 c1", "a3 b2 c1", "a1 b1 c1", "a1:app b1:base_data a2:app a3:app b2:base_data c1:other"},
		{"label back to the branch point", "a\nb < a\nc < a\nd < c\ne < d #x\nf < e", "a b c d e f", "b f", "a", "a b c:x d:x e:x f:x"},
		{"label back to the merge", "a\nb < a\nc < a\nm < b,c\nd < m\ne < d #x", "a b c m d e", "e", "a", "a b c m d:x e:x"},
		{"dependency by label", "a #x\nb / x", "a b", "a b", "a b", "a:x b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := mustGraph(t, setOf(t, c.set))
			var labels []string
			for _, n := range g.nodes {
				l := n.ID
				if len(n.labels) > 0 {
					l += ":" + strings.Join(n.sortedLabels(), ",")
				}
				labels = append(labels, l)
			}
			for _, x := range [][3]string{{"order", idLine(g.nodes), c.order}, {"heads", idLine(g.heads()), c.heads}, {"bases", idLine(g.bases()), c.bases}, {"labels", strings.Join(labels, " "), c.labels}} {
				if x[1] != x[2] {
					t.Errorf("%s: %s, want %s", x[0], x[1], x[2])
				}
			}
		})
	}
}

func TestGraphFaults(t *testing.T) {
	for _, c := range []struct {
		set  string
		kind error
		want []string
	}{
		{"a\nb < a\na", ErrDuplicate, []string{"id or label a ", "graph_test.go"}},
		{"a #b\nb", ErrDuplicate, []string{"label b "}},
		{"a #x\nb #x", ErrDuplicate, []string{"label x "}},
		{"a\nb < zz", ErrMissingParent, []string{"revision b", "file graph_test.go", "parent zz"}},
		{"a\nb / zz", ErrMissingParent, []string{"revision b", "graph_test.go", "depends on zz"}},
		{"a < a", ErrCycle, []string{"revision a is its own parent"}},
		{"a\nb < a / b", ErrCycle, []string{"revision b depends on itself"}},
		{"x\na < c\nb < a\nc < b\ny < c", ErrCycle, []string{"revisions a, c, b are each other's ancestors"}},
		{"a / b\nb < c\nc / a", ErrCycle, []string{"revisions a, b, c depend on each other"}},
		{"head", ErrRevisionID, []string{`"head"`}},
		{"a-b", ErrRevisionID, []string{`"a-b"`}},
		{"a@b", ErrRevisionID, []string{`"a@b"`}},
		{"a'--", ErrRevisionID, []string{`"a'--"`}},
		{"a #x+1", ErrRevisionID, []string{`"x+1"`}},
		{strings.Repeat("a", 200), ErrRevisionID, []string{"at most 128"}},
	} {
		_, err := setOf(t, c.set).graph()
		var se *SetError
		if !errors.Is(err, c.kind) || !errors.As(err, &se) {
			t.Errorf("%q: %v, want %v", c.set, err, c.kind)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %q in it", c.set, err, w)
			}
		}
	}
}

func TestRowsOfAppliedRevisions(t *testing.T) {
	g := mustGraph(t, setOf(t, dependent))
	for applied, want := range map[string]string{
		"a1 b1": "a1 b1", "a1 b1 a2": "a2", "a1 b1 a2 b2": "a2 b2", "a1 b1 a2 a3 b2 c1": "a3 b2 c1", "": "",
	} {
		s := nodes{}
		for id := range strings.FieldsSeq(applied) {
			s[g.byID[id]] = true
		}
		if got := idLine(s.rows()); got != want {
			t.Errorf("%s: rows %s, want %s", applied, got, want)
		}
		if got := placeAt(s.rows()).applied; len(got) != len(s) {
			t.Errorf("%s: the rows stand for %s", applied, idLine(got.ordered()))
		}
	}
}

func TestUpgradeTargets(t *testing.T) {
	for _, c := range []struct {
		set, rows, target, want string
		err                     error
	}{
		{linear, "", "head", "a b c d", nil},
		{linear, "b", "head", "c d", nil},
		{linear, "d", "head", "", nil},
		{linear, "c", "b", "", nil},
		{linear, "", "heads", "a b c d", nil},
		{linear, "", "c", "a b c", nil},
		{linear, "", "+1", "a", nil},
		{linear, "b", "+2", "c d", nil},
		{linear, "b", "+3", "", ErrTooFar},
		{linear, "d", "+1", "", ErrTooFar},
		{linear, "b", "-1", "", ErrTooFar},
		{linear, "", "b+1", "a b c", nil},
		{linear, "", "c-1", "a b", nil},
		{linear, "", "head-1", "a b c", nil},
		{linear, "", "head-5", "", ErrTooFar},
		{linear, "", "base", "", ErrUpgradeTarget},
		{linear, "", "zz", "", ErrUnknownRevision},
		{linear, "", "", "", ErrUnknownRevision},
		{linear, "", "x@head", "", ErrUnknownRevision},
		{linear, "", "@head", "", ErrUnknownRevision},
		{branched, "", "head", "", ErrMultipleHeads},
		{branched, "", "heads", "a b1 c1 b2 c2", nil},
		{branched, "", "one@head", "a b1 c1", nil},
		{branched, "", "two@heads", "a b2 c2", nil},
		{branched, "", "b2@head", "a b2 c2", nil},
		{branched, "", "c1@head", "a b1 c1", nil},
		{branched, "", "a@head", "", ErrMultipleHeads},
		{branched, "", "one", "a b1", nil},
		{branched, "", "c1", "a b1 c1", nil},
		{branched, "", "one@c2", "", ErrNotOnBranch},
		{branched, "", "one@c1", "a b1 c1", nil},
		{branched, "a", "+1", "", ErrSeveralWays},
		{branched, "a", "one@+1", "b1", nil},
		{branched, "a", "one@+2", "b1 c1", nil},
		{branched, "", "one@+2", "a b1", nil},
		{branched, "b1 b2", "+1", "", ErrMultipleCurrent},
		{branched, "b1 b2", "two@+1", "c2", nil},
		{branched, "b1 b2", "two@+2", "", ErrTooFar},
		{branched, "c1", "two@+1", "b2", nil},
		{branched, "", "one@head-1", "a b1", nil},
		{merged, "c1", "head", "b2 c2 m n", nil},
		{merged, "", "m", "a b1 c1 b2 c2 m", nil},
		{merged, "c1 c2", "one@+1", "m", nil},
		{merged, "", "n-2", "", ErrSeveralWays},
		{dependent, "", "a2", "a1 b1 a2", nil},
		{dependent, "", "app@head", "a1 b1 a2 a3", nil},
		{dependent, "a2", "base_data@+1", "b2", nil},
		{dependent, "a2", "+1", "a3", nil},
		{dependent, "a3", "heads", "b2 c1", nil},
		{"abc1\nabc2 < abc1\nabd < abc2", "", "abd", "abc1 abc2 abd", nil},
		{"abc1\nabc2 < abc1\nabd < abc2", "", "abc", "", ErrAmbiguousRevision},
		{"abc1\nabc2 < abc1\nxyz < abc2", "", "x", "abc1 abc2 xyz", nil},
		{"r1\nax < r1 #l\nay < r1", "", "l@a", "r1 ax", nil},
	} {
		g := mustGraph(t, setOf(t, c.set))
		got, err := g.ascent(c.target, placeOf(t, g, c.rows))
		if !errors.Is(err, c.err) || idLine(got) != c.want {
			t.Errorf("from %q to %q: %s, %v; want %s, %v", c.rows, c.target, idLine(got), err, c.want, c.err)
		}
	}
}

func TestDowngradeTargets(t *testing.T) {
	for _, c := range []struct {
		set, rows, target, want string
		err                     error
	}{
		{linear, "d", "base", "d c b a", nil},
		{linear, "", "base", "", nil},
		{linear, "d", "b", "d c", nil},
		{linear, "b", "b", "", nil},
		{linear, "b", "d", "", ErrDowngradeTarget},
		{linear, "", "a", "", ErrDowngradeTarget},
		{linear, "d", "-1", "d", nil},
		{linear, "d", "-4", "d c b a", nil},
		{linear, "d", "-5", "", ErrTooFar},
		{linear, "", "-1", "", ErrTooFar},
		{linear, "b", "+1", "", ErrTooFar},
		{linear, "d", "c-1", "d c", nil},
		{linear, "d", "a-1", "d c b a", nil},
		{linear, "d", "a-2", "", ErrTooFar},
		{linear, "d", "a+1", "d c", nil},
		{linear, "d", "zz", "", ErrUnknownRevision},
		{branched, "c1 c2", "-1", "", ErrMultipleCurrent},
		{branched, "c1 c2", "one@-1", "c1", nil},
		{branched, "c1 c2", "one@-2", "c1 b1", nil},
		{branched, "c1 c2", "one@base", "c2 b2 c1 b1 a", nil},
		{branched, "c1 c2", "b1", "c1", nil},
		{branched, "c1 c2", "a", "c2 b2 c1 b1", nil},
		{branched, "c1 c2", "one@a", "c1 b1", nil},
		{branched, "c1 c2", "heads", "", ErrMultipleHeads},
		{merged, "n", "-1", "n", nil},
		{merged, "n", "-2", "n m", nil},
		{merged, "n", "-3", "", ErrSeveralWays},
		{merged, "n", "c1", "n m", nil},
		{merged, "n", "b2", "n m c2", nil},
		{merged, "m", "-1", "m", nil},
		{dependent, "a3 b2 c1", "base_data@base", "b2 a3 a2 b1", nil},
		{dependent, "a3 b2 c1", "b1", "b2", nil},
		{dependent, "a3 b2 c1", "app@base", "a3 a2 a1", nil},
		{dependent, "a3 b2 c1", "other@-1", "c1", nil},
		{dependent, "a2", "base_data@-1", "a2 b1", nil},
	} {
		g := mustGraph(t, setOf(t, c.set))
		got, err := g.descent(c.target, placeOf(t, g, c.rows))
		if !errors.Is(err, c.err) || idLine(got) != c.want {
			t.Errorf("from %q to %q: %s, %v; want %s, %v", c.rows, c.target, idLine(got), err, c.want, c.err)
		}
	}
}

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		set, rows, text, want string
		err                   error
	}{
		{linear, "", "", "a b c d", nil},
		{linear, "", ":", "a b c d", nil},
		{linear, "", "b:c", "b c", nil},
		{linear, "", "b:", "b c d", nil},
		{linear, "", ":b", "a b", nil},
		{linear, "c", "-1:current", "b c", nil},
		{linear, "b", "current:", "b c d", nil},
		{linear, "", "b:+2", "b c d", nil},
		{linear, "", "base:head", "a b c d", nil},
		{linear, "", "base:+2", "a b", nil},
		{linear, "", "c:b", "", ErrNotAncestor},
		{linear, "", "b", "", ErrRange},
		{linear, "", "a:b:c", "", ErrRange},
		{linear, "", "-1:+1", "", ErrRange},
		{linear, "", "zz:", "", ErrUnknownRevision},
		{branched, "", "one@base:one@head", "a b1 c1", nil},
		{branched, "", "b1:c2", "", ErrNotAncestor},
		{merged, "", "b1:n", "b1 c1 m n", nil},
	} {
		g := mustGraph(t, setOf(t, c.set))
		got, err := g.span(c.text, placeOf(t, g, c.rows))
		if !errors.Is(err, c.err) || idLine(got) != c.want {
			t.Errorf("%q: %s, %v; want %s, %v", c.text, idLine(got), err, c.want, c.err)
		}
	}
}

// Messages have what users of Alembic know, and what to do.
func TestTargetMessages(t *testing.T) {
	many := ""
	for i := range 5 {
		many += fmt.Sprintf("abc%d\n", i)
	}
	up := func(set, rows, target string) error {
		g := mustGraph(t, setOf(t, set))
		_, err := g.ascent(target, placeOf(t, g, rows))
		return err
	}
	down := func(set, rows, target string) error {
		g := mustGraph(t, setOf(t, set))
		_, err := g.descent(target, placeOf(t, g, rows))
		return err
	}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{up(branched, "", "head"), []string{"multiple head revisions are present for given argument 'head': c1, c2", "<branch>@head", "'heads'"}},
		{up(linear, "", "zz"), []string{"can't locate revision identified by 'zz'"}},
		{up(many, "", "abc"), []string{"multiple revisions start with 'abc': 'abc0', 'abc1', 'abc2', …"}},
		{up(linear, "d", "+1"), []string{"relative revision +1 didn't produce 1 migrations"}},
		{down(linear, "", "-1"), []string{"relative revision -1 didn't produce 1 migrations"}},
		{up(linear, "", "head-7"), []string{"walked too far"}},
		{down(branched, "c1 c2", "-1"), []string{"several revisions: c1, c2", "<branch>@-1"}},
		{down(linear, "a", "c"), []string{"'c' is not a valid downgrade target from current head(s) a"}},
		{up(branched, "", "one@c2"), []string{"c2 is not a member of branch 'one'"}},
	} {
		for _, w := range c.want {
			if c.err == nil || !strings.Contains(c.err.Error(), w) {
				t.Errorf("%v\nwant %q in it", c.err, w)
			}
		}
	}
}

func TestSetsMayBeCopied(t *testing.T) {
	var s Set
	s.Add(Revision{ID: "a"})
	other := s
	other.Add(Revision{ID: "b"})
	s.Add(Revision{ID: "c"})
	g := mustGraph(t, s)
	if !slices.Equal(ids(g.nodes), []string{"a", "c"}) || s.Len() != 2 || other.Len() != 2 {
		t.Errorf("%s", idLine(g.nodes))
	}
	again := s
	if again.Identity() != s.Identity() || s.Identity() == other.Identity() || (Set{}).Identity() != nil {
		t.Error("identities")
	}
}

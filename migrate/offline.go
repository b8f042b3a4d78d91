package migrate

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// ErrOffline: a revision cannot be written as SQL, since it runs code.
var ErrOffline = errors.New("migrate: code cannot be written as SQL")

// OfflineError says which revision cannot be written as SQL. It is ErrOffline.
type OfflineError struct {
	Revision, File string
	Operation      int
}

// Error names the revision and what to do.
func (e *OfflineError) Error() string {
	return fmt.Sprintf("migrate: operation %d of revision %s (file %s) is op.Run, whose code cannot be written as SQL: run this revision online, and write the ranges before and after it", e.Operation, e.Revision, e.File)
}

// Is reports whether target is ErrOffline.
func (e *OfflineError) Is(target error) bool { return target == ErrOffline }

// UpgradeSQL writes the SQL of an upgrade instead of running it: from base to the
// target, or under "from:to" from a revision, at which the database then must be. It
// holds what keeps the version table, all values, and BEGIN and COMMIT where the
// database's DDL is transactional. Nothing is asked of a database: where a statement
// depends on what that has, as for a table that SQLite has to make anew, it is what
// the revisions from base have made of it, hand-written SQL left out of account; if
// such a table has indexes, triggers or columns of another origin, the SQL fails.
// What loses data is marked by a comment. Of the options TransactionPerRevision
// counts. Errors are *SetError, *TargetError and *OfflineError.
func UpgradeSQL(w io.Writer, d dialect.Dialect, set Set, target string, opts ...RunOption) error {
	return offline(w, d, set, "upgrade", target, opts)
}

// DowngradeSQL is UpgradeSQL for a downgrade. The target must be a range from:to.
func DowngradeSQL(w io.Writer, d dialect.Dialect, set Set, target string, opts ...RunOption) error {
	if !strings.Contains(target, ":") {
		return fmt.Errorf("migrate: downgrade with --sql requires <fromrev>:<torev>, not '%s': %w", target, &TargetError{Kind: ErrRange, Target: target})
	}
	return offline(w, d, set, "downgrade", target, opts)
}

// StampSQL writes the SQL of a stamp, of a database at base, or under "from:to" at a
// revision.
func StampSQL(w io.Writer, d dialect.Dialect, set Set, target string) error {
	m, to, err := writer(w, d, set, "stamp", target, nil)
	if err != nil {
		return err
	}
	targets := strings.Split(to, ",")
	if _, err := m.g.stamped(targets, m.at); err != nil { // before anything is written
		return err
	}
	if m.write(m.begins()...); m.create() != nil {
		return m.err
	}
	list, err := m.stamp(targets)
	if err != nil {
		return err
	}
	m.writes(list)
	m.write(m.ends()...)
	return m.err
}

// sqlWriter writes what a migrator would run.
type sqlWriter struct {
	migrator
	w       io.Writer
	catalog *schema.Catalog // what the database has at that point, by the revisions
	rebuild bool
	err     error
}

// writer is at the start of the target's range, whose end it returns.
func writer(w io.Writer, d dialect.Dialect, set Set, what, target string, opts []RunOption) (*sqlWriter, string, error) {
	g, err := set.graph()
	if err != nil {
		return nil, "", err
	}
	m := &sqlWriter{w: w, catalog: &schema.Catalog{}}
	m.migrator = migrator{what: what, down: what == "downgrade", d: d, caps: d.Capabilities(), g: g, o: optionsOf(opts), store: store{d}, rec: &record{revs: map[string]recorded{}}}
	from, to, ranged := strings.Cut(target, ":")
	if !ranged {
		from, to = "base", target
	}
	if strings.Contains(to, ":") || to == "" || from == "" {
		return nil, "", &TargetError{Kind: ErrRange, Target: target}
	}
	if a := parseTarget(from); a.relative && a.symbol == "" {
		return nil, "", &TargetError{Kind: ErrRange, Target: target}
	}
	start, err := g.named(from, place{})
	if err != nil {
		return nil, "", err
	}
	m.at = placeAt(start)
	m.at.rows = m.at.applied.rows()
	m.rec.rows = ids(m.at.rows)
	m.rec.versions, m.rec.revisions = len(start) > 0, len(start) > 0
	for _, n := range m.at.applied.ordered() {
		m.rec.revs[n.ID] = recorded{}
		ops, err := n.operations(false)
		if err != nil {
			return nil, "", err
		}
		m.apply(ops)
	}
	return m, to, nil
}

// apply makes the operations' changes in the catalog. One that names what only
// hand-written SQL has made changes nothing that is known.
func (m *sqlWriter) apply(ops []Operation) {
	for _, o := range ops {
		if !opaque(o) {
			_ = o.apply(m.catalog)
		}
	}
}

func offline(w io.Writer, d dialect.Dialect, set Set, what, target string, opts []RunOption) error {
	m, to, err := writer(w, d, set, what, target, opts)
	if err != nil {
		return err
	}
	var list []*node
	if m.down {
		list, err = m.g.descent(to, m.at)
	} else if list, err = m.g.ascent(to, m.at); err == nil && to != target {
		err = m.aside(target, to)
	}
	if err != nil || len(list) == 0 {
		return err
	}
	for _, n := range list { // before anything is written
		ops, err := n.operations(m.down)
		if err != nil {
			return err
		}
		for i, o := range ops {
			if _, ok := o.(Run); ok {
				return &OfflineError{n.ID, n.base(), i + 1}
			}
		}
	}
	if m.rebuild = m.rebuilds(list); m.rebuild {
		m.comment("An error must end the run of this SQL, or what the error is about is lost: in SQLite's shell say sqlite3 -bail")
	}
	m.write(m.begins()...)
	if err := m.create(); err != nil {
		return err
	}
	for i, n := range list {
		if i > 0 && m.o.perRevision {
			m.write(m.ends()...)
			m.write(m.begins()...)
		}
		if err := m.revision(n); err != nil {
			return err
		}
	}
	m.write(m.ends()...)
	return m.err
}

// aside is the error of a range whose end does not come after its start: the SQL
// would be for a database that is at both.
func (m *sqlWriter) aside(target, to string) error {
	end, err := m.g.named(to, m.at)
	if err != nil || len(end) == 0 {
		return err
	}
	there := placeAt(end).applied
	for _, n := range m.at.rows {
		if !there[n] {
			return &TargetError{Kind: ErrNotAncestor, Target: target}
		}
	}
	return nil
}

func (m *sqlWriter) begins() []string {
	var list []string
	if m.rebuild {
		list = append(list, m.caps.RebuildBegin...)
	}
	if m.caps.TransactionalDDL {
		list = append(list, "BEGIN")
	}
	if m.rebuild {
		list = append(list, m.caps.CountViolations...)
	}
	return list
}

func (m *sqlWriter) ends() []string {
	var list []string
	if m.rebuild {
		list = append(list, m.caps.RefuseViolations...)
	}
	if m.caps.TransactionalDDL {
		list = append(list, "COMMIT")
	}
	if m.rebuild {
		list = append(list, m.caps.RebuildEnd...)
	}
	return list
}

func (m *sqlWriter) create() error {
	list, err := m.store.create(m.rec)
	if err != nil {
		return err
	}
	m.writes(list)
	return m.err
}

func (m *sqlWriter) writes(list []write) {
	for _, w := range list {
		m.write(w.sql)
	}
}

// write writes statements with their semicolons.
func (m *sqlWriter) write(list ...string) {
	for _, sql := range list {
		sql = strings.TrimRight(sql, "; \t\n")
		if m.err == nil {
			_, m.err = fmt.Fprintf(m.w, "%s;\n\n", sql)
		}
	}
}

// comment writes a comment of one line, whatever the text.
func (m *sqlWriter) comment(text string) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.w, "-- %s\n\n", strings.Join(strings.Fields(text), " "))
	}
}

// revision writes one revision.
func (m *sqlWriter) revision(n *node) error {
	from := strings.Join(n.Parents, ", ")
	if m.down {
		m.comment("Running downgrade " + n.ID + " -> " + from + title(n))
	} else {
		m.comment("Running upgrade " + from + " -> " + n.ID + title(n))
	}
	ops, err := n.operations(m.down)
	if err != nil {
		return err
	}
	if m.down && n.Downgrade == nil && n.Upgrade != nil {
		return m.wrong(n, 0, "", ErrIrreversible)
	}
	for i := 0; i < len(ops); {
		j := i + 1
		for !m.caps.AlterTable && j < len(ops) && !opaque(ops[j-1]) {
			j++
		}
		if err := m.part(n, ops, i, j); err != nil {
			return err
		}
		i = j
	}
	after := nodes{}
	for a := range m.at.applied {
		after[a] = true
	}
	var record write
	if m.down {
		delete(after, n)
		record = m.store.forget(m.rec, n.ID)
	} else {
		after[n] = true
		sum, err := n.checksum()
		if err != nil {
			return err
		}
		record = m.store.note(m.rec, n, sum, "", len(ops))
	}
	m.at = place{after, after.rows()}
	m.writes(append(m.store.move(m.rec, ids(m.at.rows)), record))
	return m.err
}

func title(n *node) string {
	if n.Message == "" {
		return ""
	}
	return ", " + n.Message
}

// part writes all[i:j], which are lowered together.
func (m *sqlWriter) part(n *node, all []Operation, i, j int) error {
	ops := all[i:j]
	steps, err := []step(nil), statements(m.d, ops)
	if err == nil {
		steps, err = lowerPart(m.d, all, i, j, func() (*schema.Catalog, error) { return m.catalog, nil })
	}
	if err != nil {
		return m.wrong(n, i+1, "", err)
	}
	if !m.down {
		for _, o := range ops {
			if lost := o.Loses(); lost != "" {
				m.comment("loses " + lost)
			}
		}
	}
	for _, s := range steps {
		if s.outside {
			m.write(m.ends()...)
		}
		m.write(s.sql...)
		if s.outside {
			m.write(m.begins()...)
		}
	}
	m.apply(ops)
	return m.err
}

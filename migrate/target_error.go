package migrate

import (
	"errors"
	"fmt"
	"strings"
)

// What is wrong with a target, for errors.Is; a *TargetError has the detail.
var (
	ErrUnknownRevision   = errors.New("migrate: unknown revision")
	ErrAmbiguousRevision = errors.New("migrate: several revisions begin with this")
	ErrMultipleHeads     = errors.New("migrate: multiple head revisions")
	ErrMultipleCurrent   = errors.New("migrate: the database is at several revisions")
	ErrSeveralWays       = errors.New("migrate: there are several ways to go")
	ErrTooFar            = errors.New("migrate: there are not so many revisions")
	ErrNotOnBranch       = errors.New("migrate: revision is not on the branch")
	ErrUpgradeTarget     = errors.New("migrate: not a target of upgrade")
	ErrDowngradeTarget   = errors.New("migrate: not a target of downgrade")
	ErrStampTarget       = errors.New("migrate: not a target of stamp")
	ErrRange             = errors.New("migrate: bad range of revisions")
	ErrRangeOnline       = errors.New("migrate: a range of revisions is for SQL that is written, not run")
	ErrNotAncestor       = errors.New("migrate: the range's ends are not on one branch")
)

// TargetError says what is wrong with a target such as head, +2 or an id.
// errors.Is finds its Kind.
type TargetError struct {
	Kind error
	// Target is what was asked for, Branch the branch that it names.
	Target, Branch string
	// Steps is the number of steps that it asks for, Relative whether they are
	// counted from where the database is.
	Steps    int
	Relative bool
	// Candidates are the revisions among which it does not choose.
	Candidates []string
}

// Error says what is wrong and what to write instead.
func (e *TargetError) Error() string {
	list := strings.Join(e.Candidates, ", ")
	switch e.Kind {
	case ErrUnknownRevision:
		return fmt.Sprintf("migrate: can't locate revision identified by '%s': history lists the revisions of this program, by id; the beginning of an id and branch labels do as well", e.Target)
	case ErrAmbiguousRevision:
		some, more := e.Candidates, ""
		if len(some) > 3 {
			some, more = some[:3], ", …"
		}
		return fmt.Sprintf("migrate: multiple revisions start with '%s': '%s'%s: write more of the id", e.Target, strings.Join(some, "', '"), more)
	case ErrMultipleHeads:
		return fmt.Sprintf("migrate: multiple head revisions are present for given argument '%s': %s: name a single one by its id or as <branch>@head, or all of them as 'heads'; merge joins them for good", e.Target, list)
	case ErrMultipleCurrent:
		return fmt.Sprintf("migrate: '%s' is ambiguous, since the database is at several revisions: %s: say which branch is meant, as <branch>@%+d, or name the revision to go to by its id", e.Target, list, e.Steps)
	case ErrSeveralWays:
		return fmt.Sprintf("migrate: ambiguous walk: on the way of '%s' there is more than one revision to go to: %s: say which branch is meant, as <branch>@%+d, or name the revision to go to by its id", e.Target, list, e.Steps)
	case ErrTooFar:
		if e.Relative {
			return fmt.Sprintf("migrate: relative revision %+d didn't produce %d migrations: there are not so many in that direction; upgrade counts up, as +1, and downgrade down, as -1", e.Steps, max(e.Steps, -e.Steps))
		}
		return fmt.Sprintf("migrate: walked too far: there are not so many revisions as '%s' counts", e.Target)
	case ErrNotOnBranch:
		return fmt.Sprintf("migrate: revision %s is not a member of branch '%s': name the revision alone, or another branch", list, e.Branch)
	case ErrUpgradeTarget:
		return fmt.Sprintf("migrate: '%s' is not a valid upgrade target: downgrade leads there", e.Target)
	case ErrDowngradeTarget:
		if list == "" {
			list = "base"
		}
		return fmt.Sprintf("migrate: destination '%s' is not a valid downgrade target from current head(s) %s: it is not applied, upgrade leads there", e.Target, list)
	case ErrStampTarget:
		return fmt.Sprintf("migrate: '%s' says that nothing is applied, and cannot stand beside %s: name base alone, or leave it out", e.Target, list)
	case ErrRange:
		return fmt.Sprintf("migrate: '%s' is no range of revisions: write [start]:[end], at most one of them counted by steps", e.Target)
	case ErrRangeOnline:
		return fmt.Sprintf("migrate: range revision not allowed: '%s' is for SQL that is written (--sql); online the range begins where the database is: name its end alone", e.Target)
	case ErrNotAncestor:
		return fmt.Sprintf("migrate: the range '%s' does not refer to ancestor/descendant revisions along the same branch: put the older revision first, and begin at one that the other comes after", e.Target)
	}
	return e.Kind.Error()
}

// Is reports whether target is the error's kind.
func (e *TargetError) Is(target error) bool { return target == e.Kind }

package rel

import (
	"errors"
	"fmt"
)

// Errors of containers.
var (
	// ErrNil says that a nil entity was given where there must be one.
	ErrNil = errors.New("rel: the entity is nil")
	// ErrCopied says that a container of a managed entity was used from a copy,
	// of the entity or of the container: take the pointer to the entity.
	ErrCopied = errors.New("rel: the container is a copy of a managed entity's: use it through the pointer to the entity")
	// ErrPartial says that a collection which was loaded in part, by a condition
	// or a limit, was to be changed: Load it first.
	ErrPartial = errors.New("rel: the collection was loaded in part and cannot be changed: Load it whole first")
)

// DetachedError says that a relation cannot be loaded or changed in the database
// because no live unit of work manages the entity: it was never added or read, it
// was let go of, or its unit of work has ended. What the container holds already
// can be read all the same.
type DetachedError struct {
	// Entity is the type around the container, "" where that is not known;
	// Relation is the field, or the container's type, "" where it is the entity
	// that was put into a relation.
	Entity, Relation string
	// Err is why, where more is known.
	Err error
}

func (e *DetachedError) Error() string {
	if e.Relation == "" {
		return fmt.Sprintf("rel: no live unit of work manages the %s: %v", e.Entity, e.Err)
	}
	what := e.Relation
	if e.Entity != "" {
		what += " of " + e.Entity
	}
	if e.Err != nil {
		return fmt.Sprintf("rel: %s: no live unit of work manages the entity: %v; read it, Attach it or Add it in one, and load the relation there", what, e.Err)
	}
	return fmt.Sprintf("rel: %s: no unit of work manages the entity, or the container was assigned and its unit has not looked at it since: read the entity, Attach it or Add it in a unit of work, and load the relation before that ends", what)
}

// Unwrap returns the cause, such as uow.ErrEnded.
func (e *DetachedError) Unwrap() error { return e.Err }

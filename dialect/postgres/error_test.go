package postgres

import (
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
)

// serverError has the fields that lib/pq's errors have.
type serverError struct{ Code, Message, Detail, Routine string }

func (e *serverError) Error() string    { return e.Message }
func (e *serverError) SQLState() string { return e.Code }

// What depends on a column whose type was to change is told from all else that a
// server does not support, of whatever version and language.
func TestTranslateWhatDependsOnAColumn(t *testing.T) {
	for routine, want := range map[string]bool{"ATExecAlterColumnType": true, "RememberAllDependentForRebuilding": true, "DefineIndex": false, "": false} {
		err := Dialect{}.Translate(&serverError{"0A000", "kann Typ einer Spalte nicht ändern", `Regel _RETURN für Sicht v hängt von Spalte »a« ab`, routine})
		if errors.Is(err, dialect.ErrDependedOn) != want {
			t.Errorf("%s: %v", routine, err)
		}
	}
}

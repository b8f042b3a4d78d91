package sqlite

import (
	"errors"

	"github.com/dormer-orm/dormer/schema"
)

const autoincrement = "AUTOINCREMENT"

// refused begins what a refusal says, to be told from other errors of its kind.
const refused = "refused: "

// Refusal asks for a path in a document that is no path: the one function whose
// error has the text that it is given.
func (d Dialect) Refusal(message string) (string, error) {
	b, err := d.AppendLiteral([]byte("json_extract('{}', "), refused+message)
	return string(b) + ")", err
}

// RefuseIf evaluates a Refusal for each row of the query, SELECT 1 FROM ….
func (d Dialect) RefuseIf(query, message string) (string, error) {
	s, err := d.Refusal(message)
	return "SELECT " + s + " FROM (" + query + ")", err
}

var errRebuilt = errors.New("sqlite: ALTER TABLE does not do this: the table is rebuilt")

// DropPrimaryKey is an error, and so are the others that only ALTER TABLE needs.
func (Dialect) DropPrimaryKey(string) (string, error) { return "", errRebuilt }

// RestartIdentity is an error.
func (Dialect) RestartIdentity(_, _ string) (string, error) { return "", errRebuilt }

// DropInvalidIndex is an error.
func (Dialect) DropInvalidIndex(string) (string, error) { return "", errRebuilt }

// KeepNotes are the statements: there are no comments and no grants.
func (Dialect) KeepNotes(_ []*schema.TableDef, statements []string) ([]string, error) {
	return statements, nil
}

// LikeType is an error: there are no types to alter.
func (Dialect) LikeType(_, _ string) (string, error) { return "", errRebuilt }

// KeepViews are the statements: views keep nobody from making a table anew.
func (Dialect) KeepViews(_ []*schema.ColumnDef, statements []string) ([]string, error) {
	return statements, nil
}

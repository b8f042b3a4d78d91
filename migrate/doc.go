// Package migrate changes databases from one model to the next: revisions, the
// graph that they form, the operations that they are made of, and the comparison
// of a model with a database. It follows Alembic in its workflow.
package migrate

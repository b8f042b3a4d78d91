package bench

import (
	"context"
	"database/sql"
	"strings"
)

const columns = "name, email, city, bio, active, age, score, created_at, nickname"

// handSelect is the query of the hand-written side; Dormer orders its rows by
// nothing either.
const handSelect = "SELECT id, " + columns + " FROM bench_users"

// handLoad reads all users as one writes it with database/sql.
func handLoad(ctx context.Context, st *sql.Stmt) ([]User, error) {
	rows, err := st.QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var us []User
	for rows.Next() {
		var u User
		if err := rows.Scan(&u.ID, &u.Name, &u.Email, &u.City, &u.Bio, &u.Active, &u.Age, &u.Score, &u.CreatedAt, &u.Nickname); err != nil {
			return nil, err
		}
		us = append(us, u)
	}
	return us, rows.Err()
}

// handPointers is handLoad into structs of their own, for comparing memory.
func handPointers(ctx context.Context, st *sql.Stmt, us []*User) ([]*User, error) {
	rows, err := st.QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		u := new(User)
		if err := rows.Scan(&u.ID, &u.Name, &u.Email, &u.City, &u.Bio, &u.Active, &u.Age, &u.Score, &u.CreatedAt, &u.Nickname); err != nil {
			return nil, err
		}
		us = append(us, u)
	}
	return us, rows.Err()
}

// handInsert inserts entries one by one in a transaction and takes their keys.
func handInsert(ctx context.Context, db *sql.DB, es []*Entry) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	st, err := tx.PrepareContext(ctx, "INSERT INTO bench_entries ("+columns+") VALUES ("+strings.Repeat("?, ", 8)+"?)")
	if err != nil {
		return err
	}
	defer st.Close()
	for _, e := range es {
		res, err := st.ExecContext(ctx, e.Name, e.Email, e.City, e.Bio, e.Active, e.Age, e.Score, e.CreatedAt, e.Nickname)
		if err != nil {
			return err
		}
		if e.ID, err = res.LastInsertId(); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// handInsertReturning is handInsert with the keys taken as one takes them on
// other databases.
func handInsertReturning(ctx context.Context, db *sql.DB, es []*Entry) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	st, err := tx.PrepareContext(ctx, "INSERT INTO bench_entries ("+columns+") VALUES ("+strings.Repeat("?, ", 8)+"?) RETURNING id")
	if err != nil {
		return err
	}
	defer st.Close()
	for _, e := range es {
		row := st.QueryRowContext(ctx, e.Name, e.Email, e.City, e.Bio, e.Active, e.Age, e.Score, e.CreatedAt, e.Nickname)
		if err := row.Scan(&e.ID); err != nil {
			return err
		}
	}
	return tx.Commit()
}

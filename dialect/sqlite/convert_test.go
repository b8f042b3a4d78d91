package sqlite

import (
	"bytes"
	"database/sql"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	_ "github.com/glebarez/go-sqlite"
)

// The condition for bytes to be text says of any bytes what Go does, but for those
// with a zero among them.
func TestIsUTF8(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	stmt, err := db.Prepare("SELECT " + isUTF8("b") + " FROM (SELECT ? AS b)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stmt.Close() }()
	all := []string{"a", "ä", "€", "😀", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\U0010ffff", "aaaaaaaaaaaaaaaa", "ääääääää", "€€€€€€€€", "\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "\xff"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		var b bytes.Buffer
		b.WriteString("ä") // never plain ASCII
		list := all[:13]
		for range r.IntN(60) {
			if r.IntN(200) == 0 {
				list = all
			}
			b.WriteString(list[r.IntN(len(list))])
		}
		if r.IntN(10) == 0 {
			b.Write(bytes.Repeat([]byte("aaä"), 1<<r.IntN(14)))
		}
		var is bool
		if err := stmt.QueryRow(b.Bytes()).Scan(&is); err != nil {
			t.Fatal(err)
		}
		if want := utf8.Valid(b.Bytes()); is != want {
			t.Fatalf("%x: %v, want %v", b.Bytes(), is, want)
		}
	}
}

package schema

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
)

// ColumnName is the column name of a Go field without a db tag: snake case,
// with initialisms and digits kept together. CreatedAt is created_at, UserID is
// user_id, HTTPPort is http_port, I8 is i8, UserID2 is user_id2, UserIDs is
// user_ids.
func ColumnName(field string) string {
	rs := []rune(field)
	var b strings.Builder
	for i, r := range rs {
		if unicode.IsUpper(r) && i > 0 && rs[i-1] != '_' {
			prev := rs[i-1]
			next := i+1 < len(rs) && unicode.IsLower(rs[i+1]) && !pluralAt(rs, i+1)
			if !unicode.IsUpper(prev) || next {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// pluralAt reports whether the s at i is the plural of the initialism before it,
// as in UserIDs and URLsSeen.
func pluralAt(rs []rune, i int) bool {
	return rs[i] == 's' && (i+1 == len(rs) || unicode.IsUpper(rs[i+1]))
}

// maxName is PostgreSQL's limit for names, in bytes; longer names made by
// convention are cut to it on every database, so that one model has one set of
// names.
const maxName = 63

// EnumTypeName is the name of an enum's type where the model gives it none: that of
// the table and the column.
func EnumTypeName(table, column string) string { return conventionName(table, column) }

// conventionName joins the parts of a constraint's name, ix_users_name. A name
// that would be too long is cut and ends in a hash of the whole.
func conventionName(kind string, parts ...string) string {
	name := kind + "_" + strings.Join(parts, "_")
	if len(name) <= maxName {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	cut := maxName - 9
	for cut > 0 && name[cut]&0xC0 == 0x80 { // not inside a rune
		cut--
	}
	return fmt.Sprintf("%s_%08x", name[:cut], h.Sum32())
}

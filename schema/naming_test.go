package schema

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestColumnName(t *testing.T) {
	for field, want := range map[string]string{
		"CreatedAt": "created_at", "UserID": "user_id", "HTTPPort": "http_port", "I8": "i8", "UserID2": "user_id2", "URL": "url", "ID": "id",
		"Name": "name", "A": "a", "AB": "ab", "ABC": "abc", "AbC": "ab_c", "UserIDs": "user_ids", "URLsSeen": "urls_seen", "ParentID": "parent_id",
		"IPv4": "i_pv4", "X509Cert": "x509_cert", "Sha256Sum": "sha256_sum", "Already_Snake": "already_snake", "Ärger": "ärger", "GrößeÄndern": "größe_ändern",
		"OAuthToken": "o_auth_token", "JSONData": "json_data", "IsOK": "is_ok", "IsA": "is_a",
	} {
		if got := ColumnName(field); got != want {
			t.Errorf("ColumnName(%s) is %s, want %s", field, got, want)
		}
	}
}

func TestConventionNames(t *testing.T) {
	if got := conventionName("ix", "users", "name", "email"); got != "ix_users_name_email" {
		t.Error(got)
	}
	exact := conventionName("ix", strings.Repeat("x", maxName-3))
	if len(exact) != maxName || strings.Count(exact, "_") != 1 {
		t.Errorf("a name of just %d bytes was cut: %s", maxName, exact)
	}
	seen := map[string]string{}
	for _, r := range []string{"x", "ä", "日", "😀"} {
		for n := 10; n < 90; n++ {
			table := strings.Repeat(r, n)
			name := conventionName("uq", table, "col")
			if len(name) > maxName || !utf8.ValidString(name) {
				t.Errorf("%d of %s: %q has %d bytes", n, r, name, len(name))
			}
			if name != conventionName("uq", table, "col") {
				t.Errorf("%q is not stable", name)
			}
			if other, dup := seen[name]; dup {
				t.Errorf("%q is the name for %q and %q", name, other, table)
			}
			seen[name] = table
		}
	}
}

package postgres

import (
	"database/sql"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// Drivers are lib/pq and pgx.
func (Dialect) Drivers() []dialect.Driver {
	return []dialect.Driver{
		{Name: "postgres", Import: "github.com/lib/pq"},
		{Name: "pgx", Import: "github.com/jackc/pgx/v5/stdlib"},
	}
}

// DSN is a URL as both drivers take it. Connections speak UTC. TLS is used where
// the server offers it, unless sslmode or PGSSLMODE says otherwise: that is what
// PostgreSQL's own clients do.
func (Dialect) DSN(u *dialect.URL, _ string) (string, bool, error) {
	out := url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}
	switch {
	case u.Port != "":
		out.Host = net.JoinHostPort(u.Host, u.Port)
	case strings.Contains(u.Host, ":"):
		out.Host = "[" + u.Host + "]" // an IPv6 address
	}
	switch {
	case u.HasPassword:
		out.User = url.UserPassword(u.User, u.Password)
	case u.User != "":
		out.User = url.User(u.User)
	}
	q := url.Values{}
	for k, v := range u.Query {
		q[k] = v
	}
	if _, env := os.LookupEnv("PGSSLMODE"); !env && !q.Has("sslmode") {
		q.Set("sslmode", "prefer")
	}
	if !q.Has("timezone") && !q.Has("TimeZone") {
		q.Set("timezone", "UTC")
	}
	out.RawQuery = q.Encode()
	return out.String(), false, nil
}

// Setup is empty: what a connection needs is in its DSN.
func (Dialect) Setup(bool) []string { return nil }

// BeginSQL is "": the driver's BeginTx is right.
func (Dialect) BeginSQL(sql.TxOptions) string { return "" }

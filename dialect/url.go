package dialect

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sort"
	"strings"
)

// URL is a parsed database URL:
//
//	scheme[+driver]://[user[:password]@][host[:port]][/path][?key=value&…]
//
// All parts are percent-decoded. A URL never prints its password: String,
// GoString, MarshalText and LogValue show it as "xxxxx". A URL is plain data;
// it is safe for concurrent reading.
type URL struct {
	// Scheme is the part before "://" without the driver, in lower case.
	Scheme string
	// Driver is the part after "+" in the scheme, as in postgres+pgx://, or "".
	Driver string
	// User and Password are the credentials, "" where the URL has none.
	User, Password string
	// HasPassword tells an empty password from none.
	HasPassword bool
	// Host is the host's name or address, an IPv6 address without its brackets.
	// Of a database that is a file it is the first part of the path:
	// sqlite://blog.db has Host "blog.db", sqlite://:memory: has ":memory:".
	Host string
	// Port is a decimal number, or "".
	Port string
	// Path is all between the host and "?", its leading slash included:
	// "/app", "/blog.db" of sqlite:///blog.db, "//srv/blog.db" of
	// sqlite:////srv/blog.db.
	Path string
	// Query holds the parameters after "?". It is never nil.
	Query url.Values
}

// Database is the path without its first slash: a database's name, or for a
// file the relative path of sqlite:///blog.db and the absolute one of
// sqlite:////srv/blog.db.
func (u *URL) Database() string { return strings.TrimPrefix(u.Path, "/") }

const hidden = "xxxxx"

const encodeHint = `a user name or password with one of : / ? # [ ] @ % must be percent-encoded ("/" as %2F, "@" as %40, "%" as %25)`

// ParseURL parses a database URL. It knows no schemes: which exist is for the
// engine to say. Errors say what to do and contain no part of the URL but its
// scheme, since a password with a stray character can end up in any other part.
func ParseURL(s string) (*URL, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if s == "" {
		return nil, errors.New(`dialect: the database URL is empty; write one such as sqlite://blog.db or postgres://user:password@localhost/app`)
	}
	if !ok {
		return nil, errors.New(`dialect: the database URL has no "://"; write one such as sqlite://blog.db or postgres://user:password@localhost/app`)
	}
	u := &URL{Query: url.Values{}}
	u.Scheme, u.Driver, _ = strings.Cut(scheme, "+")
	u.Scheme = strings.ToLower(u.Scheme)
	if !isScheme(u.Scheme) {
		return nil, errors.New(`dialect: the database URL does not begin with a scheme such as postgres:// or sqlite://`)
	}
	if strings.HasSuffix(scheme, "+") {
		return nil, fmt.Errorf(`dialect: URL of scheme %s: no driver follows the "+"; write a driver's name, as in %s+name://, or leave "+" out`, u.Scheme, u.Scheme)
	}
	fail := func(what string) (*URL, error) {
		return nil, fmt.Errorf("dialect: URL of scheme %s: %s", u.Scheme, what)
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] < ' ' || rest[i] == 0x7f {
			return fail("it contains a control character, such as a line end; remove it")
		}
	}

	rest, query, hasQuery := strings.Cut(rest, "?")
	if hasQuery {
		q, err := url.ParseQuery(query)
		if err != nil {
			return fail(`the part after "?" is not key=value&key=value in percent-encoding; ` + encodeHint)
		}
		u.Query = q
	}
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	var err error
	if u.Path, err = url.PathUnescape(path); err != nil {
		return fail("the path is not percent-encoded rightly; a % itself is written %25")
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, has := strings.Cut(authority[:i], ":")
		authority = authority[i+1:]
		u.HasPassword = has
		if u.User, err = url.PathUnescape(user); err != nil {
			return fail("the user name is not percent-encoded rightly; " + encodeHint)
		}
		if u.Password, err = url.PathUnescape(password); err != nil {
			return fail("the password is not percent-encoded rightly; " + encodeHint)
		}
	}
	if strings.Contains(path, "@") && strings.Contains(authority, ":") && !isPort(authority[strings.LastIndexByte(authority, ':')+1:]) {
		return fail(`an "@" stands after the first "/"; ` + encodeHint)
	}
	if !u.HasPassword && strings.Contains(authority, ":") && authority != ":memory:" && (strings.Contains(path, "@") || path == "" && strings.Contains(query, "@")) {
		// The part before might be a user and half a password.
		return fail(`an "@" stands after the first "/" or "?"; write it %40, and if it ends a password: ` + encodeHint)
	}
	host, port, err := splitHost(authority)
	if err != nil {
		return fail(err.Error())
	}
	if u.Host, err = url.PathUnescape(host); err != nil {
		return fail("the host is not percent-encoded rightly; a % itself is written %25")
	}
	u.Port = port
	return u, nil
}

// splitHost takes "host", "host:port", "[::1]:port" and ":memory:" apart.
func splitHost(s string) (host, port string, err error) {
	if s == ":memory:" {
		return s, "", nil
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", errors.New(`the "[" of an IPv6 address is never closed; write [::1] or [::1]:5432`)
		}
		host, s = s[1:end], s[end+1:]
		if s == "" {
			return host, "", nil
		}
		if s[0] != ':' || !isPort(s[1:]) {
			return "", "", errors.New(`after "]" only ":" and a port number may follow`)
		}
		return host, s[1:], nil
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", nil
	}
	if !isPort(s[i+1:]) {
		return "", "", errors.New("the port is not a number from 0 to 65535; " + encodeHint)
	}
	return s[:i], s[i+1:], nil
}

func isPort(s string) bool {
	if len(s) > 5 {
		return false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n <= 65535
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			continue
		}
		return false
	}
	return s != ""
}

// String is the URL with its password, and any password among its parameters,
// shown as "xxxxx".
func (u *URL) String() string {
	if u == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(u.Scheme)
	if u.Driver != "" {
		b.WriteByte('+')
		b.WriteString(u.Driver)
	}
	b.WriteString("://")
	if u.User != "" || u.Password != "" || u.HasPassword {
		b.WriteString(url.User(u.User).String())
		if u.Password != "" || u.HasPassword {
			b.WriteString(":" + hidden)
		}
		b.WriteByte('@')
	}
	switch {
	case u.Host == ":memory:":
		b.WriteString(u.Host)
	case strings.Contains(u.Host, ":"):
		b.WriteString("[" + u.Host + "]")
	default:
		b.WriteString(strings.ReplaceAll(url.PathEscape(u.Host), "@", "%40"))
	}
	if u.Port != "" {
		b.WriteString(":" + u.Port)
	}
	b.WriteString((&url.URL{Path: u.Path}).EscapedPath())
	keys := make([]string, 0, len(u.Query))
	for k := range u.Query {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	sep := byte('?')
	for _, k := range keys {
		for _, v := range u.Query[k] {
			if IsSecret(k) {
				v = hidden
			}
			b.WriteByte(sep)
			b.WriteString(url.QueryEscape(k) + "=" + url.QueryEscape(v))
			sep = '&'
		}
	}
	return b.String()
}

// Secrets are the password, if any, and then the values of all parameters that
// hold a secret, as they are, decoded.
func (u *URL) Secrets() []string {
	var out []string
	if u.Password != "" {
		out = append(out, u.Password)
	}
	for k, vs := range u.Query {
		if IsSecret(k) {
			out = append(out, vs...)
		}
	}
	return out
}

// IsSecret reports whether a parameter of that name holds a secret.
func IsSecret(key string) bool {
	k := strings.ToLower(key)
	return strings.Contains(k, "pass") || strings.Contains(k, "pwd") ||
		strings.Contains(k, "secret") || strings.Contains(k, "token")
}

// Redacted is String: the URL without its password.
func (u *URL) Redacted() string { return u.String() }

// GoString is the redacted form, for %#v.
func (u *URL) GoString() string { return "dialect.URL(" + u.String() + ")" }

// MarshalText gives the redacted form, so that no encoder writes the password.
func (u *URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue gives the redacted form to slog.
func (u *URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

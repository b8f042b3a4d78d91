package dialect

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"reflect"
	"syscall"
)

// Translated reports whether err has been translated already.
func Translated(err error) bool {
	for _, kind := range []error{
		ErrUnique, ErrForeignKey, ErrNotNull, ErrCheck, ErrSerialization, ErrDeadlock, ErrLockTimeout,
		ErrConnectionLost, ErrUndefinedTable, ErrValue, ErrReadOnly, ErrCanceled,
		ErrTypeMismatch, ErrDependedOn, ErrExists, ErrRefused,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// IsConnectionLost reports whether err says, without a word of the database,
// that the connection is gone.
func IsConnectionLost(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op)
}

// ErrorField returns the exported string field of that name of the struct that
// err is or points to, or "". Drivers keep a database's detail in such fields;
// no driver is imported here, so they are found by name.
func ErrorField(err error, names ...string) string {
	v := reflect.ValueOf(err)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range names {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
}

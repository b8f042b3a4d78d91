package engine

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"
	"unicode"
	"unicode/utf8"
)

// Args numbers plain values as the arguments of QueryRows, ExecRaw and Conn's
// methods. A sql.NamedArg keeps its name.
func Args(values ...any) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}

// simpleArgs numbers the arguments and reports whether all are values that
// every driver takes as they are, which Dormer's own encoders produce.
func simpleArgs(args []driver.NamedValue) bool {
	for i := range args {
		switch args[i].Value.(type) {
		case nil, int64, float64, bool, string, []byte, time.Time:
		default:
			return false
		}
		if args[i].Name != "" {
			return false
		}
		if args[i].Ordinal != i+1 {
			args[i].Ordinal = i + 1
		}
	}
	return true
}

// convertArgs does to arguments what database/sql does: the statement's or the
// connection's NamedValueChecker, the statement's ColumnConverter, the default
// converter, in that order; st is nil where there is no statement. The caller's
// slice is left alone unless nothing needs converting.
func (s *session) convertArgs(st driver.Stmt, args []driver.NamedValue) ([]driver.NamedValue, error) {
	want := -1
	if st != nil {
		want = st.NumInput()
	}
	if !simpleArgs(args) {
		var err error
		if args, err = s.checkArgs(st, want, args); err != nil {
			return nil, err
		}
	}
	if want != -1 && len(args) != want {
		return nil, fmt.Errorf("expected %d arguments, got %d", want, len(args))
	}
	return args, nil
}

func (s *session) checkArgs(st driver.Stmt, want int, args []driver.NamedValue) ([]driver.NamedValue, error) {
	checker, ok := st.(driver.NamedValueChecker)
	if !ok {
		checker = s.checker
	}
	//lint:ignore SA1019 as database/sql does
	column, _ := st.(driver.ColumnConverter)

	out := make([]driver.NamedValue, 0, len(args))
	for _, arg := range args {
		nv := driver.NamedValue{Name: arg.Name, Ordinal: len(out) + 1, Value: arg.Value}
		if named, ok := nv.Value.(sql.NamedArg); ok {
			nv.Name, nv.Value = named.Name, named.Value
		}
		if r, _ := utf8.DecodeRuneInString(nv.Name); nv.Name != "" && !unicode.IsLetter(r) {
			return nil, fmt.Errorf("name %q of an argument does not begin with a letter", nv.Name)
		}
		err := driver.ErrSkip
		if checker != nil {
			err = checker.CheckNamedValue(&nv)
		}
		if err == driver.ErrSkip && column != nil {
			err = convertColumn(column, want, &nv)
		}
		if err == driver.ErrSkip {
			nv.Value, err = driver.DefaultParameterConverter.ConvertValue(nv.Value)
		}
		switch err {
		case nil:
			out = append(out, nv)
		case driver.ErrRemoveArgument:
		default:
			return nil, fmt.Errorf("converting argument %d of Go type %T: %w", nv.Ordinal, arg.Value, err)
		}
	}
	return out, nil
}

// convertColumn asks a statement's ColumnConverter.
//
//lint:ignore SA1019 as database/sql does
func convertColumn(column driver.ColumnConverter, want int, nv *driver.NamedValue) error {
	index := nv.Ordinal - 1
	if want >= 0 && want <= index {
		return nil // the count is wrong, which the caller reports
	}
	if vr, ok := nv.Value.(driver.Valuer); ok {
		v, err := callValuer(vr)
		if err != nil {
			return err
		}
		if !driver.IsValue(v) {
			return fmt.Errorf("type %T returned from Value is no driver value", v)
		}
		nv.Value = v
	}
	v, err := column.ColumnConverter(index).ConvertValue(nv.Value)
	if err != nil {
		return err
	}
	if !driver.IsValue(v) {
		return fmt.Errorf("the driver's converter gave unsupported type %T", v)
	}
	nv.Value = v
	return nil
}

// callValuer calls Value, and takes a nil pointer whose Value method has a
// value receiver for NULL instead of letting it panic.
func callValuer(vr driver.Valuer) (driver.Value, error) {
	if rv := reflect.ValueOf(vr); rv.Kind() == reflect.Pointer && rv.IsNil() &&
		rv.Type().Elem().Implements(reflect.TypeFor[driver.Valuer]()) {
		return nil, nil
	}
	return vr.Value()
}

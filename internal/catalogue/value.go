package catalogue

import (
	"database/sql/driver"
	"strconv"
)

// Text is a column of a catalogue's row as text, "" for NULL: drivers give
// names and texts as string or []byte.
func Text(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Int is a column of a catalogue's row as a number, 0 for NULL.
func Int(v driver.Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case bool:
		if v {
			return 1
		}
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	case []byte:
		n, _ := strconv.ParseInt(string(v), 10, 64)
		return n
	}
	return 0
}

// Bool is a column of a catalogue's row as a boolean, false for NULL.
func Bool(v driver.Value) bool {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v == "t" || v == "true" || v == "1"
	case []byte:
		return Bool(string(v))
	}
	return false
}

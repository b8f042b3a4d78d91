package sqlite

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// How a list travels: short ones as a parameter a value, longer ones as one JSON
// document, in which blobs, and texts that JSON cannot hold, are hexadecimal.
const (
	listParams uint8 = iota + 1
	listJSON
	listHexBlob
	listHexText
)

// shortList is the longest list that is sent as parameters: drivers bind them in
// time quadratic in their number.
const shortList = 8

// PlanList decides by length and by what the values are.
func (Dialect) PlanList(values []driver.Value, _ *schema.ColumnDef) (dialect.List, error) {
	if len(values) <= shortList {
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
		}
		return dialect.List{Form: listParams, Count: len(args), Args: args}, nil
	}
	form := listForm(values)
	b := make([]byte, 0, 12*len(values)+2)
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v, form)
	}
	return dialect.List{Form: form, Args: []any{string(append(b, ']'))}}, nil
}

// PlanInts is PlanList for whole numbers.
func (Dialect) PlanInts(values []int64, _ *schema.ColumnDef) (form uint8, count int, arg any) {
	if len(values) <= shortList {
		return listParams, len(values), nil
	}
	return listJSON, 0, dialect.IntList('[', values, ']')
}

func listForm(values []driver.Value) uint8 {
	form := listJSON
	for _, v := range values {
		switch v := v.(type) {
		case []byte:
			return listHexBlob
		case string:
			if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
				form = listHexText
			}
		}
	}
	return form
}

func appendJSON(b []byte, v driver.Value, form uint8) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(b, v, 10)
	case bool:
		// SQLite keeps 1 and 0, which is what json_each makes of true and false.
		return strconv.AppendBool(b, v)
	case float64:
		switch {
		case math.IsInf(v, 1):
			return append(b, "9e999"...)
		case math.IsInf(v, -1):
			return append(b, "-9e999"...)
		case math.IsNaN(v):
			return append(b, "null"...) // NaN equals nothing, as NULL does
		}
		b, _ = appendFloat(b, v)
		return b
	case []byte:
		b = append(b, '"')
		b = hex.AppendEncode(b, v)
		return append(b, '"')
	case time.Time:
		b = append(b, '"')
		b = v.UTC().AppendFormat(b, timeLayout)
		return append(b, '"')
	case string:
		if form == listHexText || form == listHexBlob {
			b = append(b, '"')
			b = hex.AppendEncode(b, []byte(v))
			return append(b, '"')
		}
		if plain(v) {
			b = append(b, '"')
			b = append(b, v...)
			return append(b, '"')
		}
		q, _ := json.Marshal(v) // a valid string has a JSON form
		return append(b, q...)
	}
	return append(b, "null"...)
}

// plain reports whether a text stands in JSON as it is.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// AppendIn writes x IN (?, …) or x IN (SELECT … FROM json_each(?)).
func (Dialect) AppendIn(c *dialect.Compiler, n *expr.InNode, l dialect.List) error {
	if err := c.Operand(n.X); err != nil {
		return err
	}
	if n.Not {
		c.Text(" NOT")
	}
	c.Text(" IN (")
	switch l.Form {
	case listJSON:
		c.Text("SELECT value FROM json_each(")
	case listHexBlob:
		c.Text("SELECT unhex(value) FROM json_each(")
	case listHexText:
		c.Text("SELECT CAST(unhex(value) AS TEXT) FROM json_each(")
	}
	for i, a := range l.Args {
		if i > 0 {
			c.Text(", ")
		}
		if err := c.Placeholder(a); err != nil {
			return err
		}
	}
	if l.Form != listParams {
		c.Text(")")
	}
	c.Text(")")
	return nil
}

// PlanRows passes few values as parameters and more as one JSON document of rows.
// Count is the number of rows in the first form; in the other it tells how each
// column travels, two bits each from the first column on.
func (d Dialect) PlanRows(values [][]driver.Value, _ []*schema.ColumnDef) (dialect.List, error) {
	rows := len(values[0])
	if rows*len(values) <= shortList || len(values) > maxJSONRow {
		args := make([]any, 0, rows*len(values))
		for i := range rows {
			for _, vs := range values {
				args = append(args, vs[i])
			}
		}
		return dialect.List{Form: listParams, Count: rows, Args: args}, nil
	}
	forms := make([]uint8, len(values))
	count := 0
	for i, vs := range values {
		forms[i] = listForm(vs)
		count |= int(forms[i]-listJSON) << (2 * i)
	}
	b := make([]byte, 0, 24*rows+2)
	b = append(b, '[')
	for i := range rows {
		for j, vs := range values {
			switch {
			case j > 0:
				b = append(b, ',')
			case i > 0:
				b = append(b, ",["...)
			default:
				b = append(b, '[')
			}
			b = appendJSON(b, vs[i], forms[j])
		}
		b = append(b, ']')
	}
	return dialect.List{Form: listJSON, Count: count, Args: []any{string(append(b, ']'))}}, nil
}

// maxJSONRow is the number of columns whose forms a List's Count tells.
const maxJSONRow = 15

// AppendRowIn writes VALUES (?, …), … or SELECT … FROM json_each(?).
func (Dialect) AppendRowIn(c *dialect.Compiler, n *expr.RowInNode, l dialect.List) error {
	if l.Form == listParams {
		for i, a := range l.Args {
			switch {
			case i == 0:
				c.Text("VALUES (")
			case i%len(n.Columns) == 0:
				c.Text("), (")
			default:
				c.Text(", ")
			}
			if err := c.Placeholder(a); err != nil {
				return err
			}
		}
		c.Text(")")
		return nil
	}
	for i := range n.Columns {
		if i == 0 {
			c.Text("SELECT ")
		} else {
			c.Text(", ")
		}
		at := "value ->> " + strconv.Itoa(i)
		switch uint8(l.Count>>(2*i)&3) + listJSON {
		case listHexBlob:
			at = "unhex(" + at + ")"
		case listHexText:
			at = "CAST(unhex(" + at + ") AS TEXT)"
		}
		c.Text(at)
	}
	c.Text(" FROM json_each(")
	if err := c.Placeholder(l.Args[0]); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

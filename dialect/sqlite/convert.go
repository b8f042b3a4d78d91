package sqlite

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// Conversion is the value of a column in a table that is rebuilt with another type
// for it. SQLite's own CAST makes 0 of a text that is no number: a value that does
// not come through fails here instead. What the stored form of both types is
// is copied as it is, "".
func (d Dialect) Conversion(from, to *schema.ColumnDef) (string, error) {
	was, is := keptAs(&from.Type), keptAs(&to.Type)
	x := string(d.AppendQuoted(nil, from.Name))
	table := ""
	if to.Table != nil {
		table = to.Table.QualifiedName() + "."
	}
	no, err := d.Refusal(fmt.Sprintf("column %s%s: a value cannot be converted to %s: change it before, or say how by Using", table, to.Name, says(&to.Type, is)))
	if err != nil {
		return "", err
	}
	ok, value := conversion(x, was, is, &from.Type, &to.Type)
	switch {
	case value == "":
		return "", fmt.Errorf("sqlite: column %s%s: values of the type %s are not converted to %s by themselves: say how by Using",
			table, to.Name, says(&from.Type, was), says(&to.Type, is))
	case ok == "" && value == x:
		return "", nil
	case ok == "":
		return value, nil
	}
	return "CASE WHEN " + x + " IS NULL THEN NULL WHEN " + ok + " THEN " + value + " ELSE " + no + " END", nil
}

func says(t *schema.Type, k schema.Kind) string {
	switch {
	case t.Custom != "":
		return t.Custom
	case t.Kind == schema.TextKind && t.Size > 0:
		return "text of " + strconv.Itoa(t.Size)
	case t.Kind == schema.DecimalKind && t.Precision > 0:
		return fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)
	}
	return k.String()
}

// keptAs is the kind of values that a column holds. Of a type spelled by hand it
// goes by the affinity that SQLite sees in it; InvalidKind is that of any number.
func keptAs(t *schema.Type) schema.Kind {
	if t.Custom == "" {
		return t.Kind
	}
	s := strings.ToUpper(t.Custom)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return schema.Int64Kind
	case has("CHAR", "CLOB", "TEXT"):
		return schema.TextKind
	case has("BLOB"):
		return schema.BytesKind
	case has("REAL", "FLOA", "DOUB"):
		return schema.Float64Kind
	}
	return schema.InvalidKind
}

func isInt(k schema.Kind) bool {
	return k == schema.Int16Kind || k == schema.Int32Kind || k == schema.Int64Kind
}

func isFloat(k schema.Kind) bool { return k == schema.Float32Kind || k == schema.Float64Kind }

// isText says that values are text that can be any.
func isText(k schema.Kind) bool { return k == schema.TextKind || k == schema.EnumKind }

// conversion is the condition for a value to be converted, "" for none, and what
// it becomes, "" if there is no conversion.
func conversion(x string, was, is schema.Kind, from, to *schema.Type) (ok, value string) {
	switch {
	case was == schema.InvalidKind || is == schema.InvalidKind:
		return "", x
	case isText(is):
		return toText(x, was, to)
	case isInt(is):
		return toInt(x, was, is)
	case isFloat(is):
		if isInt(was) || isFloat(was) || isText(was) || was == schema.DecimalKind {
			return isNumber(x), "CAST(" + x + " AS REAL)"
		}
	case is == schema.DecimalKind:
		return toDecimal(x, was, from, to)
	case is == was:
		return "", x
	case is == schema.BoolKind:
		return toBool(x, was)
	case is == schema.TimeKind && isText(was):
		return toTime(x)
	case is == schema.UUIDKind && isText(was):
		h := "[0-9a-f]"
		pattern := strings.Join([]string{strings.Repeat(h, 8), strings.Repeat(h, 4), strings.Repeat(h, 4), strings.Repeat(h, 4), strings.Repeat(h, 12)}, "-")
		return "lower(trim(" + x + ")) GLOB '" + pattern + "'", "lower(trim(" + x + "))"
	case is == schema.JSONKind && (isText(was) || was == schema.ArrayKind):
		return "json_valid(" + x + ")", x
	case is == schema.BytesKind && isText(was):
		return "", "CAST(" + x + " AS BLOB)"
	}
	return "", ""
}

// isNumber holds for a number or a text that is one: compared with a number, SQLite
// reads a text as one if it is one from its beginning to its end.
func isNumber(x string) string {
	return "CAST(" + x + " AS NUMERIC) = " + x
}

func toText(x string, was schema.Kind, to *schema.Type) (ok, value string) {
	value = x
	switch {
	case was == schema.BytesKind:
		ok, value = isUTF8(x), "CAST("+x+" AS TEXT)"
	case was == schema.BoolKind:
		value = "CASE WHEN " + x + " THEN 'true' WHEN NOT " + x + " THEN 'false' END"
	case isInt(was):
		value = "CAST(" + x + " AS TEXT)"
	case isFloat(was):
		// Not all versions write all digits of their own accord.
		text := "CAST(" + x + " AS TEXT)"
		value = "CASE WHEN CAST(" + text + " AS REAL) = " + x + " THEN " + text + " ELSE printf('%!.17g', " + x + ") END"
	}
	if to.Size > 0 && to.Custom == "" {
		fits := "length(" + value + ") <= " + strconv.Itoa(to.Size)
		if ok != "" {
			fits = ok + " AND " + fits
		}
		ok = fits
	}
	return ok, value
}

// isUTF8 holds for bytes that are text, which SQLite's CAST does not ask: those of
// ASCII at one look, others if steps of some characters each lead to their end. The
// steps look into a part of a piece of the value: to read all of a long one, or to
// take it along, at each of them would take for ever. A text has no zero byte:
// functions would stop there. In a column of bytes may also stand what is no blob.
func isUTF8(x string) string {
	const (
		part, piece = 400, 1 << 15
		most        = 24 // bytes of a step
		any, tail   = "[0-9A-F]", "[89AB][0-9A-F]"
		in          = "dormer_at - dormer_from"
	)
	within := fmt.Sprintf("CASE WHEN "+in+" < %d THEN ", part)
	step := ""
	for _, n := range []struct {
		bytes, times int
		pattern      string
	}{
		{1, 16, "[0-7]" + any}, {3, 8, "E[1-9A-CEF]" + tail + tail}, {2, 8, "D" + any + tail}, {1, 4, "[0-7]" + any},
		{1, 1, "[0-7]" + any},
		{2, 1, "C[2-9A-F]" + tail}, {2, 1, "D" + any + tail},
		{3, 1, "E0[AB]" + any + tail}, {3, 1, "E[1-9A-CEF]" + tail + tail}, {3, 1, "ED[89]" + any + tail},
		{4, 1, "F0[9AB]" + any + tail + tail}, {4, 1, "F[1-3]" + tail + tail + tail}, {4, 1, "F48" + any + tail + tail},
	} {
		bytes := n.bytes * n.times
		step += fmt.Sprintf(" WHEN CAST(substr(dormer_hex, 2 * ("+in+") + 1, %d) AS TEXT) GLOB '%s' THEN %d", 2*bytes, strings.Repeat(n.pattern, n.times), bytes)
	}
	hex := func(from string) string {
		return fmt.Sprintf("CAST(hex(substr(dormer_piece, %s + 1, %d)) AS BLOB)", from, part+most)
	}
	// Where no step leads on there is a NULL; a character that a piece cuts is in the
	// next one, which begins with it.
	walk := "(WITH RECURSIVE dormer_walk(dormer_at, dormer_from, dormer_hex) AS (SELECT 0, 0, " + hex("0") + " UNION ALL SELECT " +
		within + "dormer_at + CASE" + step + " END ELSE dormer_at END, " +
		within + "dormer_from ELSE dormer_at END, " +
		within + "dormer_hex ELSE " + hex("dormer_at") + " END" +
		" FROM dormer_walk WHERE dormer_at IS NOT NULL) SELECT max(dormer_at) FROM dormer_walk)"
	steps := "(WITH RECURSIVE dormer_pieces(dormer_begin, dormer_piece) AS (SELECT 1, NULL UNION SELECT" +
		" CASE WHEN dormer_piece IS NULL THEN dormer_begin ELSE dormer_begin + " + walk + " END," +
		" CASE WHEN dormer_piece IS NULL THEN substr(" + x + ", dormer_begin, " + strconv.Itoa(piece) + ") END" +
		" FROM dormer_pieces WHERE dormer_begin <= length(" + x + ")) SELECT max(dormer_begin) FROM dormer_pieces) = length(" + x + ") + 1"
	return "(typeof(" + x + ") <> 'blob' OR instr(" + x + ", x'00') = 0 AND (CAST(" + x + " AS TEXT) NOT GLOB '*[^' || char(1) || '-' || char(127) || ']*' OR " + steps + "))"
}

// bounds are the smallest and greatest of the whole numbers of a kind.
var bounds = map[schema.Kind][2]string{
	schema.Int16Kind: {"-32768", "32767"},
	schema.Int32Kind: {"-2147483648", "2147483647"},
}

// toInt takes what is a whole number already: what would have to be rounded is
// refused.
func toInt(x string, was, is schema.Kind) (ok, value string) {
	value = "CAST(" + x + " AS INTEGER)"
	switch {
	case was == schema.BoolKind:
		return "", x
	case isInt(was):
		value = x
	case isFloat(was), isText(was), was == schema.DecimalKind:
		ok = value + " = " + x
	default:
		return "", ""
	}
	if b, small := bounds[is]; small && was != schema.Int16Kind && was != is {
		within := value + " BETWEEN " + b[0] + " AND " + b[1]
		if ok != "" {
			within = ok + " AND " + within
		}
		ok = within
	}
	return ok, value
}

func toBool(x string, was schema.Kind) (ok, value string) {
	switch {
	case isInt(was):
		return "", x + " <> 0"
	case isText(was):
		word := "lower(trim(" + x + "))"
		yes := "('t', 'true', 'y', 'yes', 'on', '1')"
		return word + " IN ('t', 'true', 'y', 'yes', 'on', '1', 'f', 'false', 'n', 'no', 'off', '0')", word + " IN " + yes
	}
	return "", ""
}

// toTime keeps what has the stored form and reads what SQLite can, which knows
// thousandths of a second: what has more digits is refused.
func toTime(x string) (ok, value string) {
	d := "[0-9]"
	date := strings.Repeat(d, 4) + "-" + d + d + "-" + d + d
	full := date + " " + d + d + ":" + d + d + ":" + d + d + "." + strings.Repeat(d, 6)
	return x + " GLOB '" + date + "*' AND datetime(" + x + ") IS NOT NULL AND (" + x + " GLOB '" + full + "' OR " + x + " NOT GLOB '*." + d + d + d + d + "*')",
		"CASE WHEN " + x + " GLOB '" + full + "' THEN " + x + " ELSE strftime('%Y-%m-%d %H:%M:%f', " + x + ") || '000' END"
}

// toDecimal writes as many digits after the point as the column has, and none before
// it that do not count, but one. Digits beyond them are rounded off a floating-point
// number and must be zeros elsewhere.
func toDecimal(x string, was schema.Kind, from, to *schema.Type) (ok, value string) {
	scale, point := to.Scale, "."
	if scale == 0 {
		point = ""
	}
	zeros := strings.Repeat("0", scale)
	switch {
	case isInt(was):
		value = "CAST(" + x + " AS TEXT) || '" + point + zeros + "'"
	case isFloat(was):
		ok, value = "abs("+x+") < 1e15", fmt.Sprintf("printf('%%.%df', %s)", scale, x)
	case was == schema.DecimalKind && from.Custom == "" && from.Precision == to.Precision && from.Scale == scale:
		return "", x
	case was == schema.DecimalKind && to.Precision == 0:
		return "", x
	case isText(was) || was == schema.DecimalKind:
		if to.Precision == 0 {
			return isNumber(x) + " AND " + x + " NOT GLOB '*[^0-9.-]*'", x
		}
		// digits are those from the first that counts, pointed has a point in it,
		// at is where it stands.
		digits := "ltrim(" + x + ", '-0')"
		pointed := "(" + digits + " || CASE WHEN instr(" + digits + ", '.') THEN '' ELSE '.' END)"
		at := "instr(" + pointed + ", '.')"
		ok = isNumber(x) + " AND " + x + " NOT GLOB '*[^0-9.-]*' AND " + x + " GLOB '*[0-9]*' AND rtrim(substr(" + pointed + ", " + at + " + 1 + " + strconv.Itoa(scale) + "), '0') = ''" +
			" AND " + at + " <= " + strconv.Itoa(to.Precision-scale+1)
		value = "CASE WHEN " + x + " GLOB '-*[1-9]*' THEN '-' ELSE '' END || CASE WHEN " + at + " = 1 THEN '0' ELSE '' END || "
		if scale == 0 {
			return ok, value + "substr(" + pointed + ", 1, " + at + " - 1)"
		}
		return ok, value + "substr(" + pointed + " || '" + zeros + "', 1, " + at + " + " + strconv.Itoa(scale) + ")"
	default:
		return "", ""
	}
	if to.Precision > 0 {
		fits := "abs(CAST(" + x + " AS REAL)) < 1e" + strconv.Itoa(to.Precision-scale)
		if ok != "" {
			fits = ok + " AND " + fits
		}
		ok = fits
	}
	return ok, value
}

package migrate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// narrows says what a conversion between types may lose, "" for nothing. What a
// type spelled by hand holds is not known but for the common names: a change from
// or to another counts as one that may lose.
func narrows(from, to schema.Type) string {
	if spelling(from) != "" && spelling(from) == spelling(to) {
		return ""
	}
	was, is := resolved(from), resolved(to)
	switch {
	case was.Custom != "" && was.Custom == is.Custom,
		was.Custom != "" && is.Custom == "" && is.Kind == schema.TextKind && slices.Contains(inText, was.Custom),
		was.Custom == "date" && (is.Custom == "timestamp" || is.Custom == "" && is.Kind == schema.TimeKind):
		return ""
	case was.Custom != "" || is.Custom != "":
		return cannotHold(to)
	case was.Kind == schema.ArrayKind && is.Kind == schema.ArrayKind:
		if (was.Elem.Kind == schema.BytesKind) != (is.Elem.Kind == schema.BytesKind) {
			return cannotHold(*to.Elem) // the database writes bytes in its own form
		}
		return narrows(*was.Elem, *is.Elem)
	}
	return rounds(was, is)
}

func cannotHold(t schema.Type) string {
	name := t.Custom
	if name == "" {
		name = t.Kind.String()
	}
	return "what the type " + name + " cannot hold"
}

// rounds is narrows of types that are known.
func rounds(from, to schema.Type) string {
	number := from.Kind == schema.Float32Kind || from.Kind == schema.Float64Kind || from.Kind == schema.DecimalKind
	whole := from.Kind == schema.Int16Kind || from.Kind == schema.Int32Kind || from.Kind == schema.Int64Kind
	// Databases read numbers out of texts and documents too.
	read := from.Kind == schema.TextKind || from.Kind == schema.JSONKind
	fraction := number && (from.Kind != schema.DecimalKind || from.Scale > 0 || from.Precision == 0) || read
	switch to.Kind {
	case schema.BoolKind:
		if number || whole {
			return "the numbers other than 0 and 1"
		}
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		if fraction && from.Kind != schema.TextKind { // a text with a fraction is refused
			return "the digits after the point"
		}
	case schema.DecimalKind:
		switch {
		case !fraction || from.Kind == schema.DecimalKind && to.Precision == 0:
		case to.Precision > 0 && (from.Kind != schema.DecimalKind || from.Precision == 0 || from.Scale > to.Scale):
			return fmt.Sprintf("the digits after the %dth behind the point", to.Scale)
		case to.Precision == 0 && from.Kind == schema.Float64Kind:
			return "the digits after the fifteenth"
		case to.Precision == 0 && from.Kind == schema.Float32Kind:
			return "the digits after the sixth"
		}
	case schema.Float32Kind:
		if from.Kind == schema.Float64Kind || from.Kind == schema.DecimalKind || from.Kind == schema.Int32Kind || from.Kind == schema.Int64Kind || read {
			return "the digits after the sixth"
		}
	case schema.Float64Kind:
		if from.Kind == schema.DecimalKind && (from.Precision == 0 || from.Precision > 15) || from.Kind == schema.Int64Kind || read {
			return "the digits after the fifteenth"
		}
	case schema.TimeKind:
		if from.Kind == schema.TextKind {
			return "the digits of a second after the sixth, and the time zones,"
		}
	}
	return ""
}

// inText are types without a kind whose values are all there in a text.
var inText = []string{"date", "timestamp", "json", "char"}

// plainNames are the types of one kind that databases call so.
var plainNames = map[string]schema.Kind{
	"bool": schema.BoolKind, "boolean": schema.BoolKind,
	"smallint": schema.Int16Kind, "int2": schema.Int16Kind,
	"int": schema.Int32Kind, "integer": schema.Int32Kind, "int4": schema.Int32Kind,
	"bigint": schema.Int64Kind, "int8": schema.Int64Kind,
	"real": schema.Float32Kind, "float4": schema.Float32Kind,
	"double": schema.Float64Kind, "double precision": schema.Float64Kind, "float": schema.Float64Kind, "float8": schema.Float64Kind,
	"text": schema.TextKind, "varchar": schema.TextKind, "character varying": schema.TextKind, "citext": schema.TextKind,
	"nvarchar": schema.TextKind, "clob": schema.TextKind,
	"bytea": schema.BytesKind, "blob": schema.BytesKind,
	"timestamptz": schema.TimeKind, "timestamp with time zone": schema.TimeKind, "datetime": schema.TimeKind,
	"uuid": schema.UUIDKind, "jsonb": schema.JSONKind,
	"numeric": schema.DecimalKind, "decimal": schema.DecimalKind,
}

var sized = regexp.MustCompile(`^(.*?) ?\( ?([0-9]+) ?(?:, ?([0-9]+) ?)?\)$`)

// spelling is a type spelled by hand in the form in which spellings compare.
func spelling(t schema.Type) string {
	s := strings.Join(strings.Fields(strings.ToLower(t.Custom)), " ")
	return strings.NewReplacer(" (", "(", "( ", "(", " ,", ",", ", ", ",", " )", ")").Replace(s)
}

// resolved is the type of a kind for a spelling that is known, else the same with
// one name for those that mean the same.
func resolved(t schema.Type) schema.Type {
	if t.Custom == "" {
		return t
	}
	s := spelling(t)
	if elem, ok := strings.CutSuffix(s, "[]"); ok {
		return schema.ArrayOf(schema.CustomType(elem))
	}
	if k, ok := plainNames[s]; ok {
		return schema.Type{Kind: k}
	}
	switch s {
	case "timestamp without time zone":
		return schema.CustomType("timestamp")
	case "character", "nchar", "bpchar":
		return schema.CustomType("char")
	}
	if m := sized.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[2]) // too great a number is one that no database takes
		scale, _ := strconv.Atoi(m[3])
		switch k := plainNames[m[1]]; {
		case k == schema.TextKind && m[3] == "":
			return schema.Varchar(n)
		case k == schema.DecimalKind && n > 0:
			return schema.Numeric(n, scale)
		case m[1] == "char" || m[1] == "character" || m[1] == "nchar":
			return schema.CustomType("char")
		}
	}
	return schema.CustomType(s)
}

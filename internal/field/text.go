package field

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

var (
	timeType    = reflect.TypeFor[time.Time]()
	rawJSONType = reflect.TypeFor[json.RawMessage]()
)

// TimeText is t as SQLite keeps it: UTC with six digits of a second, so that
// the order of texts is the order of times.
func TimeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

var timeLayouts = [...]string{
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999-07:00:00", // PostgreSQL, of times before zones were whole minutes
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006-01-02",
	"2006-01-02 15:04:05.999999999 -0700 MST",
}

// ParseTime reads a time in the form of TimeText or one of the forms that
// databases and drivers write.
func ParseTime(s string) (time.Time, error) {
	if t, ok := parseTimeText(s); ok {
		return t, nil
	}
	s, _, _ = strings.Cut(s, " m=") // time.Time's String, as some drivers write it
	s, bc := strings.CutSuffix(s, " BC")
	for _, l := range timeLayouts {
		t, err := time.Parse(l, s)
		if err != nil {
			continue
		}
		if bc { // 1 BC, which is year 0: a time of year 1 seen from the west
			t = time.Date(1-t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		}
		return t, nil
	}
	return time.Time{}, reason("the text is no time")
}

// parseTimeText reads 2006-01-02 15:04:05 with or without a fraction of one to
// nine digits.
func parseTimeText(s string) (time.Time, bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	year, ok0 := digits(s[0:4])
	month, ok1 := digits(s[5:7])
	day, ok2 := digits(s[8:10])
	hour, ok3 := digits(s[11:13])
	minute, ok4 := digits(s[14:16])
	second, ok5 := digits(s[17:19])
	if !ok0 || !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nano := 0
	if len(s) > 19 {
		if s[19] != '.' || len(s) == 20 || len(s) > 29 {
			return time.Time{}, false
		}
		n, ok := digits(s[20:])
		if !ok {
			return time.Time{}, false
		}
		for i := len(s); i < 29; i++ {
			n *= 10
		}
		nano = n
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC)
	return t, t.Day() == day // not the 31st of June
}

func digits(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func uuidText(u [16]byte) string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], u[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], u[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], u[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], u[10:16])
	return string(b[:])
}

func parseUUID(s string) (u [16]byte, err error) {
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		s = s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	}
	if len(s) != 32 {
		return u, reason("the text is no UUID")
	}
	if _, err := hex.Decode(u[:], []byte(s)); err != nil {
		return u, reason("the text is no UUID")
	}
	return u, nil
}

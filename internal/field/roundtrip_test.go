package field

import (
	"database/sql"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/schema"
)

var (
	anyFloat = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}))
	anyText  = rapid.OneOf(
		rapid.SampledFrom([]string{"", "NULL", "null", `"`, `\`, `\\"`, "{}", "{a,b}", ",", "it's", "%_", "日本語", "\u202e", " ", "\n\t", `\x00`}),
		rapid.StringN(0, 20, -1).Filter(func(s string) bool { return !hasByte(s, 0) }),
	)
	shortText = anyText.Filter(func(s string) bool { return len([]rune(s)) <= 20 })
	anyBytes  = rapid.SliceOfN(rapid.Byte(), 0, 12)
	anyUUID   = rapid.Custom(func(t *rapid.T) (u uuid.UUID) {
		copy(u[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
		return u
	})
	anyTime = rapid.Custom(func(t *rapid.T) time.Time {
		// from year 1 to year 9999
		at := time.Unix(rapid.Int64Range(-62135596800, 253402300799-86400).Draw(t, "sec"), rapid.Int64Range(0, 999999999).Draw(t, "nsec"))
		return at.In(time.FixedZone("", rapid.IntRange(-12*3600, 14*3600).Draw(t, "zone")))
	})
	anyPrice = rapid.Custom(func(t *rapid.T) decimal.Decimal {
		return decimal.New(rapid.Int64Range(-999999999999, 999999999999).Draw(t, "price"), -3)
	})
	anyDoc = rapid.Custom(func(t *rapid.T) schema.JSON[doc] {
		return schema.JSON[doc]{V: doc{Name: anyText.Draw(t, "name"), N: rapid.SampledFrom([]any{nil, 1.5, true, "x<>&", []any{"a"}, map[string]any{"k": 1.0}}).Draw(t, "n")}}
	})
	anyAmount = rapid.SampledFrom([]amount{"", "0", "-0.0", "1", "+12.5", "0012.50", "1e3", "-99999999.99"})
)

func hasByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

func orNil[T any](t *rapid.T, g *rapid.Generator[T]) *T {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	return ptr(g.Draw(t, "v"))
}

func orNull[T any](t *rapid.T, g *rapid.Generator[T]) (n sql.Null[T]) {
	if p := orNil(t, g); p != nil {
		n = some(*p)
	}
	return n
}

func draw(t *rapid.T) *all {
	return &all{
		ID: rapid.Int64().Draw(t, "id"), Int: rapid.Int().Draw(t, "int"), I8: rapid.Int8().Draw(t, "i8"), I16: rapid.Int16().Draw(t, "i16"),
		I32: rapid.Int32().Draw(t, "i32"), U: uint(rapid.Uint64Range(0, math.MaxInt64).Draw(t, "u")), U8: rapid.Uint8().Draw(t, "u8"),
		U16: rapid.Uint16().Draw(t, "u16"), U32: rapid.Uint32().Draw(t, "u32"), U64: rapid.Uint64Range(0, math.MaxInt64).Draw(t, "u64"),
		F32: float32(anyFloat.Draw(t, "f32")), F64: anyFloat.Draw(t, "f64"), S: shortText.Draw(t, "s"), B: rapid.Bool().Draw(t, "b"),
		Data: anyBytes.Draw(t, "data"), At: anyTime.Draw(t, "at"), Raw: anyUUID.Draw(t, "raw"), UUID: anyUUID.Draw(t, "uuid"), Key: key16(anyUUID.Draw(t, "key")),
		Status: status(anyText.Draw(t, "status")), Level: level(rapid.Int16().Draw(t, "level")), Blob: anyBytes.Draw(t, "blob"),
		Doc: anyDoc.Draw(t, "doc"), Any: schema.JSON[any]{V: anyDoc.Draw(t, "any").V.N},
		RawJSON: rapid.SampledFrom([]json.RawMessage{json.RawMessage(`null`), json.RawMessage(`{"a":9007199254740993}`), json.RawMessage(`[1,"\\u0000"]`)}).Draw(t, "rawjson"),
		Map:     rapid.MapOf(anyText, rapid.Int()).Draw(t, "map"), Ints: rapid.SliceOf(rapid.Int64()).Draw(t, "ints"), Texts: rapid.SliceOf(anyText).Draw(t, "texts"),
		Bools: rapid.SliceOf(rapid.Bool()).Draw(t, "bools"), Floats: rapid.SliceOf(rapid.Float64()).Draw(t, "floats"), Blobs: rapid.SliceOfN(anyBytes, 0, 3).Draw(t, "blobs"),
		Times: rapid.SliceOfN(anyTime, 0, 3).Draw(t, "times"), UUIDs: rapid.SliceOfN(anyUUID, 0, 3).Draw(t, "uuids"),
		Price: anyPrice.Draw(t, "price"), Amount: anyAmount.Draw(t, "amount"), Enum: rapid.SampledFrom([]status{"", "open", "closed"}).Draw(t, "enum"),
		Point:   point{rapid.Int64().Draw(t, "x"), 2},
		NullStr: sql.NullString{String: "x", Valid: true}, NullID: uuid.NullUUID{UUID: anyUUID.Draw(t, "nullid"), Valid: true},
		PInt: orNil(t, rapid.Int()), PI8: orNil(t, rapid.Int8()), PU64: orNil(t, rapid.Uint64Range(0, math.MaxInt64)), PF64: orNil(t, anyFloat), PS: orNil(t, anyText),
		PB: orNil(t, rapid.Bool()), PData: orNil(t, anyBytes), PAt: orNil(t, anyTime), PUUID: orNil(t, anyUUID), PStatus: orNil(t, rapid.Just(status("s"))),
		PDoc: orNil(t, anyDoc), PTexts: orNil(t, rapid.SliceOf(anyText)), PPrice: orNil(t, anyPrice), PPoint: orNil(t, rapid.Just(point{1, -1})), PEnum: orNil(t, rapid.Just(status("open"))),
		NInt: orNull(t, rapid.Int()), NI8: orNull(t, rapid.Int8()), NF32: orNull(t, rapid.Float32()), NS: orNull(t, anyText), NB: orNull(t, rapid.Bool()), NData: orNull(t, anyBytes),
		NAt: orNull(t, anyTime), NUUID: orNull(t, anyUUID), NDoc: orNull(t, anyDoc), NInts: orNull(t, rapid.SliceOf(rapid.Int64())), NPrice: orNull(t, anyPrice),
	}
}

// equal compares what a program sees, NaN with NaN.
func equal(a, b any) bool {
	return reflect.DeepEqual(denan(reflect.ValueOf(a)), denan(reflect.ValueOf(b)))
}

func denan(v reflect.Value) any {
	switch {
	case !v.IsValid():
		return nil
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return denan(v.Elem())
	case v.CanFloat() && math.IsNaN(v.Float()):
		return "NaN"
	}
	return v.Interface()
}

// Whatever the program puts into an entity comes back from the database, in the
// settled form, and is clean afterwards.
func TestEveryTypeRoundTrips(t *testing.T) {
	for name := range wires {
		l := layoutOf(name)
		for _, textAsBytes := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					e := draw(t)
					got, tracked := l.NewRecord(), l.NewRecord()
					snap := l.NewSnapshot()
					for _, f := range l.Fields {
						v, err := f.Load(PtrOf(e))
						if err != nil {
							t.Fatalf("load %s: %v", f.Col.Field, err)
						}
						if err := f.Settle(PtrOf(e)); err != nil {
							t.Fatalf("settle %s: %v", f.Col.Field, err)
						}
						settled, err := f.Load(PtrOf(e))
						if err != nil || !equal(v, settled) {
							t.Fatalf("%s: settling changed what is written from %v to %v (%v)", f.Col.Field, v, settled, err)
						}
						if err := f.Snapshot(PtrOf(e), snap); err != nil {
							t.Fatalf("snapshot %s: %v", f.Col.Field, err)
						}
						back := asDriver(v, textAsBytes)
						if err := f.Store(got, got, back); err != nil {
							t.Fatalf("store %s: %v", f.Col.Field, err)
						}
						if err := f.StoreSnapshot(got, Add(got, l.SnapshotAt), back); err != nil {
							t.Fatalf("store snapshot %s: %v", f.Col.Field, err)
						}
						if err := f.StoreTracked(tracked, tracked, Add(tracked, l.SnapshotAt), back); err != nil {
							t.Fatalf("store tracked %s: %v", f.Col.Field, err)
						}
						if !equal(f.SnapshotValue(snap), settled) {
							t.Fatalf("%s: the snapshot says %v, the field %v", f.Col.Field, f.SnapshotValue(snap), settled)
						}
					}
					for _, pair := range [][2]Ptr{{tracked, Add(tracked, l.SnapshotAt)}, {got, Add(tracked, l.SnapshotAt)}, {tracked, snap}} {
						if d, err := l.Differs(pair[0], pair[1]); d || err != nil {
							t.Fatalf("what StoreTracked stored differs from what Store and Snapshot did: %v", err)
						}
					}
					g := As[all](got)
					a, b := reflect.ValueOf(e).Elem(), reflect.ValueOf(g).Elem()
					for i, f := range l.Fields {
						for who, p := range map[string]Ptr{"written": PtrOf(e), "read": got} {
							s := snap
							if who == "read" {
								s = Add(got, l.SnapshotAt)
							}
							if changed, err := f.Changed(p, s); changed || err != nil {
								t.Fatalf("%s: the %s entity is dirty: %v %v", f.Col.Field, who, changed, err)
							}
						}
						// A snapshot of the program's own values matches the row as well.
						if changed, err := f.Changed(got, snap); changed || err != nil {
							t.Fatalf("%s: the row differs from what was written: %v %v", f.Col.Field, changed, err)
						}
						x, y := a.Field(i).Interface(), b.Field(i).Interface()
						if n, ok := x.(sql.Null[float32]); ok {
							x, y = n.V, b.Field(i).Interface().(sql.Null[float32]).V
						}
						if !equal(x, y) {
							t.Fatalf("%s: settled %#v, read %#v", f.Col.Field, x, y)
						}
					}
				})
			})
		}
	}
}

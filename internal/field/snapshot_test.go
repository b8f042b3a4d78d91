package field

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func filled() *all {
	return &all{
		ID: 1, Int: -5, I8: 8, I16: 16, I32: 32, U: 1, U8: 8, U16: 16, U32: 32, U64: 64, F32: 1.5, F64: math.NaN(), S: "text", B: true,
		Data: []byte{1, 2}, At: time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC), Raw: [16]byte{1}, UUID: uuid.UUID{2}, Key: key16{3},
		Status: "new", Level: 3, Blob: blob{9}, Doc: schema.JSON[doc]{V: doc{Name: "n", N: []any{1.0}}}, Any: schema.JSON[any]{V: map[string]any{"a": 1.0}},
		RawJSON: []byte(`{"a":1}`), Map: map[string]int{"a": 1}, Ints: []int64{1}, Texts: []string{"a"}, Bools: []bool{true}, Floats: []float64{1},
		Blobs: [][]byte{{1}}, Times: []time.Time{time.Unix(1, 0).UTC()}, UUIDs: []uuid.UUID{{4}}, Price: decimal.New(15, -1), Amount: "1.50", Enum: "open",
		Point: point{1, 2},
		PInt:  ptr(1), PI8: ptr(int8(1)), PU64: ptr(uint64(1)), PF64: ptr(1.5), PS: ptr("p"), PB: ptr(false), PData: ptr([]byte{1}), PAt: ptr(time.Unix(5, 0).UTC()),
		PUUID: ptr(uuid.UUID{5}), PStatus: ptr(status("x")), PDoc: &schema.JSON[doc]{V: doc{Name: "p"}}, PTexts: ptr([]string{"x"}), PPrice: ptr(decimal.New(1, 0)),
		PPoint: &point{3, 4}, PEnum: ptr(status("open")),
		NInt: some(1), NI8: some(int8(1)), NF32: some(float32(1)), NS: some("n"), NB: some(true), NData: some([]byte{1}), NAt: some(time.Unix(6, 0).UTC()),
		NUUID: some(uuid.UUID{6}), NDoc: some(schema.JSON[doc]{V: doc{Name: "n"}}), NInts: some([]int64{1}), NPrice: some(decimal.New(1, 0)),
	}
}

// Each change in place is seen, of the field that was changed and of no other,
// and taken back by Restore.
func TestChangesInPlace(t *testing.T) {
	changes := map[string]func(*all){
		"Int": func(e *all) { e.Int++ }, "I8": func(e *all) { e.I8++ }, "I16": func(e *all) { e.I16++ }, "I32": func(e *all) { e.I32++ },
		"U": func(e *all) { e.U++ }, "U8": func(e *all) { e.U8++ }, "U16": func(e *all) { e.U16++ }, "U32": func(e *all) { e.U32++ }, "U64": func(e *all) { e.U64++ },
		"F32": func(e *all) { e.F32++ }, "F64": func(e *all) { e.F64 = 1 }, "S": func(e *all) { e.S += "x" }, "B": func(e *all) { e.B = !e.B },
		"Data": func(e *all) { e.Data[0]++ }, "At": func(e *all) { e.At = e.At.Add(time.Microsecond) }, "Raw": func(e *all) { e.Raw[15]++ },
		"UUID": func(e *all) { e.UUID[0]++ }, "Key": func(e *all) { e.Key[0]++ }, "Status": func(e *all) { e.Status = "old" }, "Level": func(e *all) { e.Level++ },
		"Blob": func(e *all) { e.Blob[0]++ }, "Doc": func(e *all) { e.Doc.V.N.([]any)[0] = 2.0 }, "Any": func(e *all) { e.Any.V.(map[string]any)["a"] = 2.0 },
		"RawJSON": func(e *all) { e.RawJSON[5] = '2' }, "Map": func(e *all) { e.Map["b"] = 1 }, "Ints": func(e *all) { e.Ints[0]++ }, "Texts": func(e *all) { e.Texts[0] = "" },
		"Bools": func(e *all) { e.Bools[0] = false }, "Floats": func(e *all) { e.Floats[0]++ }, "Blobs": func(e *all) { e.Blobs[0][0]++ },
		"Times": func(e *all) { e.Times[0] = e.Times[0].Add(time.Microsecond) }, "UUIDs": func(e *all) { e.UUIDs[0][0]++ },
		"Price": func(e *all) { e.Price = decimal.New(16, -1) }, "Amount": func(e *all) { e.Amount = "1.51" }, "Enum": func(e *all) { e.Enum = "closed" },
		"Point": func(e *all) { e.Point.X++ }, "NullStr": func(e *all) { e.NullStr.Valid = true }, "NullID": func(e *all) { e.NullID.Valid = true },
		"PInt": func(e *all) { *e.PInt++ }, "PI8": func(e *all) { e.PI8 = nil }, "PU64": func(e *all) { *e.PU64++ }, "PF64": func(e *all) { *e.PF64++ },
		"PS": func(e *all) { *e.PS = "x" }, "PB": func(e *all) { *e.PB = true }, "PData": func(e *all) { (*e.PData)[0]++ }, "PAt": func(e *all) { *e.PAt = time.Time{} },
		"PUUID": func(e *all) { e.PUUID[0]++ }, "PStatus": func(e *all) { *e.PStatus = "" }, "PDoc": func(e *all) { e.PDoc.V.N = true }, "PTexts": func(e *all) { (*e.PTexts)[0] = "y" },
		"PPrice": func(e *all) { *e.PPrice = decimal.Zero }, "PPoint": func(e *all) { e.PPoint.Y = 0 }, "PEnum": func(e *all) { *e.PEnum = "closed" },
		"NInt": func(e *all) { e.NInt.V++ }, "NI8": func(e *all) { e.NI8.Valid = false }, "NF32": func(e *all) { e.NF32.V++ }, "NS": func(e *all) { e.NS.V = "" },
		"NB": func(e *all) { e.NB.V = false }, "NData": func(e *all) { e.NData.V[0]++ }, "NAt": func(e *all) { e.NAt.V = time.Time{} }, "NUUID": func(e *all) { e.NUUID.V[0]++ },
		"NDoc": func(e *all) { e.NDoc.V.V.Name = "" }, "NInts": func(e *all) { e.NInts.V = nil }, "NPrice": func(e *all) { e.NPrice.V = decimal.Zero },
	}
	for name := range wires {
		l := layoutOf(name)
		if len(changes) != len(l.Fields)-1 {
			t.Fatalf("%d changes for %d fields", len(changes), len(l.Fields))
		}
		for changed, change := range changes {
			e, want := filled(), filled()
			p, s := PtrOf(e), l.NewSnapshot()
			for _, f := range l.Fields {
				if err := f.Settle(p); err != nil {
					t.Fatal(err)
				}
				if err := f.Settle(PtrOf(want)); err != nil {
					t.Fatal(err)
				}
				if err := f.Snapshot(p, s); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := l.Differs(p, s); got || err != nil {
				t.Errorf("%s: before any change, Differs is %v, %v", name, got, err)
			}
			change(e)
			if got, err := l.Differs(p, s); !got || err != nil {
				t.Errorf("%s: after a change of %s, Differs is %v, %v", name, changed, got, err)
			}
			for _, f := range l.Fields {
				got, err := f.Changed(p, s)
				if err != nil || got != (f.Col.Field == changed) {
					t.Errorf("%s: after a change of %s, Changed(%s) is %v, %v", name, changed, f.Col.Field, got, err)
				}
			}
			f := l.field(changed)
			if err := f.Restore(p, s); err != nil {
				t.Errorf("restore %s: %v", changed, err)
			}
			if got, err := f.Changed(p, s); got || err != nil {
				t.Errorf("%s: %s is changed after Restore: %v", name, changed, err)
			}
			for i, f := range l.Fields {
				a, b := reflect.ValueOf(e).Elem().Field(i).Interface(), reflect.ValueOf(want).Elem().Field(i).Interface()
				if !equal(a, b) {
					t.Errorf("%s: after Restore of %s, %s is %v, was %v", name, changed, f.Col.Field, a, b)
				}
			}
		}
	}
}

// Restore never writes through a pointer that the program gave: it may be that
// of a variable of its own.
func TestRestoreLeavesTheProgramsVariable(t *testing.T) {
	l := layoutOf("sqlite")
	own := "mine"
	e := &all{PS: ptr("old")}
	f, s := l.field("PS"), l.NewSnapshot()
	if err := f.Snapshot(PtrOf(e), s); err != nil {
		t.Fatal(err)
	}
	e.PS = &own
	if err := f.Restore(PtrOf(e), s); err != nil {
		t.Fatal(err)
	}
	if own != "mine" || *e.PS != "old" {
		t.Errorf("the program's variable is %q, the field %q", own, *e.PS)
	}
}

// Bytes are copied on each way, so that no snapshot changes with the entity.
func TestBytesAreCopied(t *testing.T) {
	l := layoutOf("postgres")
	f, s := l.field("Data"), l.NewSnapshot()
	buf := []byte("abc")
	e := &all{}
	if err := f.Store(PtrOf(e), nil, buf); err != nil {
		t.Fatal(err)
	}
	if err := f.StoreSnapshot(PtrOf(e), s, buf); err != nil {
		t.Fatal(err)
	}
	buf[0] = 'x'
	if string(e.Data) != "abc" || string(f.SnapshotValue(s).([]byte)) != "abc" {
		t.Errorf("the driver's buffer shows through: %q", e.Data)
	}
	e.Data[0] = 'y'
	if string(f.SnapshotValue(s).([]byte)) != "abc" {
		t.Error("the snapshot changed with the entity")
	}
	if err := f.Restore(PtrOf(e), s); err != nil {
		t.Fatal(err)
	}
	e.Data[1] = 'z'
	if string(f.SnapshotValue(s).([]byte)) != "abc" {
		t.Error("the snapshot shares memory with the restored entity")
	}
}

// What the database writes differently is no change.
func TestNormalisedByTheDatabase(t *testing.T) {
	l := layoutOf("postgres")
	for _, c := range []struct {
		field string
		value any
	}{
		{"Doc", []byte(`{"N": {"bb": 1, "a": 1.0}, "Name": "x"}`)},
		{"Any", `[1.50, {"b": 1e2, "a": null}]`},
		{"RawJSON", `{"b": 1, "a": [1, 2]}`},
		{"Map", `{"b": 1, "a": 2}`},
		{"Texts", `{a,"NULL",""}`},
		{"Times", `{"2024-02-29 06:32:03.5+05:30"}`},
		{"Price", []byte("1.5")},
		{"Price", int64(2)},
		{"Price", 2.25},
		{"Amount", "0001.5"},
		{"NPrice", "1.500000"},
		{"Point", []byte("1,2")},
	} {
		f, rec := l.field(c.field), l.NewRecord()
		s := Add(rec, l.SnapshotAt)
		if err := f.Store(rec, rec, c.value); err != nil {
			t.Errorf("%s: %v", c.field, err)
			continue
		}
		if err := f.StoreSnapshot(rec, s, c.value); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time against the form remembered
			if changed, err := f.Changed(rec, s); changed || err != nil {
				t.Errorf("%s read from %v is dirty: %v %v", c.field, c.value, changed, err)
			}
		}
	}
}

// Snapshots and comparisons of plain columns are on the path of every row.
func TestPlainColumnsDoNotAllocate(t *testing.T) {
	l := layoutOf("sqlite")
	e := filled()
	p, s := PtrOf(e), l.NewSnapshot()
	for _, f := range l.Fields {
		if f.Encoded() || f.op == opBytes {
			continue
		}
		if n := testing.AllocsPerRun(100, func() {
			if err := f.Snapshot(p, s); err != nil {
				t.Fatal(err)
			}
			if changed, err := f.Changed(p, s); changed || err != nil {
				t.Fatal(changed, err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", f.Col.Field, n)
		}
	}
}

// A pointer to one entity keeps its slab alive with all that lies in it: the
// cells of nullable columns and what these point to.
func TestSlabsAndTheCollector(t *testing.T) {
	for name := range wires {
		l := layoutOf(name)
		var kept []*all
		for range 20 {
			slab := l.NewSlab()
			for i := range l.SlabSize {
				p := l.At(slab, i)
				e := filled()
				for _, f := range l.Fields {
					v, err := f.Load(PtrOf(e))
					if err != nil {
						t.Fatal(err)
					}
					if s, ok := v.(string); ok {
						v = fmt.Sprint(s) // a copy on the heap
					}
					if err := f.Store(p, p, v); err != nil {
						t.Fatal(err)
					}
					if err := f.StoreSnapshot(p, Add(p, l.SnapshotAt), v); err != nil {
						t.Fatal(err)
					}
				}
				if i == l.SlabSize-1 {
					kept = append(kept, l.Of(p).(*all))
				}
			}
			runtime.GC()
		}
		for range 3 {
			runtime.GC()
			_ = make([][]byte, 1000)
		}
		want := filled()
		for _, f := range l.Fields {
			if err := f.Settle(PtrOf(want)); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range kept {
			a, b := reflect.ValueOf(e).Elem(), reflect.ValueOf(want).Elem()
			for i, f := range l.Fields {
				if !equal(a.Field(i).Interface(), b.Field(i).Interface()) {
					t.Fatalf("%s: %s is %v, want %v", name, f.Col.Field, a.Field(i), b.Field(i))
				}
				if changed, err := f.Changed(PtrOf(e), Add(PtrOf(e), l.SnapshotAt)); changed || err != nil {
					t.Fatalf("%s: %s differs from the snapshot in its record: %v", name, f.Col.Field, err)
				}
			}
		}
	}
}

type small struct {
	ID int64
	A  *string
	B  *int8
}

type smalls struct {
	schema.Table[small]
	ID expr.Column[small, int64]
}

var smallTable = schema.Define("small", func(t *smalls) { schema.Column(t.ID).PrimaryKey() }, schema.In(schema.NewMetadata()))

func TestLayout(t *testing.T) {
	l := New(schema.DefOf(smallTable), wires["sqlite"], reflect.TypeFor[[3]uintptr]())
	if l.SlabSize < 2 || uintptr(l.SlabSize)*l.Record.Size() > maxSlab {
		t.Errorf("a slab of %d records of %d bytes", l.SlabSize, l.Record.Size())
	}
	rec := l.NewRecord()
	e := As[small](rec)
	for i, v := range []any{int64(7), "a", int64(3)} {
		if err := l.Fields[i].Store(rec, rec, v); err != nil {
			t.Fatal(err)
		}
	}
	if e.ID != 7 || *e.A != "a" || *e.B != 3 {
		t.Errorf("stored %+v", e)
	}
	from, to := uintptr(rec), uintptr(rec)+l.Record.Size()
	for _, p := range []Ptr{PtrOf(e.A), PtrOf(e.B)} {
		if uintptr(p) < from || uintptr(p) >= to {
			t.Error("a nullable value lies outside the record")
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		if err := l.Fields[2].Store(rec, rec, int64(3)); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("storing into a cell allocates %v times", n)
	}
}

// Without a state, records hold no snapshot either: for untracked reads.
func TestLayoutWithoutState(t *testing.T) {
	l := New(schema.DefOf(smallTable), wires["sqlite"], nil)
	if tracked := New(schema.DefOf(smallTable), wires["sqlite"], reflect.TypeFor[int]()); l.SlabSize <= tracked.SlabSize {
		t.Errorf("%d records in a slab, with snapshots %d", l.SlabSize, tracked.SlabSize)
	}
	slab := l.NewSlab()
	for i := range l.SlabSize {
		p := l.At(slab, i)
		for j, v := range []any{int64(i), fmt.Sprint(i), int64(i % 100)} {
			if err := l.Fields[j].Store(p, p, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range l.SlabSize {
		if e := As[small](l.At(slab, i)); e.ID != int64(i) || *e.A != fmt.Sprint(i) || *e.B != int8(i%100) {
			t.Fatalf("record %d: %+v", i, e)
		}
	}
}

func TestHugeRecordsHaveSlabsOfOne(t *testing.T) {
	l := New(schema.DefOf(smallTable), wires["sqlite"], reflect.TypeFor[[maxSlab]byte]())
	if l.SlabSize != 1 {
		t.Errorf("SlabSize is %d", l.SlabSize)
	}
}

// A string that was put in anew is no change where its text is the same.
func TestEqualTextElsewhereIsNoChange(t *testing.T) {
	l := layoutOf("sqlite")
	e, s := filled(), l.NewSnapshot()
	for _, f := range l.Fields {
		if err := f.Settle(PtrOf(e)); err != nil {
			t.Fatal(err)
		}
		if err := f.Snapshot(PtrOf(e), s); err != nil {
			t.Fatal(err)
		}
	}
	e.S = strings.Clone(e.S)
	if got, err := l.Differs(PtrOf(e), s); got || err != nil {
		t.Errorf("an equal text: Differs is %v, %v", got, err)
	}
	e.S = "TEXT"
	if got, err := l.Differs(PtrOf(e), s); !got || err != nil {
		t.Errorf("another text of the same length: Differs is %v, %v", got, err)
	}
}

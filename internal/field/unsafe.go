package field

import (
	"bytes"
	"database/sql/driver"
	"math"
	"time"
	"unsafe"

	"github.com/dormer-orm/dormer/schema"
)

// Why the pointer arithmetic here is sound: a Field's offsets come from
// reflect.StructField.Offset of the very struct types that the pointers given
// to its methods point to (the entity type E, the snapshot type and the record
// type of one Layout), so that base+offset lies inside the object and is aligned
// for the field's type; the op was chosen from that field's reflect.Kind, so the
// typed pointer has the field's type or one of the same memory layout; and every
// address is formed by unsafe.Add from a live unsafe.Pointer in one expression,
// which keeps the object alive and passes -d=checkptr.

// Ptr is a pointer to an entity, a snapshot or a record.
type Ptr = unsafe.Pointer

// Add returns the address off bytes into the object at p.
func Add(p Ptr, off uintptr) Ptr { return unsafe.Add(p, off) }

// PtrOf returns the pointer to an entity.
func PtrOf[T any](e *T) Ptr { return unsafe.Pointer(e) }

// As returns the typed pointer to what lies at p, which must be a T.
func As[T any](p Ptr) *T { return (*T)(p) }

// value returns the address of the field's value in the entity e, nil where the
// field is NULL.
func (f *Field) value(e Ptr) Ptr {
	p := unsafe.Add(e, f.off)
	switch f.null {
	case schema.NullPointer:
		return *(*unsafe.Pointer)(p)
	case schema.NullStruct:
		if !*(*bool)(unsafe.Add(p, f.valid)) {
			return nil
		}
	}
	return p
}

// target makes the field not NULL and returns the address to store a value at.
// rec is the record that holds e, or nil.
func (f *Field) target(e, rec Ptr) Ptr {
	p := unsafe.Add(e, f.off)
	switch f.null {
	case schema.NullPointer:
		var cell unsafe.Pointer
		if rec != nil && f.cell != 0 {
			cell = unsafe.Add(rec, f.cell)
		} else {
			cell = newValue(f.Col.GoType)
		}
		*(*unsafe.Pointer)(p) = cell
		return cell
	case schema.NullStruct:
		*(*bool)(unsafe.Add(p, f.valid)) = true
	}
	return p
}

// clear makes a nullable field NULL.
func (f *Field) clear(e Ptr) {
	p := unsafe.Add(e, f.off)
	switch f.null {
	case schema.NullPointer:
		*(*unsafe.Pointer)(p) = nil
	case schema.NullStruct:
		f.zero(p)
		*(*bool)(unsafe.Add(p, f.valid)) = false
	}
}

// zero stores Go's zero value at p.
func (f *Field) zero(p Ptr) {
	switch f.op {
	case opBool, opInt8, opUint8:
		*(*uint8)(p) = 0
	case opInt16, opUint16:
		*(*uint16)(p) = 0
	case opInt32, opUint32, opFloat32:
		*(*uint32)(p) = 0
	case opInt64, opUint64, opFloat64:
		*(*uint64)(p) = 0
	case opString:
		*(*string)(p) = ""
	case opBytes:
		*(*[]byte)(p) = nil
	case opTime:
		*(*time.Time)(p) = time.Time{}
	case opUUID:
		*(*[16]byte)(p) = [16]byte{}
	default:
		zeroValue(f.Col.GoType, p)
	}
}

// isZero reports whether Go's zero value lies at p.
func (f *Field) isZero(p Ptr) bool {
	switch f.op {
	case opBool, opInt8, opUint8:
		return *(*uint8)(p) == 0
	case opInt16, opUint16:
		return *(*uint16)(p) == 0
	case opInt32, opUint32:
		return *(*uint32)(p) == 0
	case opInt64, opUint64:
		return *(*uint64)(p) == 0
	case opFloat32:
		return *(*float32)(p) == 0
	case opFloat64:
		return *(*float64)(p) == 0
	case opString:
		return *(*string)(p) == ""
	case opBytes:
		return *(*[]byte)(p) == nil
	case opTime:
		return (*time.Time)(p).IsZero()
	case opUUID:
		return *(*[16]byte)(p) == [16]byte{}
	}
	return isZeroValue(f.Col.GoType, p)
}

func (f *Field) plainInt64(p Ptr) int64 { return *(*int64)(p) }

// StorePointer stores a pointer to an entity into the field at p, whose type is a
// pointer to the entity's.
func StorePointer(p, entity Ptr) { *(*unsafe.Pointer)(p) = entity }

// Slice returns pointers to entities as pointers of their own type.
func Slice[T any](ps []Ptr) []*T {
	if len(ps) == 0 {
		return []*T{}
	}
	return unsafe.Slice((**T)(unsafe.Pointer(unsafe.SliceData(ps))), len(ps))
}

// Ptrs returns pointers to entities without their type.
func Ptrs[T any](es []*T) []Ptr {
	return unsafe.Slice((*Ptr)(unsafe.Pointer(unsafe.SliceData(es))), len(es))
}

// integer reads the integer at p; ok is false where it exceeds int64.
func (f *Field) integer(p Ptr) (n int64, ok bool) {
	switch f.op {
	case opInt8:
		return int64(*(*int8)(p)), true
	case opInt16:
		return int64(*(*int16)(p)), true
	case opInt32:
		return int64(*(*int32)(p)), true
	case opInt64:
		return *(*int64)(p), true
	case opUint8:
		return int64(*(*uint8)(p)), true
	case opUint16:
		return int64(*(*uint16)(p)), true
	case opUint32:
		return int64(*(*uint32)(p)), true
	case opUint64:
		u := *(*uint64)(p)
		return int64(u), u <= 1<<63-1
	}
	return 0, false
}

// putInteger stores n at p; ok is false where it does not fit.
func (f *Field) putInteger(p Ptr, n int64) (ok bool) {
	switch f.op {
	case opInt8:
		*(*int8)(p) = int8(n)
		return int64(int8(n)) == n
	case opInt16:
		*(*int16)(p) = int16(n)
		return int64(int16(n)) == n
	case opInt32:
		*(*int32)(p) = int32(n)
		return int64(int32(n)) == n
	case opInt64:
		*(*int64)(p) = n
		return true
	case opUint8:
		*(*uint8)(p) = uint8(n)
		return int64(uint8(n)) == n
	case opUint16:
		*(*uint16)(p) = uint16(n)
		return int64(uint16(n)) == n
	case opUint32:
		*(*uint32)(p) = uint32(n)
		return int64(uint32(n)) == n
	case opUint64:
		*(*uint64)(p) = uint64(n)
		return n >= 0
	}
	return false
}

// typed reads the value at p, which the op says the type of.
func (f *Field) typedString(p Ptr) string   { return *(*string)(p) }
func (f *Field) typedBytes(p Ptr) []byte    { return *(*[]byte)(p) }
func (f *Field) typedBool(p Ptr) bool       { return *(*bool)(p) }
func (f *Field) typedTime(p Ptr) time.Time  { return *(*time.Time)(p) }
func (f *Field) typedUUID(p Ptr) [16]byte   { return *(*[16]byte)(p) }
func (f *Field) putString(p Ptr, s string)  { *(*string)(p) = s }
func (f *Field) putBytes(p Ptr, b []byte)   { *(*[]byte)(p) = b }
func (f *Field) putBool(p Ptr, b bool)      { *(*bool)(p) = b }
func (f *Field) putTime(p Ptr, t time.Time) { *(*time.Time)(p) = t }
func (f *Field) putUUID(p Ptr, u [16]byte)  { *(*[16]byte)(p) = u }

func (f *Field) typedFloat(p Ptr) float64 {
	if f.op == opFloat32 {
		return float64(*(*float32)(p))
	}
	return *(*float64)(p)
}

func (f *Field) putFloat(p Ptr, v float64) {
	if f.op == opFloat32 {
		*(*float32)(p) = float32(v)
		return
	}
	*(*float64)(p) = v
}

// Snapshot copies the field's value from entity e into snapshot s. The error is
// an encoder's.
func (f *Field) Snapshot(e, s Ptr) error {
	p, c := f.value(e), unsafe.Add(s, f.snap)
	if f.null != schema.NotNull {
		*(*bool)(unsafe.Add(s, f.set)) = p != nil
		if p == nil {
			return nil
		}
	}
	switch f.op {
	case opBool, opInt8, opUint8:
		*(*uint8)(c) = *(*uint8)(p)
	case opInt16, opUint16:
		*(*uint16)(c) = *(*uint16)(p)
	case opInt32, opUint32, opFloat32:
		*(*uint32)(c) = *(*uint32)(p)
	case opInt64, opUint64, opFloat64:
		*(*uint64)(c) = *(*uint64)(p)
	case opString:
		*(*string)(c) = *(*string)(p)
	case opBytes:
		*(*[]byte)(c) = bytes.Clone(*(*[]byte)(p))
	case opTime:
		*(*int64)(c) = (*time.Time)(p).UnixMicro()
	case opUUID:
		*(*[16]byte)(c) = *(*[16]byte)(p)
	default:
		v, err := f.codec.encode(f.pointer(p))
		if err != nil {
			return f.valueError(err)
		}
		*(*any)(c) = frozen(v)
	}
	return nil
}

// StoreTracked is Store and then Snapshot, in one go for the forms that drivers
// mostly return.
func (f *Field) StoreTracked(e, rec, s Ptr, v driver.Value) error {
	c := unsafe.Add(s, f.snap)
	switch v := v.(type) {
	case int64:
		if f.op == opInt64 {
			*(*int64)(f.target(e, rec)) = v
			*(*int64)(c) = v
			f.setNull(s, true)
			return nil
		}
	case string:
		if f.op == opString {
			*(*string)(f.target(e, rec)) = v
			*(*string)(c) = v
			f.setNull(s, true)
			return nil
		}
	case []byte:
		if f.op == opString {
			text := string(v)
			*(*string)(f.target(e, rec)) = text
			*(*string)(c) = text
			f.setNull(s, true)
			return nil
		}
	case float64:
		if f.op == opFloat64 {
			*(*float64)(f.target(e, rec)) = v
			*(*float64)(c) = v
			f.setNull(s, true)
			return nil
		}
	case bool:
		if f.op == opBool {
			*(*bool)(f.target(e, rec)) = v
			*(*bool)(c) = v
			f.setNull(s, true)
			return nil
		}
	}
	if err := f.Store(e, rec, v); err != nil {
		return err
	}
	return f.Snapshot(e, s)
}

// watch is what Differs needs of a field, close together.
type watch struct {
	op   op
	null schema.NullForm
	off, valid,
	snap, set uintptr
	f *Field
}

// pair is where a word or a byte of an entity lies, and where its snapshot has it.
type pair struct{ off, snap uint32 }

// glance is what a first look at an entity compares, without asking for types:
// where all of it is equal, so are the fields.
type glance struct {
	words, bytes []pair
}

// add makes the field part of the first look, as far as it can be. Whether the rest
// must be looked at for itself is the result.
func (g *glance) add(f *Field) (enough bool) {
	if f.null != schema.NotNull {
		return false
	}
	size := uintptr(0)
	switch f.op {
	case opBool, opInt8, opUint8:
		g.bytes = append(g.bytes, pair{uint32(f.off), uint32(f.snap)})
		return true
	case opInt64, opUint64, opFloat64:
		size = 8
	case opString: // its header: a string that was put in anew is looked at again
		size = unsafe.Sizeof("")
	case opUUID:
		size = 16
	}
	if size == 0 || (f.off|f.snap|size)%8 != 0 || max(f.off, f.snap) > math.MaxInt32 {
		return false
	}
	for i := uintptr(0); i < size; i += 8 {
		g.words = append(g.words, pair{uint32(f.off + i), uint32(f.snap + i)})
	}
	return true
}

// same reports whether all that is looked at is equal.
func (g *glance) same(e, s Ptr) bool {
	var d uint64
	for _, w := range g.words {
		d |= *(*uint64)(unsafe.Add(e, w.off)) ^ *(*uint64)(unsafe.Add(s, w.snap))
	}
	for _, b := range g.bytes {
		d |= uint64(*(*uint8)(unsafe.Add(e, b.off)) ^ *(*uint8)(unsafe.Add(s, b.snap)))
	}
	return d == 0
}

// Differs reports whether any field of entity e but the computed ones differs
// from snapshot s: Changed for all of them, at a fraction of the time. The error
// is an encoder's.
func (l *Layout) Differs(e, s Ptr) (bool, error) {
	if l.glance.same(e, s) {
		return differ(l.intricate, e, s)
	}
	return differ(l.watched, e, s)
}

// differ reports whether one of the watched fields differs.
func differ(watched []watch, e, s Ptr) (bool, error) {
	for i := range watched {
		w := &watched[i]
		p, c := unsafe.Add(e, w.off), unsafe.Add(s, w.snap)
		if w.null != schema.NotNull {
			set := *(*bool)(unsafe.Add(s, w.set))
			if w.null == schema.NullPointer {
				p = *(*unsafe.Pointer)(p)
				if set != (p != nil) {
					return true, nil
				}
			} else if set != *(*bool)(unsafe.Add(p, w.valid)) {
				return true, nil
			}
			if !set {
				continue
			}
		}
		same := true
		switch w.op {
		case opBool, opInt8, opUint8:
			same = *(*uint8)(c) == *(*uint8)(p)
		case opInt16, opUint16:
			same = *(*uint16)(c) == *(*uint16)(p)
		case opInt32, opUint32, opFloat32:
			same = *(*uint32)(c) == *(*uint32)(p)
		case opInt64, opUint64, opFloat64:
			same = *(*uint64)(c) == *(*uint64)(p)
		case opString:
			same = *(*string)(c) == *(*string)(p)
		case opBytes:
			same = bytes.Equal(*(*[]byte)(c), *(*[]byte)(p))
		case opTime:
			same = *(*int64)(c) == (*time.Time)(p).UnixMicro()
		case opUUID:
			same = *(*[16]byte)(c) == *(*[16]byte)(p)
		default:
			if changed, err := w.f.Changed(e, s); changed || err != nil {
				return changed, err
			}
		}
		if !same {
			return true, nil
		}
	}
	return false, nil
}

// Changed reports whether the field of entity e differs from snapshot s. The
// error is an encoder's.
func (f *Field) Changed(e, s Ptr) (bool, error) {
	p, c := f.value(e), unsafe.Add(s, f.snap)
	if f.null != schema.NotNull {
		if set := *(*bool)(unsafe.Add(s, f.set)); set != (p != nil) {
			return true, nil
		} else if !set {
			return false, nil
		}
	}
	switch f.op {
	case opBool, opInt8, opUint8:
		return *(*uint8)(c) != *(*uint8)(p), nil
	case opInt16, opUint16:
		return *(*uint16)(c) != *(*uint16)(p), nil
	case opInt32, opUint32, opFloat32:
		return *(*uint32)(c) != *(*uint32)(p), nil
	case opInt64, opUint64, opFloat64:
		return *(*uint64)(c) != *(*uint64)(p), nil
	case opString:
		return *(*string)(c) != *(*string)(p), nil
	case opBytes:
		return !bytes.Equal(*(*[]byte)(c), *(*[]byte)(p)), nil
	case opTime:
		return *(*int64)(c) != (*time.Time)(p).UnixMicro(), nil
	case opUUID:
		return *(*[16]byte)(c) != *(*[16]byte)(p), nil
	}
	v, err := f.codec.encode(f.pointer(p))
	if err != nil {
		return false, f.valueError(err)
	}
	same, normal := f.codec.same(*(*any)(c), frozen(v))
	if same {
		*(*any)(c) = normal
	}
	return !same, nil
}

// Restore copies the field's value from snapshot s back into entity e.
func (f *Field) Restore(e, s Ptr) error {
	c := unsafe.Add(s, f.snap)
	if f.null != schema.NotNull && !*(*bool)(unsafe.Add(s, f.set)) {
		f.clear(e)
		return nil
	}
	p := f.target(e, nil) // a new cell: the old one may be the program's own variable
	switch f.op {
	case opBool, opInt8, opUint8:
		*(*uint8)(p) = *(*uint8)(c)
	case opInt16, opUint16:
		*(*uint16)(p) = *(*uint16)(c)
	case opInt32, opUint32, opFloat32:
		*(*uint32)(p) = *(*uint32)(c)
	case opInt64, opUint64, opFloat64:
		*(*uint64)(p) = *(*uint64)(c)
	case opString:
		*(*string)(p) = *(*string)(c)
	case opBytes:
		*(*[]byte)(p) = bytes.Clone(*(*[]byte)(c))
	case opTime:
		*(*time.Time)(p) = time.UnixMicro(*(*int64)(c)).UTC()
	case opUUID:
		*(*[16]byte)(p) = *(*[16]byte)(c)
	default:
		return f.codec.decode(f.pointer(p), *(*any)(c))
	}
	return nil
}

// SnapshotValue returns the snapshot's value in the form that travels to the
// driver.
func (f *Field) SnapshotValue(s Ptr) driver.Value {
	c := unsafe.Add(s, f.snap)
	if f.null != schema.NotNull && !*(*bool)(unsafe.Add(s, f.set)) {
		return nil
	}
	switch f.op {
	case opTime:
		return wireTime(f.wire, time.UnixMicro(*(*int64)(c)).UTC())
	case opEncoded:
		return f.thawed(*(*any)(c))
	}
	v, _ := f.wireValue(c)
	return v
}

// setSnapshot stores the encoded form v of an encoded field.
func (f *Field) setSnapshot(s Ptr, v any) { *(*any)(unsafe.Add(s, f.snap)) = v }

// setNull marks the field as NULL or not in snapshot s.
func (f *Field) setNull(s Ptr, set bool) {
	if f.null != schema.NotNull {
		*(*bool)(unsafe.Add(s, f.set)) = set
	}
}

// asInt64 is i, which is what v holds, as an int64, in the memory that v has for it
// where that is as wide.
func asInt64(v any, i int) any {
	if unsafe.Sizeof(i) != unsafe.Sizeof(int64(0)) {
		return int64(i)
	}
	whole := any(int64(0))
	(*[2]unsafe.Pointer)(unsafe.Pointer(&whole))[1] = (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
	return whole
}

package postgres_test

import (
	"fmt"

	"github.com/dormer-orm/dormer/dialect/postgres"
)

func ExampleAppendArrayElem() {
	b := []byte("{")
	for i, v := range []any{int64(1), "a \"quoted\" text", nil, []byte{0xff}} {
		if i > 0 {
			b = append(b, ',')
		}
		b = postgres.AppendArrayElem(b, v)
	}
	fmt.Println(string(append(b, '}')))
	// Output: {1,"a \"quoted\" text",NULL,"\\xff"}
}

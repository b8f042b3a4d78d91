package bench

import (
	"reflect"
	"testing"
)

// TestHandBuildsTheSameText keeps the comparison honest: both sides make the same
// text and the same arguments.
func TestHandBuildsTheSameText(t *testing.T) {
	for _, s := range open(t) {
		texts := map[string]bool{}
		for i := range Shapes {
			w := newSearch(i)
			got, args, err := s.search(w).SQL(s.DB.Dialect())
			if err != nil {
				t.Fatal(err)
			}
			text, want := handText(s.Name != "SQLite", w)
			if got != text || !reflect.DeepEqual(args, want) {
				t.Fatalf("Dormer: %s %v\nby hand: %s %v", got, args, text, want)
			}
			texts[got] = true
		}
		if len(texts) != Shapes {
			t.Errorf("%s: %d texts instead of %d", s.Name, len(texts), Shapes)
		}
	}
}

package bench

import (
	"context"
	"testing"
)

func BenchmarkEager(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		if _, err := s.seedGraph(ctx, 1000); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := s.eager(ctx, 100); err != nil {
				b.Fatal(err)
			}
		}
	})
}

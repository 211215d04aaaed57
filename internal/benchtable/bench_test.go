package main

import "testing"

// BenchmarkItem measures items beside their floors.
func BenchmarkItem(b *testing.B) {
	for _, s := range shapes() {
		ops, err := s.operations()
		if err != nil {
			b.Fatal(err)
		}
		for _, op := range ops {
			for _, half := range []struct {
				name string
				run  func() error
			}{{"floor", op.floor}, {"item", op.item}} {
				b.Run(s.String()+"/"+op.name+"/"+half.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := half.run(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

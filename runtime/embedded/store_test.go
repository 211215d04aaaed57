package embedded

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func eachStore(t *testing.T, test func(t *testing.T, s store)) {
	t.Run("memory", func(t *testing.T) { test(t, newMemoryStore()) })
	t.Run("file", func(t *testing.T) {
		s, err := openFileStore(filepath.Join(t.TempDir(), "db"), false)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}()
		test(t, s)
	})
}

var errGivenUp = errors.New("given up")

// TestStoresAreOrderedAndAtomic runs random transactions on a store and on a
// plain map.
func TestStoresAreOrderedAndAtomic(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			bucket := fmt.Sprint("bucket", round)
			model := map[string]string{}
			key := rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 1, 4, -1)
			for range rapid.IntRange(1, 10).Draw(rt, "transactions") {
				changed := maps.Clone(model)
				fails := rapid.Bool().Draw(rt, "fails")
				err := s.update(func(tx transaction) error {
					for range rapid.IntRange(1, 8).Draw(rt, "changes") {
						k := key.Draw(rt, "key")
						switch rapid.IntRange(0, 5).Draw(rt, "change") {
						case 0, 1, 2:
							v := rapid.StringN(0, 3, -1).Draw(rt, "value")
							changed[k] = v
							if err := tx.put(bucket, []byte(k), []byte(v)); err != nil {
								return err
							}
						case 3, 4:
							delete(changed, k)
							if err := tx.remove(bucket, []byte(k)); err != nil {
								return err
							}
						case 5:
							clear(changed)
							if err := tx.drop(bucket); err != nil {
								return err
							}
						}
						checkBucket(rt, tx, bucket, changed, key.Draw(rt, "from"))
					}
					if fails {
						return errGivenUp
					}
					return nil
				})
				if fails != errors.Is(err, errGivenUp) {
					rt.Fatal(err)
				}
				if !fails {
					model = changed
				}
			}
			err := s.view(func(tx transaction) error {
				checkBucket(rt, tx, bucket, model, key.Draw(rt, "from"))
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
	})
}

func checkBucket(t *rapid.T, tx transaction, bucket string, model map[string]string, from string) {
	all := slices.Sorted(maps.Keys(model))
	for _, k := range all {
		if got := tx.get(bucket, []byte(k)); got == nil || string(got) != model[k] {
			t.Fatalf("get %q: %q, want %q", k, got, model[k])
		}
	}
	if got := tx.get(bucket, []byte("missing")); got != nil {
		t.Fatalf("get of a missing key: %q", got)
	}
	for _, reverse := range []bool{false, true} {
		for _, start := range [][]byte{nil, []byte(from)} {
			var want []string
			for _, k := range all {
				if start == nil || k == from || (k < from) == reverse {
					want = append(want, k)
				}
			}
			if reverse {
				slices.Reverse(want)
			}
			var got []string
			for k, v := range tx.scan(bucket, start, reverse) {
				got = append(got, string(k))
				if string(v) != model[string(k)] {
					t.Fatalf("scan: %q is %q, want %q", k, v, model[string(k)])
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("scan from %q, reverse %t: %q, want %q", start, reverse, got, want)
			}
		}
	}
}

func TestFileIsOpenInOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	first, err := Open(File(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(File(path)); err == nil || !strings.Contains(err.Error(), path+": another engine has it open") {
		t.Errorf("a second engine opened the same file: %v", err)
	}
	directory := t.TempDir()
	if _, err := Open(File(directory)); err == nil || strings.Count(err.Error(), directory) != 1 {
		t.Errorf("a directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(File(path))
	if err != nil {
		t.Fatalf("open after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

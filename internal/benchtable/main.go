// Command benchtable measures the item encryptor beside the floor of each
// operation: the primitives that no implementation of the format can avoid, on
// memory that is already there. It prints a table with the ratios.
//
//	go run ./internal/benchtable [-only TEXT] [-rounds N]
//
// It also measures beacons, the rewriting of a query and the reading of a page.
//
// Floor and item are measured in turns, so that other load on the machine meets
// both alike, and medians of the rounds are shown. Times are those of the clock,
// as `go test -bench` has them. The second ratio is that of processor time, which
// has in it what the garbage collector does beside on another core. The
// benchmarks of this package measure the items with `go test -bench`.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	only := flag.String("only", "", "measure only the items whose suite and name contain this")
	rounds := flag.Int("rounds", 40, "measurements of each operation, at least 4")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 4 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*only, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

func run(only string, rounds int) error {
	fmt.Printf("%s, %s/%s, %d CPUs\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "suite\titem\toperation\tµs\tfloor µs\tratio\tof processor time\tallocations\tfloor\tabove\tbudget\t")
	for _, s := range shapes() {
		if !strings.Contains(s.String(), only) {
			continue
		}
		if err := s.measure(w, rounds); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if only == "" {
		fmt.Println()
		if err := searching(w, rounds); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Println()
	fmt.Fprintln(w, "suite\titem\toperation\tµs\tµs per attribute or KB\t")
	for _, s := range scales() {
		if !strings.Contains(s.String(), only) {
			continue
		}
		if err := s.scale(w, rounds); err != nil {
			return err
		}
	}
	return w.Flush()
}

// measure prints a line for each operation on s.
func (s shape) measure(w *tabwriter.Writer, rounds int) error {
	ops, err := s.operations()
	if err != nil {
		return err
	}
	for _, op := range ops {
		item, floor, ratio, err := inTurns(op, rounds)
		if err != nil {
			return err
		}
		itemAllocs, err := allocations(op.item)
		if err != nil {
			return err
		}
		floorAllocs, err := allocations(op.floor)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1f\t%.1f\t%.2f\t%.2f\t%d\t%d\t%d\t%d\t\n", s.suiteName(), s.name, op.name,
			item.elapsed, floor.elapsed, ratio.elapsed, ratio.processor, itemAllocs, floorAllocs, itemAllocs-floorAllocs, s.budget())
	}
	return nil
}

// budget is how many allocations an operation may make beyond its floor.
func (s shape) budget() int { return 2*(s.attributes+1) + 40 }

// scale prints how an operation's cost follows the size of the item.
func (s shape) scale(w *tabwriter.Writer, rounds int) error {
	ops, err := s.operations()
	if err != nil {
		return err
	}
	per := s.attributes + 1
	if s.binary {
		per = s.size >> 10
	}
	for _, op := range ops {
		item, err := repeat(op.item, max(rounds/4, 4))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1f\t%.2f\t\n", s.suiteName(), s.name, op.name, item.elapsed, item.elapsed/float64(per))
	}
	return nil
}

// roundTime is how long one measurement runs: long enough for garbage
// collections to be part of it, short enough to fit between other load.
const roundTime = 20 * time.Millisecond

// cost is what one call takes, in microseconds, or a ratio of two.
type cost struct{ elapsed, processor float64 }

// inTurns returns the cost of one call of each half of op, and the ratio of the
// two: medians over the rounds.
func inTurns(op operation, rounds int) (item, floor, ratio cost, err error) {
	items, floors, ratios := make([]cost, rounds), make([]cost, rounds), make([]cost, rounds)
	for i := range rounds {
		if floors[i], err = round(op.floor); err != nil {
			return item, floor, ratio, err
		}
		if items[i], err = round(op.item); err != nil {
			return item, floor, ratio, err
		}
		ratios[i] = cost{items[i].elapsed / floors[i].elapsed, items[i].processor / floors[i].processor}
	}
	return median(items), median(floors), median(ratios), nil
}

// repeat returns the cost of one call of f: the median over the rounds.
func repeat(f func() error, rounds int) (cost, error) {
	all := make([]cost, rounds)
	for i := range all {
		var err error
		if all[i], err = round(f); err != nil {
			return cost{}, err
		}
	}
	return median(all), nil
}

func median(all []cost) cost {
	of := func(part func(cost) float64) float64 {
		v := make([]float64, len(all))
		for i := range v {
			v[i] = part(all[i])
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	return cost{of(func(c cost) float64 { return c.elapsed }), of(func(c cost) float64 { return c.processor })}
}

func round(f func() error) (cost, error) {
	before, err := cpuTime()
	if err != nil {
		return cost{}, err
	}
	start := time.Now()
	for n := 1; ; n++ {
		if err := f(); err != nil {
			return cost{}, err
		}
		elapsed := time.Since(start)
		if elapsed < roundTime {
			continue
		}
		after, err := cpuTime()
		if err != nil {
			return cost{}, err
		}
		per := 1e3 * float64(n)
		return cost{float64(elapsed.Nanoseconds()) / per, float64((after - before).Nanoseconds()) / per}, nil
	}
}

// allocations returns how many objects one call of f allocates.
func allocations(f func() error) (int, error) {
	const calls = 50
	if err := f(); err != nil { // fills the pools
		return 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		if err := f(); err != nil {
			return 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return int((after.Mallocs - before.Mallocs) / calls), nil
}

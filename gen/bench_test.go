package gen_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/gen"
)

// benchmarked is a package with ten structs, but for its number.
const benchmarked = `package p%02d

import "time"

//ddbe:table Docs%[1]dx%[2]d
//ddbe:beacon email length=16
//ddbe:beacon phone length=16
//ddbe:compound contact split=. encrypted=email:E-,phone:P-
//ddbe:index contact-index partition=contact
type Doc%[2]d struct {
	TenantID string    ` + "`dynamodbav:\"tenant_id\" ddbe:\"partition,sign\"`" + `
	ID       string    ` + "`dynamodbav:\"id\" ddbe:\"sort,sign\"`" + `
	Email    string    ` + "`dynamodbav:\"email\" ddbe:\"encrypt,sign,beacon=contact\"`" + `
	Phone    string    ` + "`dynamodbav:\"phone\" ddbe:\"encrypt,sign,beacon=contact\"`" + `
	Joined   time.Time ` + "`dynamodbav:\"joined\" ddbe:\"encrypt,sign\"`" + `
	Tags     []string  ` + "`dynamodbav:\"tags\" ddbe:\"encrypt,sign\"`" + `
	Count    int       ` + "`dynamodbav:\"count\" ddbe:\"sign\"`" + `
	Note     *string   ` + "`dynamodbav:\"note,omitempty\" ddbe:\"encrypt,sign\"`" + `
}
`

// benchModule makes a directory of this module with 200 table structs in 20
// packages.
func benchModule(b *testing.B) (dir string) {
	dir, err := os.MkdirTemp("testdata", "bench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	for p := range 20 {
		for s := range 10 {
			path := filepath.Join(dir, fmt.Sprintf("p%02d", p), fmt.Sprintf("doc%d.go", s))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(path, fmt.Appendf(nil, benchmarked, p, s), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	return dir
}

// BenchmarkGenerate generates 200 structs in 20 packages. It shows how long that
// takes in units of the time that go list -export needs for the same packages
// with their generated files, which the go command has compiled before. Both are
// measured in turn.
func BenchmarkGenerate(b *testing.B) {
	for _, unchanged := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "unchanged"}[unchanged], func(b *testing.B) {
			dir := benchModule(b)
			list := func() time.Duration {
				start := time.Now()
				command := exec.CommandContext(b.Context(), "go", "list", "-export", "./...")
				command.Dir = dir
				if out, err := command.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				return time.Since(start)
			}
			var files []gen.File
			generate := func() {
				result, err := gen.Generate(b.Context(), gen.Config{Dir: dir, Patterns: []string{"./..."}})
				if err != nil || len(result.Files) != 40 {
					b.Fatal(err, result)
				}
				files = result.Files
				for _, f := range files {
					if err := f.Write(); err != nil {
						b.Fatal(err)
					}
				}
			}
			generate()
			list()
			var listing time.Duration
			for b.Loop() {
				b.StopTimer()
				listing += list()
				if !unchanged {
					for _, f := range files {
						if err := os.Remove(f.Path); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.StartTimer()
				generate()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(listing), "x-go-list")
		})
	}
}

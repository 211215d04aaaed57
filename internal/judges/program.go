package judges

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"
)

// Program returns the path of a program that .ci/judges installs, given below
// its directory. If it is not installed the test says so and is skipped, or
// fails under DDBE_REQUIRE_JUDGES=1.
func Program(tb testing.TB, program string) string {
	tb.Helper()
	path, err := (&Judge{program: program}).find()
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("DDBE_REQUIRE_JUDGES") == "" {
		// Printed even without -v: a green run must not hide that nobody judged.
		fmt.Fprintf(os.Stderr, "%s: NOT JUDGED by %s: %v (run .ci/judges)\n", tb.Name(), program, err)
		tb.Skipf("%s is not installed: %v", program, err)
	}
	if err != nil {
		tb.Fatalf("find %s: %v", program, err)
	}
	return path
}

// Command vectorcheck runs known answers through the public API of this module.
//
//	vectorcheck check DIR...
//
// reads every JSON file below the directories, runs its vectors and prints a
// line for each family, such as `raw-aes-types 17/17`, followed by the id and the
// reason of each failure, and last `N passed, N failed`. It exits with 1 if a
// vector fails or a family is not known, and with 2 if it cannot do its work.
//
//	vectorcheck seal IN OUT
//
// encrypts the plaintext of every positive item vector of the file or directory
// IN with its own configuration and keyring, and writes files of the same shape
// to OUT, for another implementation to decrypt. It exits with 1 if a vector
// could not be encrypted.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

const usage = `usage: vectorcheck check DIR...
       vectorcheck seal IN OUT
`

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit code: 0 clean, 1 failures, 2 trouble.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	trouble := func(err error) int {
		fmt.Fprintln(stderr, "vectorcheck:", err)
		return 2
	}
	switch {
	case len(args) >= 2 && args[0] == "check":
		clean, err := check(ctx, stdout, args[1:])
		if err != nil {
			return trouble(err)
		}
		if !clean {
			return 1
		}
		return 0
	case len(args) == 3 && args[0] == "seal":
		clean, err := seal(ctx, stdout, args[1], args[2])
		if err != nil {
			return trouble(err)
		}
		if !clean {
			return 1
		}
		return 0
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
}

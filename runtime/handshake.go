package runtime

import "github.com/ddbegen/ddbegen/internal/abi"

// Require is the type in which a generated file states the contract it was
// generated for. A negative constant does not fit in it, which is how a file
// that is too old or too new for this module stops the build.
type Require uint

// The contracts between generated files and this module that it serves.
const (
	OldestGenerated = 1
	NewestGenerated = abi.Generated
)

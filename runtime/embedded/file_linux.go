package embedded

import (
	"syscall"

	"go.etcd.io/bbolt"
)

// releaseAfter is how many bytes of the file are read before their pages are
// given back.
const releaseAfter = 32 << 20

// release gives the pages of the mapped file back to the system, so that the
// process does not seem to hold the whole file. They stay in the system's cache,
// from where they come back when they are read. The file is mapped for reading
// only, so nothing is lost, and while tx lasts it is not mapped anew.
func release(tx *bbolt.Tx) {
	// A failure costs memory and nothing else.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, tx.DB().Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED)
}

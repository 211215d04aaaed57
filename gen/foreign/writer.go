package foreign

import (
	"fmt"
	"io"
)

// Writer writes lines. The first error ends it. It is not safe for concurrent use.
type Writer struct {
	W   io.Writer
	Err error
}

// Line writes a line as [fmt.Printf] does.
func (w *Writer) Line(format string, args ...any) {
	if w.Err == nil {
		_, w.Err = fmt.Fprintf(w.W, format+"\n", args...)
	}
}

package gen

import (
	"fmt"
	"go/token"
	"os"
	"slices"
)

// Edit is a change to a file of the source.
type Edit struct {
	Start, End token.Position
	Text       string
	Message    string // what the change does, for a person
}

// Fixed returns the files of the source with the edits of the diagnostics made.
// Of two that overlap, the first is made: another run finds the other.
func (r *Result) Fixed() ([]File, error) {
	byFile := map[string][]Edit{}
	var names []string
	for _, d := range r.Diagnostics {
		if d.Edit == nil {
			continue
		}
		name := d.Edit.Start.Filename
		if byFile[name] == nil {
			names = append(names, name)
		}
		byFile[name] = append(byFile[name], *d.Edit)
	}
	var files []File
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		edits := byFile[name]
		slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start.Offset - b.Start.Offset })
		var fixed []byte
		done := 0
		for i, e := range edits {
			switch {
			case e.Start.Offset < done || i > 0 && e.Start.Offset == edits[i-1].Start.Offset:
				continue
			case e.End.Offset > len(content):
				return nil, fmt.Errorf("fix %s: it changed while it was being read", name)
			}
			fixed = append(append(fixed, content[done:e.Start.Offset]...), e.Text...)
			done = e.End.Offset
		}
		files = append(files, File{name, append(fixed, content[done:]...)})
	}
	return files, nil
}

package gen

import (
	"bytes"
	"fmt"
	"go/parser"
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

// Fixed returns the files of the source with the edits of the diagnostics made,
// and laid out as gofmt does where they were before. Of two edits that overlap,
// the first is made: another run finds the other.
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
		files = append(files, File{name, laidOut(content, append(fixed, content[done:]...))})
	}
	return files, nil
}

// laidOut lays out what a change of a file to after has left out of line. Lines
// that gofmt would have written otherwise before are left as they are.
func laidOut(before, after []byte) []byte {
	lineEnd := []byte("\n")
	if n := bytes.Count(before, lineEnd); n > 0 && bytes.Count(before, []byte("\r\n")) == n {
		lineEnd = []byte("\r\n")
	}
	old, source := unixLines(before), unixLines(after)
	was, err := format(old)
	is, wrong := format(source)
	if err != nil || wrong != nil {
		return after // the next run reports it
	}
	if !bytes.Equal(was, old) {
		is = keepUnformatted(old, source)
	}
	return bytes.ReplaceAll(is, []byte("\n"), lineEnd)
}

// keepUnformatted lays out those declarations that differ between two versions of
// a file, whose lines are the same but for changes inside of them.
func keepUnformatted(before, after []byte) []byte {
	old, lines := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", after, parser.SkipObjectResolution)
	if err != nil || len(old) != len(lines) {
		return after // unreachable: it could be laid out, and edits have no line ends
	}
	for _, decl := range file.Decls {
		first, last := fset.Position(decl.Pos()).Line-1, fset.Position(decl.End()).Line
		part := lines[first:last]
		was, is := formatLines(old[first:last]), formatLines(part)
		if slices.EqualFunc(part, old[first:last], bytes.Equal) || len(was) != len(part) || len(is) != len(part) {
			continue
		}
		for i := range part {
			if bytes.Equal(old[first+i], was[i]) {
				part[i] = is[i]
			}
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// formatLines lays out the lines of a declaration; nil for what is none.
func formatLines(lines [][]byte) [][]byte {
	formatted, err := format(bytes.Join(lines, []byte("\n")))
	if err != nil {
		return nil
	}
	return bytes.Split(formatted, []byte("\n"))
}

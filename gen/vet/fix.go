package vet

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// The remedies of package schema that leave no choice, as they are worded.
var (
	writeTag   = regexp.MustCompile("^write `ddbe:\"([^\"`]*)\"`")
	addTag     = regexp.MustCompile("^add `ddbe:\"([^\"`]*)\"`")
	meant      = regexp.MustCompile(`did you mean "([\w.-]+)"\?`)
	directive  = regexp.MustCompile(`^write it without the space: (//ddbe:\w+)$`)
	misspelled = regexp.MustCompile(`^\s*ddbe:\w+`)
)

// fixes returns the change to the source that a remedy asks for, if there is
// exactly one.
func fixes(pass *analysis.Pass, d schema.Diagnostic) []analysis.SuggestedFix {
	edit, message, ok := fix(pass, d)
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{{Message: message, TextEdits: []analysis.TextEdit{edit}}}
}

func fix(pass *analysis.Pass, d schema.Diagnostic) (edit analysis.TextEdit, message string, ok bool) {
	if m := writeTag.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = replaceTag(pass, d.Pos, m[1])
		return edit, "Write " + tag.Key + ":" + strconv.Quote(m[1]), ok
	}
	if m := addTag.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = insertTag(pass, d.Pos, tag.Key+":"+strconv.Quote(m[1]))
		return edit, "Add " + tag.Key + ":" + strconv.Quote(m[1]), ok
	}
	if m := directive.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = replaceComment(pass, d.Pos, m[1])
		return edit, "Make it a directive", ok
	}
	if m := meant.FindStringSubmatch(d.Message + " " + d.Fix); m != nil {
		edit, ok = replaceWord(pass, d, m[1])
		return edit, "Write " + m[1], ok
	}
	return edit, "", false
}

// field returns the field of a struct whose name or tag is at a position.
func field(pass *analysis.Pass, at token.Pos) (found *ast.Field) {
	for _, file := range pass.Files {
		if at < file.FileStart || file.FileEnd <= at {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok && f.Pos() <= at && at < f.End() {
				found = f // the innermost is found last
			}
			return n == nil || n.Pos() <= at && at < n.End()
		})
	}
	return found
}

// replaceTag replaces the value of the ddbe tag at a position. In a tag that is
// not a raw string literal the value has escapes, and is left alone.
func replaceTag(pass *analysis.Pass, at token.Pos, value string) (edit analysis.TextEdit, ok bool) {
	f := field(pass, at)
	if f == nil || f.Tag == nil || !strings.HasPrefix(f.Tag.Value, "`") {
		return edit, false
	}
	literal, err := tag.Literal(f.Tag.Value)
	if err != nil { // unreachable: the parser accepted the literal
		return edit, false
	}
	text, ok, _ := literal.Lookup(tag.Key)
	if !ok {
		return edit, false
	}
	span := text.Span(0, len(text.Value))
	base := f.Tag.ValuePos
	return analysis.TextEdit{Pos: base + token.Pos(span.Start), End: base + token.Pos(span.End), NewText: []byte(value)}, true
}

// insertTag adds a key to the tag of the field at a position.
func insertTag(pass *analysis.Pass, at token.Pos, key string) (edit analysis.TextEdit, ok bool) {
	f := field(pass, at)
	switch {
	case f == nil || len(f.Names) > 1:
		return edit, false
	case f.Tag == nil:
		return analysis.TextEdit{Pos: f.Type.End(), End: f.Type.End(), NewText: []byte(" `" + key + "`")}, true
	case strings.HasPrefix(f.Tag.Value, "`"):
		end := f.Tag.End() - 1
		return analysis.TextEdit{Pos: end, End: end, NewText: []byte(" " + key)}, true
	}
	return edit, false
}

// replaceComment makes a directive of the comment at a position.
func replaceComment(pass *analysis.Pass, at token.Pos, verb string) (edit analysis.TextEdit, ok bool) {
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				text, line := strings.CutPrefix(c.Text, "//")
				if old := misspelled.FindString(text); c.Pos() == at && line && old != "" {
					return analysis.TextEdit{Pos: at, End: at + token.Pos(len("//")+len(old)), NewText: []byte(verb)}, true
				}
			}
		}
	}
	return edit, false
}

// replaceWord replaces the word that a diagnostic is about, where the source has
// it as the message quotes it.
func replaceWord(pass *analysis.Pass, d schema.Diagnostic, word string) (edit analysis.TextEdit, ok bool) {
	file := pass.Fset.File(d.Pos)
	content, err := pass.ReadFile(file.Name())
	if err != nil || file.Offset(d.End) > len(content) {
		return edit, false // the diagnostic without its fix is better than none
	}
	old, _, _ := strings.Cut(string(content[file.Offset(d.Pos):file.Offset(d.End)]), "=")
	if !strings.Contains(d.Message, strconv.Quote(old)) {
		return edit, false
	}
	return analysis.TextEdit{Pos: d.Pos, End: d.Pos + token.Pos(len(old)), NewText: []byte(word)}, true
}

package schema

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// The remedies that leave no choice, as they are worded.
var (
	writeTag   = regexp.MustCompile("^write `ddbe:\"([^\"`]*)\"`")
	addTag     = regexp.MustCompile("^add `ddbe:\"([^\"`]*)\"`")
	meant      = regexp.MustCompile(`did you mean "([\w.-]+)"\?`)
	directive  = regexp.MustCompile(`^write it without the space: (//ddbe:\w+)$`)
	spaced     = regexp.MustCompile(`^space around option "([\w.=-]+)"$`)
	misspelled = regexp.MustCompile(`^\s*ddbe:\w+`)
)

// Edit is a change to the source.
type Edit struct {
	Pos, End token.Pos
	Text     string
	Message  string // what the change does, for a person
}

// Edit returns the change to the source that the remedy of d asks for, if there
// is exactly one. Content reads a file of the source. A person decides which of
// two structs is right, and whether what was to be encrypted is not.
func (src Source) Edit(d Diagnostic, content func(name string) ([]byte, error)) (edit Edit, ok bool) {
	if d.Code == TableConflict || d.Code == KeyEncrypted || d.elsewhere {
		return edit, false
	}
	if m := writeTag.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = src.replaceTag(d.Pos, m[1])
		edit.Message = "Write " + tag.Key + ":" + strconv.Quote(m[1])
		return edit, ok
	}
	if m := addTag.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = src.insertTag(d.Pos, tag.Key+":"+strconv.Quote(m[1]))
		edit.Message = "Add " + tag.Key + ":" + strconv.Quote(m[1])
		return edit, ok
	}
	if m := directive.FindStringSubmatch(d.Fix); m != nil {
		edit, ok = src.replaceComment(d.Pos, m[1])
		edit.Message = "Make it a directive"
		return edit, ok
	}
	if m := spaced.FindStringSubmatch(d.Message); m != nil && d.Code == tag.TagSyntax {
		return Edit{Pos: d.Pos, End: d.End, Text: m[1], Message: "Remove the space"}, true
	}
	if d.Fix == "remove one" && strings.HasSuffix(d.Message, " twice") {
		edit, ok = src.removeSecond(d, content)
		edit.Message = "Remove the second one"
		return edit, ok
	}
	if m := meant.FindStringSubmatch(d.Message + " " + d.Fix); m != nil {
		edit, ok = src.replaceWord(d, content, m[1])
		edit.Message = "Write " + m[1]
		return edit, ok
	}
	return edit, false
}

// field returns the field of a struct whose name or tag is at a position.
func (src Source) field(at token.Pos) (found *ast.Field) {
	for _, file := range src.Files {
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

// replaceTag replaces the value of the ddbe tag at a position.
func (src Source) replaceTag(at token.Pos, value string) (edit Edit, ok bool) {
	f := src.field(at)
	if f == nil || f.Tag == nil || strings.Contains(value, `\`) { // which would be read as an escape
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
	return Edit{Pos: base + token.Pos(span.Start), End: base + token.Pos(span.End), Text: value}, true
}

// insertTag adds a key to the tag of the field at a position.
func (src Source) insertTag(at token.Pos, key string) (edit Edit, ok bool) {
	f := src.field(at)
	switch {
	case f == nil || len(f.Names) > 1:
		return edit, false
	case f.Tag == nil:
		return Edit{Pos: f.Type.End(), End: f.Type.End(), Text: " `" + key + "`"}, true
	case strings.HasPrefix(f.Tag.Value, "`"):
		end := f.Tag.End() - 1
		return Edit{Pos: end, End: end, Text: " " + key}, true
	default:
		end := f.Tag.End() - 1
		return Edit{Pos: end, End: end, Text: " " + strings.ReplaceAll(key, `"`, `\"`)}, true
	}
}

// replaceComment makes a directive of the comment at a position.
func (src Source) replaceComment(at token.Pos, verb string) (edit Edit, ok bool) {
	for _, file := range src.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				text, line := strings.CutPrefix(c.Text, "//")
				if old := misspelled.FindString(text); c.Pos() == at && line && old != "" {
					return Edit{Pos: at, End: at + token.Pos(len("//")+len(old)), Text: verb}, true
				}
			}
		}
	}
	return edit, false
}

// written returns what the source says where a diagnostic is, and before that in
// its file.
func (src Source) written(d Diagnostic, read func(name string) ([]byte, error)) (text, before string, ok bool) {
	file := src.Fset.File(d.Pos)
	content, err := read(file.Name())
	if err != nil || file.Offset(d.End) > len(content) {
		return "", "", false // the diagnostic without its fix is better than none
	}
	start := file.Offset(d.Pos)
	return string(content[start:file.Offset(d.End)]), string(content[:start]), true
}

// removeSecond removes a word that is written twice from a list with commas.
func (src Source) removeSecond(d Diagnostic, read func(name string) ([]byte, error)) (edit Edit, ok bool) {
	_, before, ok := src.written(d, read)
	return Edit{Pos: d.Pos - 1, End: d.End}, ok && strings.HasSuffix(before, ",")
}

// replaceWord replaces the word that a diagnostic is about, where the source has
// it as the message quotes it.
func (src Source) replaceWord(d Diagnostic, read func(name string) ([]byte, error), word string) (edit Edit, ok bool) {
	text, _, ok := src.written(d, read)
	if !ok {
		return edit, false
	}
	old, _, _ := strings.Cut(text, "=")
	if !strings.Contains(d.Message, strconv.Quote(old)) {
		return edit, false
	}
	return Edit{Pos: d.Pos, End: d.Pos + token.Pos(len(old)), Text: word}, true
}

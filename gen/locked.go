package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/diff"
	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// LockFile is the code of a lock file that cannot be read.
const LockFile tag.Code = "lock-file"

// Change is a [diff.Change] with its place in the source, or in the lock file
// where the source has none.
type Change struct {
	diff.Change
	Position token.Position
}

// Format writes c with file names relative to dir:
//
//	customer.go:8:2: attribute "email" of table "Customers" was encrypt,sign and is sign: the next write … [LEAK]
//		1. Leave it encrypted; to find items by it, add a //ddbe:beacon on it.
//		accept it with -accept LEAK:Customers.attribute.email
func (c Change) Format(dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s [%s]\n", position(c.Position, dir), c.Message(), c.Class)
	for i, step := range c.Rollout {
		fmt.Fprintf(&b, "\t%d. %s\n", i+1, step)
	}
	switch {
	case c.Accepted:
		b.WriteString("\taccepted by name\n")
	case c.Stops():
		fmt.Fprintf(&b, "\taccept it with -accept %s\n", shellWord(c.Name()))
	}
	return b.String()
}

// shellWord quotes a word for a shell where it must be.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.:/@%+,=", r)
	}
	if strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// lock compares the model in r with the lock file of the package. It adds what
// the lock file should be to the files of r, or leaves r without files where a
// change stops.
func (l *loaded) lock(r *Result, accept []string) error {
	if len(r.Diagnostics) > 0 {
		return nil
	}
	was, problems, err := readLock(l.lockPath())
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		r.Diagnostics, r.Files = problems, nil
		return nil
	}
	now := lock.Of(r.model)
	if was == nil && len(now.Tables) == 0 {
		return nil
	}
	all := diff.Compare(was, now)
	_ = diff.Accept(all, accept) // another package may have the rest of the names
	r.Changes = l.placed(r.model, all)
	var accepted []lock.Accepted
	for _, c := range all {
		if c.Stops() {
			r.Files = nil
			return nil
		}
		if c.Accepted {
			accepted = append(accepted, c.Acceptance())
		}
	}
	content, err := was.Next(now, accepted).Encode()
	if err != nil {
		return fmt.Errorf("write %s: %w", l.lockPath(), err)
	}
	r.Files = append(r.Files, File{l.lockPath(), content})
	return nil
}

func (l *loaded) lockPath() string { return filepath.Join(filepath.Dir(l.output), lock.Name) }

// readLock reads a lock file; it returns nil for one that is not there. What is
// wrong with it is a diagnostic.
func readLock(path string) (*lock.File, []Diagnostic, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return parseLock(path, content)
}

// parseLock reads the content of a lock file. What is wrong with it is a
// diagnostic about the file of this name.
func parseLock(name string, content []byte) (*lock.File, []Diagnostic, error) {
	f, err := lock.Parse(content)
	if problem := (*lock.ParseError)(nil); errors.As(err, &problem) {
		return nil, []Diagnostic{{
			Position: token.Position{Filename: name, Line: problem.Line, Column: 1},
			Code:     LockFile, Message: "the lock file cannot be read: " + problem.Message, Fix: problem.Fix,
		}}, nil
	}
	return f, nil, err
}

// placed finds the places of changes, and sorts them by these.
func (l *loaded) placed(model *schema.Package, all []diff.Change) []Change {
	var changes []Change
	for _, c := range all {
		at := token.Position{Filename: l.lockPath(), Line: 1, Column: 1}
		if pos := l.place(model, c); pos.IsValid() {
			at = l.source.Fset.Position(pos)
		}
		changes = append(changes, Change{c, at})
	}
	sortChanges(changes)
	return changes
}

// place returns where the source says what a change is about: at the field, at
// the directive, or else at the struct. It is not valid for a table that is gone.
func (l *loaded) place(model *schema.Package, c diff.Change) token.Pos {
	at := token.NoPos
	for _, s := range model.Structs {
		if s.Table.LogicalName != c.Table && (c.Kind != "table" || s.Table.LogicalName != c.Now) {
			continue
		}
		o := model.Types.Scope().Lookup(s.Name)
		if !at.IsValid() || c.Kind == "struct" && c.Subject == s.Name || c.Kind == "field" && strings.HasPrefix(c.Subject, s.Name+".") {
			at = o.Pos()
		}
		if pos := fieldPlace(s, o, c); pos.IsValid() {
			return pos
		}
		if pos := l.directivePlace(s.Name, c); pos.IsValid() {
			return pos
		}
	}
	return at
}

// fieldPlace returns where the field of a changed attribute is declared.
func fieldPlace(s *schema.Struct, o types.Object, c diff.Change) token.Pos {
	subject, in := c.Subject, c.Kind == "attribute"
	if c.Kind == "field" {
		subject, in = strings.CutPrefix(c.Subject, s.Name+".")
	}
	if !in {
		return token.NoPos
	}
	for _, a := range s.Attributes {
		if rest, ok := strings.CutPrefix(subject, a.Name); !ok || rest != "" && !strings.ContainsRune(".[{", rune(rest[0])) {
			continue
		}
		if field, _, _ := types.LookupFieldOrMethod(o.Type(), true, o.Pkg(), a.GoName); field != nil {
			return field.Pos()
		}
	}
	return token.NoPos
}

// directivePlace returns where a changed beacon, index or the like is written.
func (l *loaded) directivePlace(structName string, c diff.Change) token.Pos {
	for _, file := range l.source.Files {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range decl.Specs {
				spec, ok := s.(*ast.TypeSpec)
				if !ok || spec.Name.Name != structName {
					continue
				}
				if pos := directiveIn(c, decl.Doc, spec.Doc); pos.IsValid() {
					return pos
				}
			}
		}
	}
	return token.NoPos
}

func directiveIn(c diff.Change, docs ...*ast.CommentGroup) token.Pos {
	for _, doc := range docs {
		if doc == nil {
			continue
		}
		for _, comment := range doc.List {
			if !strings.HasPrefix(comment.Text, tag.DirectivePrefix) {
				continue
			}
			d, _ := tag.ParseDirective(comment.Text)
			if word, ok := subject(d, c); ok {
				return comment.Pos() + token.Pos(word.Span.Start)
			}
		}
	}
	return token.NoPos
}

// subject returns the word of a directive that a change is about.
func subject(d tag.Directive, c diff.Change) (tag.Word, bool) {
	named := func(kind string, w tag.Word) (tag.Word, bool) { return w, c.Kind == kind && w.Text == c.Subject }
	switch d := d.(type) {
	case *tag.Table:
		return d.Name, c.Kind == "table" || c.Kind == "suite"
	case *tag.Discriminator:
		return d.Attribute, c.Kind == "discriminator"
	case *tag.Beacon:
		return named("beacon", d.Name)
	case *tag.Compound:
		return named("beacon", d.Name)
	case *tag.Virtual:
		return named("virtual", d.Name)
	case *tag.Index:
		return named("index", d.Name)
	case *tag.Partitions:
		return d.Verb, c.Kind == "partitions"
	case *tag.Tenant:
		return d.Attribute, c.Kind == "tenant"
	case *tag.Unsigned:
		if i := slices.IndexFunc(d.Names, func(w tag.Word) bool { return w.Text == c.Subject }); c.Kind == "unsigned" && i >= 0 {
			return d.Names[i], true
		}
		return d.Prefix, c.Kind == "unsigned_prefix" && d.Prefix.Written()
	}
	return tag.Word{}, false
}

func sortChanges(all []Change) {
	slices.SortStableFunc(all, func(a, b Change) int { return comparePositions(a.Position, b.Position) })
}

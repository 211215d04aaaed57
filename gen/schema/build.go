package schema

import (
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// Names and prefixes that belong to the record format
// (specification: dynamodb-encryption-client/ddb-item-encryptor).
const (
	reservedPrefix        = "aws_dbe_"
	reservedContextPrefix = "aws-crypto-"
	beaconPrefix          = "aws_dbe_b_"
)

// Build checks structs by every rule and returns the model. The model is nil
// where there is any diagnostic.
func Build(src Source, raws []*Raw) (*Package, []Diagnostic) {
	b := &builder{src: src, codecs: codecs{pkg: src.Types}, unwritable: map[*types.TypeName]bool{}}
	p := &Package{Name: src.Types.Name(), Path: src.Types.Path(), Types: src.Types, source: src}
	for _, raw := range raws {
		if s := b.structure(raw); s != nil {
			p.Structs = append(p.Structs, s)
		}
	}
	p.Nested = b.codecs.nested
	b.share()
	b.identifiers(p)
	p.Constraint = b.constraint(raws)
	if len(b.diagnostics) > 0 {
		return nil, b.sorted(src.Fset)
	}
	return p, nil
}

// builder builds the structs of one package.
type builder struct {
	reporter
	src    Source
	codecs codecs
	scopes []*scope

	unwritable map[*types.TypeName]bool // types that were reported for their names
}

// scope is one struct while it is being checked.
type scope struct {
	*builder
	raw        *Raw
	result     *Struct
	table      *tag.Table
	tablePlace rawDirective
	attributes map[string]*attribute // by attribute name
	order      []*attribute          // in the order of the fields
	broken     bool                  // a problem makes some facts unknown
	sameTable  bool                  // an earlier struct has the table
	others     []*scope              // the later structs in the table
	rest       *rawField             // the field for the attributes without a field, or nil

	searchScope
	keyOf       map[tag.Role]Key
	context     *attribute // the first one in the encryption context, or nil
	keyBroken   bool       // a key that was named cannot be one
	indexPlaces []place    // of the indexes in the result
}

// attribute is an attribute with where it was written.
type attribute struct {
	Attribute
	field rawField
}

// known reports whether the action of the attribute is known.
func (a *attribute) known() bool { return a.Action != 0 }

func (a *attribute) signed() bool { return a.Action == tag.Sign || a.Action == tag.Context }

func (b *builder) scope(raw *Raw) *scope {
	return &scope{
		builder: b, raw: raw, attributes: map[string]*attribute{}, keyOf: map[tag.Role]Key{},
		result: &Struct{Name: raw.spec.Name.Name, Table: &Table{}},
	}
}

func (b *builder) structure(raw *Raw) *Struct {
	s := b.scope(raw)
	if !s.findTable() {
		return nil
	}
	if raw.spec.TypeParams != nil {
		s.generic()
		return nil
	}
	b.scopes = append(b.scopes, s)
	s.shape()
	for i := range raw.fields {
		s.field(&raw.fields[i])
	}
	s.keys()
	s.unsigned()
	s.search()
	s.keyBeacons()
	s.indexes()
	s.ttl()
	s.discriminator()
	s.redact()
	for _, a := range s.order {
		s.result.Attributes = append(s.result.Attributes, &a.Attribute)
	}
	return s.result
}

// directivesOf returns the directives of one kind.
func directivesOf[D tag.Directive](raw *Raw) (all []D, places []rawDirective) {
	for _, d := range raw.directives {
		if t, ok := d.Directive.(D); ok {
			all, places = append(all, t), append(places, d)
		}
	}
	return all, places
}

// single returns the only directive of its kind, if there is any, and reports
// the others.
func single[D tag.Directive](s *scope) (d D, place rawDirective, ok bool) {
	all, places := directivesOf[D](s.raw)
	if len(all) == 0 {
		return d, place, false
	}
	for _, p := range places[1:] {
		s.report(p.line(), DuplicateDirective, "remove one", "struct %s has two //ddbe:%s directives", s.result.Name, p.Where().Verb.Text).
			see(places[0].line(), "the first one is here")
	}
	return all[0], places[0], true
}

// findTable reads //ddbe:table, without which the other directives mean
// nothing.
func (s *scope) findTable() bool {
	table, place, ok := single[*tag.Table](s)
	if !ok {
		first := s.raw.directives[0]
		s.report(first.line(), MissingTable, "add //ddbe:table NAME above the struct", "struct %s has ddbe directives and no //ddbe:table", s.result.Name)
		return false
	}
	s.table, s.tablePlace = table, place
	s.broken = table.Broken
	if table.Broken {
		return true
	}
	s.result.Table.LogicalName, s.result.Table.Pos = table.Name.Text, place.at(table.Name).pos
	if !utf8.ValidString(table.Name.Text) || table.Name.Text == "" || len(table.Name.Text) > 65535 {
		s.report(place.at(table.Name), TableName, "choose another name", "a logical table name is 1 to 65535 bytes of UTF-8")
	}
	if table.Physical.Written() {
		s.result.Table.PhysicalName = table.Physical.Text
		if !validPhysical(table.Physical.Text) {
			s.report(place.at(table.Physical), TableName, "choose a name that DynamoDB accepts", "%q is neither a table name, of 3 to 255 of a-z, A-Z, 0-9, _, - and ., nor an ARN", table.Physical.Text)
		}
	}
	if table.Suite.Written() {
		name, ok := suites[table.Suite.Text]
		if !ok {
			s.report(place.at(table.Suite), Suite, "the suites are 0x6701, with digital signatures, which is the default, and 0x6700, without", "unknown algorithm suite %q", table.Suite.Text)
		}
		s.result.Table.Suite = name
	}
	return true
}

// suites maps the ids of algorithm suites to their names in runtime/crypto; the
// default needs none.
var suites = map[string]string{"0x6700": "SuiteHMAC", "0x6701": ""}

// dynamoName reports whether DynamoDB accepts name for a table or an index.
func dynamoName(name string) bool {
	valid := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.", r)
	}
	return 3 <= len(name) && len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool { return !valid(r) })
}

// shape looks at the struct as a Go type.
func (s *scope) shape() {
	name := s.raw.spec.Name
	var literals []string
	for _, f := range s.raw.syntax.Fields.List {
		literal := ""
		if f.Tag != nil {
			literal = f.Tag.Value
		}
		for range max(1, len(f.Names)) {
			literals = append(literals, literal)
		}
	}
	o, ok := s.src.Info.Defs[name].(*types.TypeName)
	if !ok {
		s.broken = true
		return
	}
	u, ok := o.Type().Underlying().(*types.Struct)
	if !ok || u.NumFields() != len(literals) {
		// Two fields have one name, which the compiler explains better.
		s.report(s.structName(), FieldType, "correct what the compiler says about it", "struct %s does not compile", name.Name)
		s.broken = true
		return
	}
	for i, literal := range literals {
		s.result.Guard = append(s.result.Guard, GuardField{u.Field(i), literal})
	}
}

// field checks one field and makes it an attribute.
func (s *scope) field(f *rawField) {
	name := f.name.Name
	a, problems := parseAV(f.av)
	s.fieldProblems(f, problems)
	t := s.goType(f)
	embeds := f.embedded && structOf(t) != nil && !a.skip && a.name == ""
	switch {
	case s.unguarded(f):
		return
	case name == "_" && !f.tagged:
		return
	case f.embedded && invalid(t) && f.tag.Action != tag.Skip:
		s.report(f.typePlace(), FieldType, unknownTypeFix, "embedded field %s: its type is not known", name)
		return
	case !f.tagged && embeds:
		s.embeddedStruct(f)
		return
	case !f.tagged:
		s.untagged(f, a)
		return
	case f.tag.Action == tag.Skip:
		s.skipped(f, a)
		return
	case f.tag.Action == tag.Rest:
		s.restField(f, a)
		return
	case embeds:
		s.report(f.at(f.tag.Span), tag.ActionConflict, "remove the tag, so that each of its fields says what happens to it, or give the attribute a name in a dynamodbav tag", "embedded struct %s is not an attribute: its fields are", name)
		return
	case !f.name.IsExported():
		s.report(f.at(f.tag.Span), UnexportedField, "export it, or leave it out with `ddbe:\"-\"`", "field %s is not exported, so attributevalue does not store it", name)
		return
	case a.skip:
		s.report(f.at(f.av.Span(0, 1)), SkippedAttribute, "remove one of the two, or leave the field out with `ddbe:\"-\"`", "dynamodbav leaves field %s out of the item, and its ddbe tag does not", name).
			see(f.at(f.tag.Span), "the ddbe tag is here")
		return
	}
	s.attribute(f, a)
}

// skipped checks a field that is left out of the item.
func (s *scope) skipped(f *rawField, a av) {
	if invalid(s.goType(f)) {
		s.report(f.typePlace(), FieldType, unknownTypeFix, "field %s: the type of the field is not known", f.name.Name)
	}
	if !a.skip && f.av.Value != "" {
		s.report(f.at(f.av.Span(0, len(f.av.Value))), DynamodbavOption, "remove one of the two tags", "the dynamodbav tag of field %s has no effect: its ddbe tag leaves the field out of the item", f.name.Name)
	}
}

func (s *scope) untagged(f *rawField, a av) {
	fix := `say what happens to it: "encrypt,sign", "sign", or "-" to leave it out of the item`
	if a.skip || !f.name.IsExported() {
		fix = "add `ddbe:\"-\"`: it is left out of the item anyway"
	}
	what := "ddbe table"
	if s.table == nil {
		what = "embedded struct"
	}
	s.broken = true
	s.report(f.namePlace(), UntaggedField, fix, "field %s of %s %s has no ddbe tag", f.name.Name, what, s.result.Name)
}

func (s *scope) attribute(f *rawField, av av) {
	a := &attribute{field: *f, Attribute: Attribute{
		Name: av.name, GoName: f.name.Name, Action: f.tag.Action, Role: f.tag.Role, Options: av.options,
	}}
	at := f.attributePlace()
	if a.Name == "" {
		a.Name = a.GoName
	}
	s.attributeName(at, a.Name)
	if earlier, ok := s.attributes[a.Name]; ok {
		s.report(at, DuplicateAttribute, "give one of them another name in its dynamodbav tag", "fields %s and %s have the attribute name %q", earlier.field.dotted(), f.dotted(), a.Name).
			see(earlier.field.namePlace(), "field %s is here", earlier.field.dotted())
		return
	}
	s.attributes[a.Name] = a
	s.order = append(s.order, a)
	t := s.goType(f)
	a.Path = s.path(f)
	codec, err := s.codecs.of(t, av.format)
	if hidden := hiddenType(s.src.Types, t); err == nil && hidden != nil {
		err = refuse("use a type that this package can name", "type %s cannot be named outside of its package", s.codecs.name(hidden))
	}
	if err != nil {
		s.fieldType(f, err)
	}
	a.Codec = codec
	s.options(a)
	s.optional(a)
}

// options checks the options that a field may not have for what it is.
func (s *scope) options(a *attribute) {
	omits := slices.Contains(a.Options, "OmitEmpty")
	nulls := slices.Contains(a.Options, "NullEmpty")
	switch {
	case a.Role != tag.NoRole && omits:
		s.report(a.field.option("omitempty"), KeyOmitempty, "remove it", "%s key %s cannot be left out: every item has a key", a.Role, a.GoName)
		return
	case a.Role != tag.NoRole && nulls:
		s.report(a.field.option("nullempty"), KeyOmitempty, "remove it", "%s key %s cannot be null", a.Role, a.GoName)
		return
	}
	if a.Codec != nil {
		if err := idle(a.Codec, a.Options, s.codecs.name); err != nil {
			s.fieldType(&a.field, err)
			return
		}
	}
	if a.Action == tag.Context && omits {
		s.report(a.field.option("omitempty"), ContextOmitempty, "remove it", "attribute %s is in the encryption context, so every item must have it", a.GoName)
	}
}

// attributeName checks a name that an attribute of an item has.
func (s *scope) attributeName(at place, name string) {
	switch {
	case strings.HasPrefix(name, reservedPrefix):
		s.report(at, ReservedName, "choose another name", "attribute names that begin with %s belong to the record format", reservedPrefix)
	case strings.HasPrefix(name, reservedContextPrefix):
		s.report(at, ReservedName, "choose another name", "attribute names that begin with %s belong to the encryption context", reservedContextPrefix)
	case name == "" || !utf8.ValidString(name) || len(name) > 65535:
		s.report(at, AttributeName, "choose another name", "an attribute name is 1 to 65535 bytes of UTF-8")
	}
}

// discriminator reads //ddbe:discriminator: a signed attribute without a field.
func (s *scope) discriminator() {
	d, at, ok := single[*tag.Discriminator](s)
	if !ok || d.Broken {
		return
	}
	name := d.Attribute.Text
	s.result.Discriminator = &DiscriminatorValue{name, d.Value.Text}
	s.attributeName(at.at(d.Attribute), name)
	switch a := s.attributes[name]; {
	case a != nil:
		s.report(at.at(d.Attribute), Discriminator, "remove the field, which would be the same in every item, or name another attribute", "attribute %q cannot be the discriminator: it is field %s", name, a.GoName).
			see(a.field.namePlace(), "field %s is here", a.GoName)
	case s.standard[name] != nil || s.compound[name] != nil || s.virtual[name] != nil:
		s.report(at.at(d.Attribute), Discriminator, "choose another name", "%q is a beacon or a virtual field, and not an attribute", name)
	case slices.Contains(s.result.Table.UnsignedNames, name) || s.result.Table.UnsignedPrefix != "" && strings.HasPrefix(name, s.result.Table.UnsignedPrefix):
		s.report(at.at(d.Attribute), Discriminator, "choose another name", "attribute %q cannot be the discriminator: it is not signed", name)
	case d.Value.Text == "" || !utf8.ValidString(d.Value.Text):
		s.report(at.at(d.Value), Discriminator, "write at least one character", "the value of a discriminator is UTF-8 and not empty")
	}
}

// unsigned reads //ddbe:unsigned and checks it against the actions.
func (s *scope) unsigned() {
	d, at, ok := single[*tag.Unsigned](s)
	if !ok || d.Broken {
		s.broken = s.broken || ok
		return
	}
	table := s.result.Table
	for _, w := range d.Names {
		s.attributeName(at.at(w), w.Text)
		switch a := s.attributes[w.Text]; {
		case a != nil:
			s.report(at.at(w), UnsignedName, "remove it here; the tag of the field says what happens to it", "attribute %q is field %s", w.Text, a.GoName).
				see(a.field.at(a.field.tag.Span), "its tag is here")
		case slices.Contains(table.UnsignedNames, w.Text):
			s.report(at.at(w), UnsignedName, "remove one", "attribute %q is named twice", w.Text)
		default:
			table.UnsignedNames = append(table.UnsignedNames, w.Text)
		}
	}
	if !d.Prefix.Written() {
		return
	}
	table.UnsignedPrefix = d.Prefix.Text
	if d.Prefix.Text == "" {
		s.report(at.at(d.Prefix), UnsignedName, "write the prefix, or leave the option out", "an empty prefix would leave every attribute unsigned")
		return
	}
	for _, a := range s.order {
		if a.known() && a.Action != tag.None && strings.HasPrefix(a.Name, d.Prefix.Text) {
			s.report(at.at(d.Prefix), UnsignedName, "choose another prefix, or another attribute name", "attribute %q is signed, and its name begins with the prefix of unsigned ones", a.Name).
				see(a.field.at(a.field.tag.Span), "its tag is here")
		}
	}
}

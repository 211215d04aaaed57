package schema

import "go/types"

// restField checks the field for the attributes that have no field.
func (s *scope) restField(f *rawField, a av) {
	name := f.name.Name
	at := f.at(f.tag.ActionSpan)
	if s.rest != nil {
		s.report(at, RestField, "keep one", "struct %s has two fields for the rest of the attributes, %s and %s", s.result.Name, s.rest.name.Name, name).
			see(s.rest.at(s.rest.tag.ActionSpan), "the first one is here")
		return
	}
	s.rest = f
	if !a.skip && f.av.Value != "" {
		s.report(f.at(f.av.Span(0, len(f.av.Value))), RestField, "remove the dynamodbav tag", "field %s is not an attribute, so its dynamodbav tag does nothing", name)
	}
	t := s.goType(f)
	switch {
	case invalid(t):
		s.report(f.typePlace(), FieldType, unknownTypeFix, "field %s: the type of the field is not known", name)
	case !isItem(t):
		s.report(f.typePlace(), RestField, "make it a ddbe.Item, which is a map[string]types.AttributeValue of the AWS SDK's package dynamodb/types", "field %s is for the rest of the attributes, and %s cannot hold them", name, s.codecs.name(t))
	}
	if e := s.behindPointer(f); e != nil {
		s.report(f.namePlace(), RestField, "embed "+e.name.Name+" without the pointer", "there is no field %s for the rest of the attributes while the embedded pointer %s is nil", name, e.name.Name)
	}
	s.result.Rest = s.path(f)
}

// isItem reports whether t is map[string]types.AttributeValue.
func isItem(t types.Type) bool {
	m, ok := types.Unalias(t).(*types.Map)
	if !ok || !types.Identical(m.Key(), types.Typ[types.String]) {
		return false
	}
	elem, ok := types.Unalias(m.Elem()).(*types.Named)
	return ok && elem.Obj().Name() == "AttributeValue" && elem.Obj().Pkg() != nil &&
		elem.Obj().Pkg().Path() == "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
}

// emptyRest reports a field for attributes that no item can have: the table knows
// every attribute, and the struct has fields for all of them.
func (s *scope) emptyRest() {
	t := s.result.Table
	if s.rest == nil || s.broken || len(s.others) > 0 || s.sameTable || len(t.UnsignedNames) > 0 || t.UnsignedPrefix != "" {
		return
	}
	s.report(s.rest.at(s.rest.tag.ActionSpan), RestField, "remove the field, or name unsigned attributes with //ddbe:unsigned", "no item has an attribute for field %s: struct %s has a field for every attribute of its table", s.rest.name.Name, s.result.Name)
}

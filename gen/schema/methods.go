package schema

import (
	"fmt"
	"go/types"
	"reflect"
)

// method is a method by which a type converts itself, with its signature as
// types.TypeString writes it.
type method struct{ name, parameters, results string }

func (m method) String() string { return m.name + m.parameters + " " + m.results }

// of reports whether t or a pointer to it has the method.
func (m method) of(t types.Type) bool { return m.way(t) != nil }

// way returns the way to the method as [types.LookupFieldOrMethod] does: the
// indexes of embedded fields, and that of the method. It is nil without the method.
func (m method) way(t types.Type) []int {
	if endless(t) {
		return nil
	}
	o, way, _ := types.LookupFieldOrMethod(t, true, nil, m.name)
	f, ok := o.(*types.Func)
	if !ok {
		return nil
	}
	s := f.Signature()
	if tuple(s.Params()) != m.parameters || cmpResult(tuple(s.Results())) != m.results {
		return nil
	}
	return way
}

func tuple(t *types.Tuple) string {
	s := "("
	for i := range t.Len() {
		if i > 0 {
			s += ", "
		}
		s += types.TypeString(t.At(i).Type(), nil)
	}
	return s + ")"
}

// cmpResult writes a single result without parentheses.
func cmpResult(s string) string {
	if s == "(error)" {
		return "error"
	}
	return s
}

const attributeValue = "github.com/aws/aws-sdk-go-v2/service/dynamodb/types.AttributeValue"

// methodPair is a pair of methods with the codec that uses them.
type methodPair struct {
	marshal, unmarshal method
	codec              string
	wire               attributeTypes
}

// methods is in the order in which attributevalue looks for them.
var methods = []methodPair{
	{method{"MarshalDynamoDBAttributeValue", "()", fmt.Sprintf("(%s, error)", attributeValue)}, method{"UnmarshalDynamoDBAttributeValue", fmt.Sprintf("(%s)", attributeValue), "error"}, "Custom", wireAny},
	{method{"MarshalText", "()", "([]byte, error)"}, method{"UnmarshalText", "([]byte)", "error"}, "Text", wireS},
	{method{"MarshalBinary", "()", "([]byte, error)"}, method{"UnmarshalBinary", "([]byte)", "error"}, "Binary", wireB},
}

// converts returns the pair of methods by which t converts itself, and the name of
// the first of the two that it has, which is "" for none. Where it has only one,
// the other is missing in the pair.
func converts(t types.Type) (m methodPair, name string) {
	for _, m := range methods {
		if m.marshal.of(t) {
			return m, m.marshal.name
		}
		if m.unmarshal.of(t) {
			return m, m.unmarshal.name
		}
	}
	return methodPair{}, ""
}

// lentBy returns the embedded field that t has a method from, where t is a struct
// with other fields that are stored, of which the method knows nothing.
func (m method) lentBy(t types.Type) *types.Var {
	u, ok := t.Underlying().(*types.Struct)
	way := m.way(t)
	if !ok || len(way) < 2 {
		return nil
	}
	for i := range u.NumFields() {
		v := u.Field(i)
		if i != way[0] && (v.Exported() || v.Embedded()) && reflect.StructTag(u.Tag(i)).Get("dynamodbav") != "-" {
			return u.Field(way[0])
		}
	}
	return nil
}

// isTime reports whether t is time.Time.
func isTime(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "Time" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time"
}

// timeUnder returns time.Time if u is the struct that it is made of, and nil
// otherwise. Such a type was defined as time.Time, since nobody else can name
// the fields.
func timeUnder(u *types.Struct) types.Type {
	if u.NumFields() == 0 || u.Field(0).Pkg() == nil || u.Field(0).Pkg().Path() != "time" {
		return nil
	}
	o := u.Field(0).Pkg().Scope().Lookup("Time")
	if o == nil || !types.Identical(o.Type().Underlying(), u) {
		return nil
	}
	return o.Type()
}

// isNumberText reports whether t is a string that holds a number, such as
// json.Number, by the methods that attributevalue looks for.
func isNumberText(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsString == 0 {
		return false
	}
	for _, m := range []method{{"Float64", "()", "(float64, error)"}, {"Int64", "()", "(int64, error)"}, {"String", "()", "(string)"}} {
		if !m.of(t) {
			return false
		}
	}
	return true
}

package expression_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

type avs = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func bin(b ...byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: append([]byte{}, b...)}
}
func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }
func null() types.AttributeValue          { return &types.AttributeValueMemberNULL{Value: true} }
func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func object(v avs) types.AttributeValue         { return &types.AttributeValueMemberM{Value: v} }
func strs(s ...string) types.AttributeValue     { return &types.AttributeValueMemberSS{Value: s} }
func nums(s ...string) types.AttributeValue     { return &types.AttributeValueMemberNS{Value: s} }
func binaries(b ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: b} }

// constants are every value that the tables below use.
var constants = avs{
	":0": num("0"), ":1": num("1"), ":2": num("2"), ":3": num("3"), ":one": num("1.00"),
	":a": str("a"), ":ab": str("ab"), ":b": str("b"), ":empty": str(""), ":B": bin(1), ":B2": bin(1, 2),
	":true": boolean(true), ":null": null(), ":l": list(num("1")), ":m": object(avs{"x": num("1")}),
	":ss": strs("b", "a"), ":ns": nums("2", "1.0"), ":bs": binaries([]byte{2}, []byte{1}),
	":S": str("S"), ":N": str("N"), ":X": str("X"), ":SS": str("SS"),
}

func scope(t testing.TB, text string, names map[string]string) *expression.Scope {
	t.Helper()
	used := avs{}
	for _, token := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" (),=<>+-", r) }) {
		if v, ok := constants[token]; ok {
			used[token] = v
		}
	}
	if len(used) == 0 {
		used = nil
	}
	s, err := expression.NewScope(names, used)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// DynamoDB developer guide, "Comparison operator and function reference".
func TestEvaluate(t *testing.T) {
	item := avs{
		"n": num("1"), "s": str("a"), "b": bin(1), "t": boolean(true), "z": null(), "l": list(num("1"), str("a"), list(num("2"))),
		"m": object(avs{"x": num("1"), "y": object(avs{"z": str("deep")})}), "ss": strs("a", "b"), "ns": nums("1", "2"), "bs": binaries([]byte{1}, []byte{2}),
		"e": str(""), "u": str("é"), "num": num("10"), "dotted.name": num("5"), "n1": num("1"),
	}
	for _, c := range []struct {
		text string
		want bool
	}{
		// Every type equals itself, in another order or spelling too.
		{"n = :1", true}, {"n = :one", true}, {"n = :2", false}, {"s = :a", true}, {"b = :B", true}, {"t = :true", true}, {"z = :null", true},
		{"ss = :ss", true}, {"ns = :ns", true}, {"bs = :bs", true}, {"l[0] = :one", true}, {"m.x = :1", true}, {"n = n1", true},
		{"n <> :2", true}, {"n <> :one", false}, {"ss <> :ss", false},
		// Types differ.
		{"n = :a", false}, {"n <> :a", true}, {"n < :a", false}, {"n >= :a", false}, {"ss = :ns", false}, {"s = :B", false},
		// Attributes are missing.
		{"q = :1", false}, {"q <> :1", true}, {"q < :1", false}, {":1 > q", false}, {"q = r", false}, {"q <> r", true}, {"q <= r", false}, {"q >= r", false},
		{"q BETWEEN :1 AND :2", false}, {"n BETWEEN q AND :2", false}, {"n BETWEEN :0 AND q", false}, {"q IN (:1, r)", false}, {"n IN (q, :1)", true}, {"q = :null", false},
		{"m.q = :1", false}, {"l[9] = :1", false}, {"n.x = :1", false}, {"m[0] = :1", false}, {"l.x = :1", false}, {"q.x.y[1] = :1", false},
		// Orders.
		{"n < :2", true}, {"num > :2", true}, {"n < :1", false}, {"n <= :one", true}, {"n >= :one", true}, {"n > :0", true},
		{"s < :ab", true}, {"s <= :a", true}, {"s > :empty", true}, {"u > :b", true}, {"b < :B2", true},
		{"l < :1", false}, {"t >= :1", false}, {"ss < :a", false},
		{"n BETWEEN :0 AND :2", true}, {"n BETWEEN :1 AND :1", true}, {"n BETWEEN :2 AND :3", false}, {"s BETWEEN :a AND :b", true},
		{"n IN (:2, :one)", true}, {"n IN (:2)", false}, {"ss IN (:ns, :ss)", true},
		// Nested paths and names with dots.
		{"m.y.z = #deep", false}, {"l[2][0] = :2", true}, {"#dotted > :3", true},
		// Functions.
		{"attribute_exists(n)", true}, {"attribute_exists(q)", false}, {"attribute_exists(m.y.z)", true}, {"attribute_exists(z)", true},
		{"attribute_not_exists(q)", true}, {"attribute_not_exists(l[1])", false},
		{"attribute_type(n, :N)", true}, {"attribute_type(n, :S)", false}, {"attribute_type(q, :S)", false}, {"attribute_type(ss, :SS)", true},
		{"begins_with(s, :a)", true}, {"begins_with(s, :ab)", false}, {"begins_with(s, :empty)", true}, {"begins_with(b, :B)", true}, {"begins_with(n, :a)", false}, {"begins_with(q, :a)", false},
		{"contains(s, :a)", true}, {"contains(s, :b)", false}, {"contains(ss, :a)", true}, {"contains(ns, :one)", true}, {"contains(bs, :B)", true}, {"contains(l, :1)", true},
		{"contains(l, :l)", false}, {"contains(b, :B)", true}, {"contains(m, :1)", false}, {"contains(q, :a)", false}, {"contains(ss, :1)", false},
		{"size(s) = :1", true}, {"size(u) = :2", true}, {"size(e) = :0", true}, {"size(b) = :1", true}, {"size(ss) = :2", true}, {"size(l) = :3", true}, {"size(m) = :2", true},
		{"size(n) = :1", false}, {"size(t) = :1", false}, {"size(q) = :0", false}, {"size(l) > size(m)", true}, {"n < size(l)", true}, {"size(n) <> :1", true},
		// Precedence: NOT, AND, OR.
		{"n = :2 AND s = :b OR t = :true", true}, {"n = :2 AND (s = :b OR t = :true)", false}, {"t = :true OR n = :2 AND s = :b", true},
		{"NOT n = :2 AND s = :b", false}, {"NOT (n = :2 AND s = :b)", true}, {"NOT n = :1 OR s = :a", true}, {"NOT NOT n = :1", true},
		{"n BETWEEN :0 AND :2 AND s = :a", true}, {"(n) = (:1)", true}, {"not n = :2 and s = :a", true},
	} {
		names := map[string]string{}
		for alias, name := range map[string]string{"#deep": "none", "#dotted": "dotted.name"} {
			if strings.Contains(c.text, alias) {
				names[alias] = name
			}
		}
		if len(names) == 0 {
			names = nil
		}
		s := scope(t, c.text, names)
		condition, err := s.ParseCondition(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := expression.Evaluate(condition, item); got != c.want {
			t.Errorf("%s is %t, want %t", c.text, got, c.want)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	long := "a = :1" + strings.Repeat(" AND a = :1", 400)
	for _, c := range []struct{ text, want string }{
		{"", "The expression can not be empty;"},
		{long, "Expression size has exceeded the maximum allowed size; expression size: 4406"},
		{"a = :1" + strings.Repeat(" AND a=:1", 200), "The expression contains too many operators and functions; number: 401, maximum: 300"},
		{"a", `Syntax error; token: "<EOF>", near: "a"`},
		{"a =", `Syntax error; token: "<EOF>", near: "="`},
		{"a = = b", `Syntax error; token: "=", near: "= = b"`},
		{"device-id = :1", `Syntax error; token: "-", near: "device-id"`},
		{"_a = :1", `Syntax error; token: "_", near: "_a"`},
		{"1a = :1", `Syntax error; token: "1", near: "1a"`},
		{"a = ünder", `Syntax error; token: "ü", near: "= ünder"`},
		{"a = :", `Syntax error; token: ":", near: "= :"`},
		{"# = a", `Syntax error; token: "#", near: "# ="`},
		{"a.[0] = b", `Syntax error; token: "[", near: ".[0"`},
		{"a[b] = b", `Syntax error; token: "b", near: "[b]"`},
		{"a[99999999999999999999] = b", `Syntax error; token: "99999999999999999999", near: "[99999999999999999999]"`},
		{"a = b AND", `Syntax error; token: "<EOF>", near: "AND"`},
		{"(a = b", `Syntax error; token: "<EOF>", near: "b"`},
		{"a = b)", `Syntax error; token: ")", near: "b)"`},
		{"a AND b = c", `Syntax error; token: "AND", near: "a AND b"`},
		{"NOT a", `Syntax error; token: "<EOF>", near: "a"`},
		{"a BETWEEN b OR c", `Syntax error; token: "OR", near: "b OR c"`},
		{"a IN b", `Syntax error; token: "b", near: "IN b"`},
		{"a IN ()", `Syntax error; token: ")", near: "()"`},
		{"a = b c", `Syntax error; token: "c", near: "b c"`},
		{"size a = b", `Syntax error; token: "a", near: "size a ="`},

		{"((a = b))", "The expression has redundant parentheses;"},
		{"((a)) = b", "The expression has redundant parentheses;"},
		{"a = ((b))", "The expression has redundant parentheses;"},
		{"exists(a)", "Invalid function name; function: exists"},
		{"SIZE(a) = b", "Invalid function name; function: SIZE"},
		{"if_not_exists(a, b) = c", "The function is not allowed in a condition expression; function: if_not_exists"},
		{"size(a)", "The function is not allowed to be used this way in an expression; function: size"},
		{"NOT size(a)", "The function is not allowed to be used this way in an expression; function: size"},
		{"attribute_exists(a) = b", "The function is not allowed to be used this way in an expression; function: attribute_exists"},
		{"contains(a, contains(b, c))", "The function is not allowed to be used this way in an expression; function: contains"},
		{"Status = b", "Attribute name is a reserved keyword; reserved keyword: Status"},
		{"a.value = b", "Attribute name is a reserved keyword; reserved keyword: value"},
		{"#n = b", "An expression attribute name used in the document path is not defined; attribute name: #n"},
		{"a = :v", "An expression attribute value used in expression is not defined; attribute value: :v"},
		{"size(a, b) = c", "Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"},
		{"begins_with(a)", "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"},
		{"a IN (b" + strings.Repeat(", b", 100) + ")", "Incorrect number of operands for operator or function; operator or function: IN, number of operands: 101"},
		{"a = a", "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"},
		{"contains(a[1].b, a[1].b)", "The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a, [1], b]"},
		{"attribute_exists(:1)", "Operator or function requires a document path; operator or function: attribute_exists"},
		{"begins_with(a, :1)", "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"},
		{"attribute_type(a, :1)", "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"},
		{"attribute_type(a, b)", "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"},
		{"attribute_type(a, :X)", "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		{"size(:1) = a", "Incorrect operand type for operator or function; operator or function: size, operand type: N"},
		{"a < :ss", "Incorrect operand type for operator or function; operator or function: <, operand type: SS"},
		{"a BETWEEN :null AND :1", "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: NULL"},
		{"a BETWEEN :1 AND :a", "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}"},
		{"a BETWEEN :B2 AND :B", "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {B:AQI=}, upper bound operand: AttributeValue: {B:AQ==}"},
	} {
		_, err := scope(t, c.text, nil).ParseCondition(c.text)
		var e *expression.Error
		if !errors.As(err, &e) || e.Message != c.want {
			t.Errorf("%.60s\n got: %v\nwant: %s", c.text, err, c.want)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := scope(t, "", nil).ParseCondition("a = b AND\n\t= c")
	var e *expression.Error
	if !errors.As(err, &e) || e.Offset != 11 {
		t.Errorf("got %#v, want offset 11", err)
	}
}

func TestScopeErrors(t *testing.T) {
	for _, c := range []struct {
		names  map[string]string
		values avs
		want   string
	}{
		{names: map[string]string{}, want: "ExpressionAttributeNames must not be empty"},
		{names: map[string]string{"n": "a"}, want: `ExpressionAttributeNames contains invalid key: Syntax error; key: "n"`},
		{names: map[string]string{"#a-b": "a"}, want: `ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"`},
		{names: map[string]string{"#n": ""}, want: `ExpressionAttributeNames contains invalid value: Empty attribute name for key #n`},
		{values: avs{}, want: "ExpressionAttributeValues must not be empty"},
		{values: avs{":": num("1")}, want: `ExpressionAttributeValues contains invalid key: Syntax error; key: ":"`},
		{values: avs{":v": nil}, want: `ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v`},
		{values: avs{":v": (*types.AttributeValueMemberS)(nil)}, want: `ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v`},
	} {
		if _, err := expression.NewScope(c.names, c.values); err == nil || err.Error() != c.want {
			t.Errorf("%v %v: %v, want %s", c.names, c.values, err, c.want)
		}
	}
}

func TestUnused(t *testing.T) {
	s, err := expression.NewScope(map[string]string{"#a": "a", "#b": "b"}, avs{":1": num("1"), ":2": num("2")})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct{ text, want string }{
		{"", "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"},
		{"#a = #b", "Value provided in ExpressionAttributeValues unused in expressions: keys: {:1, :2}"},
		{"c = :1", "Value provided in ExpressionAttributeValues unused in expressions: keys: {:2}"},
		{"c = :2", ""},
	}
	for _, step := range steps {
		if step.text != "" {
			if _, err := s.ParseCondition(step.text); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.CheckUnused(); step.want == "" && err != nil || step.want != "" && (err == nil || err.Error() != step.want) {
			t.Errorf("after %q: %v, want %s", step.text, err, step.want)
		}
	}
}

func TestReservedWords(t *testing.T) {
	for _, word := range []string{"ABORT", "status", "Name", "size", "zone", "AND"} {
		if !expression.IsReserved(word) {
			t.Errorf("%s is not reserved", word)
		}
	}
	if expression.IsReserved("aws_dbe_b_x") || expression.IsReserved("") || expression.IsReserved("inspector") {
		t.Error("a free word is reserved")
	}
	s := scope(t, "status = :1", nil)
	s.AllowReserved = true
	if _, err := s.ParseCondition("status = :1"); err != nil {
		t.Errorf("allowed: %v", err)
	}
}

// Names that begin with a keyword or the name of a function are names.
func TestNamesThatBeginLikeKeywords(t *testing.T) {
	for _, text := range []string{
		"inspector = :1", "android = :1", "notes = :1", "order1 = :1", "betweens = :1", "sizeX = :1", "contains_x = :1", "NOT notable = :1",
		"a\t=\n:1\r", "a=:1 AND b=:1", "attribute_exists (a)", "m . x [ 1 ] . y = :1",
	} {
		if _, err := scope(t, text+" :1", nil).ParseCondition(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPrintedFormIsStable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawCondition(rt, 4)
		s := scope(t, "", nil)
		s.AllowReserved = true
		first, err := s.ParseCondition(text)
		if err != nil {
			rt.Fatalf("%s: %v", text, err)
		}
		printed := first.String()
		second, err := s.ParseCondition(printed)
		if err != nil {
			rt.Fatalf("%s is printed as %s: %v", text, printed, err)
		}
		if again := second.String(); again != printed {
			rt.Fatalf("%s is printed as %s, then as %s", text, printed, again)
		}
		item := drawBooleans(rt)
		if expression.Evaluate(first, item) != expression.Evaluate(second, item) {
			rt.Fatalf("%s and its printed form %s differ on %v", text, printed, item)
		}
		if clone := expression.Clone(first); clone.String() != printed {
			rt.Fatalf("the clone of %s is %s", printed, clone)
		}
	})
}

// The conditions below are about which attributes exist.

func drawCondition(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		return "attribute_exists(" + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name") + ")"
	}
	part := func() string {
		text := drawCondition(t, depth-1)
		if strings.ContainsAny(text, " ") && rapid.Bool().Draw(t, "parentheses") {
			return "(" + text + ")"
		}
		return text
	}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		return part() + " AND " + part()
	case 1:
		return part() + " OR " + part()
	default:
		return "NOT " + part()
	}
}

func drawBooleans(t *rapid.T) avs {
	item := avs{}
	for _, name := range []string{"a", "b", "c"} {
		if rapid.Bool().Draw(t, "has "+name) {
			item[name] = null()
		}
	}
	return item
}

// TestPrecedence compares with an evaluator that reads the text in another way:
// it takes the lowest operator outside parentheses first.
func TestPrecedence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawCondition(rt, 3)
		condition, err := scope(t, "", nil).ParseCondition(text)
		if err != nil {
			rt.Fatal(err)
		}
		item := drawBooleans(rt)
		if got, want := expression.Evaluate(condition, item), byText(text, item); got != want {
			rt.Fatalf("%s on %v is %t, want %t", text, item, got, want)
		}
	})
}

func byText(text string, item avs) bool {
	split := func(operator string) (left, right string, found bool) {
		depth := 0
		for i := range text {
			switch text[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 && strings.HasPrefix(text[i:], operator) {
				return text[:i], text[i+len(operator):], true
			}
		}
		return "", "", false
	}
	if l, r, found := split(" OR "); found {
		return byText(l, item) || byText(r, item)
	}
	if l, r, found := split(" AND "); found {
		return byText(l, item) && byText(r, item)
	}
	if rest, found := strings.CutPrefix(text, "NOT "); found {
		return !byText(rest, item)
	}
	if text[0] == '(' {
		return byText(text[1:len(text)-1], item)
	}
	return item[text[len("attribute_exists("):len(text)-1]] != nil
}

func TestUpdatesAndProjectionsPrint(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"SET a=:1,b = if_not_exists ( c,:2 )+:1 remove d[1].e add f :1 DELETE g :ss", "SET a = :1, b = if_not_exists(c, :2) + :1 REMOVE d[1].e ADD f :1 DELETE g :ss"},
		{"set a = (b - :1), c = (:1)", "SET a = b - :1, c = :1"},
		{"SET a = list_append(:l, b)", "SET a = list_append(:l, b)"},
	} {
		u, err := scope(t, c.text, nil).ParseUpdate(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := u.String(); got != c.want {
			t.Errorf("%s is printed as %s, want %s", c.text, got, c.want)
		}
	}
	p, err := scope(t, "", map[string]string{"#n": "x"}).ParseProjection("a , #n . b[0]")
	if err != nil || p.String() != "a, #n.b[0]" {
		t.Errorf("got %v, %v", p, err)
	}
	if location := p[1].Location(); location.String() != "x.b[0]" {
		t.Errorf("location %v", location)
	}
}

func TestRewriting(t *testing.T) {
	s, err := expression.NewScope(map[string]string{"#e": "email"}, avs{":e": str("a@b.c"), ":n": num("1")})
	if err != nil {
		t.Fatal(err)
	}
	original, err := s.ParseCondition("#e = :e AND NOT (n < :n OR size(#e) > :n)")
	if err != nil {
		t.Fatal(err)
	}
	rewritten := expression.Clone(original)
	err = expression.Walk(rewritten, func(o expression.Operand, parent expression.Node) error {
		path, ok := o.(*expression.Path)
		if !ok || path.Root() != "email" {
			return nil
		}
		if _, inFunction := parent.(*expression.Function); inFunction {
			return nil
		}
		*path = *expression.NewPath("aws_dbe_b_email", "#beacon")
		comparison := parent.(*expression.Comparison)
		*comparison.Right.(*expression.Value) = expression.Value{Name: ":beacon", Value: str("0f")}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := rewritten.String(); got != "#beacon = :beacon AND NOT (n < :n OR size(#e) > :n)" {
		t.Errorf("rewritten: %s", got)
	}
	if got := original.String(); got != "#e = :e AND NOT (n < :n OR size(#e) > :n)" {
		t.Errorf("the original has changed: %s", got)
	}
	names, values, err := expression.Placeholders(rewritten)
	if err != nil || len(names) != 2 || names["#beacon"] != "aws_dbe_b_email" || names["#e"] != "email" || len(values) != 2 || values[":e"] != nil {
		t.Errorf("placeholders: %v %v %v", names, values, err)
	}
	if names, values, err := expression.Placeholders(); names != nil || values != nil || err != nil {
		t.Errorf("placeholders of nothing: %v %v %v", names, values, err)
	}
	clash := &expression.Comparison{Operator: expression.Equals, Left: expression.NewPath("x", "#e"), Right: &expression.Value{Name: ":n", Value: num("1.0")}}
	if _, _, err := expression.Placeholders(rewritten, clash); err == nil {
		t.Error("one alias for two names is no error")
	}
	clash.Left = expression.NewPath("x", "")
	if _, _, err := expression.Placeholders(rewritten, clash); err != nil {
		t.Errorf("equal values of one placeholder: %v", err)
	}
	var kinds []string
	for p := range expression.Predicates(original) {
		kinds = append(kinds, p.String())
	}
	if strings.Join(kinds, "; ") != "#e = :e; n < :n; size(#e) > :n" {
		t.Errorf("predicates: %q", kinds)
	}
}

func TestValuesNeverPanic(t *testing.T) {
	odd := []types.AttributeValue{
		nil, (*types.AttributeValueMemberS)(nil), (*types.AttributeValueMemberM)(nil), &types.UnknownUnionMember{Tag: "x"}, (*types.UnknownUnionMember)(nil),
		num("not a number"), num(""), list(nil, (*types.AttributeValueMemberN)(nil)), object(avs{"x": nil}), strs(), nums("x"), str("\xff"), object(nil), list(),
	}
	for _, a := range odd {
		if expression.Type(a) == "" && expression.Equal(a, a) {
			t.Errorf("%#v equals itself although it is missing", a)
		}
		for _, b := range odd {
			_ = expression.Equal(a, b)
			_ = expression.Contains(a, b)
			_ = expression.BeginsWith(a, b)
			_, _ = expression.Compare(a, b)
		}
		_, _ = expression.Size(a)
	}
}

func TestCompareNumbers(t *testing.T) {
	ascending := []string{"-1e125", "-20", "-10", "-9.5", "-9", "-0.1", "-0.01", "-1E-130", "0", "1E-130", "0.01", "0.09", "0.1", "9", "9.5", "10", "10.01", "20", "1e38", "1e125"}
	for i, a := range ascending {
		for j, b := range ascending {
			order, ok := expression.Compare(num(a), num(b))
			if !ok || (order < 0) != (i < j) || (order == 0) != (i == j) {
				t.Errorf("%s against %s: %d %t", a, b, order, ok)
			}
		}
	}
}

func TestKeyTerms(t *testing.T) {
	text := "begins_with(s, :a) AND :1 <= p"
	c, err := scope(t, text, nil).ParseCondition(text)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := expression.KeyTerms(c)
	if err != nil || len(terms) != 2 || terms[0].Operator != expression.KeyBeginsWith || terms[0].Name != "s" || terms[1].Operator != expression.GreaterOrEqual || terms[1].Name != "p" {
		t.Fatalf("terms: %+v, %v", terms, err)
	}
	if !terms[0].Holds(str("ab")) || terms[0].Holds(str("b")) || !terms[1].Holds(num("1")) || terms[1].Holds(num("0.5")) || terms[1].Holds(nil) {
		t.Error("a term holds for the wrong values")
	}
}

func FuzzConditions(f *testing.F) {
	for _, seed := range []string{
		"a = :1", "NOT (a.b[3].#c BETWEEN :1 AND :2 OR size(d) < :2) AND e IN (:1, :a)", "attribute_type(a, :S)", "begins_with(a, :ab)",
		"((a = b))", "(a) = (b)", "a <> b AND", "#c", "contains(a, size(b))", "\xff", "a\x00=b", strings.Repeat("(", 100),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := expression.NewScope(map[string]string{"#c": "c"}, constants)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.ParseCondition(text)
		if err != nil {
			return
		}
		printed := c.String()
		again, err := s.ParseCondition(printed)
		if len(printed) > expression.MaxLength {
			return // the text had fewer spaces
		}
		if err != nil {
			t.Fatalf("%q is printed as %q: %v", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q is printed as %q, then as %q", text, printed, again)
		}
		item := avs{"a": num("1"), "b": str("a"), "c": list(num("1")), "d": object(avs{"c": num("1")})}
		if expression.Evaluate(c, item) != expression.Evaluate(again, item) {
			t.Fatalf("%q and %q differ", text, printed)
		}
		_, _ = expression.KeyTerms(c)
	})
}

func FuzzUpdates(f *testing.F) {
	for _, seed := range []string{
		"SET a = :1, b = if_not_exists(c, :2) + :1 REMOVE d[1].e ADD f :1 DELETE g :ss", "SET a = (b - :1)", "SET a = list_append(:l, b)", "REMOVE a, a.b", "SET", "ADD a :1 ADD b :1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := expression.NewScope(map[string]string{"#c": "c"}, constants)
		if err != nil {
			t.Fatal(err)
		}
		u, err := s.ParseUpdate(text)
		if err != nil {
			return
		}
		printed := u.String()
		again, err := s.ParseUpdate(printed)
		if len(printed) > expression.MaxLength {
			return // the text had fewer spaces
		}
		if err != nil || again.String() != printed {
			t.Fatalf("%q is printed as %q, then as %v: %v", text, printed, again, err)
		}
	})
}

package codec_test

import (
	"errors"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

type Owner struct {
	OwnerID string `dynamodbav:"owner_id"`
	Team    string `dynamodbav:"team,omitempty"`
}

type Audit struct {
	Author   string   `dynamodbav:"author,omitempty"`
	Comments []string `dynamodbav:"comments,omitempty"`
}

// order has a field of each sort, as a table struct would.
type order struct {
	Owner
	*Audit
	ID       string            `dynamodbav:"id"`
	Note     *string           `dynamodbav:"note,omitempty"`
	Copies   uint8             `dynamodbav:"copies,omitempty"`
	Price    decimal.Decimal   `dynamodbav:"price"`
	Weight   float32           `dynamodbav:"weight,string"`
	Level    level             `dynamodbav:"level,nullempty"`
	Paid     bool              `dynamodbav:"paid"`
	Scan     []byte            `dynamodbav:"scan"`
	Digest   [4]byte           `dynamodbav:"digest"`
	Tags     []string          `dynamodbav:"tags,stringset,omitempty"`
	Steps    []int             `dynamodbav:"steps,numberset,omitemptyelem"`
	Scans    [][]byte          `dynamodbav:"scans"`
	Made     time.Time         `dynamodbav:"made"`
	Seen     moment            `dynamodbav:"seen,unixtime"`
	Address  address           `dynamodbav:"address"`
	Previous []*address        `dynamodbav:"previous,omitempty,nullemptyelem"`
	Labels   map[string]string `dynamodbav:"labels,omitemptyelem"`
	Tree     node              `dynamodbav:"tree"`
	Extra    any               `dynamodbav:"extra"`
	Skipped  string            `dynamodbav:"-"`
}

var orderFields = codec.Fields[order]{
	codec.NewField("owner_id", codec.String[string](), func(o *order) *string { return &o.OwnerID }),
	codec.NewField("team", codec.String[string](), func(o *order) *string { return &o.Team }, codec.OmitEmpty),
	codec.Via(func(o *order) **Audit { return &o.Audit },
		codec.NewField("author", codec.String[string](), func(a *Audit) *string { return &a.Author }, codec.OmitEmpty)),
	codec.Via(func(o *order) **Audit { return &o.Audit },
		codec.NewField("comments", codec.Slice(codec.String[string]()), func(a *Audit) *[]string { return &a.Comments }, codec.OmitEmpty)),
	codec.NewField("id", codec.String[string](), func(o *order) *string { return &o.ID }),
	codec.NewField("note", codec.Pointer(codec.String[string]()), func(o *order) **string { return &o.Note }, codec.OmitEmpty),
	codec.NewField("copies", codec.Uint[uint8](), func(o *order) *uint8 { return &o.Copies }, codec.OmitEmpty),
	codec.NewField("price", codec.Text[decimal.Decimal](), func(o *order) *decimal.Decimal { return &o.Price }),
	codec.NewField("weight", codec.AsString(codec.Float[float32]()), func(o *order) *float32 { return &o.Weight }),
	codec.NewField("level", codec.TextOver(codec.Int[level]()), func(o *order) *level { return &o.Level }, codec.NullEmpty),
	codec.NewField("paid", codec.Bool[bool](), func(o *order) *bool { return &o.Paid }),
	codec.NewField("scan", codec.Bytes[[]byte](), func(o *order) *[]byte { return &o.Scan }),
	codec.NewField("digest", codec.Array(codec.Bytes[[]byte](), func(a *[4]byte) []byte { return a[:] }), func(o *order) *[4]byte { return &o.Digest }),
	codec.NewField("tags", codec.StringSet(codec.String[string]()), func(o *order) *[]string { return &o.Tags }, codec.OmitEmpty),
	codec.NewField("steps", codec.NumberSet(codec.Int[int]()), func(o *order) *[]int { return &o.Steps }, codec.OmitEmptyElem),
	codec.NewField("scans", codec.BinarySet(codec.Bytes[[]byte]()), func(o *order) *[][]byte { return &o.Scans }),
	codec.NewField("made", codec.Time(), func(o *order) *time.Time { return &o.Made }),
	codec.NewField("seen", codec.UnixTime(), func(o *order) *time.Time { return (*time.Time)(&o.Seen) }),
	codec.NewField("address", addressCodec, func(o *order) *address { return &o.Address }),
	codec.NewField("previous", codec.Slice(codec.Pointer(addressCodec)), func(o *order) *[]*address { return &o.Previous }, codec.OmitEmpty, codec.NullEmptyElem),
	codec.NewField("labels", codec.Map(codec.String[string](), codec.String[string]()), func(o *order) *map[string]string { return &o.Labels }, codec.OmitEmptyElem),
	codec.NewField("tree", nodeCodec, func(o *order) *node { return &o.Tree }),
	codec.NewField("extra", codec.Any(), func(o *order) *any { return &o.Extra }),
}

// fillField draws a field that can be written, or leaves it zero: a struct of
// many fields would else be refused for one of them most of the time.
func fillField(t *rapid.T, v reflect.Value, field reflect.StructField) {
	if field.Tag.Get("dynamodbav") == "-" {
		return
	}
	single := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Value", Type: field.Type, Tag: field.Tag}})).Elem()
	for range 20 {
		fill(t, v, 4)
		single.Field(0).Set(v)
		item, err := attributevalue.MarshalMapWithOptions(single.Addr().Interface(), func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true })
		if err == nil && wellFormed(&types.AttributeValueMemberM{Value: item}) {
			return
		}
		v.SetZero()
	}
}

func TestWholeStruct(t *testing.T) {
	if err := orderFields.Check(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var o order
		for i, v := 0, reflect.ValueOf(&o).Elem(); i < v.NumField(); i++ {
			fillField(t, v.Field(i), v.Type().Field(i))
		}

		item, err := orderFields.Encode(&o)
		want, wantErr := attributevalue.MarshalMapWithOptions(&o, func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true })
		if wantErr == nil {
			nullForEmptySets(&types.AttributeValueMemberM{Value: want})
		}
		switch {
		case err != nil && wantErr == nil && !stricterToWrite(err, &types.AttributeValueMemberM{Value: want}):
			t.Fatalf("refused: %v", err)
		case err != nil:
			return
		case wantErr != nil:
			t.Fatalf("attributevalue refuses: %v", wantErr)
		case !reflect.DeepEqual(item, want):
			t.Fatalf("got\n%s, attributevalue\n%s", show(&types.AttributeValueMemberM{Value: item}), show(&types.AttributeValueMemberM{Value: want}))
		}

		item["unknown"] = attributeValue(t, 1)
		delete(item, rapid.SampledFrom(orderFields).Draw(t, "missing").Name())
		var got, ref order
		if err := orderFields.Decode(item, &got); err != nil {
			t.Fatalf("decode: %v", err)
		}
		err = attributevalue.UnmarshalMapWithOptions(item, &ref, func(o *attributevalue.DecoderOptions) {
			o.UseEncodingUnmarshalers = true
			o.FixUnmarshalIndividualSetValues = true
		})
		if err != nil && !looser(err) {
			t.Fatalf("attributevalue: %v", err)
		}
		if err == nil && !reflect.DeepEqual(got, ref) {
			t.Fatalf("decoded\n%#v, attributevalue\n%#v", got, ref)
		}
	})
}

// TestAttributeNamesAreExact: attributevalue would read an attribute whose name
// differs in case, and so let it stand in for one that is signed.
func TestAttributeNamesAreExact(t *testing.T) {
	var o order
	err := orderFields.Decode(map[string]types.AttributeValue{"ID": &types.AttributeValueMemberS{Value: "forged"}}, &o)
	if err != nil || o.ID != "" {
		t.Errorf("ID = %q, %v", o.ID, err)
	}
}

func TestDecodeKeepsItsHandsOffTheOldValue(t *testing.T) {
	note, scan, labels := "old", []byte("old"), map[string]string{"old": "old"}
	before := order{ID: "1", Note: &note, Scan: scan, Labels: labels, Audit: nil}
	o := before
	err := orderFields.Decode(map[string]types.AttributeValue{
		"note":   &types.AttributeValueMemberS{Value: "new"},
		"scan":   &types.AttributeValueMemberB{Value: []byte("new")},
		"labels": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"new": &types.AttributeValueMemberS{Value: "new"}}},
	}, &o)
	if err != nil {
		t.Fatal(err)
	}
	if note != "old" || string(scan) != "old" || !maps.Equal(labels, map[string]string{"old": "old"}) {
		t.Errorf("the old value became %q, %q, %v", note, scan, labels)
	}
	if o.ID != "1" || *o.Note != "new" || string(o.Scan) != "new" || !maps.Equal(o.Labels, map[string]string{"new": "new"}) {
		t.Errorf("decoded %+v", o)
	}
	if o.Audit != nil {
		t.Error("an embedded pointer was set without an attribute of its struct")
	}
}

func TestShortListClearsTheRestOfAnArray(t *testing.T) {
	p := pair{"old", "old"}
	err := field(pairCodec).Decode(&types.AttributeValueMemberSS{Value: []string{"new"}}, &p)
	if err != nil || p != (pair{"new", ""}) {
		t.Errorf("%q, %v", p, err)
	}
}

func TestBytesAreNotShared(t *testing.T) {
	o := order{Scan: []byte("abc"), Scans: [][]byte{[]byte("def")}}
	item, err := orderFields.Encode(&o)
	if err != nil {
		t.Fatal(err)
	}
	o.Scan[0], o.Scans[0][0] = 'X', 'X'
	scan, scans := item["scan"].(*types.AttributeValueMemberB), item["scans"].(*types.AttributeValueMemberBS)
	if string(scan.Value) != "abc" || string(scans.Value[0]) != "def" {
		t.Errorf("the item follows the struct: %q %q", scan.Value, scans.Value)
	}
	var back order
	if err := orderFields.Decode(item, &back); err != nil {
		t.Fatal(err)
	}
	scan.Value[0], scans.Value[0][0] = 'Y', 'Y'
	if string(back.Scan) != "abc" || string(back.Scans[0]) != "def" {
		t.Errorf("the struct follows the item: %q %q", back.Scan, back.Scans)
	}
}

func TestErrorsNameTheAttributeAndNotTheValue(t *testing.T) {
	const secret = "5f3c-secret"
	text := &types.AttributeValueMemberS{Value: secret}
	in := func(name string, av types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{name: av}}
	}
	list := func(avs ...types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: avs}
	}
	for name, test := range map[string]struct {
		item    map[string]types.AttributeValue
		path    string
		av, typ string
		reason  error
	}{
		"type":        {map[string]types.AttributeValue{"copies": text}, "copies", "S", "uint8", codec.ErrType},
		"overflow":    {map[string]types.AttributeValue{"copies": &types.AttributeValueMemberN{Value: "300"}}, "copies", "N", "uint8", codec.ErrOverflow},
		"negative":    {map[string]types.AttributeValue{"copies": &types.AttributeValueMemberN{Value: "-7"}}, "copies", "N", "uint8", codec.ErrSyntax},
		"float":       {map[string]types.AttributeValue{"weight": &types.AttributeValueMemberN{Value: "1e39"}}, "weight", "N", "float32", codec.ErrOverflow},
		"as string":   {map[string]types.AttributeValue{"weight": text}, "weight", "S", "float32", codec.ErrSyntax},
		"not finite":  {map[string]types.AttributeValue{"weight": &types.AttributeValueMemberN{Value: "NaN"}}, "weight", "N", "float32", codec.ErrNotFinite},
		"method":      {map[string]types.AttributeValue{"price": text}, "price", "S", "decimal.Decimal", codec.ErrRefused},
		"time":        {map[string]types.AttributeValue{"made": text}, "made", "S", "time.Time", codec.ErrSyntax},
		"utf-8":       {map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: secret + "\xff"}}, "id", "S", "string", codec.ErrUTF8},
		"member":      {map[string]types.AttributeValue{"address": in("street", list())}, "address.street", "L", "string", codec.ErrType},
		"element":     {map[string]types.AttributeValue{"previous": list(in("lines", list(text, in(secret, text))))}, "previous[0].lines[1]", "M", "string", codec.ErrType},
		"map member":  {map[string]types.AttributeValue{"labels": in(secret, list())}, "labels[*]", "L", "string", codec.ErrType},
		"deep":        {map[string]types.AttributeValue{"tree": in("by_name", in(secret, in("children", list(in("name", list())))))}, "tree.by_name[*].children[0].name", "L", "string", codec.ErrType},
		"set element": {map[string]types.AttributeValue{"steps": &types.AttributeValueMemberSS{Value: []string{secret}}}, "steps[0]", "S", "int", codec.ErrType},
		"array":       {map[string]types.AttributeValue{"digest": &types.AttributeValueMemberB{Value: []byte(secret)}}, "digest", "B", "[4]uint8", codec.ErrOverflow},
		"embedded":    {map[string]types.AttributeValue{"comments": text}, "comments", "S", "[]string", codec.ErrType},
		"any":         {map[string]types.AttributeValue{"extra": &types.AttributeValueMemberN{Value: secret}}, "extra", "N", "interface {}", codec.ErrSyntax},
		"nil":         {map[string]types.AttributeValue{"id": (*types.AttributeValueMemberS)(nil)}, "id", "*types.AttributeValueMemberS", "string", codec.ErrAttributeValue},
		"unknown":     {map[string]types.AttributeValue{"id": &types.UnknownUnionMember{Tag: secret}}, "id", "*types.UnknownUnionMember", "string", codec.ErrAttributeValue},
	} {
		t.Run(name, func(t *testing.T) {
			err := orderFields.Decode(test.item, new(order))
			var e *codec.Error
			if !errors.As(err, &e) || !errors.Is(err, test.reason) {
				t.Fatalf("got %v, want %v", err, test.reason)
			}
			if e.Attribute != test.path || e.Type != test.av || e.GoType != test.typ {
				t.Errorf("got %q, %q, %q; want %q, %q, %q", e.Attribute, e.Type, e.GoType, test.path, test.av, test.typ)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "300") {
				t.Errorf("the value is in the error: %v", err)
			}
			if !strings.Contains(err.Error(), test.path) || !strings.Contains(err.Error(), test.typ) {
				t.Errorf("the error does not say where: %v", err)
			}
		})
	}
}

func TestEncodeErrors(t *testing.T) {
	const secret = "5f3c-secret"
	cyclic := &node{Name: secret}
	cyclic.Next = cyclic
	loop := []any{nil}
	loop[0] = loop
	for name, test := range map[string]struct {
		order  order
		path   string
		reason error
	}{
		"not finite": {order{Weight: float32(math.Inf(1))}, "weight", codec.ErrNotFinite},
		"utf-8":      {order{Address: address{Street: secret + "\xff"}}, "address.street", codec.ErrUTF8},
		"key utf-8":  {order{Labels: map[string]string{secret + "\xff": "a"}}, "labels[*]", codec.ErrUTF8},
		"empty key":  {order{Labels: map[string]string{"": secret}}, "labels[*]", codec.ErrKey},
		"method":     {order{Level: -1}, "level", codec.ErrRefused},
		"year":       {order{Made: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "made", codec.ErrOverflow},
		"set":        {order{Scans: [][]byte{{1}, nil}}, "scans[1]", codec.ErrElement},
		"cycle":      {order{Tree: *cyclic}, "tree" + strings.Repeat(".next", 32), codec.ErrDepth},
		"any cycle":  {order{Extra: loop}, "extra" + strings.Repeat("[0]", 32), codec.ErrDepth},
		"any text":   {order{Extra: map[string]any{"a": []string{secret + "\xff"}}}, "extra[*]", codec.ErrUTF8},
		"any number": {order{Extra: math.NaN()}, "extra", codec.ErrSyntax},
		"any method": {order{Extra: []level{-1}}, "extra", codec.ErrRefused},
		"any panics": {order{Extra: struct{ T any }{(*time.Time)(nil)}}, "extra", codec.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := orderFields.Encode(&test.order)
			var e *codec.Error
			if !errors.As(err, &e) || !errors.Is(err, test.reason) {
				t.Fatalf("got %v, want %v", err, test.reason)
			}
			if e.Attribute != test.path {
				t.Errorf("path %q, want %q", e.Attribute, test.path)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the value is in the error: %v", err)
			}
		})
	}
}

func TestDepthOfDynamoDBIsAllowed(t *testing.T) {
	root := new(node)
	for n, deep := root, 1; deep < 32; deep++ {
		n.Next = new(node)
		n = n.Next
	}
	if _, err := orderFields.Encode(&order{Tree: *root}); err != nil {
		t.Error(err)
	}
	if _, err := orderFields.Encode(&order{Tree: node{Next: root}}); !errors.Is(err, codec.ErrDepth) {
		t.Errorf("33 levels: %v", err)
	}
}

func TestNilStruct(t *testing.T) {
	field := orderFields[0]
	_, encode := orderFields.Encode(nil)
	_, encodeField := field.Encode(nil)
	for name, err := range map[string]error{
		"encode":       encode,
		"encode field": encodeField,
		"decode":       orderFields.Decode(nil, nil),
		"decode field": field.Decode(nil, nil),
	} {
		if !errors.Is(err, codec.ErrNilStruct) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := orderFields.Decode(nil, new(order)); err != nil {
		t.Errorf("a nil item has no attributes: %v", err)
	}
}

func TestCheckRefusesBadTables(t *testing.T) {
	id := func(o *order) *string { return &o.ID }
	text := codec.String[string]()
	for name, fields := range map[string]codec.Fields[order]{
		"no name":           {codec.NewField("", text, id)},
		"name not UTF-8":    {codec.NewField("\xff", text, id)},
		"name twice":        {codec.NewField("id", text, id), codec.NewField("id", text, id)},
		"no codec":          {codec.NewField("id", nil, id)},
		"no accessor":       {codec.NewField[order]("id", text, nil)},
		"zero field":        {{}},
		"unknown option":    {codec.NewField("id", text, id, codec.Option(1<<7))},
		"contrary options":  {codec.NewField("id", text, id, codec.OmitEmpty, codec.NullEmpty)},
		"contrary elements": {codec.NewField("id", text, id, codec.OmitEmptyElem|codec.NullEmptyElem)},
		"no embedded":       {codec.Via[order](nil, codec.NewField("author", text, func(a *Audit) *string { return &a.Author }))},
		"embedded":          {codec.Via(func(o *order) **Audit { return &o.Audit }, codec.NewField[Audit, string]("author", nil, nil))},
	} {
		t.Run(name, func(t *testing.T) {
			if err := fields.Check(); err == nil {
				t.Error("accepted")
			}
		})
	}
}

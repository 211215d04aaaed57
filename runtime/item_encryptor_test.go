package runtime_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

type (
	avS    = types.AttributeValueMemberS
	avN    = types.AttributeValueMemberN
	avB    = types.AttributeValueMemberB
	avBool = types.AttributeValueMemberBOOL
	avNull = types.AttributeValueMemberNULL
	avSS   = types.AttributeValueMemberSS
	avNS   = types.AttributeValueMemberNS
	avBS   = types.AttributeValueMemberBS
	avM    = types.AttributeValueMemberM
	avL    = types.AttributeValueMemberL
)

func aesKeyring(tb testing.TB, name string) crypto.Keyring {
	tb.Helper()
	k, err := raw.NewAES("test", name, crypto.NewKey([]byte("0123456789abcdef0123456789abcdef")))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func newItemEncryptor(tb testing.TB, c crypto.Config) *ddbe.ItemEncryptor {
	tb.Helper()
	e, err := ddbe.NewItemEncryptor(c)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// itemConfig has a partition key, an encrypted, a signed and an unsigned
// attribute.
func itemConfig(tb testing.TB) crypto.Config {
	return crypto.Config{
		LogicalTableName: "table", PartitionKey: "pk",
		Actions: map[string]attribute.Action{
			"pk": attribute.SignOnly, "secret": attribute.EncryptAndSign, "signed": attribute.SignOnly, "free": attribute.DoNothing,
		},
		AllowedUnsigned: []string{"free"}, AllowedUnsignedPrefix: new(":"),
		Suite: crypto.SuiteHMAC, Keyring: aesKeyring(tb, "key"),
	}
}

func someItem() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk":     &avS{Value: "a"},
		"secret": &avM{Value: map[string]types.AttributeValue{"n": &avN{Value: "01.50"}, "ss": &avSS{Value: []string{"b", "a"}}}},
		"signed": &avNS{Value: []string{"2.0", "01"}},
		"free":   &avN{Value: "not a number"},
		":x":     &avB{Value: []byte{1}},
	}
}

func TestItemEncryptor(t *testing.T) {
	e := newItemEncryptor(t, itemConfig(t))
	item := someItem()
	stored, header, err := e.EncryptItem(t.Context(), item)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(item, someItem()) {
		t.Error("EncryptItem changed its argument")
	}
	for _, name := range []string{"pk", "signed", "free", ":x"} {
		if stored[name] != item[name] {
			t.Errorf("%s is not stored as it is", name)
		}
	}
	if _, ok := stored["secret"].(*avB); !ok || len(stored) != len(item)+2 || header == nil {
		t.Errorf("stored item %v, header %v", slices.Collect(maps.Keys(stored)), header)
	}
	keys, err := ddbe.DescribeDataKeys(stored)
	if err != nil || len(keys) != 1 || keys[0].KeyID != "key" {
		t.Errorf("DescribeDataKeys = %+v, %v", keys, err)
	}

	stored["aws_dbe_b_x"] = &avS{Value: "beacon"}
	before := maps.Clone(stored)
	plain, header, err := e.DecryptItem(t.Context(), stored)
	if err != nil || header == nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(stored, before) {
		t.Error("DecryptItem changed its argument")
	}
	want := someItem()
	want["secret"] = &avM{Value: map[string]types.AttributeValue{"n": &avN{Value: "1.5"}, "ss": &avSS{Value: []string{"a", "b"}}}}
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("decrypted %v, want %v", plain, want)
	}
}

func TestEncryptItemRefuses(t *testing.T) {
	e := newItemEncryptor(t, itemConfig(t))
	for name, change := range map[string]func(map[string]types.AttributeValue){
		"nil value":                  func(i map[string]types.AttributeValue) { i["secret"] = nil },
		"nil pointer":                func(i map[string]types.AttributeValue) { i["secret"] = (*avB)(nil) },
		"nil nested":                 func(i map[string]types.AttributeValue) { i["signed"] = &avL{Value: []types.AttributeValue{nil}} },
		"invalid UTF-8":              func(i map[string]types.AttributeValue) { i["signed"] = &avS{Value: "\xff"} },
		"invalid number":             func(i map[string]types.AttributeValue) { i["secret"] = &avN{Value: "plain"} },
		"unconfigured unsigned":      func(i map[string]types.AttributeValue) { i[":y"] = &avN{Value: "plain"} },
		"unknown attribute":          func(i map[string]types.AttributeValue) { i["x"] = &avS{} },
		"reserved attribute":         func(i map[string]types.AttributeValue) { i["aws_dbe_x"] = &avS{} },
		"footer":                     func(i map[string]types.AttributeValue) { i["aws_dbe_foot"] = &avB{} },
		"no key":                     func(i map[string]types.AttributeValue) { delete(i, "pk") },
		"nothing":                    func(i map[string]types.AttributeValue) { clear(i) },
		"number set with duplicates": func(i map[string]types.AttributeValue) { i["signed"] = &avNS{Value: []string{"1", "1.0"}} },
	} {
		item := someItem()
		change(item)
		stored, header, err := e.EncryptItem(t.Context(), item)
		var attributeError *crypto.AttributeError
		if stored != nil || header != nil || !errors.As(err, &attributeError) {
			t.Errorf("%s: %v, %v", name, stored, err)
		}
		if err != nil && strings.Contains(err.Error(), "plain") {
			t.Errorf("%s: the error shows the value: %v", name, err)
		}
	}
	if _, _, err := e.EncryptItem(t.Context(), nil); !errors.Is(err, crypto.ErrMissingAttribute) {
		t.Errorf("nil item: %v", err)
	}
	if _, _, err := e.DecryptItem(t.Context(), nil); !errors.Is(err, crypto.ErrMissingAttribute) {
		t.Errorf("nil stored item: %v", err)
	}
	if _, err := ddbe.DescribeDataKeys(nil); !errors.Is(err, crypto.ErrNotEncrypted) {
		t.Errorf("DescribeDataKeys(nil): %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := e.EncryptItem(cancelled, someItem()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := e.DecryptItem(cancelled, someItem()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPlaintextItems(t *testing.T) {
	c := itemConfig(t)
	c.PlaintextPolicy = crypto.InsecureForcePlaintextWrite
	e := newItemEncryptor(t, c)
	item := someItem()
	item["unheard of"] = &avNS{Value: []string{"not a number"}} // is not looked at
	stored, header, err := e.EncryptItem(t.Context(), item)
	if err != nil || header != nil || !reflect.DeepEqual(stored, item) {
		t.Errorf("EncryptItem = %v, %v, %v", stored, header, err)
	}
	plain, header, err := e.DecryptItem(t.Context(), stored)
	if err != nil || header != nil || !reflect.DeepEqual(plain, item) {
		t.Errorf("DecryptItem = %v, %v, %v", plain, header, err)
	}
	plain["new"] = &avNull{Value: true}
	if len(stored) != len(item) {
		t.Error("the plaintext shares its map with the stored item")
	}
	for name, change := range map[string]func(map[string]types.AttributeValue){
		"no key":   func(i map[string]types.AttributeValue) { delete(i, "pk") },
		"reserved": func(i map[string]types.AttributeValue) { i["aws_dbe_head"] = &avB{} },
	} {
		item := someItem()
		change(item)
		if stored, _, err := e.EncryptItem(t.Context(), item); err == nil {
			t.Errorf("%s: EncryptItem = %v", name, stored)
		}
	}
}

// scalarsAndSets generates attribute values in canonical spelling, one level of
// nesting deep.
func scalarsAndSets() *rapid.Generator[types.AttributeValue] {
	flat := rapid.Custom(func(t *rapid.T) types.AttributeValue {
		switch rapid.IntRange(0, 6).Draw(t, "type") {
		case 0:
			return &avS{Value: rapid.String().Draw(t, "S")}
		case 1:
			return &avN{Value: rapid.StringMatching(`-?[1-9][0-9]{0,30}`).Draw(t, "N")}
		case 2:
			return &avB{Value: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "B")}
		case 3:
			return &avBool{Value: rapid.Bool().Draw(t, "BOOL")}
		case 4:
			return &avNull{Value: true}
		case 5:
			set := rapid.SliceOfNDistinct(rapid.String(), 1, 4, rapid.ID).Draw(t, "SS")
			slices.SortFunc(set, attribute.CompareUTF16)
			return &avSS{Value: set}
		default:
			return &avBS{Value: [][]byte{rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "BS")}}
		}
	})
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			return &avL{Value: rapid.SliceOfN(flat, 0, 4).Draw(t, "L")}
		case 1:
			return &avM{Value: rapid.MapOfN(rapid.StringN(1, 5, 20), flat, 0, 4).Draw(t, "M")}
		default:
			return flat.Draw(t, "value")
		}
	})
}

// table draws a configuration and an item that it can encrypt.
func drawTable(t *rapid.T, k crypto.Keyring) (crypto.Config, map[string]types.AttributeValue) {
	c := crypto.Config{
		LogicalTableName: rapid.StringN(1, 20, 80).Draw(t, "table name"),
		PartitionKey:     "pk",
		Keyring:          k,
		Suite:            rapid.SampledFrom([]crypto.Suite{crypto.SuiteHMAC, crypto.SuiteECDSA}).Draw(t, "suite"),
		Actions:          map[string]attribute.Action{},
	}
	keyAction, actions := attribute.SignOnly, []attribute.Action{attribute.EncryptAndSign, attribute.SignOnly, attribute.DoNothing}
	if rapid.Bool().Draw(t, "context") {
		keyAction = attribute.SignAndIncludeInEncryptionContext
		actions = append(actions, keyAction)
	}
	item := map[string]types.AttributeValue{"pk": &avS{Value: "key"}}
	c.Actions["pk"] = keyAction
	if rapid.Bool().Draw(t, "sort key") {
		c.SortKey = "sk"
		c.Actions["sk"], item["sk"] = keyAction, &avN{Value: "7"}
	}
	name := rapid.StringN(1, 12, 40).Filter(func(s string) bool {
		return s != "pk" && s != "sk" && !attribute.Reserved(s) && !strings.HasPrefix(s, crypto.ReservedContextPrefix)
	})
	for _, n := range rapid.SliceOfNDistinct(name, 0, 8, rapid.ID).Draw(t, "names") {
		c.Actions[n] = rapid.SampledFrom(actions).Draw(t, "action")
		if c.Actions[n] == attribute.DoNothing {
			c.AllowedUnsigned = append(c.AllowedUnsigned, n)
		}
		item[n] = scalarsAndSets().Draw(t, "value")
	}
	return c, item
}

func TestRoundTrip(t *testing.T) {
	k := aesKeyring(t, "key")
	rapid.Check(t, func(t *rapid.T) {
		c, item := drawTable(t, k)
		e, err := ddbe.NewItemEncryptor(c)
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := e.EncryptItem(context.Background(), item)
		if err != nil {
			t.Fatal(err)
		}
		plain, _, err := e.DecryptItem(context.Background(), stored)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) != len(item) {
			t.Fatalf("%d attributes became %d", len(item), len(plain))
		}
		for name, value := range item {
			before, err := ddbe.CanonicalAttribute(name, value)
			if err != nil {
				t.Fatal(err)
			}
			after, err := ddbe.CanonicalAttribute(name, plain[name])
			if err != nil || !reflect.DeepEqual(before, after) {
				t.Fatalf("attribute %q became %v, %v", name, after, err)
			}
			if _, encrypted := stored[name].(*avB); c.Actions[name] == attribute.EncryptAndSign && !encrypted {
				t.Fatalf("attribute %q is stored in clear", name)
			}
		}
	})
}

// Whatever is done to one signed attribute of a stored item, or to its header or
// footer, the item no longer decrypts.
func TestEveryMutationFails(t *testing.T) {
	k := aesKeyring(t, "key")
	rapid.Check(t, func(t *rapid.T) {
		c, item := drawTable(t, k)
		e, err := ddbe.NewItemEncryptor(c)
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := e.EncryptItem(context.Background(), item)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range stored {
			if c.Actions[name] == attribute.DoNothing {
				continue
			}
			mutate(t, stored, name, value)
			if _, _, err := e.DecryptItem(context.Background(), stored); err == nil {
				t.Fatalf("the item decrypts with another %q", name)
			}
			stored[name] = value
		}
		if _, _, err := e.DecryptItem(context.Background(), stored); err != nil {
			t.Fatalf("the item as it was: %v", err)
		}
	})
}

// mutate changes, retypes, swaps or removes an attribute of a stored item.
func mutate(t *rapid.T, stored map[string]types.AttributeValue, name string, value types.AttributeValue) {
	before, err := ddbe.CanonicalAttribute(name, value)
	if err != nil {
		t.Fatal(err)
	}
	switch rapid.IntRange(0, 2).Draw(t, "mutation of "+name) {
	case 0:
		delete(stored, name)
	case 1:
		for other, v := range stored {
			after, err := ddbe.CanonicalAttribute(name, v)
			if err != nil {
				t.Fatal(err)
			}
			if other != name && !reflect.DeepEqual(before, after) {
				stored[name] = v
				return
			}
		}
		delete(stored, name)
	default:
		if b, ok := value.(*avB); ok && len(b.Value) > 0 {
			changed := slices.Clone(b.Value)
			changed[rapid.IntRange(0, len(changed)-1).Draw(t, "byte")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
			stored[name] = &avB{Value: changed}
			return
		}
		stored[name] = &avL{Value: []types.AttributeValue{value, value}}
	}
}

// An item encryptor serves many goroutines; the race detector looks on.
func TestItemEncryptorConcurrently(t *testing.T) {
	e := newItemEncryptor(t, itemConfig(t))
	done := make(chan error)
	for range 8 {
		go func() {
			for range 20 {
				stored, _, err := e.EncryptItem(context.Background(), someItem())
				if err == nil {
					_, _, err = e.DecryptItem(context.Background(), stored)
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

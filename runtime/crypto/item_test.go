package crypto_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

func newEncryptor(tb testing.TB, c crypto.Config) *crypto.ItemEncryptor {
	tb.Helper()
	e, err := crypto.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func text(name, value string) attribute.Attribute {
	return attribute.Attribute{Name: name, Type: attribute.String, Value: []byte(value)}
}

func goodItem() []attribute.Attribute {
	return []attribute.Attribute{
		text("pk", "a"), text("sk", "b"), text("secret", "hidden"), text("signed", "seen"), text("free", "anything"),
	}
}

// stored returns the item attrs as it is stored after encryption.
func stored(attrs []attribute.Attribute, enc *crypto.Encrypted) []attribute.Attribute {
	all := slices.Clone(attrs)
	for _, a := range enc.Attributes {
		if i := slices.IndexFunc(all, func(b attribute.Attribute) bool { return b.Name == a.Name }); i >= 0 {
			all[i] = a
		} else {
			all = append(all, a)
		}
	}
	return all
}

func encrypt(tb testing.TB, e *crypto.ItemEncryptor, attrs []attribute.Attribute) []attribute.Attribute {
	tb.Helper()
	enc, err := e.Encrypt(tb.Context(), attrs)
	if err != nil {
		tb.Fatal(err)
	}
	return stored(attrs, enc)
}

func find(tb testing.TB, attrs []attribute.Attribute, name string) *attribute.Attribute {
	tb.Helper()
	for i := range attrs {
		if attrs[i].Name == name {
			return &attrs[i]
		}
	}
	tb.Fatalf("no attribute %q", name)
	return nil
}

func TestEncryptAndDecrypt(t *testing.T) {
	for _, suite := range []crypto.Suite{crypto.SuiteHMAC, crypto.SuiteECDSA} {
		for version, config := range []crypto.Config{goodConfig(t), contextConfig(t)} {
			config.Suite = suite
			e := newEncryptor(t, config)
			attrs := goodItem()
			enc, err := e.Encrypt(t.Context(), attrs)
			if err != nil {
				t.Fatal(err)
			}
			if len(enc.Attributes) != 3 || enc.Attributes[0].Name != "secret" ||
				enc.Attributes[1].Name != attribute.HeaderName || enc.Attributes[2].Name != attribute.FooterName {
				t.Fatalf("replaced attributes: %v", enc.Attributes)
			}
			for _, a := range enc.Attributes {
				if a.Type != attribute.Binary || strings.Contains(string(a.Value), "hidden") {
					t.Errorf("attribute %s of type %s holds plaintext", a.Name, a.Type)
				}
			}
			dec, err := e.Decrypt(t.Context(), stored(attrs, enc))
			if err != nil {
				t.Fatal(err)
			}
			if len(dec.Attributes) != 1 || dec.Attributes[0].Name != "secret" ||
				dec.Attributes[0].Type != attribute.String || string(dec.Attributes[0].Value) != "hidden" {
				t.Errorf("decrypted attributes: %v", dec.Attributes)
			}
			for _, h := range []*crypto.ParsedHeader{enc.Header, dec.Header} {
				if h.Suite != suite || int(h.Version) != version+1 || len(h.EncryptedDataKeys) != 1 {
					t.Errorf("parsed header %+v", h)
				}
				if _, signed := h.StoredEncryptionContext["aws-crypto-public-key"]; signed != suite.Signs() || len(h.StoredEncryptionContext) > 1 {
					t.Errorf("stored context %v", h.StoredEncryptionContext)
				}
				actions := maps.Collect(h.Actions())
				if len(actions) != 4 || actions["secret"] != attribute.EncryptAndSign || actions["pk"] != config.Actions["pk"] {
					t.Errorf("actions %v", actions)
				}
			}
		}
	}
}

// Nothing is the same in two encryptions of one item.
func TestEncryptIsRandomised(t *testing.T) {
	e := newEncryptor(t, goodConfig(t))
	a, b := encrypt(t, e, goodItem()), encrypt(t, e, goodItem())
	for _, name := range []string{"secret", attribute.HeaderName, attribute.FooterName} {
		if string(find(t, a, name).Value) == string(find(t, b, name).Value) {
			t.Errorf("%s is the same twice", name)
		}
	}
}

func TestEncryptRefuses(t *testing.T) {
	e := newEncryptor(t, contextConfig(t))
	for _, c := range []struct {
		name  string
		attrs []attribute.Attribute
		want  error
		attr  string
	}{
		{"nothing", nil, crypto.ErrMissingAttribute, "pk"},
		{"no partition key", goodItem()[1:], crypto.ErrMissingAttribute, "pk"},
		{"no sort key", slices.Delete(goodItem(), 1, 2), crypto.ErrMissingAttribute, "sk"},
		{"no context attribute", slices.Delete(goodItem(), 3, 4), crypto.ErrMissingAttribute, "signed"},
		{"unknown attribute", append(goodItem(), text("x", "")), crypto.ErrNoAction, "x"},
		{"reserved attribute", append(goodItem(), text("aws_dbe_b_x", "")), crypto.ErrReserved, "aws_dbe_b_x"},
		{"header", append(goodItem(), text("aws_dbe_head", "")), crypto.ErrReserved, "aws_dbe_head"},
		{"twice", append(goodItem(), text("secret", "")), nil, "secret"},
	} {
		_, err := e.Encrypt(t.Context(), c.attrs)
		var attributeError *crypto.AttributeError
		if !errors.As(err, &attributeError) || attributeError.Name != c.attr || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want an AttributeError of %s with %v", c.name, err, c.attr, c.want)
		}
	}
	c := goodConfig(t)
	c.DefaultAction = attribute.EncryptAndSign
	byDefault := newEncryptor(t, c)
	if _, err := byDefault.Encrypt(t.Context(), append(goodItem(), text("x", ""))); err != nil {
		t.Errorf("an attribute of the default action: %v", err)
	}
	for _, name := range []string{"", "\xff", strings.Repeat("n", 65536)} {
		if _, err := byDefault.Encrypt(t.Context(), append(goodItem(), text(name, ""))); err == nil {
			t.Errorf("an attribute named %.10q is accepted", name)
		}
	}
	long := goodItem()
	long[0].Value = []byte(strings.Repeat("k", 65536))
	if _, err := e.Encrypt(t.Context(), long); err == nil {
		t.Error("a value too long for the encryption context is accepted")
	}
}

// The arguments are read only.
func TestArgumentsAreNotChanged(t *testing.T) {
	e := newEncryptor(t, goodConfig(t))
	copyOf := func(attrs []attribute.Attribute) []attribute.Attribute {
		c := slices.Clone(attrs)
		for i := range c {
			c[i].Value = slices.Clone(c[i].Value)
		}
		return c
	}
	same := func(a, b attribute.Attribute) bool {
		return a.Name == b.Name && a.Type == b.Type && string(a.Value) == string(b.Value)
	}
	attrs := goodItem()
	before := copyOf(attrs)
	item := encrypt(t, e, attrs)
	if !slices.EqualFunc(attrs, before, same) {
		t.Error("Encrypt changed its argument")
	}
	before = copyOf(item)
	if _, err := e.Decrypt(t.Context(), item); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(item, before, same) {
		t.Error("Decrypt changed its argument")
	}
}

func TestDecryptRefuses(t *testing.T) {
	e := newEncryptor(t, goodConfig(t))
	without := func(names ...string) []attribute.Attribute {
		return slices.DeleteFunc(encrypt(t, e, goodItem()), func(a attribute.Attribute) bool { return slices.Contains(names, a.Name) })
	}
	with := func(a attribute.Attribute) []attribute.Attribute {
		return append(without(a.Name), a)
	}
	for _, c := range []struct {
		name string
		item []attribute.Attribute
		want error
	}{
		{"nothing", nil, crypto.ErrMissingAttribute},
		{"no partition key", without("pk"), crypto.ErrMissingAttribute},
		{"no sort key", without("sk"), crypto.ErrMissingAttribute},
		{"plaintext", goodItem(), crypto.ErrNotEncrypted},
		{"no header", without(attribute.HeaderName), crypto.ErrFormat},
		{"no footer", without(attribute.FooterName), crypto.ErrFormat},
		{"header of another type", with(text(attribute.HeaderName, "x")), crypto.ErrFormat},
		{"footer of another type", with(text(attribute.FooterName, "x")), crypto.ErrFormat},
		{"empty header", with(attribute.Attribute{Name: attribute.HeaderName, Type: attribute.Binary}), crypto.ErrFormat},
		{"empty footer", with(attribute.Attribute{Name: attribute.FooterName, Type: attribute.Binary}), crypto.ErrFormat},
		{"signed attribute removed", without("signed"), crypto.ErrScope},
		{"signed attribute added", with(text("new", "")), crypto.ErrScope},
		{"signed attribute changed", with(text("signed", "x")), crypto.ErrAuthentication},
		{"encrypted attribute in clear", with(text("secret", "hidden")), crypto.ErrAuthentication},
		{"encrypted attribute too short", with(attribute.Attribute{Name: "secret", Type: attribute.Binary}), crypto.ErrAuthentication},
		{"key changed", with(text("pk", "z")), crypto.ReasonWrongKey},
		{"twice", append(without(), text("signed", "seen")), nil},
	} {
		_, err := e.Decrypt(t.Context(), c.item)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
	// What is not signed may come and go.
	for _, item := range [][]attribute.Attribute{without("free"), with(text("free", "x")), with(text("aws_dbe_b_x", "x")), with(text("aws_dbe_v_1", " "))} {
		if _, err := e.Decrypt(t.Context(), item); err != nil {
			t.Errorf("unsigned attribute: %v", err)
		}
	}
}

// Two attributes of one item or of two items cannot change places.
func TestSwapsFail(t *testing.T) {
	c := goodConfig(t)
	c.Actions["secret2"] = attribute.EncryptAndSign
	e := newEncryptor(t, c)
	a := encrypt(t, e, append(goodItem(), text("secret2", "hidden")))
	b := encrypt(t, e, append(goodItem(), text("secret2", "hidden")))

	within := slices.Clone(a)
	x, y := find(t, within, "secret"), find(t, within, "secret2")
	x.Value, y.Value = y.Value, x.Value
	if _, err := e.Decrypt(t.Context(), within); !errors.Is(err, crypto.ErrAuthentication) {
		t.Errorf("swap within an item: %v", err)
	}
	for _, name := range []string{"secret", "secret2", attribute.HeaderName, attribute.FooterName} {
		mixed := slices.Clone(a)
		find(t, mixed, name).Value = find(t, b, name).Value
		if _, err := e.Decrypt(t.Context(), mixed); err == nil {
			t.Errorf("%s of another item is accepted", name)
		}
	}
}

// An item cannot be moved to another table, and a reader does not see an item
// whose key attributes it calls by other names.
func TestConfigurationIsBound(t *testing.T) {
	item := encrypt(t, newEncryptor(t, goodConfig(t)), goodItem())
	for name, change := range map[string]func(*crypto.Config){
		"table name":    func(c *crypto.Config) { c.LogicalTableName = "other" },
		"sort key":      func(c *crypto.Config) { c.SortKey = "" },
		"other keys":    func(c *crypto.Config) { c.PartitionKey, c.SortKey = "sk", "pk" },
		"unsigned more": func(c *crypto.Config) { c.AllowedUnsignedPrefix = ptr("signed"); delete(c.Actions, "signed") },
		"unsigned less": func(c *crypto.Config) { c.AllowedUnsigned = nil; delete(c.Actions, "free") },
	} {
		c := goodConfig(t)
		change(&c)
		if _, err := newEncryptor(t, c).Decrypt(t.Context(), item); err == nil {
			t.Errorf("%s: the item is accepted", name)
		}
	}
	// Actions and suite of the reader do not matter.
	c := goodConfig(t)
	c.Actions["secret"], c.Suite = attribute.SignOnly, crypto.SuiteECDSA
	delete(c.Actions, "signed")
	if _, err := newEncryptor(t, c).Decrypt(t.Context(), item); err != nil {
		t.Errorf("a reader with other actions: %v", err)
	}
}

func TestPlaintextPolicies(t *testing.T) {
	encrypted := encrypt(t, newEncryptor(t, goodConfig(t)), goodItem())
	for _, c := range []struct {
		policy        crypto.PlaintextPolicy
		writes, reads bool // plaintext
	}{
		{crypto.ForbidPlaintext, false, false},
		{crypto.InsecureAllowPlaintextRead, false, true},
		{crypto.InsecureForcePlaintextWrite, true, true},
	} {
		config := goodConfig(t)
		config.PlaintextPolicy = c.policy
		e := newEncryptor(t, config)
		enc, err := e.Encrypt(t.Context(), goodItem())
		if err != nil || (enc.Header == nil) != c.writes || (len(enc.Attributes) == 0) != c.writes {
			t.Errorf("%s: Encrypt = %v, %v", c.policy, enc, err)
		}
		if _, err := e.Encrypt(t.Context(), goodItem()[1:]); !errors.Is(err, crypto.ErrMissingAttribute) {
			t.Errorf("%s: Encrypt without a key: %v", c.policy, err)
		}
		if _, err := e.Encrypt(t.Context(), append(goodItem(), text("aws_dbe_foot", ""))); !errors.Is(err, crypto.ErrReserved) {
			t.Errorf("%s: Encrypt with a footer: %v", c.policy, err)
		}
		if e.WritesPlaintext() != c.writes || e.ReadsPlaintext() != c.reads {
			t.Errorf("%s: writes plaintext %v, reads it %v", c.policy, e.WritesPlaintext(), e.ReadsPlaintext())
		}
		dec, err := e.Decrypt(t.Context(), goodItem())
		if c.reads && (err != nil || dec.Header != nil || len(dec.Attributes) != 0) || !c.reads && !errors.Is(err, crypto.ErrNotEncrypted) {
			t.Errorf("%s: Decrypt of plaintext = %v, %v", c.policy, dec, err)
		}
		if dec, err := e.Decrypt(t.Context(), encrypted); err != nil || dec.Header == nil {
			t.Errorf("%s: Decrypt = %v, %v", c.policy, dec, err)
		}
		// One of header and footer is not plaintext but a damaged item.
		half := slices.DeleteFunc(slices.Clone(encrypted), func(a attribute.Attribute) bool { return a.Name == attribute.FooterName })
		if _, err := e.Decrypt(t.Context(), half); !errors.Is(err, crypto.ErrFormat) {
			t.Errorf("%s: Decrypt without footer: %v", c.policy, err)
		}
	}
}

func TestSelectorContext(t *testing.T) {
	names := func(attrs []attribute.Attribute) (list []string) {
		for _, a := range attrs {
			list = append(list, a.Name+" "+a.Type.String()+" "+string(a.Value))
		}
		return list
	}
	for _, c := range []struct {
		config crypto.Config
		want   []string
	}{
		{goodConfig(t), []string{"pk S a", "sk S b"}},
		{contextConfig(t), []string{
			"aws_dbe_partition_name S pk", "aws_dbe_sort_name S sk", "aws_dbe_table_name S table", "pk S a", "signed S seen", "sk S b",
		}},
	} {
		enc, err := newEncryptor(t, c.config).Encrypt(t.Context(), goodItem())
		if err != nil {
			t.Fatal(err)
		}
		got, err := enc.Header.EncryptionContext.SelectorContext()
		if err != nil || !slices.Equal(names(got), c.want) {
			t.Errorf("SelectorContext = %q, %v; want %q", names(got), err, c.want)
		}
	}
	for _, ec := range []crypto.EncryptionContext{
		{"aws-crypto-attr.x": "not base64"},
		{"aws-crypto-attr.x": "AA=="},
		{"aws-crypto-attr.x": "text", "aws-crypto-legend": "SS"},
		{"aws-crypto-attr.x": "text", "aws-crypto-legend": "?"},
		{"aws-crypto-attr.x": "text", "aws-crypto-legend": "L"},
	} {
		if got, err := ec.SelectorContext(); err == nil {
			t.Errorf("SelectorContext of %v = %v", ec, got)
		}
	}
}

func TestDescribeDataKeys(t *testing.T) {
	c := goodConfig(t)
	multi, err := crypto.NewMulti(newAES(t, "first"), newAES(t, "second\x1b[2J"))
	if err != nil {
		t.Fatal(err)
	}
	c.Keyring = multi
	head := find(t, encrypt(t, newEncryptor(t, c), goodItem()), attribute.HeaderName)
	got, err := crypto.DescribeDataKeys(head.Value)
	if err != nil || len(got) != 2 || got[0].ProviderID != "test" || got[0].KeyID != "first" {
		t.Fatalf("DescribeDataKeys = %+v, %v", got, err)
	}
	if got[1].KeyID != `"second\x1b[2J"` {
		t.Errorf("a key name can write to a terminal: %q", got[1].KeyID)
	}
	if _, err := crypto.DescribeDataKeys(nil); !errors.Is(err, crypto.ErrFormat) {
		t.Errorf("DescribeDataKeys(nil): %v", err)
	}
}

// Changed headers and footers are refused and never panic, and so is every
// other attribute that is signed.
func FuzzDecrypt(f *testing.F) {
	good := encrypt(f, newEncryptor(f, goodConfig(f)), goodItem())
	for i := range good {
		f.Add(uint8(i), 0, byte(1), 0)
		f.Add(uint8(i), 40, byte(0x80), -1)
	}
	e := newEncryptor(f, goodConfig(f))
	f.Fuzz(func(t *testing.T, which uint8, at int, flip byte, length int) {
		item := slices.Clone(good)
		a := &item[int(which)%len(item)]
		before := a.Value
		a.Value = slices.Clone(a.Value)
		if length < 0 && -length <= len(a.Value) {
			a.Value = a.Value[:len(a.Value)+length]
		} else if length > 0 && length < 1000 {
			a.Value = append(a.Value, make([]byte, length)...)
		}
		if at >= 0 && at < len(a.Value) {
			a.Value[at] ^= flip
		}
		_, err := e.Decrypt(t.Context(), item)
		if changed := string(a.Value) != string(before); (err != nil) != (changed && a.Name != "free") {
			t.Errorf("attribute %s, changed %v: %v", a.Name, changed, err)
		}
	})
}

// provider is a materials provider that changes what the default one provides.
type provider struct {
	crypto.MaterialsProvider
	encryption func(*crypto.EncryptionMaterials) *crypto.EncryptionMaterials
	decryption func(*crypto.DecryptionMaterials) *crypto.DecryptionMaterials
	before     func(*crypto.EncryptionRequest)
}

func (p provider) EncryptionMaterials(ctx context.Context, req crypto.EncryptionRequest) (*crypto.EncryptionMaterials, error) {
	if p.before != nil {
		p.before(&req)
	}
	m, err := p.MaterialsProvider.EncryptionMaterials(ctx, req)
	if err == nil && p.encryption != nil {
		m = p.encryption(m)
	}
	return m, err
}

func (p provider) DecryptionMaterials(ctx context.Context, req crypto.DecryptionRequest) (*crypto.DecryptionMaterials, error) {
	m, err := p.MaterialsProvider.DecryptionMaterials(ctx, req)
	if err == nil && p.decryption != nil {
		m = p.decryption(m)
	}
	return m, err
}

func withProvider(tb testing.TB, p provider) crypto.Config {
	c := goodConfig(tb)
	p.MaterialsProvider = crypto.DefaultMaterials(c.Keyring)
	c.Keyring, c.Materials, c.Suite = nil, p, crypto.SuiteECDSA
	return c
}

// A provider may add to the encryption context; what it adds is stored.
func TestMaterialsProviderAddsContext(t *testing.T) {
	c := withProvider(t, provider{before: func(req *crypto.EncryptionRequest) { req.EncryptionContext["purpose"] = "test" }})
	e := newEncryptor(t, c)
	item := encrypt(t, e, goodItem())
	dec, err := e.Decrypt(t.Context(), item)
	if err != nil {
		t.Fatal(err)
	}
	if dec.Header.StoredEncryptionContext["purpose"] != "test" || dec.Header.EncryptionContext["purpose"] != "test" {
		t.Errorf("contexts %v and %v", dec.Header.StoredEncryptionContext, dec.Header.EncryptionContext)
	}
	// A reader without the provider reads the same item.
	if _, err := newEncryptor(t, goodConfig(t)).Decrypt(t.Context(), item); err != nil {
		t.Error(err)
	}
}

func TestUnusableMaterials(t *testing.T) {
	for name, change := range map[string]func(*crypto.EncryptionMaterials) *crypto.EncryptionMaterials{
		"nil":             func(*crypto.EncryptionMaterials) *crypto.EncryptionMaterials { return nil },
		"other suite":     func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials { m.Suite = crypto.SuiteHMAC; return m },
		"no data keys":    func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials { m.EncryptedDataKeys = nil; return m },
		"no signing keys": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials { m.SigningKeys = nil; return m },
		"no data key": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.PlaintextDataKey = crypto.Key{}
			return m
		},
		"short signing key": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.SigningKeys[0] = crypto.NewKey(make([]byte, 16))
			return m
		},
		"no ECDSA key": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials { m.SigningKey = nil; return m },
		"no public key": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			delete(m.EncryptionContext, "aws-crypto-public-key")
			return m
		},
		"no table name": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			delete(m.EncryptionContext, "aws-crypto-table-name")
			return m
		},
		"other table name": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.EncryptionContext["aws-crypto-table-name"] = "other"
			return m
		},
		"stored table name": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.RequiredNames = slices.DeleteFunc(m.RequiredNames, func(n string) bool { return n == "aws-crypto-table-name" })
			return m
		},
		"long provider id": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.EncryptedDataKeys[0].ProviderID = strings.Repeat("p", 65536)
			return m
		},
		"256 data keys": func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			m.EncryptedDataKeys = slices.Repeat(m.EncryptedDataKeys, 256)
			m.SigningKeys = slices.Repeat(m.SigningKeys, 256)
			return m
		},
	} {
		e := newEncryptor(t, withProvider(t, provider{encryption: change}))
		if _, err := e.Encrypt(t.Context(), goodItem()); !errors.Is(err, crypto.ErrMaterials) {
			t.Errorf("encryption materials, %s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*crypto.DecryptionMaterials) *crypto.DecryptionMaterials{
		"nil":         func(*crypto.DecryptionMaterials) *crypto.DecryptionMaterials { return nil },
		"other suite": func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials { m.Suite = crypto.SuiteHMAC; return m },
		"no data key": func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials {
			m.PlaintextDataKey = crypto.Key{}
			return m
		},
		"no signing key":  func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials { m.SigningKey = crypto.Key{}; return m },
		"no public key":   func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials { m.VerificationKey = nil; return m },
		"missing context": func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials { m.EncryptionContext = nil; return m },
		"changed contexts": func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials {
			m.EncryptionContext["aws-crypto-table-name"] = ""
			return m
		},
	} {
		e := newEncryptor(t, withProvider(t, provider{decryption: change}))
		if _, err := e.Decrypt(t.Context(), encrypt(t, e, goodItem())); !errors.Is(err, crypto.ErrMaterials) {
			t.Errorf("decryption materials, %s: %v", name, err)
		}
	}
}

// Another data key than the one that encrypted is refused by the commitment,
// whoever provides it.
func TestCommitment(t *testing.T) {
	e := newEncryptor(t, withProvider(t, provider{decryption: func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials {
		m.PlaintextDataKey = crypto.NewKey(make([]byte, 32))
		return m
	}}))
	if _, err := e.Decrypt(t.Context(), encrypt(t, e, goodItem())); !errors.Is(err, crypto.ErrAuthentication) {
		t.Errorf("Decrypt with another data key: %v", err)
	}
}

package crypto

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/internal/canon"
)

// intermediates is a vector whose inner values are known. Only flat items are
// read: strings, numbers, binaries and booleans are enough to bind them.
type intermediates struct {
	ID        string
	Config    struct{ LogicalTableName, PartitionKeyName, SortKeyName string }
	Encrypted map[string]map[string]json.RawMessage

	Intermediate *struct {
		PlaintextDataKeyHex, SymmetricSigningKeyHex, IntermediateKeyHex, KeyEncryptionKeyHex string
		CommitKeyHex, FieldRootKeyHex, CanonicalHashHex                                      string
		EncryptionContext                                                                    EncryptionContext
	}
}

func readIntermediates(t *testing.T) []intermediates {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/vectors/items/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []intermediates
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Vectors []intermediates }
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, v := range doc.Vectors {
			if v.Intermediate != nil {
				all = append(all, v)
			}
		}
	}
	return all
}

func flatValue(t *testing.T, value map[string]json.RawMessage) (types.AttributeValue, bool) {
	t.Helper()
	for kind, raw := range value {
		var av types.AttributeValue
		var to any
		switch kind {
		case "S":
			v := &types.AttributeValueMemberS{}
			av, to = v, &v.Value
		case "N":
			v := &types.AttributeValueMemberN{}
			av, to = v, &v.Value
		case "B":
			v := &types.AttributeValueMemberB{}
			av, to = v, &v.Value
		case "BOOL":
			v := &types.AttributeValueMemberBOOL{}
			av, to = v, &v.Value
		default:
			return nil, false
		}
		if err := json.Unmarshal(raw, to); err != nil {
			t.Fatal(err)
		}
		return av, true
	}
	return nil, false
}

// Every inner value of records that AWS's code wrote is as it was there: keys,
// encryption context, the hash of the record, tag and commitment.
func TestIntermediateValues(t *testing.T) {
	checked := 0
	for _, v := range readIntermediates(t) {
		t.Run(v.ID, func(t *testing.T) {
			attrs, flat := []attribute.Attribute{}, true
			for name, value := range v.Encrypted {
				av, ok := flatValue(t, value)
				if !ok {
					flat = false
					break
				}
				id, b, err := canon.Append(nil, av)
				if err != nil {
					t.Fatal(err)
				}
				attrs = append(attrs, attribute.Attribute{Name: name, Type: id, Value: b})
			}
			if !flat || hasUnsigned(v) {
				return
			}
			checked++
			e := &ItemEncryptor{table: v.Config.LogicalTableName, partition: v.Config.PartitionKeyName, sort: v.Config.SortKeyName}
			r := e.newRecord(attrs)
			defer r.release()
			head, foot, err := e.scopeOnDecrypt(r)
			if err != nil {
				t.Fatal(err)
			}
			h, err := r.open(head, foot)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := e.keysOf(r)
			if err != nil {
				t.Fatal(err)
			}
			want := v.Intermediate

			ec := e.contextOf(r, keys, h.version)
			for name, value := range h.context {
				ec[name] = value
			}
			if got, want := mustSerialize(t, ec), mustSerialize(t, want.EncryptionContext); got != want {
				t.Errorf("encryption context %q, not %q", got, want)
			}
			canonical, err := ec.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			// Some vectors have several data keys; the inner values are of one.
			opened := false
			for _, k := range h.dataKeys {
				dataKey, signing, err := unwrapDataKey(unhex(t, want.IntermediateKeyHex), k.Ciphertext[:wrappedKeyLen], canonical)
				if err != nil {
					continue
				}
				opened = true
				same(t, "data key", dataKey.InsecureBytes(), want.PlaintextDataKeyHex)
				same(t, "signing key", signing.InsecureBytes(), want.SymmetricSigningKeyHex)
			}
			if !opened {
				t.Error("no data key opens with the intermediate key")
			}
			commit, root := derive.Record(unhex(t, want.PlaintextDataKeyHex), h.messageID)
			same(t, "commit key", commit, want.CommitKeyHex)
			same(t, "field root key", root, want.FieldRootKeyHex)
			same(t, "commitment", h.commitment, hex.EncodeToString(derive.Commitment(commit, h.committed())))
			digest := r.digest(h.raw, canonical, nil)
			same(t, "hash of the record", digest, want.CanonicalHashHex)
			tag := recipientTag(nil, NewKey(unhex(t, want.SymmetricSigningKeyHex)), digest)
			if !strings.Contains(string(foot.Value), string(tag)) {
				t.Error("the tag is not in the footer")
			}
		})
	}
	if checked < 10 {
		t.Errorf("only %d vectors with inner values were checked", checked)
	}
}

// hasUnsigned reports whether the vector is of the families about attributes
// that are not signed, whose scope this test does not know.
func hasUnsigned(v intermediates) bool {
	return strings.Contains(v.ID, "unsigned") || strings.Contains(v.ID, "negative")
}

func mustSerialize(t *testing.T, ec EncryptionContext) string {
	t.Helper()
	b, err := ec.Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if hex.EncodeToString(got) != want {
		t.Errorf("%s is %x, not %s", what, got, want)
	}
}

// The encryption context of the record of decrypt_java_33.json, test 7; see the
// trace in package derive.
func TestContextOfATrace(t *testing.T) {
	e := &ItemEncryptor{table: "GazelleVectorTable", partition: "RecNum"}
	ec := e.keyContext([]*attribute.Attribute{{Name: "RecNum", Type: attribute.Number, Value: []byte("1")}})
	got, err := ec.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "canonical context", got, "000300166177732d63727970746f2d617474722e5265634e756d00044141497800196177732d63727970746f2d"+
		"706172746974696f6e2d6e616d6500065265634e756d00156177732d63727970746f2d7461626c652d6e616d65"+
		"001247617a656c6c65566563746f725461626c65")
	if got, err := (EncryptionContext{}).Canonical(); err != nil || len(got) != 0 {
		t.Errorf("an empty context has the canonical bytes %x, %v", got, err)
	}
	if got, err := (EncryptionContext)(nil).Serialize(); err != nil || string(got) != "\x00\x00" {
		t.Errorf("an empty context is serialised as %x, %v", got, err)
	}
}

func TestContextThatCannotBeSerialized(t *testing.T) {
	many := make(EncryptionContext, maxUint16+1)
	for i := range maxUint16 + 1 {
		many[string(rune(i+0x10000))] = ""
	}
	for name, ec := range map[string]EncryptionContext{
		"long name":     {strings.Repeat("n", maxUint16+1): ""},
		"long value":    {"n": strings.Repeat("v", maxUint16+1)},
		"invalid name":  {"\xff": ""},
		"invalid value": {"n": "\xff"},
		"too many":      many,
	} {
		if _, err := ec.Canonical(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (EncryptionContext{"n": strings.Repeat("v", maxUint16)}).Serialize(); err != nil {
		t.Errorf("longest value: %v", err)
	}
}

func TestSignatures(t *testing.T) {
	key, text, err := newSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := parseVerificationKey(text)
	if err != nil || !public.Equal(&key.PublicKey) {
		t.Fatalf("the public key does not come back: %v", err)
	}
	negated := 0
	for i := range 60 {
		message := []byte{byte(i)}
		signature, err := sign(key, message)
		if err != nil || len(signature) != signatureLen {
			t.Fatalf("sign: %d bytes, %v", len(signature), err)
		}
		if !verify(public, message, signature) {
			t.Fatal("a signature does not verify")
		}
		other, err := negateS(signature)
		if err != nil || !verify(public, message, other) {
			t.Fatalf("the other signature does not verify: %v", err)
		}
		if len(other) == signatureLen {
			negated++
		}
		signature[20] ^= 1
		if verify(public, message, signature) {
			t.Fatal("a changed signature verifies")
		}
	}
	if negated == 60 {
		t.Error("every other signature has 103 bytes too: negating s would never help")
	}
	for _, text := range []string{"", "!", "AAAA", "BAAA" + text[4:], text + "AAAA"} {
		if _, err := parseVerificationKey(text); err == nil {
			t.Errorf("%q is a public key", text)
		}
	}
}

func goodHeaders(tb testing.TB) [][]byte {
	tb.Helper()
	var headers [][]byte
	for _, h := range []*header{
		{
			version: 1, suite: SuiteHMAC, messageID: make([]byte, messageIDLen), legend: []byte("es"),
			dataKeys: []EncryptedDataKey{{ProviderID: "p", ProviderInfo: []byte("i"), Ciphertext: make([]byte, 92)}},
		},
		{
			version: 2, suite: SuiteECDSA, messageID: make([]byte, messageIDLen), legend: []byte("c"),
			context:  EncryptionContext{"a": "1", "b": "2", "z": ""},
			dataKeys: []EncryptedDataKey{{ProviderID: "é"}, {}},
		},
	} {
		names, _, err := h.context.sorted(nil)
		if err != nil {
			tb.Fatal(err)
		}
		headers = append(headers, append(appendHeader(nil, h, names), make([]byte, derive.CommitmentLen)...))
	}
	return headers
}

// A header that is accepted is written again byte for byte: there is one header
// for what it says, and nothing in it is ignored.
func FuzzHeader(f *testing.F) {
	for _, h := range goodHeaders(f) {
		f.Add(h)
		f.Add(h[:len(h)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHeader(b)
		if err != nil {
			return
		}
		names, _, err := h.context.sorted(nil)
		if err != nil {
			t.Fatal(err)
		}
		if again := append(appendHeader(nil, h, names), h.commitment...); string(again) != string(b) {
			t.Errorf("parsed %x, wrote %x", b, again)
		}
		if _, err := DescribeDataKeys(b); err != nil && !strings.Contains(err.Error(), "too short") {
			t.Errorf("a header that can be read cannot be described: %v", err)
		}
	})
}

func TestHeaderRefuses(t *testing.T) {
	for i, good := range goodHeaders(t) {
		if _, err := parseHeader(good); err != nil {
			t.Fatalf("header %d: %v", i, err)
		}
		for n := range good {
			if _, err := parseHeader(good[:n]); err == nil {
				t.Errorf("header %d is accepted when cut to %d bytes", i, n)
			}
		}
		if _, err := parseHeader(append(good, 0)); err == nil {
			t.Errorf("header %d is accepted with a byte more", i)
		}
	}
	for _, change := range []struct {
		at    int
		value byte
		why   string
	}{
		{0, 0, "version 0"}, {0, 3, "version 3"}, {1, 2, "flavor 2"},
		{41, 'b', "a context out of order"}, {47, 'a', "a context with the same name twice"}, {41, 0xFF, "a context that is not UTF-8"},
	} {
		h := goodHeaders(t)[1]
		h[change.at] = change.value
		if _, err := parseHeader(h); err == nil {
			t.Errorf("a header with %s is accepted", change.why)
		}
	}
	noKeys := append(make([]byte, 2+messageIDLen+2+2), make([]byte, 1+derive.CommitmentLen)...)
	noKeys[0] = 1
	if _, err := parseHeader(noKeys); err == nil {
		t.Error("a header without data keys is accepted")
	}
}

package derive_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"testing"

	"github.com/ddbegen/ddbegen/internal/derive"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func same(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if hex.EncodeToString(got) != want {
		t.Errorf("%s is %x, not %s", what, got, want)
	}
}

// The keys of one record that AWS's Java client wrote: test 7 of
// decrypt_java_33.json in github.com/aws/aws-database-encryption-sdk-dynamodb.
func TestTraceOfARecord(t *testing.T) {
	signing, wrapping := derive.Intermediate(unhex("00c261ae97d28af9a41c7664b10dcb6de014f50778fb84278273bb6488101f4e"))
	same(t, "signing key", signing, "0dceab4af88e7932eb62bc0a1b02d3d6eb15a8e5e68982e50279cd6f1f455c7e")
	same(t, "wrapping key", wrapping, "0624d6fc6c64837cd628fdaa97e1fc4a08bdd878f822f7e263ec96f4e10eca9b")

	dataKey := unhex("aead6fb9920f724c2708b2f8cecd32e71c900128877742bc5a6e9835e815c2e8")
	messageID := unhex("b63d2ccdcaf0a66ed9a3a271fac7b4cf85fd3dafa00bc684528539a2c93a6a5a")
	commit, root := derive.Record(dataKey, messageID)
	same(t, "commit key", commit, "30608ad16097de1b337978fca04767672054f03e0d5a9ca54f659a05d373ff8c")
	same(t, "field root key", root, "dabf3c11de2cb0a183d21b4dfbb704e4c90c8685996ce88ee3ed68d93c7f0d51")

	keys := make([]byte, 2*derive.FieldLen)
	if err := derive.Fields(keys, root, 0); err != nil {
		t.Fatal(err)
	}
	key, nonce := derive.Field(keys)
	same(t, "key of Junk", key, "89976c7c59eb55634b0d6ef1760cd78832ba2393468359d5b7e3549f5e7b5da9")
	same(t, "nonce of Junk", nonce, "5ab49d27d23259999793c792")
	key, nonce = derive.Field(keys[derive.FieldLen:])
	same(t, "key of Stuff", key, "32f22b74396855e4d63628b6a9ae430f0262f36f3b6a3fd56f7a568b77f1c7ab")
	same(t, "nonce of Stuff", nonce, "348347a8672097cf3dc98eee")
}

// The stream of all fields and the streams of each are one.
func TestFieldsFromAnyField(t *testing.T) {
	root := bytes.Repeat([]byte{7}, derive.KeyLen)
	all := make([]byte, 5*derive.FieldLen)
	if err := derive.Fields(all, root, 0); err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		one := bytes.Repeat([]byte{0xFF}, derive.FieldLen) // is overwritten, not mixed in
		if err := derive.Fields(one, root, uint32(n)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, all[n*derive.FieldLen:(n+1)*derive.FieldLen]) {
			t.Errorf("field %d has other keys alone than among all", n)
		}
	}
	if err := derive.Fields(all, root[:7], 0); err == nil {
		t.Error("a root of 7 bytes is accepted")
	}
}

// NIST SP 800-108r1, section 4.1, with a counter and a length of 32 bits.
func TestCounter(t *testing.T) {
	key, label, context := []byte("key"), []byte("label"), []byte("context")
	block := func(counter byte) []byte {
		mac := hmac.New(sha512.New384, key)
		mac.Write([]byte{0, 0, 0, counter})
		mac.Write([]byte("label\x00context\x00\x00\x02\x00")) // 512 bits
		return mac.Sum(nil)
	}
	want := append(block(1), block(2)...)[:64]
	if got := derive.Counter(sha512.New384, key, label, context, 64); !bytes.Equal(got, want) {
		t.Errorf("Counter = %x, want %x", got, want)
	}
	if got := derive.Counter(sha256.New, key, label, context, 32); len(got) != 32 {
		t.Errorf("Counter returned %d bytes, not 32", len(got))
	}
}

// The derivation is HKDF as the standard library has it, one key at a time.
func TestKeysAreHKDF(t *testing.T) {
	secret, messageID := bytes.Repeat([]byte{3}, 32), bytes.Repeat([]byte{4}, 32)
	for range 2 { // the second time on memory that was used before
		signing, wrapping := derive.Intermediate(secret)
		commit, root := derive.Record(secret, messageID)
		for info, got := range map[string][]byte{
			"AWS_MPL_INTERMEDIATE_KEYWRAP_MAC":       signing,
			"AWS_MPL_INTERMEDIATE_KEYWRAP_ENC":       wrapping,
			"AWS_DBE_COMMIT_KEY" + string(messageID): commit,
			"AWS_DBE_DERIVE_KEY" + string(messageID): root,
		} {
			want, err := hkdf.Key(sha512.New, secret, nil, info, derive.KeyLen)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("key of %q is %x, not %x, %v", info, got, want, err)
			}
		}
	}
}

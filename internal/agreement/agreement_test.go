package agreement

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

var curves = []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()}

func pair(t testing.TB, on ecdh.Curve) (p Pair, secret []byte) {
	t.Helper()
	sender, err := on.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := on.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p = Pair{Curve: on, Recipient: compress(t, recipient.PublicKey()), Sender: compress(t, sender.PublicKey())}
	if secret, err = sender.ECDH(recipient.PublicKey()); err != nil {
		t.Fatal(err)
	}
	return p, secret
}

func compress(t testing.TB, public *ecdh.PublicKey) []byte {
	t.Helper()
	compressed, err := Compress(public)
	if err != nil {
		t.Fatal(err)
	}
	return compressed
}

// TestKnownAnswers opens keys that another implementation wrapped.
func TestKnownAnswers(t *testing.T) {
	file, err := os.ReadFile("../../testdata/vectors/items/aws-kms-ecdh.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Vectors []struct {
			ID      string
			Expect  string
			Keyring struct {
				FakeKms struct{ EccKeys map[string]string }
			}
			ParsedHeader struct {
				EncryptedDataKeys []struct{ KeyProviderInfoHex, CiphertextHex string }
				EncryptionContext crypto.EncryptionContext
			}
		}
	}
	if err := json.Unmarshal(file, &vectors); err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, v := range vectors.Vectors {
		if len(v.Keyring.FakeKms.EccKeys) == 0 || v.Expect != "success" {
			continue
		}
		private := map[string]*ecdh.PrivateKey{} // by compressed public key
		for _, text := range v.Keyring.FakeKms.EccKeys {
			block, _ := pem.Decode([]byte(text))
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			key, err := parsed.(*ecdsa.PrivateKey).ECDH()
			if err != nil {
				t.Fatal(err)
			}
			private[string(compress(t, key.PublicKey()))] = key
		}
		for _, key := range v.ParsedHeader.EncryptedDataKeys {
			info, err := hex.DecodeString(key.KeyProviderInfoHex)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ParseInfo(info)
			if err != nil {
				t.Fatalf("%s: %v", v.ID, err)
			}
			if !bytes.Equal(p.Info(), info) {
				t.Errorf("%s: provider info reads and writes differently", v.ID)
			}
			mine, theirs := private[string(p.Recipient)], p.Sender
			public, err := Decompress(p.Curve, theirs)
			if err != nil {
				t.Fatalf("%s: %v", v.ID, err)
			}
			secret, err := mine.ECDH(public)
			if err != nil {
				t.Fatal(err)
			}
			ciphertext, err := hex.DecodeString(key.CiphertextHex)
			if err != nil {
				t.Fatal(err)
			}
			ec, err := v.ParsedHeader.EncryptionContext.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Unwrap(secret, ec, ciphertext[48:]); err != nil || len(got) != 32 {
				t.Errorf("%s: %d bytes, %v", v.ID, len(got), err)
			}
			opened++
		}
	}
	if opened == 0 {
		t.Error("no known answer was found")
	}
}

func TestWrapOpensUnderItsSecretAndContextOnly(t *testing.T) {
	for _, on := range curves {
		p, secret := pair(t, on)
		rapid.Check(t, func(t *rapid.T) {
			key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
			ec := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "context")
			wrapped, err := p.Wrap(secret, ec, key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Unwrap(secret, ec, wrapped)
			if err != nil || !bytes.Equal(got, key) {
				t.Fatalf("unwrap: %v", err)
			}
			if _, err := p.Unwrap(secret, append(ec, 0), wrapped); !errors.Is(err, ErrWrapped) {
				t.Fatalf("another context: %v", err)
			}
			other := bytes.Clone(secret)
			other[0] ^= 1
			if _, err := p.Unwrap(other, ec, wrapped); !errors.Is(err, ErrWrapped) {
				t.Fatalf("another secret: %v", err)
			}
			swapped := Pair{p.Curve, p.Sender, p.Recipient}
			if _, err := swapped.Unwrap(secret, ec, wrapped); !errors.Is(err, ErrWrapped) {
				t.Fatalf("parties swapped: %v", err)
			}
			wrapped[rapid.IntRange(0, len(wrapped)-1).Draw(t, "byte")] ^= 1
			if _, err := p.Unwrap(secret, ec, wrapped); !errors.Is(err, ErrWrapped) {
				t.Fatalf("damaged: %v", err)
			}
			if _, err := p.Unwrap(secret, ec, wrapped[1:]); !errors.Is(err, ErrWrapped) {
				t.Fatalf("cut short: %v", err)
			}
		})
	}
}

func TestInfoAndPoints(t *testing.T) {
	for i, on := range curves {
		p, _ := pair(t, on)
		info := p.Info()
		if want := []int{75, 107, 143}[i]; len(info) != want {
			t.Errorf("%v: %d bytes of info, want %d", on, len(info), want)
		}
		got, err := ParseInfo(info)
		if err != nil || got.Curve != on || !got.Between(p.Sender, p.Recipient) || !got.Between(p.Recipient, p.Sender) {
			t.Errorf("%v: %+v, %v", on, got, err)
		}
		if got.Between(p.Sender, p.Sender) {
			t.Errorf("%v: the pair of one key with itself matches", on)
		}
		for cut := range info {
			if _, err := ParseInfo(info[:cut]); !errors.Is(err, ErrInfo) {
				t.Errorf("%v: %d bytes of info: %v", on, cut, err)
			}
		}
		if _, err := ParseInfo(append(info, 0)); !errors.Is(err, ErrInfo) {
			t.Errorf("%v: one byte too many: %v", on, err)
		}
		public, err := Decompress(on, p.Sender)
		if err != nil || !bytes.Equal(compress(t, public), p.Sender) {
			t.Errorf("%v: a point changes when it is read: %v", on, err)
		}
		for _, bad := range [][]byte{nil, p.Sender[1:], make([]byte, len(p.Sender))} {
			if _, err := Decompress(on, bad); !errors.Is(err, ErrPoint) {
				t.Errorf("%v: %d bytes: %v", on, len(bad), err)
			}
		}
	}
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compress(private.PublicKey()); !errors.Is(err, ErrCurve) {
		t.Errorf("X25519: %v", err)
	}
}

func FuzzParseInfo(f *testing.F) {
	for _, on := range curves {
		p, _ := pair(f, on)
		f.Add(p.Info())
	}
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, info []byte) {
		p, err := ParseInfo(info)
		if err == nil && !bytes.Equal(p.Info(), info) {
			t.Error("provider info reads and writes differently")
		}
	})
}

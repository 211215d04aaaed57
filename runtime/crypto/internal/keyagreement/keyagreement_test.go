package keyagreement

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

func agree(t testing.TB, c Curve) (p Parties, secret []byte) {
	t.Helper()
	sender, err := c.ecdh.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := c.ecdh.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p = Parties{Sender: Compress(sender.PublicKey()), Recipient: Compress(recipient.PublicKey())}
	if secret, err = sender.ECDH(recipient.PublicKey()); err != nil {
		t.Fatal(err)
	}
	return p, secret
}

// TestKnownAnswers opens keys that another implementation wrapped.
func TestKnownAnswers(t *testing.T) {
	file, err := os.ReadFile("../../../../testdata/vectors/items/aws-kms-ecdh.json")
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
			private[string(Compress(key.PublicKey()))] = key
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
			curve, err := CurveOf(mine.PublicKey())
			if err != nil {
				t.Fatal(err)
			}
			public, err := curve.Decompress(theirs)
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
			if got, err := curve.Unwrap(secret, p, ec, ciphertext[48:]); err != nil || len(got) != 32 {
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
	for _, c := range curves {
		p, secret := agree(t, c)
		rapid.Check(t, func(t *rapid.T) {
			key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
			ec := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "context")
			wrapped, err := c.Wrap(secret, p, ec, key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Unwrap(secret, p, ec, wrapped)
			if err != nil || !bytes.Equal(got, key) {
				t.Fatalf("unwrap: %v", err)
			}
			refused := func(what string, secret []byte, p Parties, ec, wrapped []byte) {
				if got, err := c.Unwrap(secret, p, ec, wrapped); err == nil || got != nil {
					t.Fatalf("%s: opened", what)
				}
			}
			other := bytes.Clone(secret)
			other[0] ^= 1
			refused("another secret", other, p, ec, wrapped)
			refused("another context", secret, p, append(bytes.Clone(ec), 0), wrapped)
			refused("parties swapped", secret, Parties{Sender: p.Recipient, Recipient: p.Sender}, ec, wrapped)
			refused("cut short", secret, p, ec, wrapped[1:])
			wrapped[rapid.IntRange(0, len(wrapped)-1).Draw(t, "byte")] ^= 1
			refused("damaged", secret, p, ec, wrapped)
		})
	}
}

func TestInfoAndPoints(t *testing.T) {
	for i, c := range curves {
		p, _ := agree(t, c)
		info := p.Info()
		if want := []int{75, 107, 143}[i]; len(info) != want {
			t.Errorf("%s: %d bytes of info, want %d", c.name, len(info), want)
		}
		got, err := ParseInfo(info)
		if err != nil || !bytes.Equal(got.Sender, p.Sender) || !bytes.Equal(got.Recipient, p.Recipient) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		for cut := range info {
			if _, err := ParseInfo(info[:cut]); err == nil {
				t.Errorf("%s: %d bytes of info: accepted", c.name, cut)
			}
		}
		if _, err := ParseInfo(append(info, 0)); err == nil {
			t.Errorf("%s: one byte too many: accepted", c.name)
		}
		public, err := c.Decompress(p.Sender)
		if err != nil || !bytes.Equal(Compress(public), p.Sender) {
			t.Errorf("%s: a point changes when it is read: %v", c.name, err)
		}
		for _, bad := range [][]byte{nil, p.Sender[1:], make([]byte, len(p.Sender))} {
			if _, err := c.Decompress(bad); err == nil {
				t.Errorf("%s: %d bytes: accepted", c.name, len(bad))
			}
		}
	}
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CurveOf(private.PublicKey()); err == nil {
		t.Error("X25519: accepted")
	}
	if _, err := CurveOf(nil); err == nil {
		t.Error("nil: accepted")
	}
}

func FuzzParseInfo(f *testing.F) {
	for _, c := range curves {
		p, _ := agree(f, c)
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

package raw_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

var someContext = crypto.EncryptionContext{"table": "t", "key": "k"}

// newKey returns the one key that enc makes under someContext.
func newKey(t *testing.T, enc crypto.Encrypter) crypto.WrappedKey {
	t.Helper()
	keys, err := enc.NewKeys(t.Context(), someContext)
	if err != nil || len(keys) != 1 || keys[0].Key.Len() != 32 {
		t.Fatalf("NewKeys: %d keys, %v", len(keys), err)
	}
	return keys[0]
}

// opens checks that dec opens the key of w, standing behind a stranger's.
func opens(t *testing.T, dec crypto.Decrypter, w crypto.WrappedKey) {
	t.Helper()
	keys := []crypto.EncryptedDataKey{{ProviderID: "stranger"}, w.EncryptedDataKey}
	key, i, err := dec.OpenKey(t.Context(), keys, someContext)
	if err != nil || i != 1 || !bytes.Equal(key.InsecureBytes(), w.Key.InsecureBytes()) {
		t.Errorf("OpenKey: index %d, %v", i, err)
	}
}

// fails checks that dec does not open edk, for this reason.
func fails(t *testing.T, dec crypto.Decrypter, edk crypto.EncryptedDataKey, ec crypto.EncryptionContext, reason crypto.Reason) {
	t.Helper()
	_, _, err := dec.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk}, ec)
	var none *crypto.NoKeyError
	if !errors.As(err, &none) || len(none.Failures) != 1 || none.Failures[0].Reason != reason {
		t.Errorf("OpenKey: %v; want %v", err, reason)
	}
}

func TestAES(t *testing.T) {
	for _, size := range []int{16, 24, 32} {
		key := crypto.NewKey(bytes.Repeat([]byte{byte(size)}, size))
		k, err := raw.NewAES("ns", "name", key)
		if err != nil {
			t.Fatal(err)
		}
		w := newKey(t, k)
		opens(t, k, w)
		if got := w.EncryptedDataKey.KeyID(); got != "name" {
			t.Errorf("KeyID = %q", got)
		}

		edk := w.EncryptedDataKey
		fails(t, k, edk, crypto.EncryptionContext{"table": "other"}, crypto.ReasonWrongKey)
		fails(t, k, edk, nil, crypto.ReasonWrongKey)
		other, err := raw.NewAES("ns", "name", crypto.NewKey(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		fails(t, other, edk, someContext, crypto.ReasonWrongKey)
		for _, names := range [][2]string{{"other", "name"}, {"ns", "other"}, {"ns", "nam"}, {"ns", "name2"}, {"ns", ""}} {
			other, err := raw.NewAES(names[0], names[1], key)
			if err != nil {
				t.Fatal(err)
			}
			fails(t, other, edk, someContext, crypto.ReasonNotMatching)
		}
		for i := range edk.ProviderInfo {
			changed := edk
			changed.ProviderInfo = bytes.Clone(edk.ProviderInfo)
			changed.ProviderInfo[i] ^= 1
			if _, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{changed}, someContext); err == nil {
				t.Errorf("a change of byte %d of the provider info is accepted", i)
			}
		}
		edk.ProviderInfo = edk.ProviderInfo[:3]
		fails(t, k, edk, someContext, crypto.ReasonNotMatching)
	}
}

func TestNewAESRefuses(t *testing.T) {
	good := crypto.NewKey(make([]byte, 32))
	for _, c := range []struct {
		namespace, name string
		key             crypto.Key
		want            string
	}{
		{"aws-kms", "n", good, "choose another"},
		{"ns", "n", crypto.Key{}, "has 0 bytes"},
		{"ns", "n", crypto.NewKey(make([]byte, 31)), "16, 24 or 32"},
		{"\xff", "n", good, "UTF-8"},
		{"ns", "\xff", good, "UTF-8"},
		{strings.Repeat("n", 65536), "n", good, "65,535"},
		{"ns", strings.Repeat("n", 65535-19), good, "65,535"},
	} {
		if _, err := raw.NewAES(c.namespace, c.name, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewAES(%.10q, %.10q, %d bytes): %v; want %q", c.namespace, c.name, c.key.Len(), err, c.want)
		}
	}
	if _, err := raw.NewAES("", strings.Repeat("n", 65535-20), good); err != nil {
		t.Errorf("longest name: %v", err)
	}
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newRSA(t *testing.T, p raw.Padding, public *rsa.PublicKey, private *rsa.PrivateKey) *raw.RSA {
	t.Helper()
	k, err := raw.NewRSA(raw.RSAConfig{Namespace: "ns", Name: "name", Padding: p, PublicKey: public, PrivateKey: raw.NewRSAPrivateKey(private)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var paddings = []raw.Padding{raw.PKCS1, raw.OAEPSHA1, raw.OAEPSHA256, raw.OAEPSHA384, raw.OAEPSHA512}

func TestRSA(t *testing.T) {
	key := rsaKey()
	for _, p := range paddings {
		both := newRSA(t, p, &key.PublicKey, key)
		writer, reader := newRSA(t, p, &key.PublicKey, nil), newRSA(t, p, nil, key)
		w := newKey(t, writer)
		opens(t, reader, w)
		opens(t, both, w)
		opens(t, reader, newKey(t, both))
		if _, err := reader.NewKeys(t.Context(), someContext); !errors.Is(err, crypto.ErrDecryptOnly) {
			t.Errorf("NewKeys without a public key: %v", err)
		}
		fails(t, writer, w.EncryptedDataKey, someContext, crypto.ReasonEncryptOnly)
		for _, change := range []func(*crypto.EncryptedDataKey){
			func(k *crypto.EncryptedDataKey) { k.ProviderID = "other" },
			func(k *crypto.EncryptedDataKey) { k.ProviderInfo = []byte("other") },
			func(k *crypto.EncryptedDataKey) { k.ProviderInfo = nil },
		} {
			edk := w.EncryptedDataKey
			change(&edk)
			fails(t, reader, edk, someContext, crypto.ReasonNotMatching)
		}
		for _, other := range paddings {
			if other != p && other != raw.PKCS1 {
				fails(t, newRSA(t, other, nil, key), w.EncryptedDataKey, someContext, crypto.ReasonWrongKey)
			}
		}
		short := w.EncryptedDataKey
		short.Ciphertext = short.Ciphertext[:len(short.Ciphertext)-1]
		got, _, err := reader.OpenKey(t.Context(), []crypto.EncryptedDataKey{short}, someContext)
		if err == nil && bytes.Equal(got.InsecureBytes(), w.Key.InsecureBytes()) {
			t.Errorf("padding %d: a short ciphertext is accepted", p)
		}
	}
}

// PKCS #1 v1.5 does not tell a wrong padding from a right one: it opens to a key
// that opens nothing.
func TestRSAPKCS1DoesNotTell(t *testing.T) {
	key := rsaKey()
	w := newKey(t, newRSA(t, raw.OAEPSHA256, &key.PublicKey, nil))
	got, _, err := newRSA(t, raw.PKCS1, nil, key).OpenKey(t.Context(), []crypto.EncryptedDataKey{w.EncryptedDataKey}, someContext)
	if err != nil || got.Len() != 32 || bytes.Equal(got.InsecureBytes(), w.Key.InsecureBytes()) {
		t.Errorf("OpenKey: %d bytes, %v", got.Len(), err)
	}
}

func TestNewRSARefuses(t *testing.T) {
	key := rsaKey()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*raw.RSAConfig)
		want   string
	}{
		{"namespace of KMS", func(c *raw.RSAConfig) { c.Namespace = "aws-kms" }, "choose another"},
		{"no key", func(c *raw.RSAConfig) { c.PublicKey, c.PrivateKey = nil, raw.RSAPrivateKey{} }, "no key"},
		{"no padding", func(c *raw.RSAConfig) { c.Padding = 0 }, "unknown padding"},
		{"unknown padding", func(c *raw.RSAConfig) { c.Padding = 6 }, "unknown padding"},
		{"no pair", func(c *raw.RSAConfig) { c.PublicKey = &other.PublicKey }, "no pair"},
		{"empty public key", func(c *raw.RSAConfig) { c.PublicKey, c.PrivateKey = &rsa.PublicKey{}, raw.RSAPrivateKey{} }, "too small"},
		{"empty private key", func(c *raw.RSAConfig) { c.PublicKey, c.PrivateKey = nil, raw.NewRSAPrivateKey(&rsa.PrivateKey{}) }, "private key"},
		{"name not UTF-8", func(c *raw.RSAConfig) { c.Name = "\xff" }, "UTF-8"},
	} {
		config := raw.RSAConfig{Namespace: "ns", Name: "n", Padding: raw.OAEPSHA256, PublicKey: &key.PublicKey, PrivateKey: raw.NewRSAPrivateKey(key)}
		c.change(&config)
		if _, err := raw.NewRSA(config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}

func TestZeroKeyringsAreErrors(t *testing.T) {
	for _, k := range []any{&raw.AES{}, &raw.RSA{}, &raw.ECDHStatic{}, &raw.ECDHEphemeral{}, &raw.ECDHDiscovery{}} {
		if enc, ok := k.(crypto.Encrypter); ok {
			if _, err := enc.NewKeys(t.Context(), someContext); err == nil || !strings.Contains(err.Error(), "made by a function New") {
				t.Errorf("%T: %v", k, err)
			}
		}
		if dec, ok := k.(crypto.Decrypter); ok {
			if _, _, err := dec.OpenKey(t.Context(), []crypto.EncryptedDataKey{{}}, someContext); err == nil || !strings.Contains(err.Error(), "made by a function New") {
				t.Errorf("%T: %v", k, err)
			}
		}
	}
}

// A keyring that cannot decrypt says so once.
func TestEncryptOnlySaysSoOnce(t *testing.T) {
	writer := newRSA(t, raw.OAEPSHA256, &rsaKey().PublicKey, nil)
	w := newKey(t, writer)
	_, _, err := writer.OpenKey(t.Context(), []crypto.EncryptedDataKey{w.EncryptedDataKey}, someContext)
	if err == nil || strings.Count(err.Error(), "can only encrypt") != 1 {
		t.Error(err)
	}
}

// TestRSAConfigShowsNoPrivateKey prints, logs and marshals a configuration, also
// from where no method is called: the unexported field of another struct.
func TestRSAConfigShowsNoPrivateKey(t *testing.T) {
	key := rsaKey()
	config := raw.RSAConfig{Namespace: "ns", Name: "n", Padding: raw.OAEPSHA256, PublicKey: &key.PublicKey, PrivateKey: raw.NewRSAPrivateKey(key)}
	k := must(raw.NewRSA(config))
	type fixture struct {
		config raw.RSAConfig
		value  raw.RSA
		k      *raw.RSA
	}
	var shown strings.Builder
	for _, v := range []any{config, &config, config.PrivateKey, k, *k, fixture{config, *k, k}, &fixture{config, *k, k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
		shown.Write(must(json.Marshal(v)))
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("key", "key", v)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("key", "key", v)
	}
	for _, secret := range []*big.Int{key.D, key.Primes[0], key.Primes[1]} {
		for _, form := range []string{secret.String(), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("%#v", secret.Bits())[10:40]} {
			if strings.Contains(shown.String(), form) {
				t.Errorf("the private key is shown as %.20s…", form)
			}
		}
	}
	if !strings.Contains(shown.String(), "redacted") {
		t.Error("nothing was redacted")
	}
}

func toPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestParseKeys(t *testing.T) {
	ecKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rsaPublic := must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey))
	rsaPrivate := must(x509.MarshalPKCS8PrivateKey(rsaKey()))
	ecPublic := must(x509.MarshalPKIXPublicKey(&ecKey.PublicKey))
	ecPrivate := must(x509.MarshalPKCS8PrivateKey(ecKey))

	if k, err := raw.ParseRSAPublicKey(toPEM("PUBLIC KEY", rsaPublic)); err != nil || !k.Equal(&rsaKey().PublicKey) {
		t.Errorf("ParseRSAPublicKey: %v", err)
	}
	parsed, err := raw.ParseRSAPrivateKey(toPEM("PRIVATE KEY", rsaPrivate))
	if err != nil {
		t.Fatalf("ParseRSAPrivateKey: %v", err)
	}
	reader, err := raw.NewRSA(raw.RSAConfig{Namespace: "ns", Name: "name", Padding: raw.OAEPSHA256, PrivateKey: parsed})
	if err != nil {
		t.Fatalf("ParseRSAPrivateKey: %v", err)
	}
	opens(t, reader, newKey(t, newRSA(t, raw.OAEPSHA256, &rsaKey().PublicKey, nil)))
	if k, err := raw.ParseECDHPublicKey(ecPublic); err != nil || !k.Equal(must(ecKey.PublicKey.ECDH())) {
		t.Errorf("ParseECDHPublicKey: %v", err)
	}
	if k, err := raw.ParseECDHPrivateKey(toPEM("PRIVATE KEY", ecPrivate)); err != nil || !k.Equal(must(ecKey.ECDH())) {
		t.Errorf("ParseECDHPrivateKey: %v", err)
	}

	publicPEM, privatePEM := toPEM("PUBLIC KEY", rsaPublic), toPEM("PRIVATE KEY", rsaPrivate)
	for name, text := range map[string][]byte{
		"nil": nil, "no PEM": []byte("key"), "wrong block": privatePEM, "two blocks": append(publicPEM, publicPEM...),
		"no DER": toPEM("PUBLIC KEY", []byte("x")), "another kind of key": toPEM("PUBLIC KEY", ecPublic),
	} {
		if _, err := raw.ParseRSAPublicKey(text); err == nil {
			t.Errorf("ParseRSAPublicKey accepts %s", name)
		}
	}
	for name, text := range map[string][]byte{
		"nil": nil, "wrong block": publicPEM, "no DER": toPEM("PRIVATE KEY", []byte("x")), "another kind of key": toPEM("PRIVATE KEY", ecPrivate),
	} {
		if _, err := raw.ParseRSAPrivateKey(text); err == nil {
			t.Errorf("ParseRSAPrivateKey accepts %s", name)
		}
	}
	if _, err := raw.ParseECDHPublicKey(rsaPublic); err == nil {
		t.Error("ParseECDHPublicKey accepts an RSA key")
	}
	if _, err := raw.ParseECDHPrivateKey(privatePEM); err == nil {
		t.Error("ParseECDHPrivateKey accepts an RSA key")
	}
}

func TestECDH(t *testing.T) {
	for _, curve := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		t.Run(fmt.Sprint(curve), func(t *testing.T) {
			alice, bob, eve := must(curve.GenerateKey(rand.Reader)), must(curve.GenerateKey(rand.Reader)), must(curve.GenerateKey(rand.Reader))
			aliceToBob := must(raw.NewECDHStatic(alice, bob.PublicKey()))
			bobToAlice := must(raw.NewECDHStatic(bob, alice.PublicKey()))
			aliceToEve := must(raw.NewECDHStatic(alice, eve.PublicKey()))
			toBob := must(raw.NewECDHEphemeral(bob.PublicKey()))
			forBob, forEve := must(raw.NewECDHDiscovery(bob)), must(raw.NewECDHDiscovery(eve))

			static := newKey(t, aliceToBob)
			opens(t, aliceToBob, static)
			opens(t, bobToAlice, static)
			opens(t, forBob, static)
			fails(t, forEve, static.EncryptedDataKey, someContext, crypto.ReasonNotMatching)
			fails(t, aliceToEve, static.EncryptedDataKey, someContext, crypto.ReasonNotMatching)
			fails(t, bobToAlice, static.EncryptedDataKey, nil, crypto.ReasonWrongKey)

			ephemeral := newKey(t, toBob)
			opens(t, forBob, ephemeral)
			fails(t, forEve, ephemeral.EncryptedDataKey, someContext, crypto.ReasonNotMatching)
			fails(t, aliceToBob, ephemeral.EncryptedDataKey, someContext, crypto.ReasonNotMatching)

			for name, change := range map[string]func(*crypto.EncryptedDataKey){
				"version":         func(k *crypto.EncryptedDataKey) { k.ProviderInfo[0] = 2 },
				"longer":          func(k *crypto.EncryptedDataKey) { k.ProviderInfo = append(k.ProviderInfo, 0) },
				"shorter":         func(k *crypto.EncryptedDataKey) { k.ProviderInfo = k.ProviderInfo[:len(k.ProviderInfo)-1] },
				"not a point":     func(k *crypto.EncryptedDataKey) { k.ProviderInfo[len(k.ProviderInfo)/2+5] = 9 },
				"empty":           func(k *crypto.EncryptedDataKey) { k.ProviderInfo = nil },
				"salt":            func(k *crypto.EncryptedDataKey) { k.Ciphertext[0] ^= 1 },
				"commitment":      func(k *crypto.EncryptedDataKey) { k.Ciphertext[32] ^= 1 },
				"wrapped key":     func(k *crypto.EncryptedDataKey) { k.Ciphertext[64] ^= 1 },
				"long ciphertext": func(k *crypto.EncryptedDataKey) { k.Ciphertext = append(k.Ciphertext, 0) },
			} {
				edk := ephemeral.EncryptedDataKey
				edk.ProviderInfo, edk.Ciphertext = bytes.Clone(edk.ProviderInfo), bytes.Clone(edk.Ciphertext)
				change(&edk)
				if _, _, err := forBob.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk}, someContext); err == nil {
					t.Errorf("a changed %s is accepted", name)
				}
			}
		})
	}
}

func TestNewECDHRefuses(t *testing.T) {
	p256, p384 := must(ecdh.P256().GenerateKey(rand.Reader)), must(ecdh.P384().GenerateKey(rand.Reader))
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader))
	refused := func(name string, err error) {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	_, err := raw.NewECDHStatic(nil, p256.PublicKey())
	refused("static without sender", err)
	_, err = raw.NewECDHStatic(p256, nil)
	refused("static without recipient", err)
	_, err = raw.NewECDHStatic(p256, p384.PublicKey())
	refused("static between curves", err)
	_, err = raw.NewECDHStatic(x25519, x25519.PublicKey())
	refused("static on X25519", err)
	_, err = raw.NewECDHEphemeral(nil)
	refused("ephemeral without recipient", err)
	_, err = raw.NewECDHEphemeral(x25519.PublicKey())
	refused("ephemeral on X25519", err)
	_, err = raw.NewECDHDiscovery(nil)
	refused("discovery without recipient", err)
	_, err = raw.NewECDHDiscovery(x25519)
	refused("discovery on X25519", err)
}

// Printing a keyring shows no key.
func TestKeyringsArePrintedWithoutKeys(t *testing.T) {
	secret := []byte("0123456789abcdef")
	aes := must(raw.NewAES("ns", "name", crypto.NewKey(secret)))
	p256 := must(ecdh.P256().GenerateKey(rand.Reader))
	static := must(raw.NewECDHStatic(p256, must(ecdh.P256().GenerateKey(rand.Reader)).PublicKey()))
	discovery := must(raw.NewECDHDiscovery(p256))
	rsa := newRSA(t, raw.OAEPSHA256, nil, rsaKey())
	for _, k := range []any{aes, static, discovery, rsa} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%t"} {
			out := fmt.Sprintf(verb, k)
			for _, b := range [][]byte{secret, p256.Bytes(), rsaKey().D.Bytes()} {
				if strings.Contains(out, string(b)) || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", b)) ||
					strings.Contains(out, strings.Trim(fmt.Sprint(b), "[]")) {
					t.Errorf("verb %s shows the key of a %T", verb, k)
				}
			}
		}
	}
}

// A keyring is safe for concurrent use; the race detector looks on.
func TestConcurrentUse(t *testing.T) {
	k := must(raw.NewAES("ns", "name", crypto.NewKey(make([]byte, 32))))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			keys, err := k.NewKeys(context.Background(), someContext)
			if err != nil {
				t.Error(err)
				return
			}
			if _, _, err := k.OpenKey(context.Background(), []crypto.EncryptedDataKey{keys[0].EncryptedDataKey}, someContext); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

package awskms_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

const (
	rsaWest   = "arn:aws:kms:us-west-2:111122223333:key/mrk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	rsaEurope = "arn:aws:kms:eu-west-1:111122223333:key/mrk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	sha256    = types.EncryptionAlgorithmSpecRsaesOaepSha256
	sha1      = types.EncryptionAlgorithmSpecRsaesOaepSha1
)

func rsaEngine(t *testing.T) (*embedded.Engine, *rsa.PublicKey) {
	t.Helper()
	e := engine(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{rsaWest, rsaEurope} {
		if err := e.ImportKMSKey(embedded.RSAKey(arn, private)); err != nil {
			t.Fatal(err)
		}
	}
	return e, &private.PublicKey
}

func TestRSA(t *testing.T) {
	e, public := rsaEngine(t)
	ctx := t.Context()
	for _, algorithm := range []types.EncryptionAlgorithmSpec{sha1, sha256} {
		writer := must(awskms.NewRSA(nil, awskms.RSAConfig{KeyARN: rsaWest, PublicKey: public, Algorithm: algorithm}))
		e.ResetCalls()
		keys, plain := newKeys(t, writer)
		if n := len(e.Calls()); n != 0 {
			t.Errorf("encrypting called KMS %d times", n)
		}
		r := &recorder{client: e.KMSIn(europe)}
		reader := must(awskms.NewRSA(r, awskms.RSAConfig{KeyARN: rsaEurope, Algorithm: algorithm}, awskms.WithGrantTokens("token")))
		key, index, err := reader.OpenKey(ctx, keys, ec)
		if err != nil || index != 0 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
			t.Fatalf("%s: %v", algorithm, err)
		}
		r.want(t, kms.DecryptInput{KeyId: aws.String(rsaEurope), CiphertextBlob: keys[0].Ciphertext, EncryptionAlgorithm: algorithm, GrantTokens: []string{"token"}})

		_, _, err = reader.OpenKey(ctx, keys, crypto.EncryptionContext{"another": "context"})
		if !errors.Is(err, crypto.ReasonContextMismatch) {
			t.Errorf("another context: %v", err)
		}
		if _, _, err = writer.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonEncryptOnly) || !errors.Is(err, crypto.ErrEncryptOnly) {
			t.Errorf("decrypt without a client: %v", err)
		}
		if _, err = reader.NewKeys(ctx, ec); !errors.Is(err, crypto.ErrDecryptOnly) {
			t.Errorf("encrypt without a public key: %v", err)
		}
		other := sha1
		if algorithm == sha1 {
			other = sha256
		}
		reader = must(awskms.NewRSA(e.KMSIn(west), awskms.RSAConfig{KeyARN: rsaWest, Algorithm: other}))
		if _, _, err = reader.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonWrongKey) {
			t.Errorf("another algorithm: %v", err)
		}
		reader = must(awskms.NewRSA(e.KMSIn(west), awskms.RSAConfig{KeyARN: keyWest, Algorithm: algorithm}))
		if _, _, err = reader.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonNotMatching) {
			t.Errorf("another key: %v", err)
		}
	}
}

func TestRSARefusesSignatures(t *testing.T) {
	_, public := rsaEngine(t)
	k := must(awskms.NewRSA(nil, awskms.RSAConfig{KeyARN: rsaWest, PublicKey: public, Algorithm: sha256}))
	if err := k.CheckSuite(crypto.SuiteHMAC); err != nil {
		t.Error(err)
	}
	multi := must(crypto.NewMulti(k))
	for _, c := range []crypto.SuiteChecker{k, multi} {
		if err := c.CheckSuite(crypto.SuiteECDSA); err == nil || !strings.Contains(err.Error(), "crypto.SuiteHMAC") {
			t.Errorf("no remedy: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.NewKeys(ctx, ec); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := k.NewKeys(t.Context(), crypto.EncryptionContext{"\xff": ""}); err == nil {
		t.Error("a context that is not UTF-8 was accepted")
	}
}

func TestRSAAnswersAreChecked(t *testing.T) {
	blob := []byte{1}
	keys := []crypto.EncryptedDataKey{{ProviderID: "aws-kms-rsa", ProviderInfo: []byte(rsaWest), Ciphertext: blob}}
	for reason, out := range map[crypto.Reason]kms.DecryptOutput{
		crypto.ReasonWrongKey:        {KeyId: aws.String(rsaEurope), Plaintext: make([]byte, 80)},
		crypto.ReasonMalformed:       {KeyId: aws.String(rsaWest), Plaintext: make([]byte, 79)},
		crypto.ReasonContextMismatch: {KeyId: aws.String(rsaWest), Plaintext: make([]byte, 80)},
	} {
		k := must(awskms.NewRSA(answers{decrypted: out}, awskms.RSAConfig{KeyARN: rsaWest, Algorithm: sha256}))
		if _, _, err := k.OpenKey(t.Context(), keys, ec); !errors.Is(err, reason) {
			t.Errorf("%v, want %v", err, reason)
		}
	}
}

const (
	eccSender    = "arn:aws:kms:us-west-2:111122223333:key/ecc11111-2222-3333-4444-555566667777"
	eccRecipient = "arn:aws:kms:us-west-2:111122223333:key/ecc22222-2222-3333-4444-555566667777"
	eccOther     = "arn:aws:kms:us-west-2:111122223333:key/ecc33333-2222-3333-4444-555566667777"
)

// ecdhEngine has three key pairs of a curve.
func ecdhEngine(t *testing.T, curve ecdh.Curve) (_ *embedded.Engine, sender, recipient, other *ecdh.PublicKey) {
	t.Helper()
	e := engine(t)
	var public []*ecdh.PublicKey
	for _, arn := range []string{eccSender, eccRecipient, eccOther} {
		private, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.ImportKMSKey(embedded.AgreementKey(arn, private)); err != nil {
			t.Fatal(err)
		}
		public = append(public, private.PublicKey())
	}
	return e, public[0], public[1], public[2]
}

func TestECDH(t *testing.T) {
	for _, curve := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		e, sender, recipient, other := ecdhEngine(t, curve)
		ctx := t.Context()
		r := &recorder{client: e.KMSIn(west)}
		der, err := x509.MarshalPKIXPublicKey(recipient)
		if err != nil {
			t.Fatal(err)
		}
		writer := must(awskms.NewECDHStatic(ctx, r, awskms.ECDHStaticConfig{
			SenderKeyARN: eccSender, SenderPublicKey: sender, RecipientPublicKey: recipient,
		}, awskms.WithGrantTokens("token")))
		if len(r.calls) != 1 {
			t.Errorf("%v: checking the sender's public key took %d calls, want 1", curve, len(r.calls))
		}
		r.calls = nil
		if _, err := awskms.NewECDHStatic(ctx, e.KMSIn(west), awskms.ECDHStaticConfig{
			SenderKeyARN: eccSender, SenderPublicKey: other, RecipientPublicKey: recipient,
		}); err == nil || !strings.Contains(err.Error(), "that of another key pair") {
			t.Errorf("%v: the public key of another key pair: %v", curve, err)
		}
		keys, plain := newKeys(t, writer)
		r.want(t, kms.DeriveSharedSecretInput{
			KeyId: aws.String(eccSender), KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh, PublicKey: der, GrantTokens: []string{"token"},
		})
		fetching := must(awskms.NewECDHStatic(ctx, r, awskms.ECDHStaticConfig{SenderKeyARN: eccSender, RecipientPublicKey: recipient}, awskms.WithGrantTokens("token")))
		r.want(t, kms.GetPublicKeyInput{KeyId: aws.String(eccSender), GrantTokens: []string{"token"}})

		recipientSide := must(awskms.NewECDHStatic(ctx, e.KMSIn(west), awskms.ECDHStaticConfig{SenderKeyARN: eccRecipient, RecipientPublicKey: sender}))
		discovery := must(awskms.NewECDHDiscovery(ctx, e.KMSIn(west), eccRecipient))
		for name, reader := range map[string]crypto.Decrypter{
			"sender": writer, "sender, public key from KMS": fetching, "recipient": recipientSide, "discovery": discovery,
		} {
			key, index, err := reader.OpenKey(ctx, keys, ec)
			if err != nil || index != 0 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
				t.Errorf("%v, %s: %v", curve, name, err)
			}
			if _, _, err = reader.OpenKey(ctx, keys, crypto.EncryptionContext{"another": "context"}); !errors.Is(err, crypto.ReasonWrongKey) {
				t.Errorf("%v, %s, another context: %v", curve, name, err)
			}
			raw := slices.Clone(keys)
			raw[0].ProviderID = "raw-ecdh"
			if _, _, err = reader.OpenKey(ctx, raw, ec); err != nil {
				t.Errorf("%v, %s, written by a raw ECDH keyring: %v", curve, name, err)
			}
			raw[0].ProviderInfo = raw[0].ProviderInfo[:74]
			if _, _, err = reader.OpenKey(ctx, raw, ec); !errors.Is(err, crypto.ReasonMalformed) {
				t.Errorf("%v, %s, provider info cut short: %v", curve, name, err)
			}
		}
		for name, reader := range map[string]crypto.Decrypter{
			"sender as discovery": must(awskms.NewECDHDiscovery(ctx, e.KMSIn(west), eccSender)),
			"another sender":      must(awskms.NewECDHStatic(ctx, e.KMSIn(west), awskms.ECDHStaticConfig{SenderKeyARN: eccOther, RecipientPublicKey: recipient})),
			"another recipient":   must(awskms.NewECDHStatic(ctx, e.KMSIn(west), awskms.ECDHStaticConfig{SenderKeyARN: eccSender, RecipientPublicKey: other})),
		} {
			if _, _, err := reader.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonNotMatching) {
				t.Errorf("%v, %s: %v", curve, name, err)
			}
		}
		damaged := slices.Clone(keys)
		damaged[0].ProviderInfo = bytes.Clone(keys[0].ProviderInfo)
		senderPoint := damaged[0].ProviderInfo[len(damaged[0].ProviderInfo)-(len(damaged[0].ProviderInfo)-9)/2:]
		clear(senderPoint)
		if _, _, err := discovery.OpenKey(ctx, damaged, ec); !errors.Is(err, crypto.ReasonMalformed) {
			t.Errorf("%v, a sender that is no point: %v", curve, err)
		}
		undo := e.Inject(embedded.DenyAccess().On("DeriveSharedSecret"))
		if _, _, err := writer.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonAccessDenied) {
			t.Errorf("access denied: %v", err)
		}
		if _, err := writer.NewKeys(ctx, ec); err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
			t.Errorf("access denied: %v", err)
		}
		undo()
	}
}

func TestECDHConstruction(t *testing.T) {
	ctx := t.Context()
	e, sender, recipient, _ := ecdhEngine(t, ecdh.P256())
	client := e.KMSIn(west)
	p384, err := ecdh.P384().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := awskms.NewECDHStatic(ctx, client, awskms.ECDHStaticConfig{SenderKeyARN: eccSender, SenderPublicKey: sender, RecipientPublicKey: p384.PublicKey()}); err == nil || !strings.Contains(err.Error(), "use one curve") {
		t.Errorf("two curves: %v", err)
	}
	var unsupported *types.UnsupportedOperationException
	if _, err := awskms.NewECDHDiscovery(ctx, client, keyWest); !errors.As(err, &unsupported) {
		t.Errorf("a symmetric key: %v", err)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.ImportKMSKey(embedded.RSAKey(rsaWest, private)); err != nil {
		t.Fatal(err)
	}
	if _, err := awskms.NewECDHDiscovery(ctx, client, rsaWest); err == nil || !strings.Contains(err.Error(), "KEY_AGREEMENT") {
		t.Errorf("an RSA key: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := awskms.NewECDHDiscovery(cancelled, client, eccSender); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := must(awskms.NewECDHStatic(ctx, client, awskms.ECDHStaticConfig{SenderKeyARN: eccSender, SenderPublicKey: sender, RecipientPublicKey: recipient})).NewKeys(ctx, crypto.EncryptionContext{"\xff": ""}); err == nil {
		t.Error("a context that is not UTF-8 was accepted")
	}
}

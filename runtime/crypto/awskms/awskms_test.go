package awskms_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// The keys of the tests. Names say account and Region.
const (
	keyWest   = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	keyWest2  = "arn:aws:kms:us-west-2:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab"
	keyOther  = "arn:aws:kms:us-west-2:444455556666:key/0987dcba-09fe-87dc-65ba-ab0987654321"
	keyEurope = "arn:aws:kms:eu-west-1:111122223333:key/aaaabbbb-cccc-dddd-eeee-ffff00001111"
	mrkWest   = "arn:aws:kms:us-west-2:111122223333:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7"
	mrkEurope = "arn:aws:kms:eu-west-1:111122223333:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7"

	west, europe = "us-west-2", "eu-west-1"
)

var ec = crypto.EncryptionContext{"aws-crypto-table-name": "orders", "aws-crypto-attr.id": "AAFh"}

// engine is an embedded KMS with the keys of the tests.
func engine(t testing.TB) *embedded.Engine {
	t.Helper()
	e, err := embedded.Open(embedded.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, arn := range []string{keyWest, keyWest2, keyOther, keyEurope, mrkWest, mrkEurope} {
		if arn == mrkEurope {
			i-- // replicas have the same material
		}
		if err := e.ImportKMSKey(embedded.SymmetricKey(arn, bytes.Repeat([]byte{byte(i)}, 32))); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func supplier(e *embedded.Engine) awskms.ClientSupplier {
	return func(region string) (awskms.Client, error) { return e.KMSIn(region), nil }
}

// must fails the test on an error of a constructor.
func must[K any](k K, err error) K {
	if err != nil {
		panic(err)
	}
	return k
}

func newKeys(t testing.TB, k crypto.Encrypter) (keys []crypto.EncryptedDataKey, plain [][]byte) {
	t.Helper()
	wrapped, err := k.NewKeys(t.Context(), ec)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrapped {
		if w.Key.Len() != 32 {
			t.Fatalf("a key of %d bytes", w.Key.Len())
		}
		keys = append(keys, w.EncryptedDataKey)
		plain = append(plain, w.Key.InsecureBytes())
	}
	return keys, plain
}

// TestWhoOpensWhat is the table of which reader opens what which writer wrapped.
func TestWhoOpensWhat(t *testing.T) {
	e := engine(t)
	strict := func(arn, region string) crypto.Keyring { return must(awskms.NewStrict(e.KMSIn(region), arn)) }
	mrk := func(arn, region string) crypto.Keyring { return must(awskms.NewMRK(e.KMSIn(region), arn)) }
	discovery := func(region string, filter awskms.DiscoveryFilter) crypto.Decrypter {
		return must(awskms.NewDiscovery(e.KMSIn(region), filter))
	}
	mrkDiscovery := func(region string, filter awskms.DiscoveryFilter) crypto.Decrypter {
		return must(awskms.NewMRKDiscovery(e.KMSIn(region), region, filter))
	}
	mine := awskms.InAccounts("aws", "111122223333")
	for _, test := range []struct {
		name   string
		writer crypto.Encrypter
		reader crypto.Decrypter
		reason error // nil: opens
	}{
		{"strict", strict(keyWest, west), strict(keyWest, west), nil},
		{"strict, another key", strict(keyWest, west), strict(keyWest2, west), crypto.ReasonNotMatching},
		{"strict, replica", strict(mrkWest, west), strict(mrkEurope, europe), crypto.ReasonNotMatching},
		{"strict, client of another Region", strict(keyWest, west), must(awskms.NewStrict(&recorder{client: e.KMSIn(europe)}, keyWest)), crypto.ReasonUnavailable},
		{"MRK", mrk(mrkWest, west), mrk(mrkWest, west), nil},
		{"MRK, replica", mrk(mrkWest, west), mrk(mrkEurope, europe), nil},
		{"MRK, strict replica", strict(mrkEurope, europe), mrk(mrkWest, west), nil},
		{"MRK, single-Region keys", mrk(keyWest, west), mrk(keyOther, west), crypto.ReasonNotMatching},
		{"MRK keyring on a single-Region key", strict(keyWest, west), mrk(keyWest, west), nil},
		{"discovery", strict(keyWest, west), discovery(west, awskms.AnyAccount()), nil},
		{"discovery, filter", strict(keyWest, west), discovery(west, mine), nil},
		{"discovery, filter of several accounts", strict(keyWest, west), discovery(west, awskms.InAccounts("aws", "999999999999", "111122223333", "444455556666")), nil},
		{"discovery, other account", strict(keyOther, west), discovery(west, mine), crypto.ReasonFiltered},
		{"discovery, other partition", strict(keyWest, west), discovery(west, awskms.InAccounts("aws-cn", "111122223333")), crypto.ReasonFiltered},
		{"discovery, other Region", strict(keyWest, west), discovery(europe, mine), crypto.ReasonUnavailable},
		{"discovery, replica", strict(mrkWest, west), discovery(europe, mine), crypto.ReasonUnavailable},
		{"MRK discovery", strict(mrkWest, west), mrkDiscovery(west, mine), nil},
		{"MRK discovery, replica", strict(mrkWest, west), mrkDiscovery(europe, mine), nil},
		{"MRK discovery, single-Region key", strict(keyEurope, europe), mrkDiscovery(europe, mine), nil},
		{"MRK discovery, single-Region key of another Region", strict(keyWest, west), mrkDiscovery(europe, mine), crypto.ReasonNotMatching},
		{"MRK discovery, filter", strict(mrkWest, west), mrkDiscovery(europe, awskms.InAccounts("aws", "444455556666")), crypto.ReasonFiltered},
		{"encrypter", must(awskms.NewEncrypter(e.KMSIn(west), keyWest)), strict(keyWest, west), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			keys, plain := newKeys(t, test.writer)
			foreign := []crypto.EncryptedDataKey{
				{ProviderID: "my-aes", ProviderInfo: []byte{0xff, 0xfe}, Ciphertext: []byte{1}},
				{ProviderID: "aws-kms-hierarchy", ProviderInfo: []byte("tenant"), Ciphertext: []byte{1}},
			}
			all := append(foreign, keys...)
			key, index, err := test.reader.OpenKey(t.Context(), all, ec)
			if test.reason == nil {
				if err != nil {
					t.Fatal(err)
				}
				if index != 2 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
					t.Error("opened another key")
				}
				return
			}
			none := (*crypto.NoKeyError)(nil)
			if !errors.As(err, &none) || len(none.Failures) != len(all) {
				t.Fatalf("%d failures for %d data keys: %v", len(none.Failures), len(all), err)
			}
			last := none.Failures[len(none.Failures)-1]
			if !errors.Is(last, test.reason) || last.ProviderID != "aws-kms" || last.KeyID != string(keys[0].ProviderInfo) {
				t.Errorf("%v, want %v", last, test.reason)
			}
		})
	}
}

func TestMultiKeyrings(t *testing.T) {
	e := engine(t)
	writer := must(awskms.NewStrictMulti(supplier(e), keyWest, []string{keyEurope, keyOther}))
	keys, plain := newKeys(t, writer)
	if len(keys) != 3 {
		t.Fatalf("%d data keys, want 3", len(keys))
	}
	for i, arn := range []string{keyWest, keyEurope, keyOther} {
		if got := string(keys[i].ProviderInfo); got != arn {
			t.Errorf("data key %d is of %s, want %s", i, got, arn)
		}
		reader := must(awskms.NewStrictMulti(supplier(e), "", []string{arn}))
		key, index, err := reader.OpenKey(t.Context(), keys, ec)
		if err != nil || index != i || !bytes.Equal(key.InsecureBytes(), plain[i]) {
			t.Errorf("reader with %s: index %d, %v", arn, index, err)
		}
		if _, err := reader.NewKeys(t.Context(), ec); !errors.Is(err, crypto.ErrDecryptOnly) {
			t.Errorf("without a generator: %v", err)
		}
	}
	replicated, plain := newKeys(t, must(awskms.NewMRKMulti(supplier(e), mrkWest, []string{keyOther})))
	for name, reader := range map[string]crypto.Decrypter{
		"MRK multi-keyring in Europe":    must(awskms.NewMRKMulti(supplier(e), mrkEurope, nil)),
		"discovery in both Regions":      must(awskms.NewDiscoveryMulti(supplier(e), []string{europe, west}, awskms.InAccounts("aws", "111122223333"))),
		"MRK discovery in Europe":        must(awskms.NewMRKDiscoveryMulti(supplier(e), []string{europe}, awskms.InAccounts("aws", "111122223333"))),
		"MRK discovery, Europe is first": must(awskms.NewMRKDiscoveryMulti(supplier(e), []string{europe, west}, awskms.AnyAccount())),
	} {
		key, index, err := reader.OpenKey(t.Context(), replicated, ec)
		if err != nil || index != 0 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
			t.Errorf("%s: index %d, %v", name, index, err)
		}
	}
}

func TestNothingButTheSameContextOpens(t *testing.T) {
	k := must(awskms.NewStrict(engine(t).KMSIn(west), keyWest))
	rapid.Check(t, func(t *rapid.T) {
		contexts := rapid.MapOfN(rapid.StringN(1, 8, 30), rapid.StringN(0, 8, 30), 0, 5)
		written := crypto.EncryptionContext(contexts.Draw(t, "context"))
		wrapped, err := k.NewKeys(t.Context(), maps.Clone(written))
		if err != nil {
			t.Fatal(err)
		}
		keys := []crypto.EncryptedDataKey{wrapped[0].EncryptedDataKey}
		key, _, err := k.OpenKey(t.Context(), keys, written)
		if err != nil || !bytes.Equal(key.InsecureBytes(), wrapped[0].Key.InsecureBytes()) {
			t.Fatalf("did not open: %v", err)
		}
		other := crypto.EncryptionContext(contexts.Filter(func(m map[string]string) bool { return !maps.Equal(m, written) }).Draw(t, "other"))
		_, _, err = k.OpenKey(t.Context(), keys, other)
		var invalid *types.InvalidCiphertextException
		if !errors.Is(err, crypto.ReasonWrongKey) || !errors.As(err, &invalid) {
			t.Fatalf("another context: %v", err)
		}
	})
}

// recorder is a KMS client that notes every call.
type recorder struct {
	client *kms.Client
	mu     sync.Mutex
	calls  []any
}

func (r *recorder) note(in any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, in)
}

func (r *recorder) GenerateDataKey(ctx context.Context, in *kms.GenerateDataKeyInput, options ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	r.note(*in)
	return r.client.GenerateDataKey(ctx, in, options...)
}

func (r *recorder) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	r.note(*in)
	return r.client.Decrypt(ctx, in, options...)
}

func (r *recorder) GetPublicKey(ctx context.Context, in *kms.GetPublicKeyInput, options ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	r.note(*in)
	return r.client.GetPublicKey(ctx, in, options...)
}

func (r *recorder) DeriveSharedSecret(ctx context.Context, in *kms.DeriveSharedSecretInput, options ...func(*kms.Options)) (*kms.DeriveSharedSecretOutput, error) {
	r.note(*in)
	return r.client.DeriveSharedSecret(ctx, in, options...)
}

func (r *recorder) want(t testing.TB, calls ...any) {
	t.Helper()
	if !reflect.DeepEqual(r.calls, calls) {
		t.Errorf("KMS was called with\n%+v\nwant\n%+v", r.calls, calls)
	}
	r.calls = nil
}

func TestKMSIsCalledExactlySo(t *testing.T) {
	e := engine(t)
	tokens := []string{"first", "second"}
	grants := awskms.WithGrantTokens(tokens...)
	r := &recorder{client: e.KMSIn(west)}
	strict := must(awskms.NewStrict(r, keyWest, grants))
	keys, _ := newKeys(t, strict)
	r.want(t, kms.GenerateDataKeyInput{KeyId: aws.String(keyWest), NumberOfBytes: aws.Int32(32), EncryptionContext: ec, GrantTokens: tokens})

	// Keys of others cost no call.
	other, _ := newKeys(t, must(awskms.NewStrict(e.KMSIn(west), keyWest2)))
	if _, _, err := strict.OpenKey(t.Context(), slices.Concat(other, keys, keys), ec); err != nil {
		t.Fatal(err)
	}
	r.want(t, kms.DecryptInput{KeyId: aws.String(keyWest), CiphertextBlob: keys[0].Ciphertext, EncryptionContext: ec, GrantTokens: tokens})

	r = &recorder{client: e.KMSIn(europe)}
	written, _ := newKeys(t, must(awskms.NewStrict(e.KMSIn(west), mrkWest)))
	if _, _, err := must(awskms.NewMRK(r, mrkEurope)).OpenKey(t.Context(), written, ec); err != nil {
		t.Fatal(err)
	}
	r.want(t, kms.DecryptInput{KeyId: aws.String(mrkEurope), CiphertextBlob: written[0].Ciphertext, EncryptionContext: ec})

	if _, _, err := must(awskms.NewMRKDiscovery(r, europe, awskms.AnyAccount(), grants)).OpenKey(t.Context(), written, ec); err != nil {
		t.Fatal(err)
	}
	r.want(t, kms.DecryptInput{KeyId: aws.String(mrkEurope), CiphertextBlob: written[0].Ciphertext, EncryptionContext: ec, GrantTokens: tokens})

	r = &recorder{client: e.KMSIn(west)}
	if _, _, err := must(awskms.NewDiscovery(r, awskms.AnyAccount())).OpenKey(t.Context(), keys, ec); err != nil {
		t.Fatal(err)
	}
	r.want(t, kms.DecryptInput{KeyId: aws.String(keyWest), CiphertextBlob: keys[0].Ciphertext, EncryptionContext: ec})
}

func TestKMSErrorsStayReachable(t *testing.T) {
	ctx := t.Context()
	e := engine(t)
	client := e.KMSIn(west, func(o *kms.Options) { o.RetryMaxAttempts = 1 })
	k := must(awskms.NewStrict(client, keyWest))
	keys, _ := newKeys(t, k)

	undo := e.Inject(embedded.DenyAccess())
	_, _, err := k.OpenKey(ctx, keys, ec)
	if !errors.Is(err, crypto.ReasonAccessDenied) {
		t.Errorf("access denied: %v", err)
	}
	if _, err = k.NewKeys(ctx, ec); err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Errorf("access denied to GenerateDataKey: %v", err)
	}
	undo()

	undo = e.Inject(embedded.Throttle())
	_, _, err = k.OpenKey(ctx, keys, ec)
	if !errors.Is(err, crypto.ReasonUnavailable) {
		t.Errorf("throttled: %v", err)
	}
	undo()

	if _, err := client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: aws.String(keyWest)}); err != nil {
		t.Fatal(err)
	}
	var disabled *types.DisabledException
	if _, _, err = k.OpenKey(ctx, keys, ec); !errors.Is(err, crypto.ReasonUnavailable) || !errors.As(err, &disabled) {
		t.Errorf("disabled key: %v", err)
	}
	if _, err = k.NewKeys(ctx, ec); !errors.As(err, &disabled) {
		t.Errorf("disabled key on encrypt: %v", err)
	}
}

// TestSecondDataKeyOpensWhenTheFirstFails: one damaged data key does not stand
// in the way of the next.
func TestSecondDataKeyOpensWhenTheFirstFails(t *testing.T) {
	k := must(awskms.NewStrict(engine(t).KMSIn(west), keyWest))
	keys, plain := newKeys(t, k)
	damaged := keys[0]
	damaged.Ciphertext = append(bytes.Clone(damaged.Ciphertext), 0)
	key, index, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{damaged, keys[0]}, ec)
	if err != nil || index != 1 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
		t.Errorf("index %d, %v", index, err)
	}
}

// TestForgedKeyName: what another key wrapped, under the name of this one.
func TestForgedKeyName(t *testing.T) {
	client := engine(t).KMSIn(west)
	keys, _ := newKeys(t, must(awskms.NewStrict(client, keyWest2)))
	keys[0].ProviderInfo = []byte(keyWest)
	var incorrect *types.IncorrectKeyException
	_, _, err := must(awskms.NewStrict(client, keyWest)).OpenKey(t.Context(), keys, ec)
	if !errors.Is(err, crypto.ReasonWrongKey) || !errors.As(err, &incorrect) {
		t.Errorf("%v", err)
	}
}

func TestMalformedKeyARNFailsBeforeKMSIsCalled(t *testing.T) {
	e := engine(t)
	r := &recorder{client: e.KMSIn(west)}
	keys, _ := newKeys(t, must(awskms.NewStrict(e.KMSIn(west), keyWest)))
	for _, info := range []string{"", "\xff", "1234", "arn:aws:kms:us-west-2:111122223333:alias/a"} {
		bad := crypto.EncryptedDataKey{ProviderID: "aws-kms", ProviderInfo: []byte(info), Ciphertext: []byte{1}}
		for _, d := range []crypto.Decrypter{
			must(awskms.NewStrict(r, keyWest)), must(awskms.NewMRK(r, keyWest)), must(awskms.NewDiscovery(r, awskms.AnyAccount())),
		} {
			_, _, err := d.OpenKey(t.Context(), []crypto.EncryptedDataKey{keys[0], bad}, ec)
			if !errors.Is(err, crypto.ReasonMalformed) || !errors.Is(err, awskms.ErrKeyARN) {
				t.Errorf("%s, %q: %v", d, info, err)
			}
			if none := (*crypto.NoKeyError)(nil); !errors.As(err, &none) || len(none.Failures) != 2 {
				t.Errorf("%s, %q: not a failure for each data key: %v", d, info, err)
			}
		}
	}
	r.want(t)
}

func TestCancellation(t *testing.T) {
	e := engine(t)
	r := &recorder{client: e.KMSIn(west)}
	k := must(awskms.NewStrict(r, keyWest))
	keys, _ := newKeys(t, k)
	r.calls = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := k.OpenKey(ctx, keys, ec); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	r.want(t)
	if _, err := k.NewKeys(ctx, ec); !errors.Is(err, context.Canceled) {
		t.Errorf("new: %v", err)
	}

	// A context that ends while KMS is asked does not lead to the next data key.
	r.calls = nil
	ctx, cancel = context.WithCancel(t.Context())
	k = must(awskms.NewStrict(&ending{r, cancel}, keyWest))
	if _, _, err := k.OpenKey(ctx, slices.Concat(keys, keys), ec); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if len(r.calls) != 1 {
		t.Errorf("%d calls, want 1", len(r.calls))
	}
}

// ending ends the caller's context when it is asked to decrypt.
type ending struct {
	*recorder
	cancel context.CancelFunc
}

func (e *ending) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	e.cancel()
	return e.recorder.Decrypt(ctx, in, options...)
}

// answers is a KMS that says what it is told to.
type answers struct {
	generated kms.GenerateDataKeyOutput
	decrypted kms.DecryptOutput
}

func (a answers) GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	a.generated.Plaintext = bytes.Clone(a.generated.Plaintext)
	return &a.generated, nil
}

func (a answers) Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	a.decrypted.Plaintext = bytes.Clone(a.decrypted.Plaintext)
	return &a.decrypted, nil
}

func TestAnswersAreChecked(t *testing.T) {
	secret := []byte("a secret that no error may hold!")
	silent := func(t *testing.T, err error) {
		t.Helper()
		if err == nil {
			t.Fatal("accepted")
		}
		for _, form := range []string{string(secret[:16]), hex.EncodeToString(secret[:16]), base64.StdEncoding.EncodeToString(secret[:15])} {
			if strings.Contains(err.Error(), form) {
				t.Errorf("the error holds key material: %v", err)
			}
		}
	}
	blob := []byte{1}
	for name, out := range map[string]kms.GenerateDataKeyOutput{
		"short key":     {KeyId: aws.String(keyWest), Plaintext: secret[:31], CiphertextBlob: blob},
		"long key":      {KeyId: aws.String(keyWest), Plaintext: append(bytes.Clone(secret), 0), CiphertextBlob: blob},
		"no key id":     {Plaintext: secret, CiphertextBlob: blob},
		"alias":         {KeyId: aws.String("arn:aws:kms:us-west-2:1:alias/a"), Plaintext: secret, CiphertextBlob: blob},
		"another key":   {KeyId: aws.String(keyWest2), Plaintext: secret, CiphertextBlob: blob},
		"no ciphertext": {KeyId: aws.String(keyWest), Plaintext: secret},
		"too long":      {KeyId: aws.String(keyWest), Plaintext: secret, CiphertextBlob: make([]byte, 65535-47)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := must(awskms.NewStrict(answers{generated: out}, keyWest)).NewKeys(t.Context(), ec)
			silent(t, err)
			_, err = must(awskms.NewEncrypter(answers{generated: out}, keyWest)).NewKeys(t.Context(), ec)
			silent(t, err)
		})
	}
	if _, err := must(awskms.NewEncrypter(answers{generated: kms.GenerateDataKeyOutput{
		KeyId: aws.String(keyWest2), Plaintext: secret, CiphertextBlob: blob,
	}}, "alias/a")).NewKeys(t.Context(), ec); err != nil {
		t.Errorf("an alias may stand for any key: %v", err)
	}
	keys := []crypto.EncryptedDataKey{{ProviderID: "aws-kms", ProviderInfo: []byte(keyWest), Ciphertext: blob}}
	for name, out := range map[string]kms.DecryptOutput{
		"short key":   {KeyId: aws.String(keyWest), Plaintext: secret[:31]},
		"no key":      {KeyId: aws.String(keyWest)},
		"no key id":   {Plaintext: secret},
		"another key": {KeyId: aws.String(keyWest2), Plaintext: secret},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range []crypto.Decrypter{
				must(awskms.NewStrict(answers{decrypted: out}, keyWest)),
				must(awskms.NewDiscovery(answers{decrypted: out}, awskms.AnyAccount())),
			} {
				_, _, err := d.OpenKey(t.Context(), keys, ec)
				silent(t, err)
				if none := (*crypto.NoKeyError)(nil); !errors.As(err, &none) {
					t.Errorf("%v", err)
				}
			}
		})
	}
}

func TestConstructorsRefuse(t *testing.T) {
	e := engine(t)
	client := e.KMSIn(west)
	failing := func(region string) (awskms.Client, error) { return nil, errors.New("not in " + region) }
	empty := func(string) (awskms.Client, error) { return nil, nil }
	mine := awskms.InAccounts("aws", "111122223333")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	try := func(_ any, err error) error { return err }
	for name, test := range map[string]struct {
		err  error
		want string // in the error
	}{
		"alias":            {try(awskms.NewStrict(client, "alias/a")), "not the ARN of a KMS key"},
		"alias ARN":        {try(awskms.NewMRK(client, "arn:aws:kms:us-west-2:1:alias/a")), "could encrypt and never decrypt"},
		"key id":           {try(awskms.NewStrict(client, "1234")), "want arn:"},
		"no client":        {try(awskms.NewStrict(nil, keyWest)), "client is nil"},
		"11 tokens":        {try(awskms.NewStrict(client, keyWest, awskms.WithGrantTokens(make([]string, 11)...))), "at most 10"},
		"11 tokens in two": {try(awskms.NewStrict(client, keyWest, awskms.WithGrantTokens("1", "2", "3", "4", "5", "6"), awskms.WithGrantTokens("1", "2", "3", "4", "5"))), "at most 10"},
		"empty token":      {try(awskms.NewStrict(client, keyWest, awskms.WithGrantTokens(""))), "0 characters"},
		"long token":       {try(awskms.NewStrict(client, keyWest, awskms.WithGrantTokens(strings.Repeat("t", 8193)))), "8193 characters"},
		"nil option":       {try(awskms.NewStrict(client, keyWest, nil)), "option is nil"},

		"encrypter: bad id":    {try(awskms.NewEncrypter(client, "key/1")), "not a KMS key identifier"},
		"encrypter: no client": {try(awskms.NewEncrypter(nil, keyWest)), "client is nil"},
		"encrypter: token":     {try(awskms.NewEncrypter(client, keyWest, awskms.WithGrantTokens(""))), "0 characters"},

		"discovery: zero filter":   {try(awskms.NewDiscovery(client, awskms.DiscoveryFilter{})), "AnyAccount()"},
		"discovery: no account":    {try(awskms.NewDiscovery(client, awskms.InAccounts("aws"))), "no account"},
		"discovery: empty account": {try(awskms.NewDiscovery(client, awskms.InAccounts("aws", ""))), `account id "": want 12 digits`},
		"discovery: short account": {try(awskms.NewDiscovery(client, awskms.InAccounts("aws", "111122223333", "12"))), `account id "12": want 12 digits`},
		"discovery: no digits":     {try(awskms.NewDiscovery(client, awskms.InAccounts("aws", "11112222333x"))), "want 12 digits"},
		"discovery: nil client":    {try(awskms.NewDiscovery((*kms.Client)(nil), mine)), "client is nil"},
		"MRK discovery: nil":       {try(awskms.NewMRKDiscovery((*kms.Client)(nil), west, mine)), "client is nil"},
		"strict: nil client":       {try(awskms.NewStrict((*kms.Client)(nil), keyWest)), "client is nil"},
		"encrypter: nil client":    {try(awskms.NewEncrypter((*kms.Client)(nil), "alias/a")), "client is nil"},
		"RSA: nil client":          {try(awskms.NewRSA((*kms.Client)(nil), awskms.RSAConfig{KeyARN: keyWest, Algorithm: sha256})), "client is nil"},
		"ECDH: nil client":         {try(awskms.NewECDHDiscovery(t.Context(), (*kms.Client)(nil), keyWest)), "client is nil"},

		"strict: region":           {try(awskms.NewStrict(client, keyEurope)), `of region "us-west-2", the key of "eu-west-1": give it a client of the key's region`},
		"MRK: region":              {try(awskms.NewMRK(client, mrkEurope)), "give it a client of the key's region"},
		"encrypter: region":        {try(awskms.NewEncrypter(client, keyEurope)), "give it a client of the key's region"},
		"encrypter: alias":         {try(awskms.NewEncrypter(client, "arn:aws:kms:eu-west-1:111122223333:alias/a")), "give it a client of the key's region"},
		"RSA: region":              {try(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: keyEurope, Algorithm: sha256})), "give it a client of the key's region"},
		"ECDH: region":             {try(awskms.NewECDHDiscovery(t.Context(), client, keyEurope)), "give it a client of the key's region"},
		"discovery: no client":     {try(awskms.NewDiscovery(nil, mine)), "client is nil"},
		"discovery: token":         {try(awskms.NewDiscovery(client, mine, awskms.WithGrantTokens(""))), "0 characters"},
		"MRK discovery: region":    {try(awskms.NewMRKDiscovery(client, europe, mine)), `of region "us-west-2", not "eu-west-1"`},
		"MRK discovery: no region": {try(awskms.NewMRKDiscovery(client, "", mine)), "region is empty"},
		"MRK discovery: no client": {try(awskms.NewMRKDiscovery(nil, west, mine)), "client is nil"},

		"multi: no keys":          {try(awskms.NewStrictMulti(supplier(e), "", nil)), "no keys"},
		"multi: no supplier":      {try(awskms.NewStrictMulti(nil, keyWest, nil)), "supplier is nil"},
		"multi: alias":            {try(awskms.NewStrictMulti(supplier(e), "alias/a", nil)), "not the ARN of a KMS key"},
		"multi: alias child":      {try(awskms.NewStrictMulti(supplier(e), keyWest, []string{"alias/a"})), "not the ARN of a KMS key"},
		"multi: supplier":         {try(awskms.NewStrictMulti(failing, keyWest, nil)), "not in us-west-2"},
		"multi: no client":        {try(awskms.NewStrictMulti(empty, keyWest, nil)), "client is nil"},
		"MRK multi: replicas":     {try(awskms.NewMRKMulti(supplier(e), mrkWest, []string{mrkEurope})), "leave one out"},
		"MRK multi: twice":        {try(awskms.NewMRKMulti(supplier(e), "", []string{mrkWest, mrkWest})), "leave one out"},
		"MRK multi: alias":        {try(awskms.NewMRKMulti(supplier(e), "alias/a", nil)), "not the ARN of a KMS key"},
		"discovery multi: none":   {try(awskms.NewDiscoveryMulti(supplier(e), nil, mine)), "no regions"},
		"discovery multi: empty":  {try(awskms.NewDiscoveryMulti(supplier(e), []string{""}, mine)), "region 1 is empty"},
		"discovery multi: filter": {try(awskms.NewDiscoveryMulti(supplier(e), []string{west}, awskms.DiscoveryFilter{})), "AnyAccount()"},
		"discovery multi: client": {try(awskms.NewDiscoveryMulti(failing, []string{west}, mine)), "not in us-west-2"},
		"discovery multi: nil":    {try(awskms.NewMRKDiscoveryMulti(nil, []string{west}, mine)), "supplier is nil"},

		"RSA: alias":     {try(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: "alias/a", Algorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256})), "not the ARN of a KMS key"},
		"RSA: algorithm": {try(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: keyWest})), "RSAES_OAEP_SHA_256"},
		"RSA: SM2":       {try(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: keyWest, Algorithm: types.EncryptionAlgorithmSpecSm2pke})), "RSAES_OAEP_SHA_256"},
		"RSA: nothing":   {try(awskms.NewRSA(nil, awskms.RSAConfig{KeyARN: keyWest, Algorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256})), "neither a client"},
		"RSA: 1024 bits": {try(awskms.NewRSA(nil, awskms.RSAConfig{KeyARN: keyWest, Algorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256, PublicKey: &small.PublicKey})), "2048 bits"},
		"RSA: empty key": {try(awskms.NewRSA(nil, awskms.RSAConfig{KeyARN: keyWest, Algorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256, PublicKey: &rsa.PublicKey{}})), "2048 bits"},
		"RSA: token":     {try(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: keyWest, Algorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256}, awskms.WithGrantTokens(""))), "0 characters"},

		"ECDH: no recipient": {try(awskms.NewECDHStatic(t.Context(), client, awskms.ECDHStaticConfig{SenderKeyARN: keyWest})), "the public key is nil"},
		"ECDH: curve":        {try(awskms.NewECDHStatic(t.Context(), client, awskms.ECDHStaticConfig{SenderKeyARN: keyWest, RecipientPublicKey: curve25519.PublicKey()})), "use P-256, P-384 or P-521"},
		"ECDH: no client":    {try(awskms.NewECDHDiscovery(t.Context(), nil, keyWest)), "client is nil"},
		"ECDH: alias":        {try(awskms.NewECDHDiscovery(t.Context(), client, "alias/a")), "not the ARN of a KMS key"},
		"ECDH: token":        {try(awskms.NewECDHDiscovery(t.Context(), client, keyWest, awskms.WithGrantTokens(""))), "0 characters"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, test.err, test.want)
		}
	}
	for _, arn := range []string{"alias/a", "1234", "arn:aws:kms:us-west-2:1:alias/a"} {
		if _, err := awskms.NewStrict(client, arn); !errors.Is(err, awskms.ErrKeyARN) {
			t.Errorf("%s: %v", arn, err)
		}
	}
}

func TestClientSupplier(t *testing.T) {
	supply := awskms.NewClientSupplier(aws.Config{Region: europe})
	for region, want := range map[string]string{"": europe, west: west} {
		client, err := supply(region)
		if err != nil {
			t.Fatal(err)
		}
		if got := client.(*kms.Client).Options().Region; got != want {
			t.Errorf("%q: a client of %s", region, got)
		}
		if again, err := supply(region); err != nil || again != client {
			t.Errorf("%q: another client, %v", region, err)
		}
	}
	if _, err := awskms.NewClientSupplier(aws.Config{})(""); err == nil {
		t.Error("a client of no region")
	}
}

func TestConcurrentUse(t *testing.T) {
	e := engine(t)
	k := must(awskms.NewMRKMulti(supplier(e), mrkWest, []string{keyEurope}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			keys, _ := newKeys(t, k)
			if _, _, err := k.OpenKey(t.Context(), keys, ec); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

package embedded_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func open(t testing.TB, options ...embedded.Option) *embedded.Engine {
	t.Helper()
	engine, err := embedded.Open(embedded.InMemory(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

func createKey(t testing.TB, client *kms.Client, in *kms.CreateKeyInput) *types.KeyMetadata {
	t.Helper()
	out, err := client.CreateKey(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.KeyMetadata
}

func symmetricKey(t testing.TB, client *kms.Client) string {
	t.Helper()
	return *createKey(t, client, &kms.CreateKeyInput{}).Arn
}

// wantCode fails unless err is an error of the service with this code.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var answer smithy.APIError
	if !errors.As(err, &answer) || answer.ErrorCode() != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}

func TestKMSDataKeyOpensUnderItsContextOnly(t *testing.T) {
	client := open(t).KMS()
	key := symmetricKey(t, client)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		contexts := rapid.MapOfN(rapid.StringN(1, 8, 20), rapid.StringN(0, 8, 20), 0, 4)
		ec := contexts.Draw(t, "encryption context")
		length := rapid.Int32Range(1, 1024).Draw(t, "length")
		made, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
			KeyId: &key, NumberOfBytes: &length, EncryptionContext: ec, GrantTokens: []string{"token"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if *made.KeyId != key || len(made.Plaintext) != int(length) {
			t.Fatalf("key %s, %d bytes", *made.KeyId, len(made.Plaintext))
		}
		opened, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(opened.Plaintext, made.Plaintext) || *opened.KeyId != key || *opened.KeyMaterialId != *made.KeyMaterialId {
			t.Fatal("another key came back")
		}
		other := contexts.Filter(func(m map[string]string) bool { return fmt.Sprint(m) != fmt.Sprint(ec) }).Draw(t, "other")
		var invalid *types.InvalidCiphertextException
		_, err = client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, EncryptionContext: other})
		if !errors.As(err, &invalid) {
			t.Fatalf("under %q instead of %q: %v", other, ec, err)
		}
		blob := bytes.Clone(made.CiphertextBlob)
		blob[rapid.IntRange(0, len(blob)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err = client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: ec}); !errors.As(err, &invalid) {
			t.Fatalf("a damaged ciphertext: %v", err)
		}
	})
}

func TestKMSEncryptAndReEncrypt(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	from, to := symmetricKey(t, client), symmetricKey(t, client)
	old, new := map[string]string{"version": "1"}, map[string]string{"version": "2", "tenant": "a"}
	sealed, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: &from, Plaintext: []byte("plain text"), EncryptionContext: old})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := client.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob: sealed.CiphertextBlob, SourceEncryptionContext: old,
		DestinationKeyId: &to, DestinationEncryptionContext: new,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *moved.SourceKeyId != from || *moved.KeyId != to {
		t.Errorf("from %s to %s", *moved.SourceKeyId, *moved.KeyId)
	}
	opened, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: moved.CiphertextBlob, EncryptionContext: new, KeyId: &to})
	if err != nil {
		t.Fatal(err)
	}
	if string(opened.Plaintext) != "plain text" {
		t.Error("another plain text came back")
	}
	_, err = client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: moved.CiphertextBlob, EncryptionContext: new, KeyId: &from})
	wantCode(t, err, "IncorrectKeyException")
	_, err = client.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob: sealed.CiphertextBlob, SourceEncryptionContext: new, DestinationKeyId: &to,
	})
	wantCode(t, err, "InvalidCiphertextException")
	_, err = client.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob: sealed.CiphertextBlob, SourceKeyId: &to, SourceEncryptionContext: old, DestinationKeyId: &to,
	})
	wantCode(t, err, "IncorrectKeyException")
}

func TestKMSDataKeyWithoutPlaintext(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	key := symmetricKey(t, client)
	made, err := client.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: &key, KeySpec: types.DataKeySpecAes256})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob})
	if err != nil {
		t.Fatal(err)
	}
	if len(opened.Plaintext) != 32 {
		t.Errorf("%d bytes, want 32", len(opened.Plaintext))
	}
}

func TestKMSKeyNames(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	metadata := createKey(t, client, &kms.CreateKeyInput{Description: aws.String("for orders")})
	if _, err := client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/orders"), TargetKeyId: metadata.KeyId}); err != nil {
		t.Fatal(err)
	}
	aliasARN := strings.Replace(*metadata.Arn, "key/"+*metadata.KeyId, "alias/orders", 1)
	for _, name := range []string{*metadata.KeyId, *metadata.Arn, "alias/orders", aliasARN} {
		made, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &name, NumberOfBytes: aws.Int32(32)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if *made.KeyId != *metadata.Arn {
			t.Errorf("%s answered as %s, want the key ARN", name, *made.KeyId)
		}
		described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		if err != nil || *described.KeyMetadata.Description != "for orders" {
			t.Errorf("describe %s: %v", name, err)
		}
	}
	for name, code := range map[string]string{
		"alias/none": "NotFoundException",
		strings.Replace(*metadata.Arn, embedded.Region, "eu-west-1", 1): "NotFoundException",
		*metadata.Arn + "0":            "NotFoundException",
		"arn:aws:s3:us-east-1:1:key/1": "InvalidArnException",
		"arn:aws:kms":                  "InvalidArnException",
		"1234":                         "NotFoundException",
		strings.Repeat("a", 2049):      "ValidationException",
	} {
		_, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &name, NumberOfBytes: aws.Int32(32)})
		wantCode(t, err, code)
	}
}

func TestKMSAliases(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	first, second := symmetricKey(t, client), symmetricKey(t, client)
	for _, name := range []string{"alias/a", "alias/b", "alias/c"} {
		if _, err := client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &first}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/a"), TargetKeyId: &second})
	wantCode(t, err, "AlreadyExistsException")
	for name, code := range map[string]string{"orders": "InvalidAliasNameException", "alias/aws/x": "NotAuthorizedException", "alias/x y": "InvalidAliasNameException"} {
		_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &first})
		wantCode(t, err, code)
	}
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/d"), TargetKeyId: aws.String("alias/a")})
	wantCode(t, err, "ValidationException")

	if _, err = client.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: aws.String("alias/b"), TargetKeyId: &second}); err != nil {
		t.Fatal(err)
	}
	if _, err = client.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String("alias/c")}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String("alias/c")})
	wantCode(t, err, "NotFoundException")

	var names []string
	pages := kms.NewListAliasesPaginator(client, &kms.ListAliasesInput{Limit: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, alias := range page.Aliases {
			names = append(names, *alias.AliasName)
		}
	}
	if strings.Join(names, " ") != "alias/a alias/b" {
		t.Errorf("aliases %q", names)
	}
	of, err := client.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &second})
	if err != nil || len(of.Aliases) != 1 || *of.Aliases[0].AliasName != "alias/b" {
		t.Errorf("aliases of the second key: %v, %v", of, err)
	}
	keys, err := client.ListKeys(ctx, &kms.ListKeysInput{})
	if err != nil || len(keys.Keys) != 2 || keys.Truncated {
		t.Errorf("keys: %v, %v", keys, err)
	}
}

func TestKMSMultiRegionKey(t *testing.T) {
	ctx := context.Background()
	engine := open(t)
	here, there := engine.KMS(), engine.KMSIn("eu-west-1")
	primary := createKey(t, here, &kms.CreateKeyInput{MultiRegion: aws.Bool(true)})
	if !strings.HasPrefix(*primary.KeyId, "mrk-") {
		t.Errorf("key id %s", *primary.KeyId)
	}
	made, err := here.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: primary.Arn, KeySpec: types.DataKeySpecAes256})
	if err != nil {
		t.Fatal(err)
	}
	_, err = there.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob})
	wantCode(t, err, "AccessDeniedException") // no replica yet

	replicated, err := here.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: primary.Arn, ReplicaRegion: aws.String("eu-west-1")})
	if err != nil {
		t.Fatal(err)
	}
	replica := *replicated.ReplicaKeyMetadata.Arn
	if want := strings.Replace(*primary.Arn, embedded.Region, "eu-west-1", 1); replica != want {
		t.Errorf("replica %s, want %s", replica, want)
	}
	opened, err := there.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, KeyId: &replica})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(opened.Plaintext, made.Plaintext) || *opened.KeyId != replica {
		t.Errorf("the replica opened another key, as %s", *opened.KeyId)
	}
	_, err = there.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, KeyId: primary.Arn})
	wantCode(t, err, "NotFoundException") // a key of another Region

	described, err := there.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &replica})
	if err != nil {
		t.Fatal(err)
	}
	configuration := described.KeyMetadata.MultiRegionConfiguration
	if configuration.MultiRegionKeyType != types.MultiRegionKeyTypeReplica || *configuration.PrimaryKey.Arn != *primary.Arn || len(configuration.ReplicaKeys) != 1 {
		t.Errorf("configuration %+v", configuration)
	}
	_, err = here.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: primary.Arn, ReplicaRegion: aws.String("eu-west-1")})
	wantCode(t, err, "AlreadyExistsException")
	_, err = there.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &replica, ReplicaRegion: aws.String("us-west-2")})
	wantCode(t, err, "UnsupportedOperationException")
	_, err = here.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: primary.Arn})
	wantCode(t, err, "UnsupportedOperationException")
}

func TestKMSKeyStates(t *testing.T) {
	ctx := context.Background()
	var mu sync.Mutex
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	client := open(t, embedded.WithClock(func() time.Time { mu.Lock(); defer mu.Unlock(); return now })).KMS()
	key := symmetricKey(t, client)
	use := func() error {
		_, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)})
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(use())
	_, err := client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	must(err)
	wantCode(t, use(), "DisabledException")
	_, err = client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	must(err)
	must(use())
	deletion, err := client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key, PendingWindowInDays: aws.Int32(7)})
	must(err)
	if !deletion.DeletionDate.Equal(now.AddDate(0, 0, 7)) {
		t.Errorf("deletion on %v", deletion.DeletionDate)
	}
	wantCode(t, use(), "KMSInvalidStateException")
	_, err = client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	wantCode(t, err, "KMSInvalidStateException")
	_, err = client.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &key})
	must(err)
	wantCode(t, use(), "DisabledException")
	_, err = client.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
	must(err)
	must(use())
	_, err = client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key, PendingWindowInDays: aws.Int32(7)})
	must(err)
	mu.Lock()
	now = now.AddDate(0, 0, 8)
	mu.Unlock()
	wantCode(t, use(), "NotFoundException")
}

func TestKMSRSA(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	key := *createKey(t, client, &kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeEncryptDecrypt}).Arn
	got, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParsePKIXPublicKey(got.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := parsed.(*rsa.PublicKey)
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public, []byte("made outside"), nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := client.Decrypt(ctx, &kms.DecryptInput{KeyId: &key, CiphertextBlob: sealed, EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256})
	if err != nil {
		t.Fatal(err)
	}
	if string(opened.Plaintext) != "made outside" || *opened.KeyId != key {
		t.Error("another plain text came back")
	}
	inside, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("made inside"), EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha1})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		in   kms.DecryptInput
		code string
	}{
		"other algorithm":    {kms.DecryptInput{KeyId: &key, EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256}, "InvalidCiphertextException"},
		"no algorithm":       {kms.DecryptInput{KeyId: &key}, "InvalidKeyUsageException"},
		"no key":             {kms.DecryptInput{EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha1}, "ValidationException"},
		"encryption context": {kms.DecryptInput{KeyId: &key, EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha1, EncryptionContext: map[string]string{"a": "b"}}, "ValidationException"},
	} {
		test.in.CiphertextBlob = inside.CiphertextBlob
		_, err := client.Decrypt(ctx, &test.in)
		t.Log(name)
		wantCode(t, err, test.code)
	}
	_, err = client.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: make([]byte, 215), EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha1})
	wantCode(t, err, "ValidationException")
	_, err = client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)})
	wantCode(t, err, "InvalidKeyUsageException")
}

func TestKMSKeyAgreement(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	for spec, curve := range map[types.KeySpec]ecdh.Curve{
		types.KeySpecEccNistP256: ecdh.P256(), types.KeySpecEccNistP384: ecdh.P384(), types.KeySpecEccNistP521: ecdh.P521(),
	} {
		key := *createKey(t, client, &kms.CreateKeyInput{KeySpec: spec, KeyUsage: types.KeyUsageTypeKeyAgreement}).Arn
		got, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParsePKIXPublicKey(got.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := parsed.(*ecdsa.PublicKey).ECDH()
		if err != nil {
			t.Fatal(err)
		}
		mine, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		want, err := mine.ECDH(theirs)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(mine.Public())
		if err != nil {
			t.Fatal(err)
		}
		derive := &kms.DeriveSharedSecretInput{KeyId: &key, KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh, PublicKey: public}
		derived, err := client.DeriveSharedSecret(ctx, derive)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(derived.SharedSecret, want) || *derived.KeyId != key {
			t.Errorf("%s: another secret", spec)
		}
		derive.PublicKey = public[:len(public)-1]
		_, err = client.DeriveSharedSecret(ctx, derive)
		wantCode(t, err, "ValidationException")
		_, err = client.Encrypt(ctx, &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x")})
		wantCode(t, err, "InvalidKeyUsageException")
	}
	key := symmetricKey(t, client)
	_, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	wantCode(t, err, "UnsupportedOperationException")
	_, err = client.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: &key, KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh, PublicKey: []byte{0}})
	wantCode(t, err, "InvalidKeyUsageException")
}

func TestKMSRefusesBadInput(t *testing.T) {
	ctx := context.Background()
	client := open(t).KMS()
	key := symmetricKey(t, client)
	generate := func(change func(*kms.GenerateDataKeyInput)) error {
		in := &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)}
		change(in)
		_, err := client.GenerateDataKey(ctx, in)
		return err
	}
	create := func(in kms.CreateKeyInput) error {
		_, err := client.CreateKey(ctx, &in)
		return err
	}
	_, signing := client.Sign(ctx, &kms.SignInput{KeyId: &key, Message: []byte("m"), SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
	for name, test := range map[string]struct {
		err  error
		code string
	}{
		"no length":         {generate(func(in *kms.GenerateDataKeyInput) { in.NumberOfBytes = nil }), "ValidationException"},
		"two lengths":       {generate(func(in *kms.GenerateDataKeyInput) { in.KeySpec = types.DataKeySpecAes256 }), "ValidationException"},
		"0 bytes":           {generate(func(in *kms.GenerateDataKeyInput) { in.NumberOfBytes = aws.Int32(0) }), "ValidationException"},
		"1025 bytes":        {generate(func(in *kms.GenerateDataKeyInput) { in.NumberOfBytes = aws.Int32(1025) }), "ValidationException"},
		"11 grant tokens":   {generate(func(in *kms.GenerateDataKeyInput) { in.GrantTokens = make([]string, 11) }), "ValidationException"},
		"empty grant token": {generate(func(in *kms.GenerateDataKeyInput) { in.GrantTokens = []string{""} }), "ValidationException"},
		"long context": {generate(func(in *kms.GenerateDataKeyInput) {
			in.EncryptionContext = map[string]string{"a": strings.Repeat("b", 8192)}
		}), "ValidationException"},
		"dry run":           {generate(func(in *kms.GenerateDataKeyInput) { in.DryRun = aws.Bool(true) }), "DryRunOperationException"},
		"unknown parameter": {generate(func(in *kms.GenerateDataKeyInput) { in.Recipient = &types.RecipientInfo{} }), "ValidationException"},
		"unknown operation": {signing, "UnknownOperationException"},
		"RSA without usage": {create(kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048}), "ValidationException"},
		"EC for encryption": {create(kms.CreateKeyInput{KeySpec: types.KeySpecEccNistP256, KeyUsage: types.KeyUsageTypeEncryptDecrypt}), "ValidationException"},
		"signing key":       {create(kms.CreateKeyInput{KeySpec: types.KeySpecEccNistP256, KeyUsage: types.KeyUsageTypeSignVerify}), "UnsupportedOperationException"},
		"HMAC key":          {create(kms.CreateKeyInput{KeySpec: types.KeySpecHmac256, KeyUsage: types.KeyUsageTypeGenerateVerifyMac}), "UnsupportedOperationException"},
		"external origin":   {create(kms.CreateKeyInput{Origin: types.OriginTypeExternal}), "UnsupportedOperationException"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, test.err, test.code) })
	}
	for name, blob := range map[string][]byte{"one byte": {1}, "noise": bytes.Repeat([]byte{1}, 100)} {
		_, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob})
		t.Log(name)
		wantCode(t, err, "InvalidCiphertextException")
	}
}

func TestKMSKeysSurviveReopening(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "engine.db")
	engine, err := embedded.Open(embedded.File(path))
	if err != nil {
		t.Fatal(err)
	}
	key := symmetricKey(t, engine.KMS())
	made, err := engine.KMS().GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)})
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	if engine, err = embedded.Open(embedded.File(path)); err != nil {
		t.Fatal(err)
	}
	opened, err := engine.KMS().Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(opened.Plaintext, made.Plaintext) {
		t.Error("another key came back")
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestImportKMSKey(t *testing.T) {
	ctx := context.Background()
	engine := open(t)
	secret := bytes.Repeat([]byte{7}, 32)
	const here, there = "arn:aws:kms:us-west-2:444455556666:key/mrk-1", "arn:aws:kms:eu-west-1:444455556666:key/mrk-1"
	for _, arn := range []string{here, there} {
		if err := engine.ImportKMSKey(embedded.SymmetricKey(arn, secret)); err != nil {
			t.Fatal(err)
		}
	}
	made, err := engine.KMSIn("us-west-2").Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(here), Plaintext: []byte("p")})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := engine.KMSIn("eu-west-1").Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob})
	if err != nil || *opened.KeyId != there {
		t.Fatalf("the replica did not open it: %v", err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const free = "arn:aws:kms:us-east-1:444455556666:key/1"
	for name, key := range map[string]embedded.KMSKey{
		"exists":          embedded.SymmetricKey(here, secret),
		"other material":  embedded.SymmetricKey("arn:aws:kms:us-east-1:444455556666:key/mrk-1", make([]byte, 32)),
		"short":           embedded.SymmetricKey(free, make([]byte, 31)),
		"no secret":       embedded.SymmetricKey(free, nil),
		"no material":     {ARN: free},
		"no RSA key":      embedded.RSAKey(free, nil),
		"empty RSA key":   embedded.RSAKey(free, new(rsa.PrivateKey)),
		"small RSA key":   embedded.RSAKey(free, small),
		"no ECDH key":     embedded.AgreementKey(free, nil),
		"another curve":   embedded.AgreementKey(free, x25519),
		"an alias":        embedded.SymmetricKey("arn:aws:kms:us-east-1:444455556666:alias/1", secret),
		"not an ARN":      embedded.SymmetricKey("1234", secret),
		"no Region":       embedded.SymmetricKey("arn:aws:kms::444455556666:key/1", secret),
		"another service": embedded.SymmetricKey("arn:aws:s3:us-east-1:444455556666:key/1", secret),
	} {
		if err := engine.ImportKMSKey(key); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestKMSKeyShowsNoMaterial prints, logs and marshals keys, also from where no
// method is called: the unexported field of another struct.
func TestKMSKeyShowsNoMaterial(t *testing.T) {
	const arn = "arn:aws:kms:us-east-1:444455556666:key/1"
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("0123456789abcdef0123456789abcdef")
	forms := func(b []byte) []string {
		return []string{
			string(b), fmt.Sprintf("%v", b)[1:40], fmt.Sprintf("%x", b)[:40], fmt.Sprintf("%X", b)[:40],
			fmt.Sprintf("%#v", b)[7:60], base64.StdEncoding.EncodeToString(b)[:40], new(big.Int).SetBytes(b).String(),
		}
	}
	type fixture struct{ key embedded.KMSKey }
	for _, c := range []struct {
		key    embedded.KMSKey
		secret []byte
	}{
		{embedded.SymmetricKey(arn, secret), secret},
		{embedded.RSAKey(arn, pair), pair.D.Bytes()},
		{embedded.RSAKey(arn, pair), pair.Primes[0].Bytes()},
		{embedded.AgreementKey(arn, private), private.Bytes()},
	} {
		var shown strings.Builder
		for _, v := range []any{c.key, &c.key, fixture{c.key}, &fixture{c.key}, []embedded.KMSKey{c.key}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				fmt.Fprintf(&shown, verb+"\n", v)
			}
			encoded, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			shown.Write(encoded)
			slog.New(slog.NewJSONHandler(&shown, nil)).Info("key", "key", v)
			slog.New(slog.NewTextHandler(&shown, nil)).Info("key", "key", v)
		}
		for _, form := range forms(c.secret) {
			if strings.Contains(shown.String(), form) {
				t.Errorf("%v shows its material as %.20s…", c.key, form)
			}
		}
		if !strings.Contains(shown.String(), arn) {
			t.Errorf("the ARN is not shown")
		}
	}
}

func TestKMSFaultsAndCalls(t *testing.T) {
	ctx := context.Background()
	engine := open(t)
	client := engine.KMS()
	key := symmetricKey(t, client)
	remove := engine.Inject(embedded.DenyAccess().On("GenerateDataKey"))
	in := &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)}
	_, err := client.GenerateDataKey(ctx, in)
	wantCode(t, err, "AccessDeniedException")
	remove()
	engine.Inject(embedded.Delay(time.Hour).On("Decrypt"))
	made, err := client.GenerateDataKey(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, err := client.Decrypt(short, &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow call: %v", err)
	}
	if n := engine.Calls()["GenerateDataKey"]; n != 2 {
		t.Errorf("%d calls of GenerateDataKey, want 2", n)
	}
}

func BenchmarkKMSGenerateDataKey(b *testing.B) {
	client := open(b).KMS()
	key := symmetricKey(b, client)
	for b.Loop() {
		if _, err := client.GenerateDataKey(context.Background(), &kms.GenerateDataKeyInput{KeyId: &key, NumberOfBytes: aws.Int32(32)}); err != nil {
			b.Fatal(err)
		}
	}
}

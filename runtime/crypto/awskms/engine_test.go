package awskms_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
)

// TestOnTheChosenEngine uses symmetric keys alone, which every engine has.
func TestOnTheChosenEngine(t *testing.T) {
	ctx := t.Context()
	client := enginetest.Open(t).KMS
	region := client.Options().Region
	create := func() *types.KeyMetadata {
		created, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
		if err != nil {
			t.Fatal(err)
		}
		return created.KeyMetadata
	}
	first, second := create(), create()
	strict := must(awskms.NewStrict(client, *first.Arn))
	other := must(awskms.NewStrict(client, *second.Arn))
	account := awskms.InAccounts("aws", strings.Split(*first.Arn, ":")[4])
	readers := map[string]crypto.Decrypter{
		"strict":        strict,
		"MRK":           must(awskms.NewMRK(client, *first.Arn)),
		"discovery":     must(awskms.NewDiscovery(client, account)),
		"MRK discovery": must(awskms.NewMRKDiscovery(client, region, account)),
	}
	mixed, _ := newKeys(t, other)
	keys, plain := newKeys(t, strict)
	for name, reader := range readers {
		key, index, err := reader.OpenKey(ctx, keys, ec)
		if err != nil || index != 0 || !bytes.Equal(key.InsecureBytes(), plain[0]) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err = reader.OpenKey(ctx, keys, crypto.EncryptionContext{"another": "context"}); !errors.Is(err, crypto.ReasonWrongKey) {
			t.Errorf("%s, another context: %v", name, err)
		}
	}
	if _, index, err := strict.OpenKey(ctx, slices.Concat(mixed, keys), ec); err != nil || index != 1 {
		t.Errorf("a data key of another key stands first: index %d, %v", index, err)
	}
	// What another key wrapped, under the name of this one.
	forged := slices.Clone(mixed)
	forged[0].ProviderInfo = keys[0].ProviderInfo
	if _, _, err := strict.OpenKey(ctx, forged, ec); !errors.As(err, new(*crypto.NoKeyError)) {
		t.Errorf("another key under this one's name: %v", err)
	}

	if _, err := client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/awskms-test"), TargetKeyId: first.KeyId}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alias/awskms-test", *first.KeyId, *first.Arn} {
		keys, plain := newKeys(t, must(awskms.NewEncrypter(client, name)))
		key, _, err := strict.OpenKey(ctx, keys, ec)
		if err != nil || !bytes.Equal(key.InsecureBytes(), plain[0]) {
			t.Errorf("encrypter %s: %v", name, err)
		}
	}
}

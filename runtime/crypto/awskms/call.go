package awskms

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

const keyLen = 32 // of an intermediate key

// maxBlob leaves room for the wrapped data key in front of the blob.
const maxBlob = 1<<16 - 1 - 48

// Errors about what KMS returned and what items hold. They mean that something
// stands between the keyring and KMS that is not KMS, or that an item holds what
// no keyring wrote.
var (
	errNoARN        = errors.New("KMS answered with a key id that is not the ARN of a key")
	errOtherKey     = errors.New("KMS answered with another key than it was asked for")
	errLength       = errors.New("KMS returned a plaintext of another length than that of an intermediate key")
	errBlob         = errors.New("KMS returned no ciphertext, or one that does not fit into an item")
	errOtherContext = errors.New("the digest of the encryption context differs")
	errPoint        = errors.New("the public key in the data key is not on the curve")
	errNotTried     = errors.New("not tried, because another data key of the item is malformed")
	errUnwrap       = errors.New("the wrapped key failed authentication")
)

// generate asks KMS for a fresh intermediate key under the key named by
// identifier. If want is not empty, KMS must answer with that ARN.
func generate(ctx context.Context, client Client, identifier, want string, grantTokens []string, ec crypto.EncryptionContext) (crypto.WrappedKey, error) {
	out, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             &identifier,
		NumberOfBytes:     aws.Int32(keyLen),
		EncryptionContext: ec,
		GrantTokens:       grantTokens,
	})
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	key := crypto.NewKey(out.Plaintext)
	answered, err := parseKeyARN(aws.ToString(out.KeyId))
	switch {
	case err != nil:
		err = errNoARN
	case want != "" && answered.text != want:
		err = errOtherKey
	case key.Len() != keyLen:
		err = errLength
	case len(out.CiphertextBlob) == 0 || len(out.CiphertextBlob) > maxBlob:
		err = errBlob
	}
	if err != nil {
		key.Wipe()
		return crypto.WrappedKey{}, err
	}
	return crypto.WrappedKey{Key: key, EncryptedDataKey: crypto.EncryptedDataKey{
		ProviderID: provider, ProviderInfo: []byte(answered.text), Ciphertext: out.CiphertextBlob,
	}}, nil
}

// decrypt asks KMS for the intermediate key in blob under the key keyARN.
func decrypt(ctx context.Context, client Client, keyARN string, grantTokens []string, blob []byte, ec crypto.EncryptionContext) (crypto.Key, error) {
	out, err := client.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &keyARN,
		CiphertextBlob:    blob,
		EncryptionContext: ec,
		GrantTokens:       grantTokens,
	})
	if err != nil {
		return crypto.Key{}, err
	}
	key := crypto.NewKey(out.Plaintext)
	switch {
	case aws.ToString(out.KeyId) != keyARN:
		err = errOtherKey
	case key.Len() != keyLen:
		err = errLength
	}
	if err != nil {
		key.Wipe()
		return crypto.Key{}, err
	}
	return key, nil
}

// opening is how one keyring opens encrypted data keys. T is what it needs to
// know of a data key.
type opening[T any] struct {
	keyring   string // its name in errors
	providers []string
	// match reads provider info. A reason other than zero is why the data key is
	// skipped; an error says that the info is malformed.
	match func(info []byte) (T, crypto.Reason, error)
	open  func(ctx context.Context, use T, blob []byte) (crypto.Key, error)
}

// first opens the first of keys that it can. It first reads the provider info
// of all keys: one that is malformed fails the operation before KMS is called.
func (o opening[T]) first(ctx context.Context, keys []crypto.EncryptedDataKey) (crypto.Key, int, error) {
	failures := make([]*crypto.DataKeyError, 0, len(keys))
	fail := func(i int, reason crypto.Reason, cause error) {
		failures = append(failures, crypto.NewDataKeyError(o.keyring, keys[i], reason, cause))
	}
	matching := make(map[int]T, len(keys))
	malformed := false
	for i, key := range keys {
		if !slices.Contains(o.providers, key.ProviderID) {
			fail(i, crypto.ReasonNotMatching, nil)
			continue
		}
		use, reason, err := o.match(key.ProviderInfo)
		switch {
		case err != nil:
			malformed = true
			fail(i, crypto.ReasonMalformed, err)
		case reason != 0:
			fail(i, reason, nil)
		default:
			matching[i] = use
		}
	}
	if malformed {
		for i := range keys {
			if _, ok := matching[i]; ok {
				fail(i, crypto.ReasonUnavailable, errNotTried)
			}
		}
		return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
	}
	for i, key := range keys {
		use, ok := matching[i]
		if !ok {
			continue
		}
		if err := ctx.Err(); err != nil {
			return crypto.Key{}, 0, fmt.Errorf("%s: %w", o.keyring, err)
		}
		opened, err := o.open(ctx, use, key.Ciphertext)
		if err == nil {
			return opened, i, nil
		}
		if ended := ctx.Err(); ended != nil {
			return crypto.Key{}, 0, fmt.Errorf("%s: %w", o.keyring, ended)
		}
		fail(i, reasonOf(err), err)
	}
	return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
}

// matchARN makes a match of a function that returns the key ARN to call KMS
// with, or why not to.
func matchARN(match func(wrappedBy keyARN) (use string, reason crypto.Reason)) func([]byte) (string, crypto.Reason, error) {
	return func(info []byte) (string, crypto.Reason, error) {
		wrappedBy, err := parseKeyARN(string(info))
		if err != nil {
			return "", 0, err
		}
		use, reason := match(wrappedBy)
		return use, reason, nil
	}
}

// reasonOf classifies why a matching data key did not open.
func reasonOf(err error) crypto.Reason {
	switch {
	case errors.Is(err, errOtherContext):
		return crypto.ReasonContextMismatch
	case errors.Is(err, errLength), errors.Is(err, errPoint):
		return crypto.ReasonMalformed
	case errors.Is(err, errOtherKey), errors.Is(err, errUnwrap):
		return crypto.ReasonWrongKey
	}
	var answer smithy.APIError
	if errors.As(err, &answer) {
		switch answer.ErrorCode() {
		case "AccessDeniedException":
			return crypto.ReasonAccessDenied
		case "InvalidCiphertextException", "IncorrectKeyException":
			return crypto.ReasonWrongKey
		}
	}
	return crypto.ReasonUnavailable
}

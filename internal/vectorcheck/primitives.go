package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

func init() { runners["primitives"] = runPrimitives }

// hexBytes is a byte string in hex.
type hexBytes []byte

func (h *hexBytes) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	var err error
	*h, err = hex.DecodeString(s)
	return err
}

// primitives is the building blocks of the item format, each for itself.
type primitives struct {
	CanonicalPaths []struct {
		Table, Attribute string
		CanonicalPathHex hexBytes
	}
	CanonicalOrder []struct {
		Table                        string
		Attributes, InCanonicalOrder []string
	}
	AttributeSerialization []struct {
		Value     json.RawMessage
		TypeIDHex hexBytes
		ValueHex  hexBytes
		Error     string
	}
	Numbers   []struct{ In, Out, Error string }
	FieldKeys []struct {
		FieldRootKeyHex        hexBytes
		Ordinal                uint32
		CipherKeyHex, NonceHex hexBytes
	}
	EncryptionContextSerialization []struct {
		EncryptionContext crypto.EncryptionContext
		Hex               hexBytes
	}
	KeyDerivation []struct {
		IntermediateKeyHex, SymmetricSigningKeyHex, KeyEncryptionKeyHex  hexBytes
		PlaintextDataKeyHex, MessageIDHex, CommitKeyHex, FieldRootKeyHex hexBytes
		PartialHeaderHex, HeaderCommitmentHex                            hexBytes
	}
}

func runPrimitives(_ context.Context, f *file) ([]result, error) {
	var p primitives
	if err := json.Unmarshal(f.raw, &p); err != nil {
		return nil, err
	}
	var results []result
	add := func(list string, i int, err error) {
		results = append(results, result{id: fmt.Sprintf("%s[%d]", list, i), err: err})
	}
	same := func(what string, got, want []byte) error {
		if string(got) != string(want) {
			return fmt.Errorf("%s is %x, not %x", what, got, want)
		}
		return nil
	}

	for i, v := range p.CanonicalPaths {
		add("canonicalPaths", i, same("path", attribute.AppendPath(nil, v.Table, v.Attribute), v.CanonicalPathHex))
	}
	for i, v := range p.CanonicalOrder {
		var err error
		if got := slices.SortedFunc(slices.Values(v.Attributes), attribute.ComparePath); !slices.Equal(got, v.InCanonicalOrder) {
			err = fmt.Errorf("order is %q, not %q", got, v.InCanonicalOrder)
		}
		add("canonicalOrder", i, err)
	}
	for i, v := range p.AttributeSerialization {
		value, err := parseValue(v.Value)
		if err != nil {
			return nil, err
		}
		a, err := runtime.CanonicalAttribute("", value)
		if v.Error != "" {
			add("attributeSerialization", i, mustFail(err))
			continue
		}
		add("attributeSerialization", i, errors.Join(err,
			same("type id", []byte{byte(a.Type >> 8), byte(a.Type)}, v.TypeIDHex), same("value", a.Value, v.ValueHex)))
	}
	for i, v := range p.Numbers {
		got, err := attribute.NormalizeNumber(v.In)
		if v.Error != "" {
			add("numbers", i, mustFail(err))
			continue
		}
		add("numbers", i, errors.Join(err, same("number", []byte(got), []byte(v.Out))))
	}
	for i, v := range p.FieldKeys {
		keys := make([]byte, derive.FieldLen)
		err := derive.Fields(keys, v.FieldRootKeyHex, v.Ordinal)
		key, nonce := derive.Field(keys)
		add("fieldKeys", i, errors.Join(err, same("key", key, v.CipherKeyHex), same("nonce", nonce, v.NonceHex)))
	}
	for i, v := range p.EncryptionContextSerialization {
		got, err := v.EncryptionContext.Serialize()
		add("encryptionContextSerialization", i, errors.Join(err, same("context", got, v.Hex)))
	}
	for i, v := range p.KeyDerivation {
		signing, wrapping := derive.Intermediate(v.IntermediateKeyHex)
		commit, root := derive.Record(v.PlaintextDataKeyHex, v.MessageIDHex)
		add("keyDerivation", i, errors.Join(
			same("signing key", signing, v.SymmetricSigningKeyHex),
			same("wrapping key", wrapping, v.KeyEncryptionKeyHex),
			same("commit key", commit, v.CommitKeyHex),
			same("field root key", root, v.FieldRootKeyHex),
			same("commitment", derive.Commitment(commit, v.PartialHeaderHex), v.HeaderCommitmentHex)))
	}
	return results, nil
}

func mustFail(err error) error {
	if err == nil {
		return errors.New("succeeded, but must fail")
	}
	return nil
}

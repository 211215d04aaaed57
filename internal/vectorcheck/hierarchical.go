package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

func init() {
	runners["hierarchical"] = runHierarchical
	suites["ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384"] = crypto.SuiteHMAC
	suites["ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384"] = crypto.SuiteECDSA
}

// hierarchicalCase has the members of a vector that those of searchable
// encryption do not have.
type hierarchicalCase struct {
	Input struct {
		Item   item
		Header []byte
	}
	Keyring             json.RawMessage
	EncryptionContext   crypto.EncryptionContext
	PlaintextDataKeyHex hexBytes
	EDK                 struct {
		KeyProviderID, KeyProviderInfoUTF8 string
		CiphertextHex                      hexBytes
	}
	SymmetricSigningKeysHex []hexBytes
}

// runHierarchical runs items and data keys under hierarchical keyrings. The
// keyrings take their keys in plain text; that the key store has just these
// keys is checked first.
func runHierarchical(ctx context.Context, f *file) ([]result, error) {
	var doc struct {
		searchFile
		FakeKMS json.RawMessage
	}
	var raw struct {
		KeyStores map[string]*keyStoreSpec
		Cases     []hierarchicalCase
	}
	for _, v := range []any{&doc, &raw} {
		if err := json.Unmarshal(f.raw, v); err != nil {
			return nil, err
		}
	}
	var results []result
	for id, s := range raw.KeyStores {
		if err := s.checkKeys(ctx, doc.FakeKMS); err != nil {
			results = append(results, result{id: "keyStores." + id, err: err})
		}
	}
	for i, c := range doc.Cases {
		results = append(results, c.result(raw.Cases[i].judge(ctx, &doc.searchFile, c)))
	}
	return results, nil
}

func (h *hierarchicalCase) judge(ctx context.Context, f *searchFile, c *searchCase) error {
	switch c.Op {
	case "PutItemInputTransform", "GetItemOutputTransform":
		return f.run(ctx, c)
	case "OnEncrypt":
		return h.judgeDataKey(ctx, f)
	case "GetEncryptedDataKeyDescription":
		return h.judgeDescription(c)
	default:
		return fmt.Errorf("%w: operation %q", errNotCovered, c.Op)
	}
}

// judgeDataKey opens a data key. Where the suite has no signing key for each
// data key, it is not one of items, and the keyring has wrapped the data key
// itself and not an intermediate key.
func (h *hierarchicalCase) judgeDataKey(ctx context.Context, f *searchFile) error {
	keyring, err := f.keyring(ctx, h.Keyring)
	if err != nil {
		return err
	}
	const wrappedDataKey = 48
	blob, want := h.EDK.CiphertextHex, h.PlaintextDataKeyHex
	ofItem := len(h.SymmetricSigningKeysHex) == 1
	if ofItem {
		blob, want = blob[min(wrappedDataKey, len(blob)):], h.SymmetricSigningKeysHex[0]
	}
	key, _, err := keyring.OpenKey(ctx, []crypto.EncryptedDataKey{{
		ProviderID: h.EDK.KeyProviderID, ProviderInfo: []byte(h.EDK.KeyProviderInfoUTF8), Ciphertext: blob,
	}}, h.EncryptionContext)
	if err != nil {
		return err
	}
	if ofItem {
		signing, _ := derive.Intermediate(key.InsecureBytes())
		key = crypto.NewKey(signing)
	}
	if !sameKey(key, want) {
		return fmt.Errorf("%w: opened to another key", errWrongAnswer)
	}
	return nil
}

func (h *hierarchicalCase) judgeDescription(c *searchCase) error {
	var got []crypto.DataKeyDescription
	var err error
	if h.Input.Header != nil {
		got, err = crypto.DescribeDataKeys(h.Input.Header)
	} else {
		got, err = runtime.DescribeDataKeys(h.Input.Item)
	}
	if err != nil || c.Error != nil {
		return err
	}
	var want []struct{ KeyProviderID, KeyProviderInfo, BranchKeyID, BranchKeyVersion string }
	if err := json.Unmarshal(c.Output, &want); err != nil {
		return err
	}
	if len(got) != len(want) {
		return fmt.Errorf("%w: %d data keys", errWrongAnswer, len(got))
	}
	for i, w := range want {
		if got[i] != (crypto.DataKeyDescription{ProviderID: w.KeyProviderID, KeyID: w.KeyProviderInfo, BranchKeyID: w.BranchKeyID, BranchKeyVersion: w.BranchKeyVersion}) {
			return fmt.Errorf("%w: data key %d is described as %+v", errWrongAnswer, i, got[i])
		}
	}
	return nil
}

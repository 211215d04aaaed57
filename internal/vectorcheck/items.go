package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

func init() {
	for _, family := range []string{
		"raw-aes-random", "raw-aes-types", "raw-aes-context", "raw-aes-names", "raw-aes-unsigned-drift", "raw-aes-large",
		"raw-rsa", "raw-ecdh", "multi",
		"negative-base", "negative", "accepted", "forged",
		"encrypt-error", "config-error", "plaintext-override",
	} {
		runners[family] = runItems
	}
}

// itemVector is a vector of the item encryptor. Members that are not judged are
// left out.
type itemVector struct {
	ID             string        `json:"id"`
	Op             string        `json:"op"`
	DerivedFrom    string        `json:"derivedFrom"`
	Config         *itemConfig   `json:"config"`
	EncryptConfig  *itemConfig   `json:"encryptConfig"`
	Keyring        *keyringSpec  `json:"keyring"`
	EncryptKeyring *keyringSpec  `json:"encryptKeyring"`
	Plaintext      item          `json:"plaintext"`
	Encrypted      item          `json:"encrypted"`
	Decrypted      item          `json:"decrypted"`
	Expect         string        `json:"expect"`
	SpecExpect     string        `json:"specExpect"`
	ParsedHeader   *parsedHeader `json:"parsedHeader"`
}

type itemConfig struct {
	LogicalTableName               string            `json:"logicalTableName"`
	PartitionKeyName               string            `json:"partitionKeyName"`
	SortKeyName                    string            `json:"sortKeyName"`
	AttributeActionsOnEncrypt      map[string]string `json:"attributeActionsOnEncrypt"`
	AllowedUnsignedAttributes      []string          `json:"allowedUnsignedAttributes"`
	AllowedUnsignedAttributePrefix *string           `json:"allowedUnsignedAttributePrefix"`
	AlgorithmSuiteID               string            `json:"algorithmSuiteId"`
	PlaintextOverride              string            `json:"plaintextOverride"`
}

var suites = map[string]crypto.Suite{"": 0, "0x6700": crypto.SuiteHMAC, "0x6701": crypto.SuiteECDSA}

// parseAction reads the name of an action; an unknown one is the action 0, which
// no configuration accepts.
func parseAction(name string) attribute.Action {
	for _, a := range []attribute.Action{
		attribute.EncryptAndSign, attribute.SignAndIncludeInEncryptionContext, attribute.SignOnly, attribute.DoNothing,
	} {
		if a.String() == name {
			return a
		}
	}
	return 0
}

func parsePolicy(name string) (crypto.PlaintextPolicy, error) {
	if name == "" {
		return crypto.ForbidPlaintext, nil
	}
	for _, p := range []crypto.PlaintextPolicy{
		crypto.ForbidPlaintext, crypto.InsecureAllowPlaintextRead, crypto.InsecureForcePlaintextWrite,
	} {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%w: plaintext override %q", errNotCovered, name)
}

// newItemEncryptor builds keyring and item encryptor of a vector.
func newItemEncryptor(ctx context.Context, c *itemConfig, k *keyringSpec) (*runtime.ItemEncryptor, error) {
	if c == nil || k == nil {
		return nil, fmt.Errorf("%w: a vector without configuration or keyring", errNotCovered)
	}
	keyring, err := newKeyring(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	suite, ok := suites[c.AlgorithmSuiteID]
	if !ok {
		return nil, fmt.Errorf("%w: algorithm suite %q", errNotCovered, c.AlgorithmSuiteID)
	}
	policy, err := parsePolicy(c.PlaintextOverride)
	if err != nil {
		return nil, err
	}
	actions := make(map[string]attribute.Action, len(c.AttributeActionsOnEncrypt))
	for name, action := range c.AttributeActionsOnEncrypt {
		actions[name] = parseAction(action)
	}
	return runtime.NewItemEncryptor(crypto.Config{
		LogicalTableName:      c.LogicalTableName,
		PartitionKey:          c.PartitionKeyName,
		SortKey:               c.SortKeyName,
		Actions:               actions,
		AllowedUnsigned:       c.AllowedUnsignedAttributes,
		AllowedUnsignedPrefix: c.AllowedUnsignedAttributePrefix,
		Suite:                 suite,
		Keyring:               keyring,
		PlaintextPolicy:       policy,
	})
}

func runItems(ctx context.Context, f *file) ([]result, error) {
	var doc struct{ Vectors []json.RawMessage }
	if err := json.Unmarshal(f.raw, &doc); err != nil {
		return nil, err
	}
	results := make([]result, len(doc.Vectors))
	for i, raw := range doc.Vectors {
		var v itemVector
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("vector %d: %w", i, err)
		}
		results[i] = result{id: v.ID, err: v.judge(v.run(ctx))}
	}
	return results, nil
}

// errWrongAnswer is the kind of the error where an operation succeeded with
// another result than it must have.
var errWrongAnswer = errors.New("wrong answer")

// judge returns nil if err is what the vector expects.
func (v *itemVector) judge(err error) error {
	switch expect := cmp.Or(v.SpecExpect, v.Expect); {
	case errors.Is(err, errNotCovered) || errors.Is(err, errWrongAnswer):
		return err
	case expect == "success":
		return err
	case expect == "error" && err == nil:
		return fmt.Errorf("%s succeeded, but must fail", v.Op)
	case expect == "error":
		return nil
	default:
		return fmt.Errorf("%w: expectation %q", errNotCovered, expect)
	}
}

// run does what the vector says, and checks the result where it expects one.
func (v *itemVector) run(ctx context.Context) error {
	switch v.Op {
	case "config":
		_, err := newItemEncryptor(ctx, v.Config, v.Keyring)
		return err
	case "encrypt":
		return v.runEncrypt(ctx)
	case "decrypt":
		return v.runDecrypt(ctx)
	default:
		return fmt.Errorf("%w: operation %q", errNotCovered, v.Op)
	}
}

// runEncrypt encrypts the plaintext. What was written must decrypt to it, or be
// it where the policy is to write plaintext.
func (v *itemVector) runEncrypt(ctx context.Context) error {
	e, err := newItemEncryptor(ctx, v.Config, v.Keyring)
	if err != nil {
		return err
	}
	stored, header, err := e.EncryptItem(ctx, v.Plaintext)
	if err != nil {
		return err
	}
	if header == nil && !equalItems(stored, v.Plaintext) {
		return fmt.Errorf("%w: an item was written neither encrypted nor as it is", errWrongAnswer)
	}
	plain, _, err := e.DecryptItem(ctx, stored)
	if err != nil {
		return fmt.Errorf("%w: what was encrypted does not decrypt: %w", errWrongAnswer, err)
	}
	return sameValues(plain, v.Plaintext)
}

// runDecrypt decrypts the stored item and, where it is the plaintext that was
// encrypted and not a variation, also encrypts that again and decrypts it.
func (v *itemVector) runDecrypt(ctx context.Context) error {
	reader, err := newItemEncryptor(ctx, v.Config, v.Keyring)
	if err != nil {
		return err
	}
	got, header, err := reader.DecryptItem(ctx, v.Encrypted)
	if err != nil {
		return err
	}
	if err := v.checkDecrypted(got); err != nil {
		return fmt.Errorf("decrypted: %w", err)
	}
	if err := v.ParsedHeader.compare(header); err != nil {
		return fmt.Errorf("%w: parsed header: %w", errWrongAnswer, err)
	}
	if v.DerivedFrom != "" || header == nil {
		return nil
	}
	stored, err := v.seal(ctx)
	if err != nil {
		return fmt.Errorf("%w: encrypt again: %w", errWrongAnswer, err)
	}
	if got, _, err = reader.DecryptItem(ctx, stored); err != nil {
		return fmt.Errorf("%w: what was encrypted again does not decrypt: %w", errWrongAnswer, err)
	}
	if err := v.checkDecrypted(got); err != nil {
		return fmt.Errorf("encrypted again and decrypted: %w", err)
	}
	return nil
}

// checkDecrypted returns nil if got is what decrypting must return. Where the
// reference failed, a vector has the plaintext alone, and decrypting returns its
// numbers normalised and its sets sorted.
func (v *itemVector) checkDecrypted(got item) error {
	want := v.Plaintext
	switch {
	case v.Decrypted != nil:
		want = v.Decrypted
	case v.Expect == "error":
		return sameValues(got, want)
	}
	if !equalItems(got, want) {
		return fmt.Errorf("%w: another item", errWrongAnswer)
	}
	return nil
}

// seal encrypts the plaintext as the writer of the vector did.
func (v *itemVector) seal(ctx context.Context) (item, error) {
	writer, err := newItemEncryptor(ctx, cmp.Or(v.EncryptConfig, v.Config), cmp.Or(v.EncryptKeyring, v.Keyring))
	if err != nil {
		return nil, err
	}
	stored, _, err := writer.EncryptItem(ctx, v.Plaintext)
	return stored, err
}

// sameValues reports a difference between two items other than the spelling of
// numbers and the order of sets.
func sameValues(got, want item) error {
	if len(got) != len(want) {
		return fmt.Errorf("%w: %d attributes, not %d", errWrongAnswer, len(got), len(want))
	}
	for name, value := range want {
		x, errX := runtime.CanonicalAttribute(name, value)
		y, errY := runtime.CanonicalAttribute(name, got[name])
		if errX != nil && errY != nil {
			continue // not a value that is ever interpreted: an attribute that is left alone
		}
		if errX != nil || errY != nil || x.Type != y.Type || string(x.Value) != string(y.Value) {
			return fmt.Errorf("%w: attribute %q differs", errWrongAnswer, name)
		}
	}
	return nil
}

// parsedHeader is what a vector says of how the item was encrypted.
type parsedHeader struct {
	AlgorithmSuiteID        string             `json:"algorithmSuiteId"`
	AttributeActions        map[string]string  `json:"attributeActions"`
	EncryptedDataKeys       []encryptedDataKey `json:"encryptedDataKeys"`
	EncryptionContext       map[string]string  `json:"encryptionContext"`
	StoredEncryptionContext map[string]string  `json:"storedEncryptionContext"`
	SelectorContext         item               `json:"selectorContext"`
}

type encryptedDataKey struct {
	KeyProviderID      string `json:"keyProviderId"`
	KeyProviderInfoHex string `json:"keyProviderInfoHex"`
	CiphertextHex      string `json:"ciphertextHex"`
}

// newParsedHeader returns h in the form of the vectors.
func newParsedHeader(h *crypto.ParsedHeader) (*parsedHeader, error) {
	p := &parsedHeader{
		AlgorithmSuiteID:        fmt.Sprintf("0x%04x", uint16(h.Suite)),
		AttributeActions:        map[string]string{},
		EncryptedDataKeys:       make([]encryptedDataKey, len(h.EncryptedDataKeys)),
		EncryptionContext:       h.EncryptionContext,
		StoredEncryptionContext: h.StoredEncryptionContext,
		SelectorContext:         item{},
	}
	for name, action := range h.Actions() {
		p.AttributeActions[name] = action.String()
	}
	for i, k := range h.EncryptedDataKeys {
		p.EncryptedDataKeys[i] = encryptedDataKey{k.ProviderID, hex.EncodeToString(k.ProviderInfo), hex.EncodeToString(k.Ciphertext)}
	}
	if p.StoredEncryptionContext == nil {
		p.StoredEncryptionContext = map[string]string{}
	}
	selector, err := h.EncryptionContext.SelectorContext()
	if err != nil {
		return nil, err
	}
	for _, a := range selector {
		if p.SelectorContext[a.Name], err = runtime.AttributeValue(a); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// compare returns nil if h is what the vector says, or the vector says nothing.
func (p *parsedHeader) compare(h *crypto.ParsedHeader) error {
	if p == nil {
		return nil
	}
	if h == nil {
		return errors.New("there is none")
	}
	got, err := newParsedHeader(h)
	if err != nil {
		return err
	}
	switch {
	case got.AlgorithmSuiteID != p.AlgorithmSuiteID:
		return fmt.Errorf("suite %s, not %s", got.AlgorithmSuiteID, p.AlgorithmSuiteID)
	case !maps.Equal(got.AttributeActions, p.AttributeActions):
		return errors.New("attribute actions differ")
	case fmt.Sprint(got.EncryptedDataKeys) != fmt.Sprint(p.EncryptedDataKeys):
		return errors.New("encrypted data keys differ")
	case !maps.Equal(got.EncryptionContext, p.EncryptionContext):
		return errors.New("encryption context differs")
	case !maps.Equal(got.StoredEncryptionContext, p.StoredEncryptionContext):
		return errors.New("stored encryption context differs")
	case !equalItems(got.SelectorContext, p.SelectorContext):
		return errors.New("selector context differs")
	}
	return nil
}

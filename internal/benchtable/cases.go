package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

// A shape is an item to measure: a partition key and attributes of one size.
type shape struct {
	name       string
	suite      crypto.Suite
	attributes int // beside the key
	encrypted  int // how many of them
	size       int // bytes of each
	binary     bool
}

func (s shape) String() string { return fmt.Sprintf("%s %s", s.suiteName(), s.name) }

func (s shape) suiteName() string { return fmt.Sprintf("0x%04x", uint16(s.suite)) }

var suites = []crypto.Suite{crypto.SuiteHMAC, crypto.SuiteECDSA}

const partitionKey = "a partition key"

// shapes are the items whose ratio to the floor is bounded.
func shapes() []shape {
	var all []shape
	for _, suite := range suites {
		for _, n := range []int{5, 20, 50} {
			all = append(all,
				shape{fmt.Sprintf("%d attributes, all encrypted", n), suite, n - 1, n - 1, 24, false},
				shape{fmt.Sprintf("%d attributes, half encrypted", n), suite, n - 1, n / 2, 24, false})
		}
		all = append(all, shape{"300 KB blob", suite, 1, 1, 300 << 10, true})
	}
	return all
}

// scales are items that grow, in attributes and in bytes.
func scales() []shape {
	var all []shape
	for _, n := range []int{1, 5, 20, 50, 100, 200, 500} {
		all = append(all, shape{fmt.Sprintf("%d attributes", n), crypto.SuiteHMAC, n - 1, n - 1, 24, false})
	}
	for _, kb := range []int{1, 4, 16, 64, 100, 200, 400} {
		all = append(all, shape{fmt.Sprintf("%d KB", kb), crypto.SuiteHMAC, 1, 1, kb << 10, true})
	}
	return all
}

// An operation is one thing to measure, beside its floor.
type operation struct {
	name        string
	item, floor func() error
}

// operations returns encrypting and decrypting an item of shape s: as the item
// encryptor of package crypto does it, and with the values of the SDK around it.
func (s shape) operations() ([]operation, error) {
	config := crypto.Config{
		LogicalTableName: "BenchmarkTable",
		PartitionKey:     "partition",
		Actions:          map[string]attribute.Action{"partition": attribute.SignOnly},
		Suite:            s.suite,
	}
	item := map[string]types.AttributeValue{"partition": &types.AttributeValueMemberS{Value: partitionKey}}
	for i := range s.attributes {
		name := fmt.Sprintf("attribute%03d", i)
		config.Actions[name] = attribute.SignOnly
		if i < s.encrypted {
			config.Actions[name] = attribute.EncryptAndSign
		}
		if s.binary {
			item[name] = &types.AttributeValueMemberB{Value: make([]byte, s.size)}
		} else {
			item[name] = &types.AttributeValueMemberS{Value: strings.Repeat("x", s.size)}
		}
	}
	var err error
	if config.Keyring, err = raw.NewAES("benchmark", "key", crypto.NewKey(make([]byte, 32))); err != nil {
		return nil, err
	}
	e, err := runtime.NewItemEncryptor(config)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	stored, _, err := e.EncryptItem(ctx, item)
	if err != nil {
		return nil, err
	}
	enc, err := newFloor(s)
	if err != nil {
		return nil, err
	}
	dec, err := newFloor(s)
	if err != nil {
		return nil, err
	}
	if err := dec.prepare(); err != nil {
		return nil, err
	}
	items, attributes, storedAttributes, err := canonical(config, item, stored)
	if err != nil {
		return nil, err
	}
	return []operation{
		{"encrypt", func() error { _, err := items.Encrypt(ctx, attributes); return err }, enc.encrypt},
		{"decrypt", func() error { _, err := items.Decrypt(ctx, storedAttributes); return err }, dec.decrypt},
		{"encrypt, SDK values", func() error { _, _, err := e.EncryptItem(ctx, item); return err }, enc.encrypt},
		{"decrypt, SDK values", func() error { _, _, err := e.DecryptItem(ctx, stored); return err }, dec.decrypt},
	}, nil
}

// canonical returns what is under the encryptor of items of SDK values: that of
// attributes in canonical form, and the plain and the stored item in that form.
func canonical(config crypto.Config, item, stored runtime.Item) (e *crypto.ItemEncryptor, plain, encrypted []attribute.Attribute, err error) {
	if e, err = crypto.New(config); err != nil {
		return nil, nil, nil, err
	}
	if plain, err = canonicalOf(item); err != nil {
		return nil, nil, nil, err
	}
	encrypted, err = canonicalOf(stored)
	return e, plain, encrypted, err
}

func canonicalOf(item runtime.Item) ([]attribute.Attribute, error) {
	all := make([]attribute.Attribute, 0, len(item))
	for name, value := range item {
		a, err := runtime.CanonicalAttribute(name, value)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

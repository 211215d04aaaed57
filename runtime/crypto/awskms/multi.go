package awskms

import (
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// A ClientSupplier returns the KMS client of a Region, or an error for a Region
// that must not be used. A multi-keyring asks it once for each Region when it is
// made.
type ClientSupplier func(region string) (Client, error)

// NewClientSupplier returns a supplier of clients that differ from config in
// their Region only. The empty Region is config's own. It is safe for concurrent
// use and makes one client for each Region.
func NewClientSupplier(config aws.Config, optFns ...func(*kms.Options)) ClientSupplier {
	var mu sync.Mutex
	clients := map[string]*kms.Client{}
	return func(region string) (Client, error) {
		if region == "" {
			region = config.Region
		}
		if region == "" {
			return nil, errors.New("neither the request nor the AWS configuration names a region")
		}
		mu.Lock()
		defer mu.Unlock()
		if clients[region] == nil {
			regional := config.Copy()
			regional.Region = region
			clients[region] = kms.NewFromConfig(regional, optFns...)
		}
		return clients[region], nil
	}
}

// NewStrictMulti returns a multi-keyring of strict keyrings: an item that it
// writes can be read with any one of its keys. Generator and keyARNs are key
// ARNs of any Region; with an empty generator the keyring can only decrypt
// (specification: framework/aws-kms/aws-kms-multi-keyrings, "AWS KMS Strict
// Multi-Keyring").
func NewStrictMulti(supplier ClientSupplier, generator string, keyARNs []string, opts ...Option) (*crypto.Multi, error) {
	return newMulti("AWS KMS multi-keyring", supplier, generator, keyARNs, false, opts)
}

// NewMRKMulti returns a multi-keyring of the keyrings of [NewMRK]. No two of the
// keys may be replicas of one multi-Region key: each of them opens what the
// other wrapped (same source, "AWS KMS MRK Multi-Keyring").
func NewMRKMulti(supplier ClientSupplier, generator string, keyARNs []string, opts ...Option) (*crypto.Multi, error) {
	const name = "AWS KMS multi-Region multi-keyring"
	all := keyARNs
	if generator != "" {
		all = append([]string{generator}, keyARNs...)
	}
	if err := checkDistinctMRKs(all); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return newMulti(name, supplier, generator, keyARNs, true, opts)
}

// checkDistinctMRKs refuses two ARNs with the id of one multi-Region key
// (specification: aws-kms-mrk-are-unique).
func checkDistinctMRKs(texts []string) error {
	seen := map[string]string{}
	for _, text := range texts {
		a, err := parseKeyARN(text)
		if err != nil {
			return err
		}
		if !a.multiRegion() {
			continue
		}
		if first, ok := seen[a.id]; ok {
			return fmt.Errorf("%s and %s are replicas of one multi-Region key, which open each other's items: leave one out", first, text)
		}
		seen[a.id] = text
	}
	return nil
}

func newMulti(name string, supplier ClientSupplier, generator string, keyARNs []string, replica bool, opts []Option) (*crypto.Multi, error) {
	if supplier == nil {
		return nil, fmt.Errorf("%s: the client supplier is nil", name)
	}
	if generator == "" && len(keyARNs) == 0 {
		return nil, fmt.Errorf("%s: it has no keys: give it a generator or key ARNs", name)
	}
	member := func(text string) (crypto.Keyring, error) {
		a, err := parseKeyARN(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		client, err := supplier(a.region)
		if err != nil {
			return nil, fmt.Errorf("%s: client of region %s: %w", name, a.region, err)
		}
		return newKeyring(client, text, replica, opts)
	}
	var first crypto.Keyring
	if generator != "" {
		var err error
		if first, err = member(generator); err != nil {
			return nil, err
		}
	}
	children := make([]crypto.Keyring, len(keyARNs))
	for i, text := range keyARNs {
		var err error
		if children[i], err = member(text); err != nil {
			return nil, err
		}
	}
	return crypto.NewMulti(first, children...)
}

// NewDiscoveryMulti returns a multi-keyring that can only decrypt: a discovery
// keyring for each Region, which is asked in turn (same source, "AWS KMS
// Discovery Multi-Keyring").
func NewDiscoveryMulti(supplier ClientSupplier, regions []string, filter DiscoveryFilter, opts ...Option) (*crypto.Multi, error) {
	return newDiscoveryMulti("AWS KMS discovery multi-keyring", supplier, regions, func(client Client, _ string) (*Discovery, error) {
		return NewDiscovery(client, filter, opts...)
	})
}

// NewMRKDiscoveryMulti returns a multi-keyring that can only decrypt: the
// decrypter of [NewMRKDiscovery] for each Region (same source, "AWS KMS MRK
// Discovery Multi-Keyring").
func NewMRKDiscoveryMulti(supplier ClientSupplier, regions []string, filter DiscoveryFilter, opts ...Option) (*crypto.Multi, error) {
	return newDiscoveryMulti("AWS KMS multi-Region discovery multi-keyring", supplier, regions, func(client Client, region string) (*Discovery, error) {
		return NewMRKDiscovery(client, region, filter, opts...)
	})
}

func newDiscoveryMulti(name string, supplier ClientSupplier, regions []string, member func(Client, string) (*Discovery, error)) (*crypto.Multi, error) {
	if supplier == nil {
		return nil, fmt.Errorf("%s: the client supplier is nil", name)
	}
	if len(regions) == 0 {
		return nil, fmt.Errorf("%s: it has no regions", name)
	}
	children := make([]crypto.Keyring, len(regions))
	for i, region := range regions {
		if region == "" {
			return nil, fmt.Errorf("%s: region %d is empty", name, i+1)
		}
		client, err := supplier(region)
		if err != nil {
			return nil, fmt.Errorf("%s: client of region %s: %w", name, region, err)
		}
		d, err := member(client, region)
		if err != nil {
			return nil, err
		}
		children[i] = crypto.DecryptOnly(d)
	}
	return crypto.NewMulti(nil, children...)
}

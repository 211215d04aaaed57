package awskms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// DiscoveryFilter says which keys a discovery keyring may ask KMS for. The zero
// filter is refused: choose [InAccounts] or [AnyAccount].
type DiscoveryFilter struct {
	partition string
	accounts  []string
	any       bool
}

// InAccounts allows keys of these accounts (12 digits each) in a partition, such
// as "aws".
func InAccounts(partition string, accountIDs ...string) DiscoveryFilter {
	return DiscoveryFilter{partition: partition, accounts: slices.Clone(accountIDs)}
}

// AnyAccount allows every key. Whoever can write an item can then make the
// reader call KMS in an account of theirs, and choose a key they know: only the
// permissions of the reader's own role stand in between.
func AnyAccount() DiscoveryFilter { return DiscoveryFilter{any: true} }

func (f DiscoveryFilter) check() error {
	switch {
	case f.any:
		return nil
	case f.partition == "":
		return errors.New("the discovery filter has no partition: use InAccounts(\"aws\", …) or AnyAccount()")
	case len(f.accounts) == 0:
		return errors.New("the discovery filter has no account: use InAccounts or AnyAccount()")
	}
	for _, account := range f.accounts {
		if len(account) != 12 || strings.Trim(account, "0123456789") != "" {
			return fmt.Errorf("the discovery filter has the account id %q: want 12 digits", account)
		}
	}
	return nil
}

func (f DiscoveryFilter) allows(key keyARN) bool {
	return f.any || key.partition == f.partition && slices.Contains(f.accounts, key.account)
}

// Discovery decrypts with the symmetric KMS keys that items name. It cannot
// encrypt; [crypto.DecryptOnly] makes a keyring of it. It is safe for concurrent
// use.
type Discovery struct {
	client  Client
	filter  DiscoveryFilter
	region  string // of a multi-Region discovery keyring, else empty
	options options
}

var _ crypto.Decrypter = (*Discovery)(nil)

// NewDiscovery returns a decrypter with every key that filter allows. It asks
// KMS for the very key that an item names, so that keys of other Regions than
// the client's do not open (specification:
// framework/aws-kms/aws-kms-discovery-keyring).
func NewDiscovery(client Client, filter DiscoveryFilter, opts ...Option) (*Discovery, error) {
	return newDiscovery(client, filter, "", opts)
}

// NewMRKDiscovery returns a decrypter with every key of region that filter
// allows, and for a multi-Region key of another Region with its replica in
// region (specification: framework/aws-kms/aws-kms-mrk-discovery-keyring). It
// refuses a *kms.Client of another region.
func NewMRKDiscovery(client Client, region string, filter DiscoveryFilter, opts ...Option) (*Discovery, error) {
	if region == "" {
		return nil, errors.New("AWS KMS multi-Region discovery keyring: the region is empty")
	}
	if err := checkClient(client, ""); err != nil {
		return nil, fmt.Errorf("AWS KMS multi-Region discovery keyring of %s: %w", region, err)
	}
	if c, ok := client.(interface{ Options() kms.Options }); ok {
		if got := c.Options().Region; got != region {
			return nil, fmt.Errorf("AWS KMS multi-Region discovery keyring: the client is of region %q, not %q: give it a client of its own region", got, region)
		}
	}
	return newDiscovery(client, filter, region, opts)
}

func newDiscovery(client Client, filter DiscoveryFilter, region string, opts []Option) (*Discovery, error) {
	d := &Discovery{client: client, filter: filter, region: region}
	if err := checkClient(client, ""); err != nil {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	if err := filter.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	var err error
	if d.options, err = apply(opts); err != nil {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	return d, nil
}

// String names the keyring, as its errors do.
func (d *Discovery) String() string {
	if d.region != "" {
		return "AWS KMS multi-Region discovery keyring of " + d.region
	}
	return "AWS KMS discovery keyring"
}

// OpenKey implements [crypto.Decrypter] with a call of Decrypt for every data
// key of an allowed KMS key, until one opens. Data keys of other providers are
// skipped.
func (d *Discovery) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if d.client == nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", d, errNotMade)
	}
	return opening[string]{
		keyring:   d.String(),
		providers: []string{provider},
		match:     matchARN(d.match),
		open: func(ctx context.Context, use string, blob []byte) (crypto.Key, error) {
			return decrypt(ctx, d.client, use, d.options.grantTokens.values(), blob, ec)
		},
	}.first(ctx, keys)
}

func (d *Discovery) match(wrappedBy keyARN) (use string, reason crypto.Reason) {
	switch {
	case !d.filter.allows(wrappedBy):
		return "", crypto.ReasonFiltered
	case d.region == "" || d.region == wrappedBy.region:
		return wrappedBy.text, 0
	case wrappedBy.multiRegion():
		return wrappedBy.in(d.region), 0
	default:
		return "", crypto.ReasonNotMatching
	}
}

package keystore

import (
	"fmt"
	"strings"
)

// A KMSKey says which KMS keys protect the branch keys of a store: the result of
// [Key], [MultiRegionKey], [Discovery] or [MultiRegionDiscovery]. The zero KMSKey
// is none and is refused.
type KMSKey struct {
	mode   mode
	arn    string // of Key and MultiRegionKey
	region string // empty for Discovery
}

type mode uint8

const (
	single mode = iota + 1
	multiRegion
	discovery
	multiRegionDiscovery
)

// Key is one KMS key, by its ARN. Branch keys of other KMS keys are refused.
func Key(arn string) KMSKey {
	a, _ := parseARN(arn) // validate reports what is wrong with it
	return KMSKey{mode: single, arn: arn, region: a.region}
}

// MultiRegionKey is one KMS key, by its ARN. If it is a multi-Region key, the
// branch keys of its replicas in other Regions are accepted too.
func MultiRegionKey(arn string) KMSKey {
	a, _ := parseARN(arn) // validate reports what is wrong with it
	return KMSKey{mode: multiRegion, arn: arn, region: a.region}
}

// Discovery is whichever KMS key an item of the store names. It is for reading
// only, and for those who let IAM alone decide which KMS keys may be used.
func Discovery() KMSKey { return KMSKey{mode: discovery} }

// MultiRegionDiscovery is as [Discovery], but a multi-Region key is used through
// its replica in this region.
func MultiRegionDiscovery(region string) KMSKey {
	return KMSKey{mode: multiRegionDiscovery, region: region}
}

// ARN returns the ARN of the KMS key; empty in discovery mode.
func (k KMSKey) ARN() string { return k.arn }

// Region returns the region of the KMS key; empty for [Discovery].
func (k KMSKey) Region() string { return k.region }

// String returns the configuration in the words of AWS's clients.
func (k KMSKey) String() string {
	switch k.mode {
	case single:
		return "kmsKeyArn " + k.arn
	case multiRegion:
		return "kmsMRKeyArn " + k.arn
	case discovery:
		return "discovery"
	case multiRegionDiscovery:
		return "mrDiscovery in " + k.region
	default:
		return "no KMS key"
	}
}

func (k KMSKey) validate() error {
	switch k.mode {
	case single, multiRegion:
		_, err := parseARN(k.arn)
		return err
	case discovery:
		return nil
	case multiRegionDiscovery:
		if k.region == "" {
			return fmt.Errorf("multi-Region discovery of key store has no region")
		}
		return nil
	default:
		return fmt.Errorf("key store has no KMS key; see keystore.Key")
	}
}

// writable returns [ErrReadOnly] in discovery mode.
func (k KMSKey) writable() error {
	if k.mode == discovery || k.mode == multiRegionDiscovery {
		return ErrReadOnly
	}
	return nil
}

// forItem returns the ARN to call KMS with for an item that was encrypted under
// the KMS key named stored.
func (k KMSKey) forItem(stored string) (string, error) {
	a, err := parseARN(stored)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformedItem, err)
	}
	switch {
	case k.mode == discovery:
		return stored, nil
	case k.mode == multiRegionDiscovery && a.multiRegion():
		a.region = k.region
		return a.String(), nil
	case k.mode == multiRegionDiscovery:
		return stored, nil
	case k.mode == multiRegion:
		own, err := parseARN(k.arn)
		if err != nil {
			return "", err
		}
		if a.multiRegion() {
			a.region = own.region
		}
		if a == own {
			return k.arn, nil
		}
	case stored == k.arn:
		return k.arn, nil
	}
	return "", fmt.Errorf("%w: the item names %s, the key store %s", ErrKeyMismatch, stored, k)
}

// A keyARN is the ARN of a KMS key in its parts.
type keyARN struct {
	partition, region, account, key string
}

func parseARN(arn string) (keyARN, error) {
	fields := strings.Split(arn, ":")
	if len(fields) == 6 && fields[0] == "arn" && fields[1] != "" && fields[2] == "kms" && fields[3] != "" && fields[4] != "" {
		if key, ok := strings.CutPrefix(fields[5], "key/"); ok && key != "" && !strings.Contains(key, "/") {
			return keyARN{partition: fields[1], region: fields[3], account: fields[4], key: key}, nil
		}
		if strings.HasPrefix(fields[5], "alias/") {
			return keyARN{}, fmt.Errorf("%q is an alias: a key store needs the ARN of the KMS key itself (aws kms describe-key shows it), since the ARN is bound into every branch key", arn)
		}
	}
	return keyARN{}, fmt.Errorf("%q is not the ARN of a KMS key: want arn:PARTITION:kms:REGION:ACCOUNT:key/ID", arn)
}

func (a keyARN) multiRegion() bool { return strings.HasPrefix(a.key, "mrk-") }

func (a keyARN) String() string {
	return "arn:" + a.partition + ":kms:" + a.region + ":" + a.account + ":key/" + a.key
}

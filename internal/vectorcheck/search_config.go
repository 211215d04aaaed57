package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
)

// errUnsayable is the kind of the error for what a vector configures or asks for
// and the API has no words for, such as a second version of beacons. It is
// refused as if the API had refused it.
var errUnsayable = errors.New("the API cannot say this")

// searchConfig is the configuration of a client in the member names of the
// specification (searchable-encryption/search-config).
type searchConfig struct {
	Tables map[string]*searchTableConfig `json:"tables"`
}

type searchTableConfig struct {
	itemConfig
	Keyring json.RawMessage `json:"keyring"`
	Search  *struct {
		WriteVersion int              `json:"writeVersion"`
		Versions     []*beaconVersion `json:"versions"`
	} `json:"search"`
}

type beaconVersion struct {
	Version   int    `json:"version"`
	KeyStore  string `json:"keyStore"`
	KeySource struct {
		Single *struct {
			KeyID    string `json:"keyId"`
			CacheTTL int    `json:"cacheTTL"`
		} `json:"single"`
		Multi *struct {
			KeyFieldName string `json:"keyFieldName"`
			CacheTTL     int    `json:"cacheTTL"`
		} `json:"multi"`
	} `json:"keySource"`
	StandardBeacons []struct {
		Name   string  `json:"name"`
		Length int     `json:"length"`
		Loc    *string `json:"loc"`
		Style  *struct {
			PartOnly  *struct{} `json:"partOnly"`
			AsSet     *struct{} `json:"asSet"`
			Shared    *shared   `json:"shared"`
			SharedSet *shared   `json:"sharedSet"`
		} `json:"style"`
		NumberOfPartitions int `json:"numberOfPartitions"`
	} `json:"standardBeacons"`
	CompoundBeacons []struct {
		Name         string                               `json:"name"`
		Split        string                               `json:"split"`
		Encrypted    []beacon.EncryptedPart               `json:"encrypted"`
		Signed       []signedPart                         `json:"signed"`
		Constructors []struct{ Parts beacon.Constructor } `json:"constructors"`
	} `json:"compoundBeacons"`
	VirtualFields []struct {
		Name  string `json:"name"`
		Parts []struct {
			Loc   string      `json:"loc"`
			Trans []transform `json:"trans"`
		} `json:"parts"`
	} `json:"virtualFields"`
	EncryptedParts            []beacon.EncryptedPart `json:"encryptedParts"`
	SignedParts               []signedPart           `json:"signedParts"`
	MaximumNumberOfPartitions int                    `json:"maximumNumberOfPartitions"`
	DefaultNumberOfPartitions int                    `json:"defaultNumberOfPartitions"`
}

type shared struct {
	Other string `json:"other"`
}

type signedPart struct {
	Name   string  `json:"name"`
	Prefix string  `json:"prefix"`
	Loc    *string `json:"loc"`
}

type transform struct {
	Upper     *struct{}                 `json:"upper"`
	Lower     *struct{}                 `json:"lower"`
	Insert    *struct{ Literal string } `json:"insert"`
	Prefix    *struct{ Length int }     `json:"prefix"`
	Suffix    *struct{ Length int }     `json:"suffix"`
	Substring *struct{ Low, High int }  `json:"substring"`
	Segment   *struct {
		Split string
		Index int
	} `json:"segment"`
	Segments *struct {
		Split     string
		Low, High int
	} `json:"segments"`
}

// tableConfig is the configuration of a table for the encrypted client.
func (f *searchFile) tableConfig(ctx context.Context, c *searchTableConfig) (config runtime.TableConfig, err error) {
	config = runtime.TableConfig{
		LogicalTableName:               c.LogicalTableName,
		PartitionKeyName:               c.PartitionKeyName,
		SortKeyName:                    c.SortKeyName,
		AttributeActionsOnEncrypt:      make(map[string]attribute.Action, len(c.AttributeActionsOnEncrypt)),
		AllowedUnsignedAttributes:      c.AllowedUnsignedAttributes,
		AllowedUnsignedAttributePrefix: c.AllowedUnsignedAttributePrefix,
	}
	for name, action := range c.AttributeActionsOnEncrypt {
		config.AttributeActionsOnEncrypt[name] = parseAction(action)
	}
	var known bool
	if config.Suite, known = suites[c.AlgorithmSuiteID]; !known {
		return config, fmt.Errorf("%w: algorithm suite %q", errNotCovered, c.AlgorithmSuiteID)
	}
	if config.PlaintextPolicy, err = parsePolicy(c.PlaintextOverride); err != nil {
		return config, err
	}
	if config.Keyring, err = f.keyring(ctx, c.Keyring); err != nil {
		return config, fmt.Errorf("keyring: %w", err)
	}
	if c.Search == nil {
		return config, nil
	}
	version, err := c.version()
	if err != nil {
		return config, err
	}
	config.Search, err = f.searchConfig(version)
	return config, err
}

// version is the one version of beacons that there is.
func (c *searchTableConfig) version() (*beaconVersion, error) {
	s := c.Search
	if s.WriteVersion != 1 || len(s.Versions) != 1 || s.Versions[0].Version != 1 {
		return nil, fmt.Errorf("%w: beacons have one version, 1", errUnsayable)
	}
	return s.Versions[0], nil
}

// searchConfig is the configuration of a version of beacons and of its keys.
func (f *searchFile) searchConfig(v *beaconVersion) (*runtime.SearchConfig, error) {
	beacons, err := v.config()
	if err != nil {
		return nil, err
	}
	store, err := f.keyStore(v.KeyStore)
	if err != nil {
		return nil, err
	}
	config := &runtime.SearchConfig{Beacons: beacons, KeyStore: store}
	var ttl int
	switch single, multi := v.KeySource.Single, v.KeySource.Multi; {
	case single != nil && multi == nil:
		ttl, config.BranchKeyID = single.CacheTTL, single.KeyID
	case multi != nil && single == nil:
		ttl = multi.CacheTTL
	default:
		return nil, fmt.Errorf("%w: a key source is for one tenant or for several", errUnsayable)
	}
	if ttl == 0 {
		return nil, fmt.Errorf("%w: a time to live of zero is that of the default", errUnsayable)
	}
	config.CacheTTL = time.Duration(ttl) * time.Second
	return config, nil
}

// config is the configuration of the beacons of a version.
func (v *beaconVersion) config() (beacon.Config, error) {
	config := beacon.Config{
		EncryptedParts:    v.EncryptedParts,
		MaxPartitions:     v.MaximumNumberOfPartitions,
		DefaultPartitions: v.DefaultNumberOfPartitions,
	}
	if v.KeySource.Multi != nil {
		config.KeyField = v.KeySource.Multi.KeyFieldName
	}
	var errs []error
	fail := func(err error) { errs = append(errs, err) }
	for _, f := range v.VirtualFields {
		field := beacon.VirtualField{Name: f.Name}
		for _, p := range f.Parts {
			part := beacon.At(p.Loc)
			for _, t := range p.Trans {
				part.Transforms = append(part.Transforms, t.transform(fail))
			}
			field.Parts = append(field.Parts, part)
		}
		config.Virtual = append(config.Virtual, field)
	}
	for _, b := range v.StandardBeacons {
		standard := beacon.Standard{Name: b.Name, Length: b.Length, Location: location(b.Loc, fail), Partitions: b.NumberOfPartitions}
		switch style := b.Style; {
		case style == nil:
		case style.PartOnly != nil:
			standard.Style = beacon.PartOnly()
		case style.AsSet != nil:
			standard.Style = beacon.AsSet()
		case style.Shared != nil:
			standard.Style = beacon.Shared(style.Shared.Other)
		case style.SharedSet != nil:
			standard.Style = beacon.SharedSet(style.SharedSet.Other)
		default:
			fail(fmt.Errorf("%w: a style of beacon %q", errUnsayable, b.Name))
		}
		config.Standard = append(config.Standard, standard)
	}
	for _, b := range v.CompoundBeacons {
		compound := beacon.Compound{Name: b.Name, Split: character(b.Split, fail), Encrypted: b.Encrypted, Signed: signedParts(b.Signed, fail)}
		for _, c := range b.Constructors {
			compound.Constructors = append(compound.Constructors, c.Parts)
		}
		config.Compound = append(config.Compound, compound)
	}
	config.SignedParts = signedParts(v.SignedParts, fail)
	return config, errors.Join(errs...)
}

func (t transform) transform(fail func(error)) beacon.Transform {
	switch {
	case t.Upper != nil:
		return beacon.Upper()
	case t.Lower != nil:
		return beacon.Lower()
	case t.Insert != nil:
		return beacon.Insert(t.Insert.Literal)
	case t.Prefix != nil:
		return beacon.Prefix(t.Prefix.Length)
	case t.Suffix != nil:
		return beacon.Suffix(t.Suffix.Length)
	case t.Substring != nil:
		return beacon.Substring(t.Substring.Low, t.Substring.High)
	case t.Segment != nil:
		return beacon.Segment(character(t.Segment.Split, fail), t.Segment.Index)
	case t.Segments != nil:
		return beacon.Segments(character(t.Segments.Split, fail), t.Segments.Low, t.Segments.High)
	}
	fail(fmt.Errorf("%w: a transform", errUnsayable))
	return nil
}

func signedParts(parts []signedPart, fail func(error)) []beacon.SignedPart {
	out := make([]beacon.SignedPart, len(parts))
	for i, p := range parts {
		out[i] = beacon.SignedPart{Name: p.Name, Prefix: p.Prefix, Location: location(p.Loc, fail)}
	}
	return out
}

// location is a location that may be left out.
func location(loc *string, fail func(error)) string {
	if loc == nil {
		return ""
	}
	if *loc == "" {
		fail(fmt.Errorf("%w: a location that is empty and not left out", errUnsayable))
	}
	return *loc
}

func character(text string, fail func(error)) rune {
	runes := []rune(text)
	if len(runes) != 1 {
		fail(fmt.Errorf("%w: %q is not one character", errUnsayable, text))
		return 0
	}
	return runes[0]
}

// searchKeyStore is a branch key store with its keys in plain text; the family
// keystore judges how they are stored.
type searchKeyStore struct {
	PlaintextKeys map[string]struct {
		Active                  struct{ BranchKeyVersion string }
		Versions                map[string]string
		BeaconKeyHex            string
		EncryptionContext       map[string]string
		BeaconEncryptionContext map[string]string
	} `json:"plaintextKeys"`
}

func (f *searchFile) keyStore(name string) (branchkey.Source, error) {
	s, ok := f.KeyStores[name]
	if !ok {
		return nil, fmt.Errorf("%w: key store %q, which is not in the file", errNotCovered, name)
	}
	memory := branchkey.NewMemory()
	for id, k := range s.PlaintextKeys {
		// What is added last is the active version.
		versions := slices.SortedFunc(maps.Keys(k.Versions), func(a, b string) int {
			if a == k.Active.BranchKeyVersion {
				return 1
			}
			if b == k.Active.BranchKeyVersion {
				return -1
			}
			return cmp.Compare(a, b)
		})
		for _, version := range versions {
			key, err := hex.DecodeString(k.Versions[version])
			if err != nil {
				return nil, err
			}
			if err := memory.Add(&branchkey.BranchKey{ID: id, Version: version, Key: crypto.NewKey(key), EncryptionContext: k.EncryptionContext}); err != nil {
				return nil, err
			}
		}
		key, err := hex.DecodeString(k.BeaconKeyHex)
		if err != nil {
			return nil, err
		}
		if err := memory.AddBeaconKey(&branchkey.BeaconKey{ID: id, Key: crypto.NewKey(key), EncryptionContext: k.BeaconEncryptionContext}); err != nil {
			return nil, err
		}
	}
	return memory, nil
}

// keyring builds a keyring of a table, which is an object whose one member names
// its type.
func (f *searchFile) keyring(ctx context.Context, raw json.RawMessage) (crypto.Keyring, error) {
	var k struct {
		RawAES       json.RawMessage  `json:"rawAes"`
		Hierarchical *searchHierarchy `json:"hierarchical"`
		Multi        *struct {
			Generator json.RawMessage
			Children  []json.RawMessage
		} `json:"multi"`
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return nil, err
	}
	switch {
	case k.RawAES != nil:
		return newRawAES(ctx, &keyringSpec{Type: "raw-aes", raw: k.RawAES})
	case k.Hierarchical != nil:
		return f.hierarchical(k.Hierarchical)
	case k.Multi != nil:
		var generator crypto.Keyring
		if k.Multi.Generator != nil {
			var err error
			if generator, err = f.keyring(ctx, k.Multi.Generator); err != nil {
				return nil, err
			}
		}
		children := make([]crypto.Keyring, len(k.Multi.Children))
		for i, child := range k.Multi.Children {
			var err error
			if children[i], err = f.keyring(ctx, child); err != nil {
				return nil, err
			}
		}
		return crypto.NewMulti(generator, children...)
	}
	return nil, fmt.Errorf("%w: keyring %s", errNotCovered, raw)
}

type searchHierarchy struct {
	KeyStore            string
	BranchKeyID         string
	TTLSeconds          int
	BranchKeyIDSupplier *struct {
		Attribute string
		Map       map[string]string
	}
}

func (f *searchFile) hierarchical(h *searchHierarchy) (crypto.Keyring, error) {
	store, err := f.keyStore(h.KeyStore)
	if err != nil {
		return nil, err
	}
	var supplier hierarchical.Supplier = hierarchical.Static(h.BranchKeyID)
	if s := h.BranchKeyIDSupplier; s != nil {
		supplier = hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
			value, _ := attributes.Get(s.Attribute)
			text := string(value.Value)
			if value.Type == attribute.Binary {
				text = hex.EncodeToString(value.Value)
			}
			id, ok := s.Map[text]
			if !ok {
				return "", fmt.Errorf("attribute %q names no branch key", s.Attribute)
			}
			return id, nil
		})
	}
	return hierarchical.New(store, supplier, time.Duration(h.TTLSeconds)*time.Second)
}

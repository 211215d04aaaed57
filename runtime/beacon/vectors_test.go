package beacon_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// vectorFile is a file of testdata/vectors/search as far as beacons go.
type vectorFile struct {
	Configs map[string]struct {
		Tables      map[string]vectorTable
		DerivedKeys map[string]struct{ BeaconKeyHex string }
	}
	Cases []vectorCase
}

type vectorTable struct {
	AttributeActionsOnEncrypt      map[string]string
	AllowedUnsignedAttributes      []string
	AllowedUnsignedAttributePrefix string
	Search                         *struct{ Versions []vectorVersion }
}

type vectorCase struct {
	ID, Op, Config string
	Tags           []string
	Input          struct {
		SdkInput  *struct{ Item jsonItem }
		Item      jsonItem
		TableName string
		Version   *int
	}
	Output       json.RawMessage
	Added        jsonItem
	Error        *struct{ Message, Type string }
	InlineConfig struct{ Tables map[string]vectorTable }
}

type vectorVersion struct {
	Version   int
	KeySource struct {
		Multi *struct{ KeyFieldName string }
	}
	VirtualFields []struct {
		Name  string
		Parts []struct {
			Loc   string
			Trans []map[string]struct {
				Literal                  string
				Length, Low, High, Index int
				Split                    string
			}
		}
	}
	StandardBeacons []struct {
		Name   string
		Length int
		Loc    *string
		Style  map[string]struct{ Other string }
	}
	CompoundBeacons []struct {
		Name, Split  string
		Encrypted    []beacon.EncryptedPart
		Signed       []vectorSignedPart
		Constructors []struct{ Parts beacon.Constructor }
	}
	EncryptedParts []beacon.EncryptedPart
	SignedParts    []vectorSignedPart
}

type vectorSignedPart struct {
	Name, Prefix string
	Loc          *string
}

var actions = map[string]attribute.Action{
	"ENCRYPT_AND_SIGN": attribute.EncryptAndSign, "SIGN_ONLY": attribute.SignOnly, "DO_NOTHING": attribute.DoNothing,
	"SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT": attribute.SignAndIncludeInEncryptionContext,
}

func (t vectorTable) set() (*beacon.Set, error) {
	scope := beacon.Scope{
		Actions:               map[string]attribute.Action{},
		AllowedUnsigned:       t.AllowedUnsignedAttributes,
		AllowedUnsignedPrefix: t.AllowedUnsignedAttributePrefix,
	}
	for name, action := range t.AttributeActionsOnEncrypt {
		scope.Actions[name] = actions[action]
	}
	config, err := t.Search.Versions[0].config()
	if err != nil {
		return nil, err
	}
	return beacon.New(config, scope)
}

func (v vectorVersion) config() (config beacon.Config, err error) {
	// An empty location that is there is not the same as none.
	location := func(loc *string) string {
		if loc != nil && *loc == "" {
			err = errors.New("empty location")
		}
		if loc == nil {
			return ""
		}
		return *loc
	}
	char := func(text string) rune {
		if len([]rune(text)) != 1 {
			err = fmt.Errorf("%q is not one character", text)
			return 0
		}
		return []rune(text)[0]
	}
	signed := func(parts []vectorSignedPart) (out []beacon.SignedPart) {
		for _, p := range parts {
			out = append(out, beacon.SignedPart{Name: p.Name, Prefix: p.Prefix, Location: location(p.Loc)})
		}
		return out
	}
	if v.KeySource.Multi != nil {
		config.KeyField = v.KeySource.Multi.KeyFieldName
	}
	for _, f := range v.VirtualFields {
		field := beacon.VirtualField{Name: f.Name}
		for _, p := range f.Parts {
			part := beacon.At(p.Loc)
			for _, trans := range p.Trans {
				for kind, t := range trans {
					var transform beacon.Transform
					switch kind {
					case "upper":
						transform = beacon.Upper()
					case "lower":
						transform = beacon.Lower()
					case "insert":
						transform = beacon.Insert(t.Literal)
					case "prefix":
						transform = beacon.Prefix(t.Length)
					case "suffix":
						transform = beacon.Suffix(t.Length)
					case "substring":
						transform = beacon.Substring(t.Low, t.High)
					case "segment":
						transform = beacon.Segment(char(t.Split), t.Index)
					case "segments":
						transform = beacon.Segments(char(t.Split), t.Low, t.High)
					}
					part.Transforms = append(part.Transforms, transform)
				}
			}
			field.Parts = append(field.Parts, part)
		}
		config.Virtual = append(config.Virtual, field)
	}
	for _, b := range v.StandardBeacons {
		standard := beacon.Standard{Name: b.Name, Length: b.Length, Location: location(b.Loc)}
		for kind, style := range b.Style {
			switch kind {
			case "partOnly":
				standard.Style = beacon.PartOnly()
			case "asSet":
				standard.Style = beacon.AsSet()
			case "shared":
				standard.Style = beacon.Shared(style.Other)
			case "sharedSet":
				standard.Style = beacon.SharedSet(style.Other)
			}
		}
		config.Standard = append(config.Standard, standard)
	}
	for _, b := range v.CompoundBeacons {
		compound := beacon.Compound{Name: b.Name, Split: char(b.Split), Encrypted: b.Encrypted, Signed: signed(b.Signed)}
		for _, c := range b.Constructors {
			compound.Constructors = append(compound.Constructors, c.Parts)
		}
		config.Compound = append(config.Compound, compound)
	}
	config.EncryptedParts, config.SignedParts = v.EncryptedParts, signed(v.SignedParts)
	return config, err
}

func readVectors(t testing.TB, family string) vectorFile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../testdata/vectors/search", family+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file vectorFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestVectorsWrite compares the beacons of items with those that another client
// of the format stored.
func TestVectorsWrite(t *testing.T) {
	for _, family := range []string{"standard_beacons", "compound_beacons", "virtual_fields", "complex_example", "multi_tenant"} {
		file := readVectors(t, family)
		judged := 0
		for _, c := range file.Cases {
			if c.Op != "PutItemInputTransform" {
				continue
			}
			config := file.Configs[c.Config]
			judged++
			t.Run(c.ID, func(t *testing.T) {
				set, err := only(config.Tables).set()
				if err != nil {
					t.Fatal(err)
				}
				var added map[string]string
				for _, key := range config.DerivedKeys {
					beaconKey, hexErr := hex.DecodeString(key.BeaconKeyHex)
					if hexErr != nil {
						t.Fatal(hexErr)
					}
					keys, keyErr := set.Keys(beaconKey)
					if keyErr != nil {
						t.Fatal(keyErr)
					}
					// Which of several keys it was says the header of the item,
					// which is not read here.
					added, err = write(set, keys, c.Input.SdkInput.Item)
					if maps.Equal(added, strs(c.Added)) {
						break
					}
				}
				switch {
				case c.Error != nil && elsewhere(c.Error.Message) || slices.Contains(c.Tags, "reference-bug"):
				case c.Error != nil && err == nil:
					t.Errorf("has beacons %v, want error %q", added, c.Error.Message)
				case c.Error == nil && err != nil:
					t.Error(err)
				case c.Error == nil && !reflect.DeepEqual(added, strs(c.Added)):
					t.Errorf("has beacons\n%v, want\n%v", added, strs(c.Added))
				}
			})
		}
		if judged == 0 {
			t.Errorf("no case of %s was judged", family)
		}
	}
}

// elsewhere reports whether an error is not one of beacons: the item encryptor,
// the serialisation or the client finds it.
func elsewhere(message string) bool {
	for _, beginning := range []string{"No Crypto Action", "Writing reserved", "Depth of attribute", "In multi-tenant mode", "Encrypt header"} {
		if strings.HasPrefix(message, beginning) {
			return true
		}
	}
	return false
}

func only[V any](m map[string]V) V {
	for _, v := range m {
		return v
	}
	panic("empty map")
}

// write returns all that a write adds to item, sets as sorted text.
func write(set *beacon.Set, keys *beacon.Keys, item jsonItem) (map[string]string, error) {
	signed, err := set.Signed(item)
	if err != nil {
		return nil, err
	}
	encrypted, err := set.Encrypted(item, keys, 0)
	if err != nil {
		return nil, err
	}
	added := map[string]string{}
	for _, r := range slices.Concat(signed, encrypted) {
		if supplied, found := item[r.Attribute]; found {
			if supplied.kind != "S" || *supplied.S != r.Text {
				return nil, fmt.Errorf("%q differs from the signed beacon", r.Attribute)
			}
			continue
		}
		added[r.Attribute] = r.Text
		if r.Set != nil {
			added[r.Attribute] = fmt.Sprint(slices.Sorted(slices.Values(r.Set)))
		}
	}
	return added, nil
}

func strs(item jsonItem) map[string]string {
	out := map[string]string{}
	for name, v := range item {
		if v.kind == "SS" {
			out[name] = fmt.Sprint(slices.Sorted(slices.Values(v.SS)))
		} else {
			out[name] = *v.S
		}
	}
	return out
}

func TestVectorsResolve(t *testing.T) {
	judged := 0
	for _, family := range []string{"compound_beacons", "virtual_fields"} {
		file := readVectors(t, family)
		for _, c := range file.Cases {
			table, configured := file.Configs[c.Config].Tables[c.Input.TableName]
			if c.Op != "ResolveAttributes" || !configured || c.Input.Version != nil && *c.Input.Version != 1 {
				continue
			}
			judged++
			t.Run(c.ID, func(t *testing.T) {
				set, err := table.set()
				if err != nil {
					t.Fatal(err)
				}
				got, err := set.Resolve(c.Input.Item)
				if c.Error != nil {
					if err == nil {
						t.Errorf("resolved to %v, want error %q", got, c.Error.Message)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				var want beacon.Resolved
				if err := json.Unmarshal(c.Output, &want); err != nil {
					t.Fatal(err)
				}
				if !maps.Equal(got.VirtualFields, want.VirtualFields) || !maps.Equal(got.CompoundBeacons, want.CompoundBeacons) {
					t.Errorf("resolved to\n%v, want\n%v", got, want)
				}
			})
		}
	}
	if judged < 50 {
		t.Errorf("%d cases were judged, want at least 50", judged)
	}
}

// TestVectorsConfig judges what a configuration of beacons can be judged by
// itself; versions, caches and key attributes are the client's.
func TestVectorsConfig(t *testing.T) {
	judged := 0
	for _, c := range readVectors(t, "config_errors").Cases {
		table := only(c.InlineConfig.Tables)
		if table.Search == nil || len(table.Search.Versions) != 1 || table.Search.Versions[0].Version != 1 ||
			c.Error != nil && (strings.Contains(c.Error.Message, "TTL") || strings.Contains(c.Error.Message, "Partition key")) {
			continue
		}
		judged++
		t.Run(c.ID, func(t *testing.T) {
			_, err := table.set()
			switch {
			case slices.Contains(c.Tags, "quirk"): // accepted or refused with a reason
			case slices.Contains(c.Tags, "reference-bug"):
				if (err == nil) == (c.Error == nil) {
					t.Errorf("judged as the client with the bug judges: %v", err)
				}
			case c.Error != nil && err == nil:
				t.Errorf("accepted, want error %q", c.Error.Message)
			case c.Error == nil && err != nil:
				t.Error(err)
			}
			if err != nil {
				t.Log(err)
			}
		})
	}
	if judged < 40 {
		t.Errorf("%d cases were judged, want at least 40", judged)
	}
}

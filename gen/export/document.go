// Package export writes what a Go package stores for the clients of the record
// format in other languages: as a document of JSON, and as source code that
// configures them. The names are those of the specification's model
// (DynamoDbEncryption.smithy), which all clients share.
package export

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// Format is the version of the document. It grows when a reader of an older one
// would misread a newer one; new members do not change it.
const Format = 1

// A Document is the configuration of all tables.
type Document struct {
	Format int     `json:"format"`
	Tables []Table `json:"tables"`
}

// A Table is the configuration of one table: DynamoDbTableEncryptionConfig
// without what differs between programs, and the name of the table in DynamoDB.
type Table struct {
	TableName        string `json:"tableName"`
	LogicalTableName string `json:"logicalTableName"`
	PartitionKeyName string `json:"partitionKeyName"`
	SortKeyName      string `json:"sortKeyName,omitempty"`
	AlgorithmSuiteID string `json:"algorithmSuiteId"`
	// AttributeActions have one of ENCRYPT_AND_SIGN, SIGN_ONLY,
	// SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT and DO_NOTHING for each attribute.
	AttributeActions map[string]string `json:"attributeActionsOnEncrypt"`
	// AllowedUnsigned are the attributes whose action is DO_NOTHING.
	AllowedUnsigned       []string `json:"allowedUnsignedAttributes,omitempty"`
	AllowedUnsignedPrefix string   `json:"allowedUnsignedAttributePrefix,omitempty"`
	Search                *Search  `json:"search,omitempty"`
}

// Search is the only BeaconVersion of the table. Which key it uses is left to
// the program but for KeyFieldName, the attribute that names the branch key of
// an item in a table of several tenants.
type Search struct {
	Version                   int              `json:"version"`
	KeyFieldName              string           `json:"keyFieldName,omitempty"`
	StandardBeacons           []StandardBeacon `json:"standardBeacons"`
	CompoundBeacons           []CompoundBeacon `json:"compoundBeacons,omitempty"`
	VirtualFields             []VirtualField   `json:"virtualFields,omitempty"`
	EncryptedParts            []EncryptedPart  `json:"encryptedParts,omitempty"`
	SignedParts               []SignedPart     `json:"signedParts,omitempty"`
	MaximumNumberOfPartitions int              `json:"maximumNumberOfPartitions,omitempty"`
	DefaultNumberOfPartitions int              `json:"defaultNumberOfPartitions,omitempty"`
}

// A StandardBeacon is a beacon on one value.
type StandardBeacon struct {
	Name               string       `json:"name"`
	Length             int          `json:"length"` // bits
	Loc                string       `json:"loc,omitempty"`
	Style              *BeaconStyle `json:"style,omitempty"`
	NumberOfPartitions int          `json:"numberOfPartitions,omitempty"`
}

// A BeaconStyle has exactly one member.
type BeaconStyle struct {
	PartOnly  *struct{} `json:"partOnly,omitempty"`
	AsSet     *struct{} `json:"asSet,omitempty"`
	Shared    *Shared   `json:"shared,omitempty"`
	SharedSet *Shared   `json:"sharedSet,omitempty"`
}

// Shared names the beacon that one is computed as.
type Shared struct {
	Other string `json:"other"`
}

// A CompoundBeacon joins parts.
type CompoundBeacon struct {
	Name         string          `json:"name"`
	Split        string          `json:"split"` // one character
	Encrypted    []EncryptedPart `json:"encrypted,omitempty"`
	Signed       []SignedPart    `json:"signed,omitempty"`
	Constructors []Constructor   `json:"constructors,omitempty"`
}

// An EncryptedPart is a standard beacon as a part.
type EncryptedPart struct {
	Name   string `json:"name"`
	Prefix string `json:"prefix"`
}

// A SignedPart is a signed attribute as a part.
type SignedPart struct {
	Name   string `json:"name"`
	Prefix string `json:"prefix"`
	Loc    string `json:"loc,omitempty"`
}

// A Constructor is one way to join parts.
type Constructor struct {
	Parts []ConstructorPart `json:"parts"`
}

// A ConstructorPart names a part.
type ConstructorPart struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
}

// A VirtualField is a text made of parts of an item.
type VirtualField struct {
	Name  string        `json:"name"`
	Parts []VirtualPart `json:"parts"`
}

// A VirtualPart is the text at a location after transforms.
type VirtualPart struct {
	Loc   string      `json:"loc"`
	Trans []Transform `json:"trans,omitempty"`
}

// A Transform has exactly one member.
type Transform struct {
	Upper     *struct{} `json:"upper,omitempty"`
	Lower     *struct{} `json:"lower,omitempty"`
	Insert    *Insert   `json:"insert,omitempty"`
	Prefix    *Length   `json:"prefix,omitempty"`
	Suffix    *Length   `json:"suffix,omitempty"`
	Substring *Range    `json:"substring,omitempty"`
	Segment   *Segment  `json:"segment,omitempty"`
	Segments  *Segments `json:"segments,omitempty"`
}

// Insert is the argument of a transform.
type Insert struct {
	Literal string `json:"literal"`
}

// Length is the argument of a transform.
type Length struct {
	Length int `json:"length"`
}

// Range has the arguments of a transform.
type Range struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// Segment has the arguments of a transform.
type Segment struct {
	Split string `json:"split"`
	Index int    `json:"index"`
}

// Segments has the arguments of a transform.
type Segments struct {
	Split string `json:"split"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
}

// JSON writes a document.
func JSON(w io.Writer, d *Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

var actions = map[tag.Action]string{
	tag.Encrypt: "ENCRYPT_AND_SIGN",
	tag.Sign:    "SIGN_ONLY",
	tag.Context: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
	tag.None:    "DO_NOTHING",
}

// suites maps the names of algorithm suites in runtime/crypto to those of the
// specification.
var suites = map[string]string{
	"":           "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384",
	"SuiteECDSA": "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384",
	"SuiteHMAC":  "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384",
}

// Of returns the document of packages, with tables in the order of the source.
// Packages that have one table do not contradict each other.
func Of(packages []*schema.Package) *Document {
	d := &Document{Format: Format}
	for _, p := range packages {
		for _, s := range p.Structs {
			i := slices.IndexFunc(d.Tables, func(t Table) bool {
				return t.LogicalTableName == s.Table.LogicalName && t.TableName == s.Table.Name()
			})
			if i < 0 {
				i = len(d.Tables)
				d.Tables = append(d.Tables, table(s))
			}
			d.Tables[i].add(s)
		}
	}
	return d
}

// table returns the configuration of a table without attributes.
func table(s *schema.Struct) Table {
	t := Table{
		TableName: s.Table.Name(), LogicalTableName: s.Table.LogicalName,
		PartitionKeyName: s.Keys[0].Name, AlgorithmSuiteID: suites[s.Table.Suite],
		AttributeActions: map[string]string{}, AllowedUnsignedPrefix: s.Table.UnsignedPrefix,
	}
	if len(s.Keys) > 1 {
		t.SortKeyName = s.Keys[1].Name
	}
	for _, name := range s.Table.UnsignedNames {
		t.set(name, tag.None)
	}
	if s.Table.Search != nil {
		t.Search = search(s.Table.Search)
	}
	return t
}

// add adds the attributes of one struct. Signed beacons are not among them: every
// client signs them by itself.
func (t *Table) add(s *schema.Struct) {
	if d := s.Discriminator; d != nil {
		t.set(d.Attribute, tag.Sign)
	}
	for _, a := range s.Attributes {
		t.set(a.Name, a.Action)
	}
}

func (t *Table) set(name string, action tag.Action) {
	t.AttributeActions[name] = actions[action]
	prefixed := t.AllowedUnsignedPrefix != "" && strings.HasPrefix(name, t.AllowedUnsignedPrefix)
	if action == tag.None && !prefixed && !slices.Contains(t.AllowedUnsigned, name) {
		t.AllowedUnsigned = append(t.AllowedUnsigned, name)
		slices.Sort(t.AllowedUnsigned)
	}
}

func search(s *schema.Search) *Search {
	r := &Search{
		Version: 1, KeyFieldName: s.KeyField, EncryptedParts: encryptedParts(s.EncryptedParts), SignedParts: signedParts(s.SignedParts),
		MaximumNumberOfPartitions: s.MaxPartitions, DefaultNumberOfPartitions: s.DefaultPartitions,
	}
	for _, b := range s.Standard {
		r.StandardBeacons = append(r.StandardBeacons, StandardBeacon{
			Name: b.Name, Length: b.Length, Loc: b.Location, Style: style(b), NumberOfPartitions: b.Partitions,
		})
	}
	for _, c := range s.Compound {
		compound := CompoundBeacon{Name: c.Name, Split: string(c.Split), Encrypted: encryptedParts(c.Encrypted), Signed: signedParts(c.Signed)}
		for _, parts := range c.Constructors {
			var constructor Constructor
			for _, p := range parts {
				constructor.Parts = append(constructor.Parts, ConstructorPart{p.Name, !p.Optional})
			}
			compound.Constructors = append(compound.Constructors, constructor)
		}
		r.CompoundBeacons = append(r.CompoundBeacons, compound)
	}
	for _, v := range s.Virtual {
		field := VirtualField{Name: v.Name}
		for _, p := range v.Parts {
			part := VirtualPart{Loc: p.Location}
			for _, t := range p.Transforms {
				part.Trans = append(part.Trans, transform(t))
			}
			field.Parts = append(field.Parts, part)
		}
		r.VirtualFields = append(r.VirtualFields, field)
	}
	return r
}

func style(b *schema.StandardBeacon) *BeaconStyle {
	switch b.Style {
	case "partOnly":
		return &BeaconStyle{PartOnly: &struct{}{}}
	case "asSet":
		return &BeaconStyle{AsSet: &struct{}{}}
	case "shared":
		return &BeaconStyle{Shared: &Shared{b.Other}}
	case "sharedSet":
		return &BeaconStyle{SharedSet: &Shared{b.Other}}
	}
	return nil
}

func encryptedParts(parts []schema.EncryptedPart) (all []EncryptedPart) {
	for _, p := range parts {
		all = append(all, EncryptedPart{p.Name, p.Prefix})
	}
	return all
}

func signedParts(parts []schema.SignedPart) (all []SignedPart) {
	for _, p := range parts {
		all = append(all, SignedPart{p.Name, p.Prefix, p.Location})
	}
	return all
}

// transform translates a call, whose arguments the model has checked.
func transform(t schema.TransformCall) Transform {
	text := func(i int) string { s, _ := t.Arguments[i].(string); return s }
	split := func(i int) string { r, _ := t.Arguments[i].(rune); return string(r) }
	position := func(i int) int { n, _ := t.Arguments[i].(int); return n }
	switch t.Func {
	case "Upper":
		return Transform{Upper: &struct{}{}}
	case "Lower":
		return Transform{Lower: &struct{}{}}
	case "Insert":
		return Transform{Insert: &Insert{text(0)}}
	case "Prefix":
		return Transform{Prefix: &Length{position(0)}}
	case "Suffix":
		return Transform{Suffix: &Length{position(0)}}
	case "Substring":
		return Transform{Substring: &Range{position(0), position(1)}}
	case "Segment":
		return Transform{Segment: &Segment{split(0), position(1)}}
	default: // Segments: there are no others
		return Transform{Segments: &Segments{split(0), position(1), position(2)}}
	}
}

package crypto

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Config is the configuration of an [ItemEncryptor] (specification:
// dynamodb-encryption-client/ddb-table-encryption-config). Writers and readers
// of a table agree on the names, and on which attributes may be unsigned.
type Config struct {
	// LogicalTableName is bound into every item. It stays when a table is copied
	// or restored under another name.
	LogicalTableName string
	// PartitionKey and SortKey name the attributes of the primary key; SortKey is
	// empty for a table without one.
	PartitionKey, SortKey string
	// Actions says what happens to each attribute on encrypt. The keys of the
	// table are SIGN_ONLY, or SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT if any
	// attribute is. Reading does not depend on the actions: an item says itself
	// what was done to it.
	Actions map[string]attribute.Action
	// DefaultAction is what happens to an attribute that has none in Actions and
	// is not allowed to be unsigned: ENCRYPT_AND_SIGN or SIGN_ONLY. Zero refuses
	// such attributes.
	DefaultAction attribute.Action
	// AllowedUnsigned and AllowedUnsignedPrefix say which attributes are left
	// alone and not protected in any way. Every attribute whose action is
	// DO_NOTHING must be in the list or begin with the prefix, and no other may.
	// A prefix that is not nil must not be empty.
	AllowedUnsigned       []string
	AllowedUnsignedPrefix *string
	// Suite is the algorithm suite of new items; zero is [SuiteECDSA]. Items of
	// either suite can be read.
	Suite Suite
	// Keyring or Materials, exactly one of them, provides the keys.
	Keyring   Keyring
	Materials MaterialsProvider
	// PlaintextPolicy says whether items that are not encrypted are accepted;
	// zero is [ForbidPlaintext].
	PlaintextPolicy PlaintextPolicy
}

// PlaintextPolicy says what an item encryptor does with items that are not
// encrypted (specification: dynamodb-encryption-client/ddb-table-encryption-config,
// "Plaintext Policy"). It exists to encrypt a table that is in use.
type PlaintextPolicy uint8

// The policies.
const (
	// ForbidPlaintext encrypts every item and refuses to read one that is not
	// encrypted.
	ForbidPlaintext PlaintextPolicy = iota
	// InsecureAllowPlaintextRead encrypts every item and reads items that have
	// neither header nor footer as they are. Whoever can write the table can
	// replace any item by plaintext of their own: end this as soon as every item
	// is encrypted. AWS: FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ.
	InsecureAllowPlaintextRead
	// InsecureForcePlaintextWrite writes items as they are, unprotected, and
	// reads both kinds. It serves to deploy readers before the first writer.
	// AWS: FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ.
	InsecureForcePlaintextWrite
)

// String returns AWS's name of the policy.
func (p PlaintextPolicy) String() string {
	switch p {
	case ForbidPlaintext:
		return "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ"
	case InsecureAllowPlaintextRead:
		return "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ"
	case InsecureForcePlaintextWrite:
		return "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ"
	default:
		return "unknown plaintext policy"
	}
}

func (p PlaintextPolicy) known() bool { return p <= InsecureForcePlaintextWrite }

// maxNameLen is the length of the longest attribute name in bytes.
const maxNameLen = 1<<16 - 1

// ItemEncryptor encrypts and decrypts the items of one table. It is made by
// [New] and safe for concurrent use.
type ItemEncryptor struct {
	table           string
	partition, sort string
	actions         map[string]configured
	paths           [][]byte         // canonical paths of the configured attributes, by rank
	defaultAction   attribute.Action // 0 for none
	inContext       []string         // names of the attributes that go into the encryption context
	leavesAlone     bool             // whether the action of an attribute is DO_NOTHING
	unsigned        map[string]struct{}
	unsignedPrefix  string // "" for none
	version         byte   // of the header to write
	suite           Suite
	materials       MaterialsProvider
	custom          bool // whether materials is not of this package
	policy          PlaintextPolicy
}

// configured is what the configuration says of an attribute.
type configured struct {
	action attribute.Action
	rank   int32 // place in the canonical order of all configured attributes
}

// noRank is the rank of an attribute that is not configured.
const noRank = -1

// New checks c and returns an item encryptor for it. Every error is a
// [*ConfigError]; nothing is asked of the keyring but whether it serves the
// suite.
func New(c Config) (*ItemEncryptor, error) {
	e := &ItemEncryptor{
		table: c.LogicalTableName, partition: c.PartitionKey, sort: c.SortKey,
		actions:  make(map[string]configured, len(c.Actions)),
		unsigned: make(map[string]struct{}, len(c.AllowedUnsigned)),
		suite:    c.Suite, policy: c.PlaintextPolicy, version: versionKeys,
		defaultAction: c.DefaultAction,
	}
	if e.suite == 0 {
		e.suite = SuiteECDSA
	}
	names := slices.SortedFunc(maps.Keys(c.Actions), attribute.ComparePath)
	for i, name := range names {
		action := c.Actions[name]
		e.actions[name] = configured{action, int32(i)}
		e.paths = append(e.paths, attribute.AppendPath(nil, e.table, name))
		switch action {
		case attribute.SignAndIncludeInEncryptionContext:
			e.version = versionAttributes
			e.inContext = append(e.inContext, name)
		case attribute.DoNothing:
			e.leavesAlone = true
		}
	}
	for _, name := range c.AllowedUnsigned {
		e.unsigned[name] = struct{}{}
	}
	if c.AllowedUnsignedPrefix != nil {
		e.unsignedPrefix = *c.AllowedUnsignedPrefix
		if e.unsignedPrefix == "" {
			return nil, &ConfigError{Reason: "the prefix of unsigned attributes is empty, which would leave every attribute unprotected: give a prefix or none"}
		}
	}
	if err := e.checkNames(); err != nil {
		return nil, err
	}
	if err := e.checkKeys(); err != nil {
		return nil, err
	}
	if err := e.checkActions(names); err != nil {
		return nil, err
	}
	if err := e.setMaterials(c); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *ItemEncryptor) checkNames() error {
	switch {
	case e.table == "" || len(e.table) > maxUint16 || !utf8.ValidString(e.table):
		return &ConfigError{Reason: "the logical table name must be 1 to 65,535 bytes of UTF-8"}
	case e.partition == "":
		return &ConfigError{Reason: "the partition key is missing: name the attribute"}
	case e.partition == e.sort:
		return &ConfigError{Attribute: e.sort, Reason: "it is partition key and sort key: leave the sort key empty if the table has none"}
	}
	return nil
}

func (e *ItemEncryptor) checkKeys() error {
	want := attribute.SignOnly
	if e.version == versionAttributes {
		want = attribute.SignAndIncludeInEncryptionContext
	}
	for _, key := range []string{e.partition, e.sort} {
		if key == "" {
			continue
		}
		if c, ok := e.actions[key]; !ok {
			return &ConfigError{Attribute: key, Reason: fmt.Sprintf("it is a key of the table and has no action: give it %s", want)}
		} else if c.action != want {
			reason := fmt.Sprintf("it is a key of the table, which must be signed and readable: its action must be %s, not %s", want, c.action)
			if e.version == versionAttributes {
				reason += fmt.Sprintf(", because attribute %q is in the encryption context", e.inContext[0])
			}
			return &ConfigError{Attribute: key, Reason: reason}
		}
	}
	return nil
}

// checkActions checks the attributes in the order of names, so that the same
// configuration gets the same error.
func (e *ItemEncryptor) checkActions(names []string) error {
	switch e.defaultAction {
	case 0, attribute.EncryptAndSign, attribute.SignOnly:
	default:
		return &ConfigError{Reason: fmt.Sprintf("the default action cannot be %s: it must be ENCRYPT_AND_SIGN, SIGN_ONLY or none", e.defaultAction)}
	}
	for _, name := range names {
		action := e.actions[name].action
		if err := checkName(name); err != nil {
			return &ConfigError{Attribute: name, Reason: err.Error()}
		}
		switch {
		case action < attribute.EncryptAndSign || action > attribute.DoNothing:
			return &ConfigError{Attribute: name, Reason: "its action is none of the four: give it one"}
		case attribute.Reserved(name):
			return &ConfigError{Attribute: name, Reason: "names that begin with " + attribute.ReservedPrefix + " belong to the encrypted format: rename it"}
		case strings.HasPrefix(name, ReservedContextPrefix):
			return &ConfigError{Attribute: name, Reason: "names that begin with " + ReservedContextPrefix + " belong to the encryption context: rename it"}
		case action == attribute.DoNothing && !e.allowedUnsigned(name):
			return &ConfigError{Attribute: name, Reason: "its action is DO_NOTHING, but it is not allowed to be unsigned: add it to the allowed unsigned attributes"}
		case action != attribute.DoNothing && e.allowedUnsigned(name):
			return &ConfigError{Attribute: name, Reason: fmt.Sprintf("its action is %s, but it is allowed to be unsigned: readers would not verify it; remove it from the allowed unsigned attributes or change their prefix", action)}
		}
	}
	return nil
}

func checkName(name string) error {
	if name == "" || len(name) > maxNameLen || !utf8.ValidString(name) {
		return fmt.Errorf("an attribute name must be 1 to %d bytes of UTF-8", maxNameLen)
	}
	return nil
}

func (e *ItemEncryptor) setMaterials(c Config) error {
	switch {
	case !e.suite.known():
		return &ConfigError{Reason: fmt.Sprintf("%s: use SuiteECDSA or SuiteHMAC", e.suite)}
	case !e.policy.known():
		return &ConfigError{Reason: "the plaintext policy is none of the three"}
	case (c.Keyring == nil) == (c.Materials == nil):
		return &ConfigError{Reason: "it needs a keyring or a materials provider, and not both"}
	case c.Keyring != nil:
		c.Materials = DefaultMaterials(c.Keyring)
	}
	provider, ours := c.Materials.(keyringMaterials)
	e.materials, e.custom = c.Materials, !ours
	switch {
	case ours && isNil(provider.keyring):
		return &ConfigError{Reason: fmt.Sprintf("the keyring is a nil %T: make one, and look at the error of its constructor", provider.keyring)}
	case isNil(c.Materials):
		return &ConfigError{Reason: fmt.Sprintf("the materials provider is a nil %T: make one, and look at the error of its constructor", c.Materials)}
	}
	if err := checkSuite(e.materials, e.suite); err != nil {
		return &ConfigError{Reason: "the keyring does not serve the algorithm suite", Err: err}
	}
	return nil
}

// isNil reports whether v is nil or a nil pointer, which is not nil to whoever
// compares the interface that holds it.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}

// allowedUnsigned reports whether the configuration allows name to be unsigned.
func (e *ItemEncryptor) allowedUnsigned(name string) bool {
	if e.unsignedPrefix != "" && strings.HasPrefix(name, e.unsignedPrefix) {
		return true
	}
	_, listed := e.unsigned[name]
	return listed
}

// Action returns what [ItemEncryptor.Encrypt] does to an attribute with this
// name. Without a configured action that is DO_NOTHING if it is allowed to be
// unsigned, else the default action. The error wraps [ErrReserved] or [ErrNoAction].
func (e *ItemEncryptor) Action(name string) (attribute.Action, error) {
	if c, ok := e.actions[name]; ok {
		return c.action, nil
	}
	switch {
	case attribute.Reserved(name):
		return 0, &AttributeError{name, ErrReserved}
	case e.allowedUnsigned(name):
		return attribute.DoNothing, nil
	case e.defaultAction != 0:
		return e.defaultAction, nil
	default:
		return 0, &AttributeError{name, ErrNoAction}
	}
}

// WritesPlaintext reports whether the policy is to write items as they are.
func (e *ItemEncryptor) WritesPlaintext() bool { return e.policy == InsecureForcePlaintextWrite }

// ReadsPlaintext reports whether the policy is to read items as they are that
// have neither header nor footer.
func (e *ItemEncryptor) ReadsPlaintext() bool { return e.policy != ForbidPlaintext }

// LeavesAlone reports whether name is configured as DO_NOTHING, so that
// [ItemEncryptor.Encrypt] does not need its value.
func (e *ItemEncryptor) LeavesAlone(name string) bool {
	// Most tables have no such attribute, and this is asked for every attribute.
	return e.leavesAlone && e.actions[name].action == attribute.DoNothing
}

// Verifies reports whether [ItemEncryptor.Decrypt] needs the value of an
// attribute with this name: it is signed, or it is the header or the footer.
func (e *ItemEncryptor) Verifies(name string) bool {
	if attribute.Reserved(name) {
		return name == attribute.HeaderName || name == attribute.FooterName
	}
	return !e.allowedUnsigned(name)
}

package runtime

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// CryptoAction is an attribute action by the number that the DynamoDB Encryption
// Client for Python gives it, for configurations that are taken over from there.
type CryptoAction int

// The numbers of the three actions that client has.
const (
	CryptoDoNothing      CryptoAction = 0
	CryptoSignOnly       CryptoAction = 1
	CryptoEncryptAndSign CryptoAction = 2
)

// Action returns the attribute action of this number.
func (c CryptoAction) Action() (attribute.Action, error) {
	switch c {
	case CryptoDoNothing:
		return attribute.DoNothing, nil
	case CryptoSignOnly:
		return attribute.SignOnly, nil
	case CryptoEncryptAndSign:
		return attribute.EncryptAndSign, nil
	default:
		return 0, fmt.Errorf("ddbe: %d is not an action: 0 is DO_NOTHING, 1 is SIGN_ONLY and 2 is ENCRYPT_AND_SIGN", int(c))
	}
}

// AttributeActions is the attribute actions of a table: one for all attributes
// and exceptions from it. It is made by [NewAttributeActions]. It is not safe for
// concurrent use while it is changed.
type AttributeActions struct {
	byDefault  attribute.Action
	exceptions map[string]attribute.Action
}

// NewAttributeActions returns the actions of a table whose attributes all have
// the action byDefault except those in exceptions.
func NewAttributeActions(byDefault attribute.Action, exceptions map[string]attribute.Action) (*AttributeActions, error) {
	if !knownAction(byDefault) {
		return nil, fmt.Errorf("ddbe: the default action is none of the four")
	}
	for _, name := range slices.Sorted(maps.Keys(exceptions)) {
		if !knownAction(exceptions[name]) {
			return nil, fmt.Errorf("ddbe: the action of attribute %q is none of the four", name)
		}
	}
	a := &AttributeActions{byDefault: byDefault, exceptions: map[string]attribute.Action{}}
	maps.Copy(a.exceptions, exceptions)
	return a, nil
}

func knownAction(a attribute.Action) bool {
	return a >= attribute.EncryptAndSign && a <= attribute.DoNothing
}

// Action returns what happens to an attribute.
func (a *AttributeActions) Action(name string) attribute.Action {
	if action, ok := a.exceptions[name]; ok {
		return action
	}
	return a.byDefault
}

// SetIndexKeys gives the attributes of a key, such as
// [TableDescription.ProtectedIndexKeys], the action that a key can have:
// DO_NOTHING where that is the default, else SIGN_ONLY. An exception that says
// otherwise stays if a key can have it, and is an error if it would encrypt the
// key. After an error nothing is changed.
//
// Keys under DO_NOTHING exist in the format of the DynamoDB Encryption Client
// only; [NewClient] and [Open] refuse them.
func (a *AttributeActions) SetIndexKeys(names ...string) error {
	for _, name := range names {
		if a.exceptions[name] == attribute.EncryptAndSign {
			return fmt.Errorf("ddbe: attribute %q is a key and its action is %s: DynamoDB could not find its items; make it SIGN_ONLY", name, attribute.EncryptAndSign)
		}
	}
	for _, name := range names {
		if _, ok := a.exceptions[name]; !ok {
			a.exceptions[name] = keyAction(a.byDefault)
		}
	}
	return nil
}

func keyAction(byDefault attribute.Action) attribute.Action {
	if byDefault == attribute.DoNothing {
		return attribute.DoNothing
	}
	return attribute.SignOnly
}

// Configure makes the actions those of c.
func (a *AttributeActions) Configure(c *TableConfig) {
	c.DefaultAction = a.byDefault
	c.AttributeActionsOnEncrypt = maps.Clone(a.exceptions)
}

// defaultAction returns the default action for the item encryptor, to which
// DO_NOTHING is that there is none: what is allowed to be unsigned needs no
// action, and everything else is refused.
func (c *TableConfig) defaultAction() attribute.Action {
	if c.DefaultAction == attribute.DoNothing {
		return 0
	}
	return c.DefaultAction
}

// actions returns the action of every attribute that has one of its own. With a
// default action that includes the keys of the table. The result is a copy, which
// the caller of the library cannot change.
func (c *TableConfig) actions() (map[string]attribute.Action, error) {
	refuse := func(format string, args ...any) (map[string]attribute.Action, error) {
		return nil, &ConfigError{Table: c.LogicalTableName, Reason: fmt.Sprintf(format, args...)}
	}
	actions := maps.Clone(c.AttributeActionsOnEncrypt)
	if actions == nil {
		actions = map[string]attribute.Action{}
	}
	for _, key := range []string{c.PartitionKeyName, c.SortKeyName} {
		action, given := actions[key]
		if !given {
			action = keyAction(c.DefaultAction)
		}
		if key != "" && action == attribute.DoNothing {
			return refuse("the key %q is DO_NOTHING, which the format of the DynamoDB Encryption Client allows and this one does not: make it SIGN_ONLY", key)
		}
	}
	switch c.DefaultAction {
	case 0:
		return actions, nil
	case attribute.EncryptAndSign, attribute.SignOnly:
	case attribute.DoNothing:
		if len(c.AllowedUnsignedAttributes) == 0 && c.AllowedUnsignedAttributePrefix == nil {
			return refuse("its default action is DO_NOTHING and no attribute is allowed to be unsigned: allow those that are, by name or by prefix")
		}
	default:
		return refuse("its default action must be ENCRYPT_AND_SIGN, SIGN_ONLY, DO_NOTHING or none")
	}
	keys := keyAction(attribute.SignOnly)
	for _, action := range actions {
		if action == attribute.SignAndIncludeInEncryptionContext {
			keys = action
		}
	}
	for _, key := range []string{c.PartitionKeyName, c.SortKeyName} {
		if _, ok := actions[key]; !ok && key != "" && !c.isCompound(key) {
			actions[key] = keys
		}
	}
	return actions, nil
}

// isCompound reports whether name is a compound beacon, such as a signed beacon
// that is a key of the table.
func (c *TableConfig) isCompound(name string) bool {
	return c.Search != nil && slices.ContainsFunc(c.Search.Beacons.Compound, func(b beacon.Compound) bool { return b.Name == name })
}

// searchActions returns actions together with those of the attributes that
// beacons are made of and that have only the default action.
func (c *TableConfig) searchActions(actions map[string]attribute.Action) map[string]attribute.Action {
	byDefault := c.defaultAction()
	if byDefault == 0 {
		return actions
	}
	actions = maps.Clone(actions)
	for _, name := range c.Search.attributes() {
		_, given := actions[name]
		if !given && !c.isUnsigned(name) && !attribute.Reserved(name) {
			actions[name] = byDefault
		}
	}
	return actions
}

// attributes returns the attributes that the beacons are made of and that name
// the branch key. What is no location is left for the beacons to refuse.
func (s *SearchConfig) attributes() []string {
	virtual := map[string]bool{}
	for _, f := range s.Beacons.Virtual {
		virtual[f.Name] = true
	}
	var names []string
	add := func(location, name string) {
		if location == "" {
			location = name
		}
		loc, err := attribute.ParseLocation(location)
		if err == nil && !virtual[loc.Attribute] {
			names = append(names, loc.Attribute)
		}
	}
	for _, b := range s.Beacons.Standard {
		add(b.Location, b.Name)
	}
	for _, f := range s.Beacons.Virtual {
		for _, p := range f.Parts {
			add(p.Location, "")
		}
	}
	signed := slices.Clone(s.Beacons.SignedParts)
	for _, b := range s.Beacons.Compound {
		signed = append(signed, b.Signed...)
	}
	for _, p := range signed {
		if p.Location == "" {
			names = append(names, p.Name)
		} else {
			add(p.Location, "")
		}
	}
	if s.Beacons.KeyField != "" {
		names = append(names, s.Beacons.KeyField)
	}
	return names
}

// isUnsigned reports whether the attribute is allowed to be unsigned.
func (c *TableConfig) isUnsigned(name string) bool {
	p := c.AllowedUnsignedAttributePrefix
	return slices.Contains(c.AllowedUnsignedAttributes, name) || p != nil && *p != "" && strings.HasPrefix(name, *p)
}

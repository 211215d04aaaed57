package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// A rewriter turns conditions on plain text into conditions on what is stored:
// the stored name of a beacon in place of its name, and the beacon of a value in
// place of the value (specification: dynamodb-encryption-client/ddb-support,
// "QueryInputForBeacons"). What the server cannot evaluate on stored items is an
// error: left as it is, it would send plaintext and find nothing.
type rewriter struct {
	records   *records
	keys      *beacon.Keys // nil if nothing can be hashed
	partition int
	replaced  []replacement
}

// replacement is what a value of the request becomes. One name cannot become two
// things.
type replacement struct {
	name   string
	by     types.AttributeValue
	hasher *beacon.Beacon // that the value was hashed for, or nil
}

// rewrite returns c rewritten, and nil for nil. c is not changed.
func (w *rewriter) rewrite(c expression.Condition) (expression.Condition, error) {
	if c == nil {
		return nil, nil
	}
	c = expression.Clone(c)
	for predicate := range expression.Predicates(c) {
		if err := w.predicate(predicate); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// predicate changes c in place.
func (w *rewriter) predicate(c expression.Condition) error {
	switch c := c.(type) {
	case *expression.Comparison:
		return w.comparison(c)
	case *expression.Between:
		return w.between(c)
	case *expression.In:
		return w.in(c)
	case *expression.Function:
		return w.function(c)
	default:
		return fmt.Errorf("%T is no predicate", c) // unreachable: the interface is closed
	}
}

// operand is an operand of a condition in the light of the configuration.
type operand struct {
	value  *expression.Value // of an operand that is a value
	path   *expression.Path  // of one that is an attribute or a beacon
	beacon *beacon.Beacon    // that path names, or nil
}

// hidden reports whether the operand is a beacon that holds anything hashed.
// Signed beacons are attributes in clear.
func (o operand) hidden() bool { return o.beacon != nil && o.beacon.Encrypted() }

// operand returns o, or an error if it names what the server cannot compare.
func (r *records) operand(o expression.Operand) (operand, error) {
	switch o := o.(type) {
	case *expression.Value:
		return operand{value: o}, nil
	case *expression.Path:
		return r.path(o)
	case *expression.Function:
		if len(o.Arguments) != 1 {
			return operand{}, fmt.Errorf("the function %s takes one argument", o.Name)
		}
		argument, err := r.operand(o.Arguments[0])
		if err != nil {
			return operand{}, err
		}
		if argument.hidden() {
			return operand{}, fmt.Errorf("%s of %q would be that of its beacon: leave it out and test the result", o.Name, argument.beacon.Name())
		}
		return operand{}, nil
	default:
		return operand{}, fmt.Errorf("%T is no operand of a condition", o) // unreachable
	}
}

func (r *records) path(p *expression.Path) (operand, error) {
	name := p.Root()
	b, isBeacon := r.beacon(name)
	switch {
	case isBeacon && !p.Nested():
		return operand{path: p, beacon: b}, nil
	case isBeacon && b.Encrypted(), r.encrypts(name):
		return operand{}, r.unsearchable(p)
	case attribute.Reserved(name):
		return operand{}, fmt.Errorf("%q belongs to the record format: only attribute_exists and attribute_not_exists can be asked of it", name)
	case r.virtual[name]:
		return operand{}, fmt.Errorf("%q is a virtual field, which is not stored, and no beacon has its name: configure one", name)
	case r.isRemovedKeyField(name):
		return operand{}, fmt.Errorf("%q names the branch key of an item and is not stored with it: give it the action SIGN_ONLY, so that a query can ask for it", name)
	default:
		return operand{path: p}, nil
	}
}

// unsearchable returns the error for a path to an encrypted attribute that no
// beacon stands for.
func (r *records) unsearchable(p *expression.Path) error {
	if p.Nested() {
		return fmt.Errorf("%q is encrypted as a whole, and what lies in it cannot be searched: name a beacon on that location", p.Root())
	}
	return fmt.Errorf("%q is encrypted and cannot be searched without a beacon of that name", p.Root())
}

func (r *records) isRemovedKeyField(name string) bool {
	return r.beacons != nil && r.beacons.RemovesKeyField() && name == r.beacons.KeyField()
}

var beaconOperators = map[expression.Operator]beacon.Operator{
	expression.Equals:         beacon.Equal,
	expression.NotEquals:      beacon.NotEqual,
	expression.Less:           beacon.Less,
	expression.LessOrEqual:    beacon.LessOrEqual,
	expression.Greater:        beacon.Greater,
	expression.GreaterOrEqual: beacon.GreaterOrEqual,
}

// mirrored holds the operators that say something else with their operands
// exchanged.
var mirrored = map[beacon.Operator]beacon.Operator{
	beacon.Less:           beacon.Greater,
	beacon.LessOrEqual:    beacon.GreaterOrEqual,
	beacon.Greater:        beacon.Less,
	beacon.GreaterOrEqual: beacon.LessOrEqual,
}

func (w *rewriter) comparison(c *expression.Comparison) error {
	left, right, err := w.operands(c.Left, c.Right)
	if err != nil {
		return err
	}
	operator := beaconOperators[c.Operator]
	switch {
	case left.beacon != nil && right.value != nil:
		return w.query(left, operator, right.value)
	case right.beacon != nil && left.value != nil:
		if exchanged, ok := mirrored[operator]; ok {
			operator = exchanged
		}
		return w.query(right, operator, left.value)
	case left.hidden() || right.hidden():
		if c.Operator != expression.Equals {
			return incomparable(left, right)
		}
		return w.same(left, right)
	default:
		return w.plain(left, right)
	}
}

func (w *rewriter) operands(a, b expression.Operand) (left, right operand, err error) {
	if left, err = w.records.operand(a); err != nil {
		return left, right, err
	}
	right, err = w.records.operand(b)
	return left, right, err
}

func (w *rewriter) between(c *expression.Between) error {
	subject, err := w.records.operand(c.Operand)
	if err != nil {
		return err
	}
	low, high, err := w.operands(c.Low, c.High)
	if err != nil {
		return err
	}
	switch {
	case subject.beacon != nil && low.value != nil && high.value != nil:
		return w.queryBetween(subject, low.value, high.value)
	case subject.hidden(), low.hidden(), high.hidden():
		return errors.New("BETWEEN takes a beacon as its first operand only, and values as the others")
	default:
		return w.plain(subject, low, high)
	}
}

func (w *rewriter) in(c *expression.In) error {
	subject, err := w.records.operand(c.Operand)
	if err != nil {
		return err
	}
	for _, o := range c.List {
		element, err := w.records.operand(o)
		switch {
		case err != nil:
		case subject.beacon != nil && element.value != nil:
			err = w.query(subject, beacon.In, element.value)
		case subject.hidden() && element.hidden():
			err = w.same(subject, element)
		case subject.hidden(), element.hidden():
			err = errors.New("IN takes a beacon as its first operand, and values in the list")
		default:
			err = w.plain(subject, element)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *rewriter) function(c *expression.Function) error {
	switch c.Name {
	case "attribute_exists", "attribute_not_exists":
		return w.exists(c)
	case "contains":
		return w.contains(c)
	}
	left, right, err := w.operands(c.Arguments[0], c.Arguments[1])
	switch {
	case err != nil:
		return err
	case c.Name == "begins_with" && left.beacon != nil && right.value != nil:
		return w.query(left, beacon.BeginsWith, right.value)
	case left.hidden() || right.hidden():
		return fmt.Errorf("%s cannot be asked of a beacon in this way", c.Name)
	default:
		return w.plain(left, right)
	}
}

func (w *rewriter) contains(c *expression.Function) error {
	left, right, err := w.operands(c.Arguments[0], c.Arguments[1])
	switch {
	case err != nil:
		return err
	case left.beacon != nil && right.value != nil:
		return w.query(left, beacon.Contains, right.value)
	case left.value != nil && right.hidden():
		if right.beacon.AsSet() {
			return errors.New("contains looks for one element, and the beacon is a set of them: exchange the operands")
		}
		operator := beacon.Equal
		switch left.value.Value.(type) {
		case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
			operator = beacon.Contains
		}
		return w.query(right, operator, left.value)
	case left.hidden() && left.beacon == right.beacon:
		return incomparable(left, right)
	case left.hidden() && right.hidden() && !left.beacon.Compound() && !right.beacon.Compound():
		return w.rename(left, right)
	case left.hidden() || right.hidden():
		return incomparable(left, right)
	default:
		return w.plain(left, right)
	}
}

// exists leaves an encrypted attribute, which is there if and only if its
// ciphertext is, and puts the stored name of a beacon that is no attribute.
func (w *rewriter) exists(c *expression.Function) error {
	p, ok := c.Arguments[0].(*expression.Path)
	if !ok {
		return fmt.Errorf("%s takes an attribute", c.Name)
	}
	name := p.Root()
	b, isBeacon := w.records.beacon(name)
	switch {
	case w.records.beacons == nil && w.records.encrypts(name):
		return w.records.unsearchable(p)
	case p.Nested(), !isBeacon && !attribute.Reserved(name) && !w.records.encrypts(name):
		_, err := w.records.path(p)
		return err
	case !isBeacon, !b.Encrypted(), name == b.Attribute(), w.records.isAttribute(b):
		return nil
	case !b.Stored():
		return fmt.Errorf("the beacon %q is not stored by itself: ask for an attribute that it is made of", name)
	default:
		return w.rename(operand{path: p, beacon: b})
	}
}

// isAttribute reports whether an attribute of items has the name of b.
func (r *records) isAttribute(b *beacon.Beacon) bool {
	if _, ok := r.actions[b.Name()]; ok {
		return true
	}
	if b.Compound() || r.config.defaultAction() == 0 {
		return false
	}
	for _, source := range b.Sources() {
		if source == b.Name() {
			return true
		}
	}
	return false
}

// query replaces v by the beacon that o has where it is compared with v.
func (w *rewriter) query(o operand, operator beacon.Operator, v *expression.Value) error {
	plain, err := beaconValue(v.Value)
	if err != nil {
		return fmt.Errorf("value %s: %w", v.Name, err)
	}
	result, err := o.beacon.Query(operator, plain, w.keys, w.partition)
	if err != nil {
		return w.explain(err)
	}
	if err := w.rename(o); err != nil {
		return err
	}
	return w.replace(v, beaconAttribute(result), o)
}

func (w *rewriter) queryBetween(o operand, low, high *expression.Value) error {
	lowest, err := beaconValue(low.Value)
	if err != nil {
		return fmt.Errorf("value %s: %w", low.Name, err)
	}
	highest, err := beaconValue(high.Value)
	if err != nil {
		return fmt.Errorf("value %s: %w", high.Name, err)
	}
	from, to, err := o.beacon.Between(lowest, highest, w.keys, w.partition)
	if err != nil {
		return w.explain(err)
	}
	if err := w.rename(o); err != nil {
		return err
	}
	if err := w.replace(low, beaconAttribute(from), o); err != nil {
		return err
	}
	return w.replace(high, beaconAttribute(to), o)
}

// explain says what is missing where a beacon needed a key that the query does
// not name.
func (w *rewriter) explain(err error) error {
	if field := w.records.beacons.KeyField(); field != "" && errors.Is(err, beacon.ErrNoKey) {
		return fmt.Errorf("the query does not say whose items to look for: compare %q with a branch key id: %w", field, err)
	}
	return err
}

// same renames two operands whose beacons can be compared with each other.
func (w *rewriter) same(a, b operand) error {
	if !a.hidden() || !b.hidden() || a.beacon == b.beacon || !a.beacon.Comparable(b.beacon) {
		return incomparable(a, b)
	}
	return w.rename(a, b)
}

func incomparable(a, b operand) error {
	name := func(o operand) string {
		switch {
		case o.path != nil:
			return strconv.Quote(o.path.String())
		default:
			return "the other operand"
		}
	}
	if a.beacon != nil && a.beacon == b.beacon {
		return fmt.Errorf("%s and %s are one beacon, which cannot be compared with itself", name(a), name(b))
	}
	return fmt.Errorf("%s and %s cannot be compared on the server: only = between beacons of which one is shared with the other can", name(a), name(b))
}

// rename puts the stored names of beacons in place of their names. A stored name
// begins with aws_dbe_b_ and so is no reserved word; it gets an alias of its own
// where the grammar needs one, because the caller's may stand for the attribute,
// too.
func (w *rewriter) rename(operands ...operand) error {
	for _, o := range operands {
		if !o.hidden() {
			continue // a signed beacon is stored under its name
		}
		if !o.beacon.Stored() {
			return fmt.Errorf("beacon %q: %w", o.beacon.Name(), beacon.ErrPartOnly)
		}
		stored := o.beacon.Attribute()
		element := expression.Element{Name: stored}
		if !isWord(stored) {
			element.Alias = w.alias(o.beacon)
		}
		o.path.Elements = append(o.path.Elements[:0], element)
	}
	return nil
}

// alias returns a placeholder that is the same for the same beacon.
func (w *rewriter) alias(b *beacon.Beacon) string {
	for i, other := range w.records.beacons.Beacons() {
		if other == b {
			return "#aws_dbe_" + strconv.Itoa(i)
		}
	}
	return "" // unreachable: b is of the set
}

// isWord reports whether name consists of letters, digits and underscores.
func isWord(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// plain keeps the values among operands that are compared with nothing hashed.
func (w *rewriter) plain(operands ...operand) error {
	for _, o := range operands {
		if o.value != nil {
			if err := w.replace(o.value, o.value.Value, operand{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// replace puts by in place of v, which is compared with o. Beacons of different
// keys can be the same by chance; whether a query is taken must not depend on that.
func (w *rewriter) replace(v *expression.Value, by types.AttributeValue, o operand) error {
	now := replacement{name: v.Name, by: by}
	if o.hidden() {
		now.hasher = o.beacon
	}
	i := slices.IndexFunc(w.replaced, func(r replacement) bool { return r.name == v.Name })
	if i < 0 {
		w.replaced = append(w.replaced, now)
	} else {
		if earlier := w.replaced[i]; !expression.Equal(earlier.by, by) || !earlier.akin(now) && !expression.Equal(by, v.Value) {
			return fmt.Errorf("the value %s is used in two places that need different replacements: give it a second name for one of them", v.Name)
		}
		w.replaced[i] = now
	}
	v.Value = by
	return nil
}

func (r replacement) equal(other replacement) bool {
	return r.name == other.name && expression.Equal(r.by, other.by)
}

// akin reports whether r and other, if they are the same, are so for a reason.
func (r replacement) akin(other replacement) bool {
	return r.hasher == other.hasher || r.hasher != nil && other.hasher != nil && related(r.hasher, other.hasher)
}

// related reports whether a value that is the same for both beacons is so for a
// reason: standard beacons share a key, compound beacons may share their parts.
func related(a, b *beacon.Beacon) bool {
	return a.Comparable(b) || a.Compound() && b.Compound()
}

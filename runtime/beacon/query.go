package beacon

import (
	"fmt"
	"strings"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Operator is how an expression compares a beacon with a value.
type Operator uint8

// The operators. BETWEEN, which takes two values, is [Beacon.Between].
const (
	Equal Operator = iota + 1
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	In
	BeginsWith
	Contains
)

// String returns the operator as DynamoDB writes it.
func (o Operator) String() string {
	names := [...]string{"", "=", "<>", "<", "<=", ">", ">=", "IN", "begins_with", "contains"}
	if o == 0 || int(o) >= len(names) {
		return "unknown operator"
	}
	return names[o]
}

// Query returns what stands in an expression for the value v that b is compared
// with, where b stands in it by [Beacon.Attribute]. A standard beacon is a hash:
// it can be equal, nothing else, except that a set contains elements. A compound
// beacon also has an order as far as it is in clear, and a beginning
// (specification: dynamodb-encryption-client/ddb-support, "Queryable Beacon").
//
// partition is where the query looks, from 0 to MaxPartitions-1; see
// [Beacon.Partitions]. keys may be nil if nothing must be hashed.
func (b *Beacon) Query(op Operator, v Value, keys *Keys, partition int) (Result, error) {
	if err := b.checkQuery(partition); err != nil {
		return Result{}, err
	}
	result := Result{Attribute: b.attribute}
	var err error
	if b.compound != nil {
		result.Text, err = b.queryCompound(op, v, hashed(keys, partition))
	} else {
		err = b.queryStandard(&result, op, v, keys, partition)
	}
	if err != nil {
		return Result{}, fmt.Errorf("beacon %q: %w", b.name, err)
	}
	return result, nil
}

func (b *Beacon) queryStandard(result *Result, op Operator, v Value, keys *Keys, partition int) (err error) {
	scalar := v.Type == attribute.String || v.Type == attribute.Number || v.Type == attribute.Binary
	switch {
	case op != Equal && op != In && op != Contains:
		return fmt.Errorf("%w: a standard beacon has no %v, only =, IN, and contains for sets", ErrOperator, op)
	case b.asSet && !scalar, op == Contains && v.isSet():
		result.Set, err = b.hashElements(v, keys, partition)
	case op == Contains && !b.asSet:
		return fmt.Errorf("%w: contains looks for an element of a set, and this beacon has not the style AsSet", ErrOperator)
	default:
		result.Text, err = b.hashValue(v, keys, partition)
	}
	return err
}

func (b *Beacon) queryCompound(op Operator, v Value, hash hasher) (string, error) {
	pieces, err := b.parse(v)
	if err != nil {
		return "", err
	}
	keepBare := false
	switch op {
	case Equal, NotEqual, In:
	case Less, LessOrEqual, Greater, GreaterOrEqual:
		if !ordered(pieces) {
			return "", fmt.Errorf("%w: %v with %s", ErrRange, op, b.compound.sequence(pieces))
		}
		keepBare = true
	case BeginsWith, Contains:
		keepBare = true
	default:
		return "", fmt.Errorf("%w: %v", ErrOperator, op)
	}
	return b.compound.join(pieces, keepBare, hash)
}

// Between returns what stands in an expression for the limits of a range of
// compound beacons. What the limits do not share must be in clear, except for
// the bare prefix of an encrypted part at an end.
func (b *Beacon) Between(low, high Value, keys *Keys, partition int) (lowest, highest Result, err error) {
	if err := b.checkQuery(partition); err != nil {
		return Result{}, Result{}, err
	}
	if lowest, highest, err = b.between(low, high, hashed(keys, partition)); err != nil {
		return Result{}, Result{}, fmt.Errorf("beacon %q: %w", b.name, err)
	}
	return lowest, highest, nil
}

func (b *Beacon) between(low, high Value, hash hasher) (lowest, highest Result, err error) {
	if b.compound == nil {
		return lowest, highest, fmt.Errorf("%w: a standard beacon has no BETWEEN", ErrOperator)
	}
	lows, err := b.parse(low)
	if err != nil {
		return lowest, highest, err
	}
	highs, err := b.parse(high)
	if err != nil {
		return lowest, highest, err
	}
	common := 0
	for common < min(len(lows), len(highs)) && lows[common] == highs[common] {
		common++
	}
	if !ordered(lows[common:]) || !ordered(highs[common:]) {
		return lowest, highest, fmt.Errorf("%w: BETWEEN %s AND %s", ErrRange, b.compound.sequence(lows), b.compound.sequence(highs))
	}
	lowText, err := b.compound.join(lows, true, hash)
	if err != nil {
		return lowest, highest, err
	}
	highText, err := b.compound.join(highs, true, hash)
	if err != nil {
		return lowest, highest, err
	}
	return Result{Attribute: b.attribute, Text: lowText}, Result{Attribute: b.attribute, Text: highText}, nil
}

func (b *Beacon) checkQuery(partition int) error {
	if b.partOnly {
		return fmt.Errorf("beacon %q: %w", b.name, ErrPartOnly)
	}
	if err := b.set.checkPartition(partition); err != nil {
		return fmt.Errorf("beacon %q: %w", b.name, err)
	}
	return nil
}

func (b *Beacon) parse(v Value) ([]piece, error) {
	if v.Type != attribute.String {
		return nil, fmt.Errorf("%w: a compound beacon is compared with a string, and this is of type %v", ErrType, v.Type)
	}
	text, err := v.text()
	if err != nil {
		return nil, err
	}
	return b.compound.parse(text)
}

// Partitions returns in how many partitions items can be whose b has to do with
// v: one query finds those of one partition, from 0 to that number less one. It
// is at least 1 and at most MaxPartitions. What several beacons take together
// says [Set.Partitions].
func (b *Beacon) Partitions(v Value) (int, error) {
	if b.compound == nil {
		return b.partitions, nil
	}
	pieces, err := b.parse(v)
	if err != nil {
		return 0, fmt.Errorf("beacon %q: %w", b.name, err)
	}
	var counts []int
	for _, p := range pieces {
		if p.standard != nil {
			counts = append(counts, p.standard.partitions)
		}
	}
	return b.set.Partitions(counts...), nil
}

// Partitions returns how many queries, one for each partition from 0, find
// everything by beacons that take counts partitions each: their least common
// multiple, at most MaxPartitions; 1 for none.
func (s *Set) Partitions(counts ...int) int {
	common := 1
	for _, n := range counts {
		if common = lcm(common, n); common >= s.maxPartitions {
			return s.maxPartitions
		}
	}
	return common
}

func lcm(a, b int) int {
	gcd, rest := a, b
	for rest != 0 {
		gcd, rest = rest, gcd%rest
	}
	return a / gcd * b
}

// KeyID returns the branch key id in a value that b is compared with: the text
// of the one signed part that lies in the key field, if b has such a part and
// value has one piece of it.
func (b *Beacon) KeyID(value string) (id string, found bool) {
	if b.compound == nil || b.set.keyField == "" {
		return "", false
	}
	var keyPart *part
	for _, p := range b.compound.parts {
		if p.standard == nil && p.signed.loc.Attribute == b.set.keyField {
			if keyPart != nil {
				return "", false
			}
			keyPart = p
		}
	}
	if keyPart == nil {
		return "", false
	}
	for _, text := range strings.Split(value, b.compound.split) {
		if rest, is := strings.CutPrefix(text, keyPart.prefix); is {
			if found {
				return "", false
			}
			id, found = rest, true
		}
	}
	return id, found
}

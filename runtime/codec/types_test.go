package codec_test

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"
)

// Named types of every kind, without methods.
type (
	word   string
	flag   bool
	small  int8
	count  uint16
	ratio  float32
	blob   []byte
	words  []string
	moment time.Time
	pair   [2]string
	ages   map[word]small
)

// level has text methods over a number.
type level int

func (l level) MarshalText() ([]byte, error) {
	if l < 0 {
		return nil, errors.New("levels begin at 0")
	}
	return []byte("level " + strconv.Itoa(int(l))), nil
}

func (l *level) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimPrefix(string(text), "level "))
	*l = level(n)
	return err
}

// code has text methods over an array, as UUIDs do.
type code [2]byte

func (c code) MarshalText() ([]byte, error) { return c[:], nil }

func (c *code) UnmarshalText(text []byte) error {
	if copy(c[:], text) != len(c) {
		return errors.New("too short")
	}
	return nil
}

// sum has binary methods over a slice.
type sum []byte

func (s sum) MarshalBinary() ([]byte, error) { return append([]byte{byte(len(s))}, s...), nil }

func (s *sum) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || int(b[0]) != len(b)-1 {
		return errors.New("wrong length")
	}
	*s = append(sum{}, b[1:]...)
	return nil
}

// money writes and reads its own attribute value, a map.
type money struct{ cents int64 }

func (m money) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"cents": &types.AttributeValueMemberN{Value: strconv.FormatInt(m.cents, 10)},
	}}, nil
}

func (m *money) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	if _, ok := av.(*types.AttributeValueMemberNULL); ok {
		m.cents = -1
		return nil
	}
	fields, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return errors.New("not money")
	}
	n, ok := fields.Value["cents"].(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("no cents")
	}
	var err error
	m.cents, err = strconv.ParseInt(n.Value, 10, 64)
	return err
}

// shout writes and reads its own attribute value over a string.
type shout string

func (s *shout) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: string(*s) + "!"}, nil
}

func (s *shout) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		*s = shout(strings.TrimSuffix(av.Value, "!"))
		return nil
	case *types.AttributeValueMemberNULL:
		return nil
	}
	return errors.New("not a shout")
}

// noisy is a map key with a String method that says something else.
type noisy int

func (noisy) String() string { return "noise" }

type address struct {
	Street string            `dynamodbav:"street"`
	Lines  []string          `dynamodbav:"lines,omitempty,omitemptyelem"`
	Since  time.Time         `dynamodbav:"since"`
	Labels map[string]*int32 `dynamodbav:"labels,nullempty"`
}

type node struct {
	Name     string           `dynamodbav:"name,omitempty"`
	Children []node           `dynamodbav:"children,omitempty"`
	Next     *node            `dynamodbav:"next,omitempty"`
	ByName   map[string]*node `dynamodbav:"by_name,omitempty"`
}

// samples are values of types that cannot be drawn kind by kind.
var samples = map[reflect.Type][]any{
	reflect.TypeFor[time.Time](): {
		time.Time{},
		time.Unix(0, 0).UTC(), time.Unix(1700000000, 123456789).UTC(),
		time.Date(2024, 2, 29, 23, 59, 59, 1000, time.FixedZone("", -5*3600)),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
	},
	reflect.TypeFor[decimal.Decimal](): {
		decimal.Decimal{},
		decimal.NewFromInt(42), decimal.RequireFromString("-0.00000000000000000001"),
		decimal.RequireFromString("12345678901234567890123456789.5"),
	},
	reflect.TypeFor[netip.Addr](): {netip.Addr{}, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
	reflect.TypeFor[net.IP]():     {net.IP(nil), net.IP{}, net.IPv4(192, 0, 2, 1), net.IP{1, 2, 3}},
	reflect.TypeFor[url.URL]():    {url.URL{}, url.URL{Scheme: "https", Host: "example.com", Path: "/a b"}},
	reflect.TypeFor[money]():      {money{}, money{-250}},
}

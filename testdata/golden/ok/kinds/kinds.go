// Package kinds has a field of every kind.
package kinds

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"
)

// Kinds has a field of every kind.
//
//ddbe:table Kinds
type Kinds struct {
	ID ID `ddbe:"partition,sign"`

	Bool    bool    `ddbe:"encrypt,sign"`
	Int     int     `ddbe:"encrypt,sign"`
	Int8    int8    `ddbe:"encrypt,sign"`
	Int64   int64   `ddbe:"encrypt,sign"`
	Rune    rune    `ddbe:"encrypt,sign"`
	Uint    uint    `ddbe:"encrypt,sign"`
	Uint16  uint16  `ddbe:"encrypt,sign"`
	Byte    byte    `ddbe:"encrypt,sign"`
	Float32 float32 `ddbe:"encrypt,sign"`
	Float64 float64 `dynamodbav:",string" ddbe:"encrypt,sign"`
	Bytes   []byte  `ddbe:"encrypt,sign"`

	Count    Count         `ddbe:"encrypt,sign"`
	Level    Level         `ddbe:"encrypt,sign"`
	Blob     Blob          `ddbe:"encrypt,sign"`
	Duration time.Duration `ddbe:"encrypt,sign"`

	Time       time.Time       `ddbe:"encrypt,sign"`
	Unix       time.Time       `dynamodbav:"unix,unixtime" ddbe:"encrypt,sign"`
	Stamp      Stamp           `dynamodbav:",unixtime" ddbe:"encrypt,sign"`
	Price      decimal.Decimal `ddbe:"encrypt,sign"`
	Address    netip.Addr      `ddbe:"encrypt,sign"`
	Number     json.Number     `ddbe:"encrypt,sign"`
	NumberText json.Number     `dynamodbav:",string" ddbe:"encrypt,sign"`
	Measure    Measure         `ddbe:"encrypt,sign"`
	MeasureStr Measure         `dynamodbav:",string" ddbe:"encrypt,sign"`
	Measures   []Measure       `dynamodbav:",numberset" ddbe:"encrypt,sign"`
	Amount     Amount          `ddbe:"encrypt,sign"`
	Custom     Point           `ddbe:"encrypt,sign"`
	Color      Color           `ddbe:"encrypt,sign"`
	Token      Token           `ddbe:"encrypt,sign"`
	Labels     Labels          `ddbe:"encrypt,sign"`
	Digest     [4]byte         `ddbe:"encrypt,sign"`
	Any        any             `ddbe:"encrypt,sign"`

	Pointer    *string                 `dynamodbav:",omitempty" ddbe:"encrypt,sign"`
	TimeAt     *time.Time              `dynamodbav:",omitempty,unixtime" ddbe:"encrypt,sign"`
	PricePtr   *decimal.Decimal        `ddbe:"encrypt,sign"`
	Strings    []string                `ddbe:"encrypt,sign"`
	Set        []string                `dynamodbav:"set,stringset,omitempty" ddbe:"encrypt,sign"`
	Numbers    []int                   `dynamodbav:",numberset" ddbe:"encrypt,sign"`
	Binaries   [][]byte                `ddbe:"encrypt,sign"`
	Blobs      []Blob                  `dynamodbav:",binaryset" ddbe:"encrypt,sign"`
	Times      []time.Time             `ddbe:"encrypt,sign"`
	Stamps     []Stamp                 `ddbe:"encrypt,sign"`
	Tags       Tags                    `dynamodbav:",stringset,omitemptyelem" ddbe:"encrypt,sign"`
	Pairs      [2]string               `ddbe:"encrypt,sign"`
	Vector     Vector                  `ddbe:"encrypt,sign"`
	Map        map[string]int          `dynamodbav:",nullemptyelem" ddbe:"encrypt,sign"`
	ByLevel    map[Level]Tags          `ddbe:"encrypt,sign"`
	ByColor    map[Color]bool          `ddbe:"encrypt,sign"`
	ByCount    map[Count]*Point        `dynamodbav:",nullempty" ddbe:"encrypt,sign"`
	NumberList []attributevalue.Number `dynamodbav:",numberset" ddbe:"encrypt,sign"`
}

// The named types of the fields.
type (
	ID     string
	Count  uint32
	Level  string
	Blob   []byte
	Stamp  time.Time
	Tags   []string
	Vector [3]float64
	Labels map[string]string
	Token  []byte
)

// Point is stored by its own methods.
type Point struct{ X, Y int }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (p Point) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return attributevalue.Marshal([]int{p.X, p.Y})
}

// UnmarshalDynamoDBAttributeValue implements attributevalue.Unmarshaler.
func (p *Point) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	var xy []int
	if err := attributevalue.Unmarshal(av, &xy); err != nil || len(xy) != 2 {
		return err
	}
	p.X, p.Y = xy[0], xy[1]
	return nil
}

// Color is a number that is stored as a word.
type Color int

// MarshalText implements encoding.TextMarshaler.
func (c Color) MarshalText() ([]byte, error) { return json.Marshal(int(c)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Color) UnmarshalText(text []byte) error { return json.Unmarshal(text, (*int)(c)) }

// MarshalBinary implements encoding.BinaryMarshaler.
func (t Token) MarshalBinary() ([]byte, error) { return t, nil }

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (t *Token) UnmarshalBinary(b []byte) error {
	*t = append(Token(nil), b...)
	return nil
}

// Measure is a text that is stored as a number, by its methods.
type Measure string

// Float64 returns the number.
func (m Measure) Float64() (float64, error) { return strconv.ParseFloat(string(m), 64) }

// Int64 returns the number.
func (m Measure) Int64() (int64, error) { return strconv.ParseInt(string(m), 10, 64) }

// String returns the text.
func (m Measure) String() string { return string(m) }

// Amount has the methods of a number too, and is stored by those for text, which
// come first.
type Amount string

// Float64 returns the number without its currency.
func (a Amount) Float64() (float64, error) { return strconv.ParseFloat(string(a), 64) }

// Int64 returns the number without its currency.
func (a Amount) Int64() (int64, error) { return strconv.ParseInt(string(a), 10, 64) }

// String returns the amount without its currency.
func (a Amount) String() string { return string(a) }

// MarshalText implements encoding.TextMarshaler.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a + " EUR"), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Amount) UnmarshalText(text []byte) error {
	*a = Amount(strings.TrimSuffix(string(text), " EUR"))
	return nil
}

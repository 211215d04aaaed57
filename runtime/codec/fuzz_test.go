package codec_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

// seeds are items in DynamoDB's JSON, each close to some branch of a codec.
var seeds = []string{
	`{}`,
	`{"id":{"S":"1"},"owner_id":{"S":"o"},"author":{"S":"a"},"note":{"NULL":true},"copies":{"N":"255"},"price":{"S":"12.50"},"weight":{"S":"0.1"},"level":{"S":"level 3"},"paid":{"BOOL":true}}`,
	`{"scan":{"B":"AAEC"},"digest":{"B":"AAECAw=="},"tags":{"SS":["a","b"]},"steps":{"NS":["1","-2"]},"scans":{"BS":["AA==","AQ=="]}}`,
	`{"made":{"S":"2024-02-29T23:59:59.5+01:00"},"seen":{"N":"1700000000"},"address":{"M":{"street":{"S":"s"},"lines":{"L":[{"S":"x"}]},"labels":{"M":{"k":{"N":"7"}}}}}}`,
	`{"previous":{"L":[{"NULL":true},{"M":{"since":{"N":"0"}}}]},"labels":{"M":{"k":{"S":"v"}}},"tree":{"M":{"children":{"L":[{"M":{"next":{"M":{"by_name":{"M":{"n":{"M":{}}}}}}}}]}}}}`,
	`{"extra":{"M":{"l":{"L":[{"N":"1.5"},{"NULL":true},{"SS":["s"]}]}}},"unknown":{"S":"ignored"}}`,
	`{"copies":{"N":"256"},"weight":{"N":"NaN"},"digest":{"L":[{"N":"1"}]}}`,
}

// FuzzDecode: decoding never panics, fails with an *Error only, and what it
// accepts is written in one way only.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		if _, err := attributevalue.UnmarshalMapJSON([]byte(seed)); err != nil {
			f.Fatalf("seed %s: %v", seed, err)
		}
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		item, err := attributevalue.UnmarshalMapJSON(text)
		if err != nil {
			return
		}
		var first, second order
		if err := orderFields.Decode(item, &first); err != nil {
			var e *codec.Error
			if !errors.As(err, &e) || e.Attribute == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		written, err := orderFields.Encode(&first)
		if errors.Is(err, codec.ErrOverflow) || errors.Is(err, codec.ErrKey) || errors.Is(err, codec.ErrElement) {
			return // a number of seconds that is no date; an empty key; NULL in what is now a set
		}
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := orderFields.Decode(written, &second); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		again, err := orderFields.Encode(&second)
		if err != nil || !reflect.DeepEqual(written, again) {
			t.Fatalf("%v, and then %v: %v", written, again, err)
		}
	})
}

package codec_test

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

func Example() {
	type visit struct {
		ID   string
		Made time.Time
		Tags []string
	}
	fields := codec.Fields[visit]{
		codec.NewField("id", codec.String[string](), func(v *visit) *string { return &v.ID }),
		codec.NewField("made", codec.UnixTime(), func(v *visit) *time.Time { return &v.Made }),
		codec.NewField("tags", codec.StringSet(codec.String[string]()), func(v *visit) *[]string { return &v.Tags }, codec.OmitEmpty),
	}

	item, err := fields.Encode(&visit{ID: "7", Made: time.Unix(1700000000, 0), Tags: []string{"north"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if made, ok := item["made"].(*types.AttributeValueMemberN); ok {
		fmt.Println("N", made.Value)
	}

	var v visit
	item["made"] = item["tags"]
	fmt.Println(fields.Decode(item, &v))
	// Output:
	// N 1700000000
	// decode attribute "made" of type SS into Go type time.Time: the Go type is not read from this attribute type; correct the field's type or its tag
}

func ExampleRecursive() {
	type folder struct {
		Name    string
		Folders []folder
	}
	folders := codec.Recursive(func(self codec.Codec[folder]) codec.Codec[folder] {
		return codec.Struct(
			codec.NewField("name", codec.String[string](), func(f *folder) *string { return &f.Name }),
			codec.NewField("folders", codec.Slice(self), func(f *folder) *[]folder { return &f.Folders }, codec.OmitEmpty),
		)
	})
	root := codec.NewField("root", folders, func(f *folder) *folder { return f })

	av, err := root.Encode(&folder{Name: "a", Folders: []folder{{Name: "b"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var back folder
	fmt.Println(root.Decode(av, &back), back)
	// Output:
	// <nil> {a [{b []}]}
}

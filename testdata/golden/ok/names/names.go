// Package names has the names that a generated file would like for itself.
package names

import (
	ddbe "net/url"
	types "time"
)

// What the generated file imports under other names, because the package has
// these.
const (
	beacon = "beacon"
	codec  = beacon
	crypto = codec
)

// Context is a struct with awkward names.
//
//ddbe:table context
//ddbe:index range-index partition=Range
type Context struct {
	Context string       `ddbe:"partition,sign"`
	Ctx     string       `ddbe:"sort,sign"`
	Range   string       `ddbe:"sign"`
	R       string       `ddbe:"sign"`
	URL     *ddbe.URL    `ddbe:"encrypt,sign"`
	At      types.Time   `ddbe:"sign"`
	IDs     []types.Time `ddbe:"sign"`
	String  string       `ddbe:"sign"`
}

var _ = crypto

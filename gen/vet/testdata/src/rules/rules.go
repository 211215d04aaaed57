// Package rules has what the generator refuses.
package rules

// Customer has a mistake in most of its fields.
//
//ddbe:table customers
//ddbe:beacon Email length=10
//ddbe:beacn Phone length=10 // want `unknown directive "beacn"; did you mean "beacon"\? \[unknown-directive\]`
type Customer struct {
	ID     string `ddbe:"partition,encrypt,sign"`     // want `partition key ID cannot be encrypted: DynamoDB must read it \[key-encrypted\]\n\twrite .ddbe:"partition,sign"`
	Email  string `json:"email" ddbe:"encrypt"`       // want `what is encrypted is also signed, and the tag says so \[encrypt-alone\]`
	Phone  string `ddbe:"encrypt,sgin"`               // want `unknown option "sgin"; did you mean "sign"\? \[unknown-option\]`
	Region string `ddbe:"context,sign"`               // want `the options are not in their order \[option-order\]`
	Notes  string "ddbe:\"sign,encrypt\""             // want `the options are not in their order \[option-order\]`
	When   int64  `dynamodbav:",unixtme" ddbe:"sign"` // want `unknown dynamodbav option "unixtme", which would be ignored \[dynamodbav-option\]`
	cache  int    // want `field cache of ddbe table Customer has no ddbe tag \[untagged-field\]\n\tadd .ddbe:"-"`
	Draft  int    `json:"draft" dynamodbav:"-"` // want `untagged-field`
	City   string // want `untagged-field`
}

// Address is not a table.
//
// ddbe:table addresses // want `this is a plain comment and not a directive \[stray-directive\]`
type Address struct {
	Zip string `ddbe:"encrypt,sign"` // want `this ddbe tag has no effect`
}

// Order is right, and nothing has been generated for it.
type Order struct{ ID string }

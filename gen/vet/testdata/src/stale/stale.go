// Package stale has directives that the generated file does not know of.
package stale

// Order had no beacon when its repository was generated.
//
//ddbe:table orders
//ddbe:beacon Email length=10
type Order struct { // want `ddbe_gen.go is not what the tags and directives of the package say \[stale\]`
	ID    string `ddbe:"partition,sign"`
	Email string `ddbe:"encrypt,sign"`
}

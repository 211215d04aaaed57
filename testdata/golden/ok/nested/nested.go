// Package nested has structs inside structs.
package nested

import (
	"net/url"
	"time"
)

// Order holds other structs.
//
//ddbe:table Orders
type Order struct {
	ID       string             `ddbe:"partition,sign"`
	Buyer    Person             `ddbe:"encrypt,sign"`
	Seller   *Person            `ddbe:"encrypt,sign"`
	Lines    []Line             `ddbe:"encrypt,sign"`
	ByName   map[string]*Person `ddbe:"encrypt,sign"`
	Category Tree               `ddbe:"encrypt,sign"`
	Left     Even               `ddbe:"encrypt,sign"`
	Pair     Pair[string, int]  `ddbe:"encrypt,sign"`
	Place    struct {
		Lat, Long float64
	} `ddbe:"encrypt,sign"`
	Query url.Values `ddbe:"encrypt,sign"`
}

// Person is part of an order.
type Person struct {
	Name string `dynamodbav:"name"`
	Contact
	*Audit
	secret string
	Cache  map[string]chan int `dynamodbav:"-"`
}

// Contact is embedded.
type Contact struct {
	Email string   `dynamodbav:"email,omitempty"`
	Phone []string `dynamodbav:"phones,stringset"`
	Name  string   `dynamodbav:"-"` // Person has its own
}

// Audit is embedded by pointer.
type Audit struct {
	Created time.Time `dynamodbav:"created,unixtime"`
	Stamps  Stamps
}

// Stamps is a list of times.
type Stamps []time.Time

// Line is a line of an order.
type Line struct {
	SKU    string
	Amount uint
	Of     []Line
}

// Tree contains itself.
type Tree struct {
	Name     string
	Children map[string]*Tree
}

// Even and Odd contain each other.
type Even struct{ Next *Odd }

// Odd and Even contain each other.
type Odd struct{ Next *Even }

// Pair is generic.
type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

// Reveal keeps secret in use.
func (p Person) Reveal() string { return p.secret }

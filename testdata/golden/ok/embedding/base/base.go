// Package base has structs that table structs of other packages embed.
package base

import "time"

// Audit says who made an item and when.
//
//ddbe:embedded
type Audit struct {
	Created time.Time `dynamodbav:"created" ddbe:"sign"`
	By      *string   `dynamodbav:"by,omitempty" ddbe:"encrypt,sign"`
	*Review
}

// Review is embedded in what is embedded.
//
//ddbe:embedded
type Review struct {
	Note  string `dynamodbav:"note" ddbe:"encrypt,sign"`
	Grade Grade  `dynamodbav:"grade,omitempty" ddbe:"sign"`
	Calls int    `dynamodbav:"-" ddbe:"-"`
}

// Versioned is for embedding with a type argument.
//
//ddbe:embedded
type Versioned[T any] struct {
	Version  T   `dynamodbav:"version" ddbe:"sign"`
	Previous []T `dynamodbav:"previous,omitempty" ddbe:"encrypt,sign"`
}

// Grade is a number.
type Grade int

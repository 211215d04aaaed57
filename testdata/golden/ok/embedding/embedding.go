// Package embedding has a struct that embeds others by pointer, from another
// package and with type arguments.
package embedding

import "github.com/ddbegen/ddbegen/testdata/golden/ok/embedding/base"

// Report embeds structs of every sort.
//
//ddbe:table Reports
//ddbe:beacon note length=16
//ddbe:index note-index partition=note
//ddbe:index grade-index partition=status sort=grade
type Report struct {
	Key
	*base.Audit
	*Draft
	base.Versioned[Edition]
	Status `dynamodbav:"status" ddbe:"sign"`
	Mark   `ddbe:"sign"`
	Source *Source `ddbe:"encrypt,sign"`
}

// Key is the primary key.
type Key struct {
	ID string `dynamodbav:"id" ddbe:"partition,sign"`
}

// Draft is embedded by pointer, twice as deep as Text.
type Draft struct {
	ID    string `dynamodbav:"draft" ddbe:"sign"`
	Lines []Line `dynamodbav:"lines,omitempty" ddbe:"encrypt,sign"`
	*Text
}

// Text is embedded by pointer in what is embedded by pointer.
type Text struct {
	Body    string            `dynamodbav:"body,omitempty" ddbe:"encrypt,sign"`
	Phrases map[string]string `dynamodbav:"phrases" ddbe:"encrypt,sign"`
}

// Edition is a type argument.
type Edition struct{ Year, Number int }

// Status is embedded and no struct, so that it is an attribute.
type Status string

// Mark is one without a name in a tag.
type Mark int

// Line is part of a draft.
type Line struct {
	Text  string
	Notes []*Line `dynamodbav:"notes,omitempty"`
}

// Source embeds inside an attribute, where nothing has ddbe tags.
type Source struct {
	Name string
	*Place
	base.Grade
}

// Place is embedded by pointer in a source.
type Place struct {
	City string `dynamodbav:"city,omitempty"`
	*Spot
}

// Spot is embedded by pointer in a place.
type Spot struct {
	Lat  float64 `dynamodbav:"lat"`
	Long float64 `dynamodbav:"long"`
}

// Package embedded has structs that embed others, and indexes on what is inside.
package embedded

// Document embeds two structs, one of them twice as deep.
//
//ddbe:table Documents
//ddbe:beacon Title length=20
//ddbe:beacon city length=20 loc=Author.home.city
//ddbe:compound place split=/ encrypted=city:C- signed=Folder:F-
//ddbe:index title-index partition=Title
//ddbe:index place-index partition=place
//ddbe:index changed-index partition=Folder sort=changed local
type Document struct {
	Keys
	stamps
	Title  string  `ddbe:"encrypt,sign"`
	Author *Person `ddbe:"encrypt,sign,beacon=city,beacon=place"`
	Text   `dynamodbav:"text" ddbe:"encrypt,sign"`
	*Cache `ddbe:"-"`
}

// Keys is the primary key of a document.
type Keys struct {
	Folder string `ddbe:"partition,sign,beacon=place"`
	ID     int    `ddbe:"sort,sign"`
}

type stamps struct {
	Audit
	Changed int64 `dynamodbav:"changed" ddbe:"sign"`
	scratch int   `ddbe:"-"`
}

// Audit says who made a document.
type Audit struct {
	By string `dynamodbav:"by" ddbe:"encrypt,sign"`
}

// Text is an attribute, since it has a name.
type Text struct{ Body string }

// Cache is left out.
type Cache struct{ Hits int }

// Person lives somewhere.
type Person struct {
	Name string
	Home *Home `dynamodbav:"home"`
}

// Home is where a person lives.
type Home struct {
	City string `dynamodbav:"city"`
}

var _ = stamps{}.scratch

// Package redacted has structs that print themselves, and some that do not.
package redacted

import "time"

// Letter has a field with the name of a method, and embeds a type with one.
//
//ddbe:table Letters
type Letter struct {
	ID        string `ddbe:"partition,sign"`
	Format    string `ddbe:"sign"`
	Body      string `ddbe:"encrypt,sign"`
	time.Time `dynamodbav:"sent" ddbe:"sign"`
}

// Parcel says itself how it is printed.
//
//ddbe:table Parcels
type Parcel struct {
	ID   string `ddbe:"partition,sign"`
	Body string `ddbe:"encrypt,sign"`
}

func (p Parcel) String() string { return "parcel " + p.ID }

// Card has nothing to hide.
//
//ddbe:table Cards
type Card struct {
	ID   string `ddbe:"partition,sign"`
	Text string `ddbe:"sign"`
}

// Folder has no attribute that is encrypted, and holds structs that have.
//
//ddbe:table Folders
type Folder struct {
	ID     string             `ddbe:"partition,sign"`
	Drafts draft              `ddbe:"sign"`
	Others []Folder           `ddbe:"-"`
	Last   map[string]*Letter `ddbe:"-"`
	read   [1]read            `ddbe:"-"`
	Cards  []Card             `ddbe:"-"`
	shelf
}

type draft struct{ Parcels []Parcel }

type read struct{ parcel Parcel }

type shelf struct {
	Name  string          `ddbe:"sign"`
	Boxes []stack[Parcel] `ddbe:"-"`
}

type stack[T any] struct{ Top *T }

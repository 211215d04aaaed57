package tag

// A Directive is one line above a struct that begins with //ddbe:. The types
// that implement it are the directives there are; docs/tags.md is their
// grammar.
type Directive interface{ Where() *Line }

// Line is what every directive has.
type Line struct {
	Verb Word
	Span Span // of the whole line
	// Broken says that problems were reported: the rest may be incomplete.
	Broken bool
}

// Where returns the line itself.
func (l *Line) Where() *Line { return l }

// Table is //ddbe:table NAME: the struct is stored in the table with this
// logical name.
type Table struct {
	Line
	Name     Word
	Physical Word // physical name
	Suite    Word // algorithm suite
	TTL      Word // the attribute by which items expire
}

// Discriminator is //ddbe:discriminator ATTRIBUTE=VALUE: how items of the
// struct are told from those of others in the same table.
type Discriminator struct {
	Line
	Attribute, Value Word
}

// Embedded is //ddbe:embedded: table structs of other packages embed the struct.
type Embedded struct{ Line }

// Unsigned is //ddbe:unsigned: what may be in an item unsigned besides the
// fields whose action is none.
type Unsigned struct {
	Line
	Names  []Word
	Prefix Word
}

// Tenant is //ddbe:tenant ATTRIBUTE: the attribute that names the branch key of
// an item.
type Tenant struct {
	Line
	Attribute Word
}

// Partitions is //ddbe:partitions: over how many partitions beacons spread.
type Partitions struct {
	Line
	Max, Default Number
}

// Beacon is //ddbe:beacon NAME: a standard beacon.
type Beacon struct {
	Line
	Name       Word
	Length     Number
	Location   Word
	Style      Style
	Partitions Number
}

// Style is the value of style=: its name, and the beacon that it shares with.
type Style struct{ Name, Other Word }

// Parts is //ddbe:parts: the parts that every compound beacon may use.
type Parts struct {
	Line
	Encrypted, Signed []Part
}

// Compound is //ddbe:compound NAME: a compound beacon, or a signed one where no
// part is encrypted.
type Compound struct {
	Line
	Name              Word
	Split             Word
	Encrypted, Signed []Part
}

// Part is NAME:PREFIX or NAME@LOCATION:PREFIX.
type Part struct{ Name, Location, Prefix Word }

// Constructor is //ddbe:constructor COMPOUND = PART + PART?: one way to make a
// compound beacon.
type Constructor struct {
	Line
	Compound Word
	Parts    []ConstructorPart
}

// ConstructorPart is NAME, or NAME? for a part that may be missing.
type ConstructorPart struct {
	Name     Word
	Optional bool
}

// Virtual is //ddbe:virtual NAME = PART + PART: a virtual field.
type Virtual struct {
	Line
	Name  Word
	Parts []VirtualPart
}

// VirtualPart is a location, and the transforms of its text from the innermost
// to the outermost.
type VirtualPart struct {
	Location   Word
	Transforms []Transform
}

// Transform is one transform with its arguments after the first.
type Transform struct {
	Name      Word
	Texts     []Word   // arguments that are text
	Positions []Number // arguments that are whole numbers
}

// Index is //ddbe:index NAME: a secondary index that the repository queries.
type Index struct {
	Line
	Name            Word
	Partition, Sort Word
	Local           Word
	Projection      Word
	Include         []Word // the attributes of projection=include(…)
}

// PrimaryKey is //ddbe:key: a primary key that is a signed beacon.
type PrimaryKey struct {
	Line
	Partition, Sort Word
}

// Number is a whole number; its Word is as it was written.
type Number struct {
	Word
	Value int
}

package export

import "slices"

// A node is an expression in the source code of a client. All clients are made
// from one model, so that they differ in spelling alone.
type node any

// A structure is a value of a type of the model.
type structure struct {
	name    string
	members []member
}

// A union is a value of a type of the model that has exactly one member.
type union struct {
	name   string
	member member
}

type member struct {
	name  string
	value node
}

// A list is a list of values of one type.
type list struct {
	of    string
	items []node
}

type (
	text      string
	number    int
	boolean   bool
	parameter string // of the function that the expression is in
	enum      struct{ name, value string }
	// dictionary maps attributes to values of an enum.
	dictionary struct {
		of     string
		keys   []string
		values map[string]string
	}
)

// with adds a member unless it is empty.
func (s *structure) with(name string, value node) {
	switch v := value.(type) {
	case nil:
		return
	case text:
		if v == "" {
			return
		}
	case number:
		if v == 0 {
			return
		}
	case list:
		if len(v.items) == 0 {
			return
		}
	}
	s.members = append(s.members, member{name, value})
}

// build makes a structure of pairs of names and values.
func build(name string, pairs ...any) structure {
	s := structure{name: name}
	for pair := range slices.Chunk(pairs, 2) {
		s.with(pair[0].(string), pair[1])
	}
	return s
}

func listOf[T any](of string, items []T, write func(T) node) list {
	l := list{of: of}
	for _, i := range items {
		l.items = append(l.items, write(i))
	}
	return l
}

// tree returns DynamoDbTableEncryptionConfig of a table.
func (t Table) tree() structure {
	var names []string
	for name := range t.AttributeActions {
		names = append(names, name)
	}
	slices.Sort(names)
	s := build("DynamoDbTableEncryptionConfig",
		"logicalTableName", text(t.LogicalTableName),
		"partitionKeyName", text(t.PartitionKeyName),
		"sortKeyName", text(t.SortKeyName),
		"algorithmSuiteId", enum{"DBEAlgorithmSuiteId", t.AlgorithmSuiteID},
		"keyring", parameter("keyring"),
		"attributeActionsOnEncrypt", dictionary{"CryptoAction", names, t.AttributeActions},
		"allowedUnsignedAttributes", listOf("String", t.AllowedUnsigned, func(name string) node { return text(name) }),
		"allowedUnsignedAttributePrefix", text(t.AllowedUnsignedPrefix),
	)
	if t.Search != nil {
		s.with("search", build("SearchConfig",
			"writeVersion", number(t.Search.Version),
			"versions", list{"BeaconVersion", []node{t.Search.tree()}},
		))
	}
	return s
}

func (s *Search) tree() structure {
	source := union{"BeaconKeySource", member{"single", build("SingleKeyStore", "keyId", parameter("branchKeyId"), "cacheTTL", parameter("cacheTTL"))}}
	if s.KeyFieldName != "" {
		source.member = member{"multi", build("MultiKeyStore", "keyFieldName", text(s.KeyFieldName), "cacheTTL", parameter("cacheTTL"))}
	}
	return build("BeaconVersion",
		"version", number(s.Version),
		"keyStore", parameter("keyStore"),
		"keySource", source,
		"standardBeacons", listOf("StandardBeacon", s.StandardBeacons, StandardBeacon.tree),
		"compoundBeacons", listOf("CompoundBeacon", s.CompoundBeacons, CompoundBeacon.tree),
		"virtualFields", listOf("VirtualField", s.VirtualFields, VirtualField.tree),
		"encryptedParts", listOf("EncryptedPart", s.EncryptedParts, EncryptedPart.tree),
		"signedParts", listOf("SignedPart", s.SignedParts, SignedPart.tree),
		"maximumNumberOfPartitions", number(s.MaximumNumberOfPartitions),
		"defaultNumberOfPartitions", number(s.DefaultNumberOfPartitions),
	)
}

func (b StandardBeacon) tree() node {
	s := build("StandardBeacon", "name", text(b.Name), "length", number(b.Length), "loc", text(b.Loc))
	if b.Style != nil {
		s.with("style", b.Style.tree())
	}
	s.with("numberOfPartitions", number(b.NumberOfPartitions))
	return s
}

func (s *BeaconStyle) tree() node {
	style := func(name string, value structure) node { return union{"BeaconStyle", member{name, value}} }
	switch {
	case s.PartOnly != nil:
		return style("partOnly", build("PartOnly"))
	case s.AsSet != nil:
		return style("asSet", build("AsSet"))
	case s.Shared != nil:
		return style("shared", build("Shared", "other", text(s.Shared.Other)))
	default:
		return style("sharedSet", build("SharedSet", "other", text(s.SharedSet.Other)))
	}
}

func (c CompoundBeacon) tree() node {
	return build("CompoundBeacon",
		"name", text(c.Name),
		"split", text(c.Split),
		"encrypted", listOf("EncryptedPart", c.Encrypted, EncryptedPart.tree),
		"signed", listOf("SignedPart", c.Signed, SignedPart.tree),
		"constructors", listOf("Constructor", c.Constructors, func(c Constructor) node {
			return build("Constructor", "parts", listOf("ConstructorPart", c.Parts, func(p ConstructorPart) node {
				return build("ConstructorPart", "name", text(p.Name), "required", boolean(p.Required))
			}))
		}),
	)
}

func (p EncryptedPart) tree() node {
	return build("EncryptedPart", "name", text(p.Name), "prefix", text(p.Prefix))
}

func (p SignedPart) tree() node {
	return build("SignedPart", "name", text(p.Name), "prefix", text(p.Prefix), "loc", text(p.Loc))
}

func (v VirtualField) tree() node {
	return build("VirtualField", "name", text(v.Name), "parts", listOf("VirtualPart", v.Parts, func(p VirtualPart) node {
		return build("VirtualPart", "loc", text(p.Loc), "trans", listOf("VirtualTransform", p.Trans, Transform.tree))
	}))
}

func (t Transform) tree() node {
	// Arguments are never left out: a position may be 0 and a literal empty.
	call := func(which, name string, arguments ...member) node {
		return union{"VirtualTransform", member{which, structure{name, arguments}}}
	}
	switch {
	case t.Upper != nil:
		return call("upper", "Upper")
	case t.Lower != nil:
		return call("lower", "Lower")
	case t.Insert != nil:
		return call("insert", "Insert", member{"literal", text(t.Insert.Literal)})
	case t.Prefix != nil:
		return call("prefix", "GetPrefix", member{"length", number(t.Prefix.Length)})
	case t.Suffix != nil:
		return call("suffix", "GetSuffix", member{"length", number(t.Suffix.Length)})
	case t.Substring != nil:
		return call("substring", "GetSubstring", member{"low", number(t.Substring.Low)}, member{"high", number(t.Substring.High)})
	case t.Segment != nil:
		return call("segment", "GetSegment", member{"split", text(t.Segment.Split)}, member{"index", number(t.Segment.Index)})
	default:
		return call("segments", "GetSegments", member{"split", text(t.Segments.Split)}, member{"low", number(t.Segments.Low)}, member{"high", number(t.Segments.High)})
	}
}

// types returns the names of all types of the model in a tree, sorted.
func types(n node) []string {
	all := map[string]bool{}
	var visit func(node)
	visit = func(n node) {
		switch n := n.(type) {
		case structure:
			all[n.name] = true
			for _, m := range n.members {
				visit(m.value)
			}
		case union:
			all[n.name] = true
			visit(n.member.value)
		case list:
			for _, i := range n.items {
				visit(i)
			}
		}
	}
	visit(n)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

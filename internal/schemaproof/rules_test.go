package schemaproof_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/internal/schematest"
)

// beaconRules are the rules of runtime/beacon, each with tags that break it and
// the code with which the generator refuses them.
var beaconRules = map[string]struct{ source, code string }{
	"ErrMaxPartitions":     {"partitions max=255; " + search, "beacon-partitions"},
	"ErrDefaultPartitions": {"partitions max=4 default=4; " + search, "beacon-partitions"},

	"ErrDuplicateName":  {"beacon A length=12; " + search, "duplicate-beacon"},
	"ErrNameConfigured": {"virtual B = A + A; B string sign; A string sign", "beacon-name"},
	"ErrNameUnsigned":   {"unsigned X; beacon X length=16 loc=A; A string encrypt,sign,beacon=X", "beacon-name"},
	"ErrNameReserved":   {"beacon aws_dbe_x length=16 loc=A; A string encrypt,sign,beacon=aws_dbe_x", "reserved-name"},
	"ErrName":           {`beacon "\xff" length=16 loc=A; A string encrypt,sign`, "beacon-name"},
	"ErrLocation":       {"beacon X length=16 loc=A[10]; A []string encrypt,sign,beacon=X", "beacon-location"},

	"ErrVirtualEmpty":     {"virtual V =; " + search, "directive-syntax"},
	"ErrVirtualUnsigned":  {"virtual V = A + B; beacon V length=16; A string encrypt,sign,beacon=V; B string none", "virtual-source"},
	"ErrVirtualDuplicate": {"virtual V = A + B; virtual W = B + A; beacon V length=16; A string encrypt,sign,beacon=V; B string encrypt,sign,beacon=V", "virtual-duplicate"},
	"ErrTransform":        {`virtual V = segment(A,"..",0) + A; beacon V length=16; A string encrypt,sign,beacon=V`, "transform"},

	"ErrNoStandardBeacon":  {"compound K split=. signed=A:A-; A string sign,beacon=K", "beacon-missing"},
	"ErrLength":            {strings.Replace(search, "16", "64", 1), "beacon-length"},
	"ErrPartitions":        {"partitions max=4; " + strings.Replace(search, "16", "16 partitions=4", 1), "beacon-partitions"},
	"ErrNotEncrypted":      {"beacon A length=16; A string sign", "beacon-source"},
	"ErrBelowVirtual":      {"virtual V = A + B; beacon X length=16 loc=V.x; A string encrypt,sign; B string encrypt,sign", "beacon-location"},
	"ErrSetOfVirtual":      {"virtual V = A + B; beacon V length=16 style=asSet; A string encrypt,sign,beacon=V; B string encrypt,sign,beacon=V", "beacon-style"},
	"ErrLocationTaken":     {"beacon X length=16 loc=A; " + search, "beacon-location"},
	"ErrLocationOfVirtual": {"virtual V = upper(A); beacon V length=16; " + search, "beacon-location"},

	"ErrSharedUnknown":  {"beacon A length=16 style=shared(B); A string encrypt,sign", "beacon-style"},
	"ErrSharedSelf":     {"beacon A length=16 style=shared(A); A string encrypt,sign", "beacon-style"},
	"ErrSharedChain":    {"beacon A length=16; beacon B length=16 style=shared(A); beacon C length=16 style=shared(B); A string encrypt,sign; B string encrypt,sign; C string encrypt,sign", "beacon-style"},
	"ErrSharedLength":   {"beacon A length=16; beacon B length=17 style=shared(A); A string encrypt,sign; B string encrypt,sign", "beacon-style"},
	"ErrPartOnlyUnused": {"beacon A length=16 style=partOnly; A string encrypt,sign", "beacon-style"},

	"ErrEncryptedPart":   {"beacon A length=16; compound K split=. encrypted=B:B-; A string encrypt,sign; B string encrypt,sign", "part-source"},
	"ErrEncryptedSet":    {"beacon A length=16 style=asSet; compound K split=. encrypted=A:A-; A []string encrypt,sign ,stringset", "part-source"},
	"ErrSignedPart":      {"compound K split=. signed=A:A-; " + search, "part-source"},
	"ErrPrefix":          {compoundOf(`split=. encrypted=A:"",B:B-`), "part-prefix"},
	"ErrPrefixSplit":     {compoundOf("split=- encrypted=A:A-,B:B_"), "part-prefix"},
	"ErrDuplicatePart":   {compoundOf("split=. encrypted=A:A-,B:B-,A:C-"), "part-name"},
	"ErrDuplicatePrefix": {compoundOf("split=. encrypted=A:A-,B:A-"), "part-prefix"},
	"ErrGlobalPart":      {"parts encrypted=A:G-; " + compoundOf("split=. encrypted=A:A-,B:B-"), "part-name"},
	"ErrAmbiguousPrefix": {compoundOf("split=. encrypted=A:A,B:AB"), "part-prefix"},

	"ErrSplit":                {compoundOf(`split="" encrypted=A:A-,B:B-`), "split"},
	"ErrNoParts":              {compoundOf("split=."), "no-parts"},
	"ErrConstructorEmpty":     {"constructor C =; " + compoundOf("split=. encrypted=A:A-,B:B-"), "directive-syntax"},
	"ErrConstructorOptional":  {"constructor C = A?; " + compoundOf("split=. encrypted=A:A-,B:B-"), "constructor"},
	"ErrConstructorPart":      {"constructor C = A + X; " + compoundOf("split=. encrypted=A:A-,B:B-"), "constructor"},
	"ErrConstructorDuplicate": {"constructor C = A + B?; constructor C = A; " + compoundOf("split=. encrypted=A:A-,B:B-"), "constructor"},

	"ErrKeyFieldEncrypted": {"tenant B; B string encrypt,sign; " + search, "tenant"},
	"ErrKeyFieldBeacon":    {"tenant K; compound K split=. signed=B:B-; B string sign,beacon=K; " + search, "tenant"},
	"ErrKeyFieldVirtual":   {"tenant V; virtual V = A + B; B string sign; " + search, "tenant"},
}

// configErrors are the texts of what else the runtime refuses in a configuration,
// by their beginnings, with tags that would be refused for it. Without a source,
// why says that no tags lead there.
var configErrors = []struct{ text, source, code, why string }{
	{text: "the prefix of unsigned attributes is empty", source: `unsigned prefix=""; A string sign`, code: "unsigned-name"},
	{text: "the logical table name must be", source: `table ""; A string sign`, code: "table-name"},
	{text: "the partition key is missing", source: withoutKey("A string sign"), code: "key-missing"},
	{text: "it is partition key and sort key", source: withoutKey("compound K split=. signed=B:B-; key partition=K sort=K; B string sign,beacon=K; " + search), code: "key-duplicate"},
	{text: "it is a key of the table and has no action", why: "a key is a field or a signed beacon, which have one"},
	{text: "it is a key of the table, which must be signed", source: "ID string partition,encrypt,sign; A string sign", code: "key-encrypted"},
	{text: ", because attribute %q is in the encryption context", source: "ID string partition,sign; A string sign,context", code: "key-context"},
	{text: "the default action cannot be", why: "tags have no default action"},
	{text: "its action is none of the four", source: "A string beacon=X", code: "no-action"},
	{text: "names that begin with ", source: "compound aws-crypto-K split=. signed=B:B-; B string sign,beacon=aws-crypto-K; " + search, code: "reserved-name"},
	{text: " belong to the encrypted format", source: "A string sign aws_dbe_a", code: "reserved-name"},
	{text: " belong to the encryption context", source: "A string sign aws-crypto-a", code: "reserved-name"},
	{text: "its action is DO_NOTHING, but it is not allowed", why: "a field that is none is allowed to be unsigned by that"},
	{text: "its action is %s, but it is allowed to be unsigned", source: "unsigned prefix=A; A string sign", code: "unsigned-name"},
	{text: "an attribute name must be 1 to", source: "unsigned \"\"; A string sign", code: "attribute-name"},
	{text: "%s: use SuiteECDSA or SuiteHMAC", source: "table Test suite=0x6702; A string sign", code: "suite"},
	{text: "the plaintext policy is none", why: "an option of Open"},
	{text: "it needs a keyring or a materials provider", why: "an argument of Open"},
	{text: "the keyring is a nil", why: "an argument of Open"},
	{text: "the materials provider is a nil", why: "an argument of Open"},
	{text: "the keyring does not serve the algorithm suite", why: "an argument of Open"},

	{text: "the key %q is DO_NOTHING", source: "ID string partition,none; A string sign", code: "key-unsigned"},
	{text: "its default action is DO_NOTHING", why: "tags have no default action"},
	{text: "its default action must be", why: "tags have no default action"},
	{text: "it has beacons and no key store", why: "an option of Open"},
	{text: "the branch key id of its beacons is empty", why: "an option of Open"},
	{text: "each item names its branch key", why: "an option of Open"},
	{text: "the time to live of its beacon keys", why: "an option of Open"},

	{text: "there is no schema", why: "generated code passes it"},
	{text: "the DynamoDB client is nil", why: "an argument of Open"},
	{text: "the discriminator %q %s", why: "the beginning of the next four"},
	{text: "has no name or no value", source: "discriminator kind=\"\"; A string sign", code: "discriminator"},
	{text: "is a field of the struct too", source: "discriminator A=x; A string sign", code: "discriminator"},
	{text: "is not signed: add it to the attributes", source: "discriminator kind=x; unsigned kind; A string sign", code: "discriminator"},
	{text: "is encrypted, and DynamoDB compares it", why: "the generator adds the discriminator as a signed attribute, and no field can be it"},
	{text: "an attribute of the schema is the zero Attr", why: "generated code makes none"},
	{text: "attribute %q is both %s and %s", source: "A string sign; B string encrypt,sign A", code: "duplicate-attribute"},
	{text: "a key store was given, but the schema has no beacons", why: "an option of Open"},

	{text: "field %d of %s: an attribute name is UTF-8", source: `unsigned "\xff"; A string sign`, code: "attribute-name"},
	{text: "field %d of %s: a field above has the attribute name", source: "A string sign; B string sign A", code: "duplicate-attribute"},
	{text: "attribute %q of %s: %w", why: "the beginning of an error of the field"},

	{text: "a beacon of style PartOnly, which is not stored", source: strings.Replace(compoundOf("split=. encrypted=A:A-,B:B-"), "index c-index partition=C", "index a-index partition=A", 1), code: "index-key"},
	{text: "a beacon of style AsSet, which is stored as a set", source: "beacon A length=16 style=asSet; index a-index partition=A; A []string encrypt,sign ,stringset", code: "index-key"},
	{text: "which is the name of a beacon that is stored as", why: "an index of the tags has the stored name"},
	{text: "which is a beacon, of type %s", why: "an index of the tags has the type of its keys"},
	{text: "which is not a beacon of the configuration", source: "index a-index partition=aws_dbe_b_A; A string encrypt,sign", code: "index-key"},
	{text: "which is encrypted: put the index on a beacon of it", source: "index a-index partition=A; A string encrypt,sign", code: "index-key"},
}

// refusing are the functions in which the runtime refuses a configuration.
var refusing = map[string][]string{
	"crypto/config.go":     {"New", "checkNames", "checkKeys", "checkActions", "checkName", "setMaterials"},
	"attribute_actions.go": {"actions"},
	"records.go":           {"setUpSearch"},
	"table.go":             {"Open", "checkDiscriminator", "config"},
	"codec/struct.go":      {"Check"},
	"table_description.go": {"unfitKey"},
}

// TestEveryRuleOfTheRuntimeIsADiagnostic holds that nothing can be wrong with a
// configuration that the generator has no word for.
func TestEveryRuleOfTheRuntimeIsADiagnostic(t *testing.T) {
	rules := constants(t, "../../runtime/beacon/errors.go", "Rule")
	if len(rules) < 40 {
		t.Fatalf("only %d rules were found", len(rules))
	}
	for _, rule := range rules {
		if r, ok := beaconRules[rule]; !ok {
			t.Errorf("no tags break beacon.%s", rule)
		} else {
			refused(t, "beacon."+rule, r.source, r.code)
		}
	}
	used := make([]bool, len(configErrors))
	for path, functions := range refusing {
		for _, text := range sentences(t, "../../runtime/"+path, functions) {
			i := slices.IndexFunc(configErrors, func(e struct{ text, source, code, why string }) bool { return strings.HasPrefix(text, e.text) })
			if i < 0 {
				t.Errorf("runtime/%s: no tags lead to %q, and nothing says why", path, text)
				continue
			}
			used[i] = true
		}
	}
	for i, e := range configErrors {
		if !used[i] {
			t.Errorf("the runtime no longer says %q", e.text)
		}
		if (e.source == "") == (e.why == "") {
			t.Errorf("%q: neither tags nor a reason, or both", e.text)
		}
		if e.source != "" {
			refused(t, e.text, e.source, e.code)
		}
	}
}

// withoutKey is the source of a table without the partition key ID.
func withoutKey(short string) string {
	return strings.Replace(source(short), "partition,sign", "sign", 1)
}

// refused holds that the generator refuses tags with a code.
func refused(t *testing.T, what, short, code string) {
	t.Helper()
	text := short
	if !strings.HasPrefix(text, "package ") {
		text = source(short)
	}
	model, problems := schematest.Build(t, text)
	var codes []string
	for _, p := range problems {
		codes = append(codes, string(p.Code))
	}
	if model != nil || !slices.Contains(codes, code) {
		t.Errorf("%s: the codes are %v, without %s, of\n%s", what, codes, code, text)
	}
}

// constants returns the names of the constants of a type.
func constants(t *testing.T, path, typ string) (names []string) {
	t.Helper()
	for _, d := range parse(t, path).Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			if spec, ok := s.(*ast.ValueSpec); ok && spec.Type != nil && spec.Type.(*ast.Ident).Name == typ {
				names = append(names, spec.Names[0].Name)
			}
		}
	}
	return names
}

// sentences returns the texts in functions that are of more than one word.
func sentences(t *testing.T, path string, functions []string) (all []string) {
	t.Helper()
	found := 0
	for _, d := range parse(t, path).Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !slices.Contains(functions, f.Name.Name) {
			continue
		}
		found++
		ast.Inspect(f, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(text, " ") {
					all = append(all, text)
				}
			}
			return true
		})
	}
	if found < len(functions) {
		t.Errorf("%s: found %d of the functions %v", path, found, functions)
	}
	return all
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

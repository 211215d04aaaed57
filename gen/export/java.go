package export

import (
	"slices"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

var javaDialect = dialect{
	open:      func(name string) string { return name + ".builder()" },
	member:    func(name, value string) string { return "." + name + "(" + value + ")" },
	end:       ".build()",
	hanging:   true,
	list:      func(string) (string, string) { return "Arrays.asList(", ")" },
	enum:      func(name, value string) string { return name + "." + value },
	quote:     utf16Quote,
	parameter: func(name string) string { return name },
}

const (
	javaModel     = "software.amazon.cryptography.dbencryptionsdk.dynamodb.model."
	javaMaterials = "software.amazon.cryptography.materialproviders."
)

// java writes a class with a method for each table (software.amazon.cryptography
// aws-database-encryption-sdk-dynamodb, for Java 8 and later).
func java(w *foreign.Writer, d *Document, namespace string) {
	if namespace != "" {
		w.Line("package %s;", namespace)
	}
	imports := []string{
		"java.util.HashMap", "java.util.Map",
		javaMaterials + "IKeyring", javaMaterials + "model.DBEAlgorithmSuiteId",
		"software.amazon.cryptography.dbencryptionsdk.structuredencryption.model.CryptoAction",
	}
	if d.searchable() || slices.ContainsFunc(d.Tables, func(t Table) bool { return len(t.AllowedUnsigned) > 0 }) {
		imports = append(imports, "java.util.Arrays")
	}
	if d.searchable() {
		imports = append(imports, "software.amazon.cryptography.keystore.KeyStore")
	}
	for _, name := range d.types() {
		imports = append(imports, javaModel+name)
	}
	slices.Sort(imports)
	w.Line("")
	for _, name := range imports {
		w.Line("import %s;", name)
	}
	w.Line("\n/** The tables of encrypted items. A branch key is named and cached for cacheTTL seconds by beacons. */")
	w.Line("public final class TableConfigs {")
	w.Line("    private TableConfigs() {}")
	types := map[string]string{"keyring": "IKeyring", "keyStore": "KeyStore", "branchKeyId": "String", "cacheTTL": "int"}
	for i, id := range d.identifiers() {
		t := d.Tables[i]
		// Java 8 has no literal for a map, so the actions stand before the rest.
		tree := t.tree()
		var actions dictionary
		for i, m := range tree.members {
			if of, ok := m.value.(dictionary); ok {
				actions, tree.members[i].value = of, parameter("actions")
			}
		}
		w.Line("\n    /** %s */", javaComment(t.comment()))
		w.Line("    public static DynamoDbTableEncryptionConfig %sConfig(%s) {", foreign.LowerFirst(id),
			t.typed(types, func(name, of string) string { return of + " " + name }))
		w.Line("        Map<String, CryptoAction> actions = new HashMap<>();")
		for _, key := range actions.keys {
			w.Line("        actions.put(%s, %s);", javaDialect.quote(key), javaDialect.enum(actions.of, actions.values[key]))
		}
		w.Line("        return %s;", javaDialect.lay(tree, 2))
		w.Line("    }")
	}
	w.Line("}")
}

// javaComment keeps a text from ending a comment, or from being read as an
// escape in it.
func javaComment(s string) string {
	var b []rune
	for _, r := range s {
		if r == '*' || r == '\\' || r < ' ' {
			r = '_'
		}
		b = append(b, r)
	}
	return string(b)
}

package export

import (
	"slices"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

var dotnetDialect = dialect{
	open:      func(name string) string { return "new " + name + " { " },
	member:    func(name, value string) string { return foreign.UpperFirst(name) + " = " + value },
	separator: ", ",
	end:       " }",
	list: func(of string) (string, string) {
		if of == "String" {
			of = "string"
		}
		return "new List<" + of + "> { ", " }"
	},
	entry:     func(key, value string) string { return "[" + key + "] = " + value },
	entries:   func(of string) (string, string) { return "new Dictionary<string, " + of + "> { ", " }" },
	enum:      func(name, value string) string { return name + "." + value },
	quote:     utf16Quote,
	parameter: func(name string) string { return name },
}

// dotnet writes a class with a method for each table
// (AWS.Cryptography.DbEncryptionSDK.DynamoDb).
func dotnet(w *foreign.Writer, d *Document, namespace string) {
	usings := []string{
		"System.Collections.Generic",
		"AWS.Cryptography.DbEncryptionSDK.DynamoDb",
		"AWS.Cryptography.DbEncryptionSDK.StructuredEncryption",
		"AWS.Cryptography.MaterialProviders",
	}
	if d.searchable() {
		usings = append(usings, "AWS.Cryptography.KeyStore")
	}
	slices.Sort(usings[1:])
	w.Line("")
	for _, name := range usings {
		w.Line("using %s;", name)
	}
	if namespace != "" {
		w.Line("\nnamespace %s;", namespace)
	}
	w.Line("\n/// <summary>The tables of encrypted items. A branch key is named and cached for cacheTTL seconds by beacons.</summary>")
	w.Line("public static class TableConfigs\n{")
	types := map[string]string{"keyring": "IKeyring", "keyStore": "KeyStore", "branchKeyId": "string", "cacheTTL": "int"}
	for i, id := range d.identifiers() {
		t := d.Tables[i]
		if i > 0 {
			w.Line("")
		}
		w.Line("    // %s", t.comment())
		w.Line("    public static DynamoDbTableEncryptionConfig %sConfig(%s)", id,
			t.typed(types, func(name, of string) string { return of + " " + name }))
		w.Line("    {")
		w.Line("        return %s;", dotnetDialect.lay(t.tree(), 2))
		w.Line("    }")
	}
	w.Line("}")
}

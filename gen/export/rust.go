package export

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

var rustDialect = dialect{
	open:    func(name string) string { return name + "::builder()" },
	member:  func(name, value string) string { return "." + foreign.Snake(name) + "(" + value + ")" },
	end:     ".build()?",
	hanging: true,
	union:   func(name, member string) string { return name + "::" + foreign.UpperFirst(member) },
	list:    func(string) (string, string) { return "vec![", "]" },
	item:    owned,
	entry:   func(key, value string) string { return "(" + owned(key) + ", " + value + ")" },
	entries: func(string) (string, string) { return "HashMap::from([", "])" },
	enum: func(name, value string) string {
		if name == "DBEAlgorithmSuiteId" {
			name = "DbeAlgorithmSuiteId"
		}
		return name + "::" + pascal(value)
	},
	quote:     rustQuote,
	parameter: foreign.Snake,
}

// owned makes a String of a literal, which is not converted inside of others.
func owned(literal string) string { return literal + ".to_string()" }

// pascal writes the name of a value of an enum: SignOnly for SIGN_ONLY.
func pascal(value string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(value, "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}

// rustQuote writes a string literal.
func rustQuote(s string) string {
	return foreign.Quote(s, unicode.IsPrint, func(r rune) string { return fmt.Sprintf(`\u{%x}`, r) })
}

// rust writes a module with a function for each table (aws-db-esdk).
func rust(w *foreign.Writer, d *Document, _ string) {
	w.Line("//! The tables of encrypted items. A branch key is named and cached for cache_ttl seconds by beacons.\n")
	for _, name := range d.types() {
		w.Line("use aws_db_esdk::dynamodb::types::%s;", name)
	}
	if d.searchable() {
		w.Line("use aws_db_esdk::key_store::client::Client as KeyStore;")
	}
	w.Line("use aws_db_esdk::material_providers::types::keyring::KeyringRef;")
	w.Line("use aws_db_esdk::material_providers::types::DbeAlgorithmSuiteId;")
	w.Line("use aws_db_esdk::CryptoAction;")
	w.Line("use std::collections::HashMap;")
	w.Line("use std::error::Error;")
	types := map[string]string{"keyring": "KeyringRef", "keyStore": "KeyStore", "branchKeyId": "&str", "cacheTTL": "i32"}
	for i, id := range d.identifiers() {
		t := d.Tables[i]
		w.Line("\n// %s", t.comment())
		w.Line("pub fn %s_config(%s) -> Result<DynamoDbTableEncryptionConfig, Box<dyn Error>> {", foreign.Snake(id),
			t.typed(types, func(name, of string) string { return foreign.Snake(name) + ": " + of }))
		w.Line("    Ok(%s)", rustDialect.lay(t.tree(), 1))
		w.Line("}")
	}
}

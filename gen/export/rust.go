package export

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/ddbegen/ddbegen/gen/identifier"
)

var rustDialect = dialect{
	open:    func(name string) string { return name + "::builder()" },
	member:  func(name, value string) string { return "." + identifier.Snake(name) + "(" + value + ")" },
	end:     ".build()?",
	hanging: true,
	union:   func(name, member string) string { return name + "::" + identifier.UpperFirst(member) },
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
	parameter: identifier.Snake,
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
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// rust writes a module with a function for each table (aws-db-esdk).
func rust(w *writer, d *Document, _ string) {
	w.line("//! The tables of encrypted items. A branch key is named and cached for cache_ttl seconds by beacons.\n")
	for _, name := range d.types() {
		w.line("use aws_db_esdk::dynamodb::types::%s;", name)
	}
	if d.searchable() {
		w.line("use aws_db_esdk::key_store::client::Client as KeyStore;")
	}
	w.line("use aws_db_esdk::material_providers::types::keyring::KeyringRef;")
	w.line("use aws_db_esdk::material_providers::types::DbeAlgorithmSuiteId;")
	w.line("use aws_db_esdk::CryptoAction;")
	w.line("use std::collections::HashMap;")
	w.line("use std::error::Error;")
	types := map[string]string{"keyring": "KeyringRef", "keyStore": "KeyStore", "branchKeyId": "&str", "cacheTTL": "i32"}
	for i, id := range d.identifiers() {
		t := d.Tables[i]
		w.line("\n// %s", t.comment())
		w.line("pub fn %s_config(%s) -> Result<DynamoDbTableEncryptionConfig, Box<dyn Error>> {", identifier.Snake(id),
			t.typed(types, func(name, of string) string { return identifier.Snake(name) + ": " + of }))
		w.line("    Ok(%s)", rustDialect.lay(t.tree(), 1))
		w.line("}")
	}
}

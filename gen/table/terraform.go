package table

import (
	"io"
	"strings"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

// Terraform writes one resource aws_dynamodb_table and one variable, the name of
// the table, for each definition. Only attributes that are keys are declared:
// with any other, every plan would show a difference.
func Terraform(out io.Writer, all []*Definition) error {
	w := &writer{foreign.Writer{W: out}}
	ids := identifiers(all)
	for i, d := range all {
		id := foreign.Snake(ids[i])
		if i > 0 {
			w.Line("")
		}
		w.Line("variable %s {", hcl(id+"_name"))
		w.arguments("  ", [2]string{"type", "string"}, [2]string{"default", hcl(d.Name)})
		w.Line("}")
		w.Line("")
		w.Line("resource \"aws_dynamodb_table\" %s {", hcl(id))
		arguments := [][2]string{{"name", "var." + id + "_name"}, {"billing_mode", hcl("PAY_PER_REQUEST")}}
		arguments = append(arguments, keyArguments(d.Keys)...)
		if d.Protected {
			arguments = append(arguments, [2]string{"deletion_protection_enabled", "true"})
		}
		w.arguments("  ", arguments...)
		for _, k := range d.attributes() {
			w.block("attribute", [2]string{"name", hcl(k.Name)}, [2]string{"type", hcl(k.Type)})
		}
		for _, x := range d.Global {
			arguments := append([][2]string{{"name", hcl(x.Name)}}, keyArguments(x.Keys)...)
			w.block("global_secondary_index", append(arguments, projectionArguments(x.Projection)...)...)
		}
		for _, x := range d.Local {
			arguments := [][2]string{{"name", hcl(x.Name)}, {"range_key", hcl(x.Keys[1].Name)}}
			w.block("local_secondary_index", append(arguments, projectionArguments(x.Projection)...)...)
		}
		if d.TTL != "" {
			w.block("ttl", [2]string{"attribute_name", hcl(d.TTL)}, [2]string{"enabled", "true"})
		}
		w.block("point_in_time_recovery", [2]string{"enabled", "true"})
		w.Line("}")
	}
	return w.Err
}

func keyArguments(keys []Key) [][2]string {
	all := [][2]string{{"hash_key", hcl(keys[0].Name)}}
	for _, k := range keys[1:] {
		all = append(all, [2]string{"range_key", hcl(k.Name)})
	}
	return all
}

func projectionArguments(p Projection) [][2]string {
	all := [][2]string{{"projection_type", hcl(p.ProjectionType)}}
	if len(p.NonKeyAttributes) == 0 {
		return all
	}
	var names []string
	for _, name := range p.NonKeyAttributes {
		names = append(names, hcl(name))
	}
	return append(all, [2]string{"non_key_attributes", "[" + strings.Join(names, ", ") + "]"})
}

// block writes a block of arguments inside a resource, after an empty line.
func (w *writer) block(name string, arguments ...[2]string) {
	w.Line("")
	w.Line("  %s {", name)
	w.arguments("    ", arguments...)
	w.Line("  }")
}

// arguments aligns values as terraform fmt does.
func (w *writer) arguments(indent string, all ...[2]string) {
	width := 0
	for _, a := range all {
		width = max(width, len(a[0]))
	}
	for _, a := range all {
		w.Line("%s%-*s = %s", indent, width, a[0], a[1])
	}
}

// hcl writes a string literal (HCL native syntax specification, "Quoted
// Templates").
func hcl(s string) string { return templates.Replace(quote(s)) }

// templates escapes what would be a template in a string literal.
var templates = strings.NewReplacer("${", "$${", "%{", "%%{")

package table

import "io"

// CloudFormation writes a template with one resource and one parameter, the name
// of the table, for each definition (AWS::DynamoDB::Table, template reference).
func CloudFormation(out io.Writer, all []*Definition) error {
	w := &writer{w: out}
	ids := identifiers(all)
	w.line(`AWSTemplateFormatVersion: "2010-09-09"`)
	w.line("Description: Tables of encrypted items. Made by ddbegen table; change the structs and make it again.")
	w.line("Parameters:")
	for i, d := range all {
		w.line("  %sName:", ids[i])
		w.line("    Type: String")
		w.line("    Default: %s", quote(d.Name))
	}
	w.line("Resources:")
	for i, d := range all {
		w.line("  %s:", ids[i])
		w.line("    Type: AWS::DynamoDB::Table")
		w.line("    DeletionPolicy: Retain")
		w.line("    UpdateReplacePolicy: Retain")
		w.line("    Properties:")
		w.line("      TableName: !Ref %sName", ids[i])
		w.line("      BillingMode: PAY_PER_REQUEST")
		w.line("      AttributeDefinitions:")
		for _, k := range d.attributes() {
			w.line("        - AttributeName: %s", quote(k.Name))
			w.line("          AttributeType: %s", quote(k.Type))
		}
		w.line("      KeySchema:")
		w.keys("        ", d.Keys)
		w.indexes("GlobalSecondaryIndexes", d.Global)
		w.indexes("LocalSecondaryIndexes", d.Local)
		if d.TTL != "" {
			w.line("      TimeToLiveSpecification:")
			w.line("        AttributeName: %s", quote(d.TTL))
			w.line("        Enabled: true")
		}
		w.line("      PointInTimeRecoverySpecification:")
		w.line("        PointInTimeRecoveryEnabled: true")
		if d.Protected {
			w.line("      DeletionProtectionEnabled: true")
		}
	}
	return w.err
}

func (w *writer) indexes(property string, all []Index) {
	if len(all) > 0 {
		w.line("      %s:", property)
	}
	for _, x := range all {
		w.line("        - IndexName: %s", quote(x.Name))
		w.line("          KeySchema:")
		w.keys("            ", x.Keys)
		w.line("          Projection:")
		w.line("            ProjectionType: %s", x.ProjectionType)
		if len(x.NonKeyAttributes) > 0 {
			w.line("            NonKeyAttributes:")
		}
		for _, name := range x.NonKeyAttributes {
			w.line("              - %s", quote(name))
		}
	}
}

func (w *writer) keys(indent string, keys []Key) {
	for i, k := range keys {
		w.line("%s- AttributeName: %s", indent, quote(k.Name))
		w.line("%s  KeyType: %s", indent, keyTypes[i])
	}
}

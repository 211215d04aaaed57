package table

import (
	"io"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

// CloudFormation writes a template with one resource and one parameter, the name
// of the table, for each definition (AWS::DynamoDB::Table, template reference).
func CloudFormation(out io.Writer, all []*Definition) error {
	w := &writer{foreign.Writer{W: out}}
	ids := identifiers(all)
	w.Line(`AWSTemplateFormatVersion: "2010-09-09"`)
	w.Line("Description: Tables of encrypted items. Made by ddbegen table; change the structs and make it again.")
	w.Line("Parameters:")
	for i, d := range all {
		w.Line("  %sName:", ids[i])
		w.Line("    Type: String")
		w.Line("    Default: %s", quote(d.Name))
	}
	w.Line("Resources:")
	for i, d := range all {
		w.Line("  %s:", ids[i])
		w.Line("    Type: AWS::DynamoDB::Table")
		w.Line("    DeletionPolicy: Retain")
		w.Line("    UpdateReplacePolicy: Retain")
		w.Line("    Properties:")
		w.Line("      TableName: !Ref %sName", ids[i])
		w.Line("      BillingMode: PAY_PER_REQUEST")
		w.Line("      AttributeDefinitions:")
		for _, k := range d.attributes() {
			w.Line("        - AttributeName: %s", quote(k.Name))
			w.Line("          AttributeType: %s", quote(k.Type))
		}
		w.Line("      KeySchema:")
		w.keys("        ", d.Keys)
		w.indexes("GlobalSecondaryIndexes", d.Global)
		w.indexes("LocalSecondaryIndexes", d.Local)
		if d.TTL != "" {
			w.Line("      TimeToLiveSpecification:")
			w.Line("        AttributeName: %s", quote(d.TTL))
			w.Line("        Enabled: true")
		}
		w.Line("      PointInTimeRecoverySpecification:")
		w.Line("        PointInTimeRecoveryEnabled: true")
		if d.Protected {
			w.Line("      DeletionProtectionEnabled: true")
		}
	}
	return w.Err
}

func (w *writer) indexes(property string, all []Index) {
	if len(all) > 0 {
		w.Line("      %s:", property)
	}
	for _, x := range all {
		w.Line("        - IndexName: %s", quote(x.Name))
		w.Line("          KeySchema:")
		w.keys("            ", x.Keys)
		w.Line("          Projection:")
		w.Line("            ProjectionType: %s", x.ProjectionType)
		if len(x.NonKeyAttributes) > 0 {
			w.Line("            NonKeyAttributes:")
		}
		for _, name := range x.NonKeyAttributes {
			w.Line("              - %s", quote(name))
		}
	}
}

func (w *writer) keys(indent string, keys []Key) {
	for i, k := range keys {
		w.Line("%s- AttributeName: %s", indent, quote(k.Name))
		w.Line("%s  KeyType: %s", indent, keyTypes[i])
	}
}

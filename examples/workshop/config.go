package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

const (
	table     = "company"
	branchKey = "company"
)

// tableConfig says which attributes are encrypted and how they are found again.
func tableConfig(keyring crypto.Keyring, keys branchkey.BeaconKeySource) ddbe.TableConfig {
	config := ddbe.TableConfig{
		LogicalTableName: "Company",
		PartitionKeyName: "partition_key",
		// What nobody names is encrypted.
		DefaultAction:             attribute.EncryptAndSign,
		AttributeActionsOnEncrypt: map[string]attribute.Action{},
		Keyring:                   keyring,
		Search:                    &ddbe.SearchConfig{KeyStore: keys, BranchKeyID: branchKey, Beacons: beacons()},
	}
	for _, name := range []string{
		"Description", "Duration", "EmployeeTitle", "Hours", "MeetingStart", "Message",
		"ProjectStart", "ProjectTarget", "Role", "TicketModTime", "TimeCardStart",
	} {
		config.AttributeActionsOnEncrypt[name] = attribute.SignOnly
	}
	return config
}

// beacons are fifteen standard beacons, each of which is also a part that the
// compound beacons may use, and seven compound beacons for the keys of the
// indexes. A beacon of four bits has sixteen values, so that some of the few
// values here share one: what is found must be filtered.
func beacons() beacon.Config {
	standard := func(name, location, prefix string) (beacon.Standard, beacon.EncryptedPart) {
		return beacon.Standard{Name: name, Location: location, Length: 4}, beacon.EncryptedPart{Name: name, Prefix: prefix}
	}
	config := beacon.Config{
		SignedParts: []beacon.SignedPart{
			{Name: "TicketModTime", Prefix: "M-"}, {Name: "MeetingStart", Prefix: "MS-"},
			{Name: "TimeCardStart", Prefix: "TC-"}, {Name: "ProjectStart", Prefix: "PS-"},
		},
	}
	for _, b := range []struct{ name, location, prefix string }{
		{"EmployeeID", "", "E-"}, {"TicketNumber", "", "T-"}, {"ProjectName", "", "P-"},
		{"EmployeeEmail", "", "EE-"}, {"CreatorEmail", "", "CE-"}, {"OrganizerEmail", "", "OE-"},
		{"ManagerEmail", "", "ME-"}, {"AssigneeEmail", "", "AE-"}, {"ProjectStatus", "", "PSts-"}, {"Severity", "", "S-"},
		{"City", "Location.City", "C-"}, {"Building", "Location.Building", "B-"}, {"Floor", "Location.Floor", "F-"},
		{"Room", "Location.Room", "R-"}, {"Desk", "Location.Desk", "D-"},
	} {
		s, part := standard(b.name, b.location, b.prefix)
		config.Standard = append(config.Standard, s)
		config.EncryptedParts = append(config.EncryptedParts, part)
	}
	for _, c := range []struct {
		name         string
		constructors [][]string
	}{
		{"PK", [][]string{{"EmployeeID"}, {"Building"}, {"TicketNumber"}, {"ProjectName"}}},
		{"SK", [][]string{{"TicketModTime"}, {"MeetingStart", "Floor", "Room"}, {"TimeCardStart", "EmployeeEmail"}, {"ProjectName"}, {"EmployeeID"}}},
		{"PK1", [][]string{{"CreatorEmail"}, {"EmployeeEmail"}, {"ProjectStatus"}, {"OrganizerEmail"}}},
		{"SK1", [][]string{{"MeetingStart", "Floor", "Room"}, {"TimeCardStart"}, {"TicketModTime"}, {"ProjectStart"}, {"EmployeeID"}}},
		{"PK2", [][]string{{"ManagerEmail"}, {"AssigneeEmail"}}},
		{"PK3", [][]string{{"City"}, {"Severity"}}},
		{"SK3", [][]string{{"Building", "Floor", "Desk"}, {"TicketModTime"}}},
	} {
		compound := beacon.Compound{Name: c.name, Split: '~'}
		for _, names := range c.constructors {
			var parts beacon.Constructor
			for _, name := range names {
				parts = append(parts, beacon.Required(name))
			}
			compound.Constructors = append(compound.Constructors, parts)
		}
		config.Compound = append(config.Compound, compound)
	}
	return config
}

// tableInput is the table: its key, and four indexes on compound beacons.
func tableInput() *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("partition_key"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("partition_key"), AttributeType: types.ScalarAttributeTypeS}},
	}
	for _, index := range []struct {
		name string
		keys []string
	}{
		{"GSI-0", []string{"PK", "SK"}}, {"GSI-1", []string{"PK1", "SK1"}}, {"GSI-2", []string{"PK2"}}, {"GSI-3", []string{"PK3", "SK3"}},
	} {
		gsi := types.GlobalSecondaryIndex{IndexName: &index.name, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}
		for i, key := range index.keys {
			stored := attribute.BeaconPrefix + key
			kind := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]
			gsi.KeySchema = append(gsi.KeySchema, types.KeySchemaElement{AttributeName: &stored, KeyType: kind})
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &stored, AttributeType: types.ScalarAttributeTypeS})
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, gsi)
	}
	return in
}

package embedded

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The members of CreateTable and of a table's description have the names of the
// API.

type attributeDefinition struct {
	AttributeName string
	AttributeType string
}

type keySchemaElement struct {
	AttributeName string
	KeyType       string
}

type projectionSpec struct {
	ProjectionType   string   `json:",omitempty"`
	NonKeyAttributes []string `json:",omitempty"`
}

type throughput struct {
	ReadCapacityUnits  int64
	WriteCapacityUnits int64
}

// An index is a secondary index, global or local.
type index struct {
	IndexName             string
	KeySchema             []keySchemaElement
	Projection            *projectionSpec
	ProvisionedThroughput *throughput `json:",omitempty"` // of a global index
}

// A keyDefinition is a key attribute with its type.
type keyDefinition struct{ name, typ string }

// A keySchema is the partition key and, if there is one, the sort key.
type keySchema []keyDefinition

func (k keySchema) has(name string) bool {
	return slices.ContainsFunc(k, func(d keyDefinition) bool { return d.name == name })
}

// append appends the encoded key of an item, which has passed a check.
func (k keySchema) append(dst []byte, it item) []byte {
	dst = appendPartition(dst, it[k[0].name])
	for _, d := range k[1:] {
		dst = appendKeyValue(dst, it[d.name])
	}
	return dst
}

// covers reports whether an item has all attributes of the key.
func (k keySchema) covers(it item) bool {
	return !slices.ContainsFunc(k, func(d keyDefinition) bool { return it[d.name] == nil })
}

const (
	maxPartitionKey = 2048 // bytes
	maxSortKey      = 1024
)

// checkSize refuses key values that are too long.
func (k keySchema) checkSize(it item) error {
	for i, d := range k {
		if d.typ == "N" {
			continue
		}
		switch n := sizeOf(it[d.name]); {
		case i == 0 && n > maxPartitionKey:
			return validationErrorf("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes")
		case i > 0 && n > maxSortKey:
			return validationErrorf("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
		}
	}
	return nil
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// checkTableName checks the name of a table that is created; the names in other
// requests need only be found.
func checkTableName(name string) error {
	if len(name) < 3 || len(name) > 255 {
		return validationErrorf("TableName must be at least 3 characters long and at most 255 characters long")
	}
	if !namePattern.MatchString(name) {
		return constraintError(name, "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	return nil
}

func constraintError(value, member, constraint string) error {
	return validationErrorf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

func invalidParameter(format string, args ...any) error {
	return validationErrorf("One or more parameter values were invalid: "+format, args...)
}

func attributeNames(schema []keySchemaElement) []string {
	names := make([]string, len(schema))
	for i, e := range schema {
		names[i] = e.AttributeName
	}
	return names
}

// resolveKey checks a key schema against the attribute definitions.
func resolveKey(schema []keySchemaElement, definitions []attributeDefinition) (keySchema, error) {
	names := attributeNames(schema)
	if len(schema) == 0 || len(schema) > 2 {
		return nil, validationErrorf("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1 and less than or equal to 2")
	}
	defined := make([]string, len(definitions))
	for i, d := range definitions {
		defined[i] = d.AttributeName
	}
	var key keySchema
	for _, name := range names {
		i := slices.Index(defined, name)
		if i < 0 {
			return nil, invalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
				strings.Join(names, ", "), strings.Join(defined, ", "))
		}
		key = append(key, keyDefinition{name, definitions[i].AttributeType})
	}
	switch {
	case len(names) == 2 && names[0] == names[1]:
		return nil, validationErrorf("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case schema[0].KeyType != string(types.KeyTypeHash):
		return nil, validationErrorf("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(schema) == 2 && schema[1].KeyType != string(types.KeyTypeRange):
		return nil, validationErrorf("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return key, nil
}

func checkDefinitions(definitions []attributeDefinition) error {
	var seen []string
	for _, d := range definitions {
		if n := len(d.AttributeName); n < 1 || n > 255 {
			return constraintError(d.AttributeName, "attributeDefinitions.1.member.attributeName", "Member must have length less than or equal to 255")
		}
		if d.AttributeType != "S" && d.AttributeType != "N" && d.AttributeType != "B" {
			return constraintError(d.AttributeType, "attributeDefinitions.1.member.attributeType", "Member must satisfy enum value set: [B, N, S]")
		}
		if slices.Contains(seen, d.AttributeName) {
			return invalidParameter("Duplicate AttributeName in AttributeDefinitions: %s", d.AttributeName)
		}
		seen = append(seen, d.AttributeName)
	}
	return nil
}

func (x *index) check() error {
	if len(x.IndexName) < 3 || len(x.IndexName) > 255 || !namePattern.MatchString(x.IndexName) {
		return constraintError(x.IndexName, "indexName", "Member must be 3 to 255 characters of the pattern [a-zA-Z0-9_.-]+")
	}
	if x.Projection == nil || x.Projection.ProjectionType == "" {
		return invalidParameter("Unknown ProjectionType: null")
	}
	switch p := x.Projection; types.ProjectionType(p.ProjectionType) {
	case types.ProjectionTypeAll, types.ProjectionTypeKeysOnly:
		if p.NonKeyAttributes != nil {
			return invalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
		}
	case types.ProjectionTypeInclude:
		if len(p.NonKeyAttributes) == 0 {
			return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
		}
	default:
		return constraintError(p.ProjectionType, "projection.projectionType", "Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]")
	}
	return nil
}

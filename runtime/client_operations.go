package runtime

import (
	"reflect"
	"sync"
)

// treatment is what the encrypted client does with an operation of DynamoDB.
type treatment uint8

const (
	// passed operations carry no items and are sent as they are.
	passed treatment = iota + 1
	// transformed operations are checked and changed on configured tables, and
	// sent as they are on others.
	transformed
	// refused operations are refused on configured tables, and sent as they are
	// on others.
	refused
	// absent are methods of the SDK's client that [Client] does not have.
	absent
)

// operation is the rules for one operation.
type operation struct {
	treatment treatment
	// legacy is the members of a request that are refused unless they are empty:
	// they carry names and values past the expressions.
	legacy   []string
	request  string // what happens to a request
	response string // what happens to its response, or to its error
}

// operations is every method of the SDK's client (specification:
// dynamodb-encryption-client/ddb-sdk-integration). One that is not in it fails a
// test, so that an operation which a new SDK brings is looked at first.
var operations = map[string]operation{
	"PutItem": {transformed, []string{"ConditionalOperator", "Expected"},
		"condition test; the item is encrypted and gets its beacons",
		"Attributes, and the item of a failed condition, are decrypted"},
	"GetItem": {transformed, nil,
		"projections are left out of the request",
		"the item is decrypted, then projected"},
	"UpdateItem": {transformed, []string{"AttributeUpdates", "ConditionalOperator", "Expected"},
		"update test and condition test",
		"Attributes of ALL_OLD and ALL_NEW, and the item of a failed condition, are decrypted; others must not be signed"},
	"DeleteItem": {transformed, []string{"ConditionalOperator", "Expected"},
		"condition test",
		"Attributes, and the item of a failed condition, are decrypted"},
	"Query": {transformed, []string{"AttributesToGet", "ConditionalOperator", "KeyConditions", "QueryFilter"},
		"conditions are rewritten to beacons; projections and COUNT are left out of the request",
		"items are decrypted, filtered, projected, counted; several beacon partitions are merged"},
	"Scan": {transformed, []string{"AttributesToGet", "ConditionalOperator", "ScanFilter"},
		"the filter is rewritten to beacons; projections and COUNT are left out of the request",
		"items are decrypted, filtered, projected, counted"},
	"BatchGetItem": {transformed, nil,
		"projections are left out of the request",
		"items are decrypted, then projected; UnprocessedKeys get their projections back"},
	"BatchWriteItem": {transformed, nil,
		"items of PutRequests are encrypted and get their beacons",
		"UnprocessedItems are sent again a few times, as the same ciphertext; what is left comes back as plaintext"},
	"TransactGetItems": {transformed, nil,
		"projections are left out of the request",
		"items are decrypted, then projected"},
	"TransactWriteItems": {transformed, nil,
		"Put: condition test, the item is encrypted and gets its beacons; Update: update test and condition test; Delete, ConditionCheck: condition test",
		"items in the reasons of a cancelled transaction are decrypted"},

	"ExportTableToPointInTime": {transformed, nil,
		"condition test of its filter; a projection is refused",
		"unchanged; exported items are for the item encryptor"},

	"ExecuteStatement": {refused, nil,
		"values in a PartiQL statement would reach the server in clear; a statement whose table cannot be told is refused, too",
		"unchanged"},
	"BatchExecuteStatement": {refused, nil,
		"values in a PartiQL statement would reach the server in clear; a statement whose table cannot be told is refused, too",
		"unchanged"},
	"ExecuteTransaction": {refused, nil,
		"values in a PartiQL statement would reach the server in clear; a statement whose table cannot be told is refused, too",
		"unchanged"},
	"SearchVectors": {refused, nil,
		"a vector index can only be built on what is in clear", "unchanged"},
	"StartBulkPutItems": {refused, nil,
		"it writes the objects of a bucket as they are", "unchanged"},

	"Options": {treatment: absent},

	"CancelBulkOperation":                 {treatment: passed},
	"CreateBackup":                        {treatment: passed},
	"CreateGlobalTable":                   {treatment: passed},
	"CreateTable":                         {treatment: passed},
	"DeleteBackup":                        {treatment: passed},
	"DeleteResourcePolicy":                {treatment: passed},
	"DeleteTable":                         {treatment: passed},
	"DescribeBackup":                      {treatment: passed},
	"DescribeBulkOperation":               {treatment: passed},
	"DescribeContinuousBackups":           {treatment: passed},
	"DescribeContributorInsights":         {treatment: passed},
	"DescribeEndpoints":                   {treatment: passed},
	"DescribeExport":                      {treatment: passed},
	"DescribeGlobalTable":                 {treatment: passed},
	"DescribeGlobalTableSettings":         {treatment: passed},
	"DescribeImport":                      {treatment: passed},
	"DescribeKinesisStreamingDestination": {treatment: passed},
	"DescribeLimits":                      {treatment: passed},
	"DescribeTable":                       {treatment: passed},
	"DescribeTableReplicaAutoScaling":     {treatment: passed},
	"DescribeTimeToLive":                  {treatment: passed},
	"DisableKinesisStreamingDestination":  {treatment: passed},
	"EnableKinesisStreamingDestination":   {treatment: passed},
	"GetResourcePolicy":                   {treatment: passed},
	"ImportTable":                         {treatment: passed},
	"ListBackups":                         {treatment: passed},
	"ListBulkOperations":                  {treatment: passed},
	"ListContributorInsights":             {treatment: passed},
	"ListExports":                         {treatment: passed},
	"ListGlobalTables":                    {treatment: passed},
	"ListImports":                         {treatment: passed},
	"ListTables":                          {treatment: passed},
	"ListTagsOfResource":                  {treatment: passed},
	"PutResourcePolicy":                   {treatment: passed},
	"RestoreTableFromBackup":              {treatment: passed},
	"RestoreTableToPointInTime":           {treatment: passed},
	"TagResource":                         {treatment: passed},
	"UntagResource":                       {treatment: passed},
	"UpdateContinuousBackups":             {treatment: passed},
	"UpdateContributorInsights":           {treatment: passed},
	"UpdateGlobalTable":                   {treatment: passed},
	"UpdateGlobalTableSettings":           {treatment: passed},
	"UpdateKinesisStreamingDestination":   {treatment: passed},
	"UpdateTable":                         {treatment: passed},
	"UpdateTableReplicaAutoScaling":       {treatment: passed},
	"UpdateTimeToLive":                    {treatment: passed},
}

// refuseLegacy returns an error if a member of the request that is refused for
// the operation is not empty.
func refuseLegacy(name string, t *clientTable, in any) error {
	legacy := operations[name].legacy
	if len(legacy) == 0 {
		return nil
	}
	request := reflect.ValueOf(in).Elem()
	places, known := legacyPlaces.Load(name)
	if !known {
		indexes := make([]int, len(legacy))
		for i, member := range legacy {
			field, _ := request.Type().FieldByName(member) // a test looks for each
			indexes[i] = field.Index[0]
		}
		places, _ = legacyPlaces.LoadOrStore(name, indexes)
	}
	for i, place := range places.([]int) {
		if request.Field(place).Len() > 0 {
			return t.refuse(name, "the legacy parameter %s is not supported on an encrypted table: use %s", legacy[i], replacements[legacy[i]])
		}
	}
	return nil
}

// legacyPlaces is where the legacy members of each operation are in its requests:
// to look for them by name takes as long as to read an expression.
var legacyPlaces sync.Map

var replacements = map[string]string{
	"AttributesToGet":     "ProjectionExpression",
	"AttributeUpdates":    "UpdateExpression",
	"ConditionalOperator": "AND and OR in an expression",
	"Expected":            "ConditionExpression",
	"KeyConditions":       "KeyConditionExpression",
	"QueryFilter":         "FilterExpression",
	"ScanFilter":          "FilterExpression",
}

// refuseOn returns the error for an operation that is refused on the table.
func (t *clientTable) refuseOn(name string) error {
	return t.refuse(name, "it is not supported on an encrypted table: %s", operations[name].request)
}

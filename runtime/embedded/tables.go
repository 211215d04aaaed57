package embedded

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type createTableInput struct {
	TableName                 *string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	GlobalSecondaryIndexes    []*index
	LocalSecondaryIndexes     []*index
	BillingMode               string
	ProvisionedThroughput     *throughput
	TableClass                string
	DeletionProtectionEnabled bool
}

func (db *dynamoDB) createTable(r *request) ([]byte, error) {
	var in createTableInput
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	t, err := in.table()
	if err != nil {
		return nil, err
	}
	t.ID, t.Created = newTableID(), db.now()
	err = db.store.update(func(tx transaction) error {
		if tx.get(tableBucket, []byte(t.Name)) != nil {
			return apiErrorf("ResourceInUseException", "Table already exists: %s", t.Name)
		}
		return t.save(tx)
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"TableDescription": db.describe(t, types.TableStatusCreating, nil)})
}

// table checks the input and returns the table it describes.
func (in *createTableInput) table() (*table, error) {
	if in.TableName == nil {
		return nil, validationErrorf("The parameter 'TableName' is required but was not present in the request")
	}
	if err := checkTableName(*in.TableName); err != nil {
		return nil, err
	}
	if err := checkEnum("billingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST"); err != nil {
		return nil, err
	}
	if err := checkEnum("tableClass", in.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"); err != nil {
		return nil, err
	}
	if err := checkDefinitions(in.AttributeDefinitions); err != nil {
		return nil, err
	}
	if slices.Contains(in.LocalSecondaryIndexes, nil) || slices.Contains(in.GlobalSecondaryIndexes, nil) {
		return nil, missing("secondaryIndexes.member")
	}
	if in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0 {
		return nil, invalidParameter("List of LocalSecondaryIndexes is empty")
	}
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return nil, invalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	t := &table{
		Name:                  *in.TableName,
		AttributeDefinitions:  in.AttributeDefinitions,
		KeySchema:             in.KeySchema,
		Global:                in.GlobalSecondaryIndexes,
		Local:                 in.LocalSecondaryIndexes,
		BillingMode:           in.BillingMode,
		ProvisionedThroughput: in.ProvisionedThroughput,
		TableClass:            in.TableClass,
		DeletionProtection:    in.DeletionProtectionEnabled,
	}
	if err := t.checkThroughput(); err != nil {
		return nil, err
	}
	return t, t.resolve()
}

func (t *table) onDemand() bool { return t.BillingMode == string(types.BillingModePayPerRequest) }

func (t *table) checkThroughput() error {
	if t.onDemand() {
		if t.ProvisionedThroughput != nil {
			return invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
	} else if t.ProvisionedThroughput == nil {
		return invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	if err := t.ProvisionedThroughput.check(); err != nil {
		return err
	}
	for _, x := range t.Global {
		if err := t.checkIndexThroughput(x); err != nil {
			return err
		}
	}
	for _, x := range t.Local {
		if x.ProvisionedThroughput != nil {
			return validationErrorf("ProvisionedThroughput is not a parameter of a local secondary index: %s", x.IndexName)
		}
	}
	return nil
}

func (t *table) checkIndexThroughput(x *index) error {
	if t.onDemand() && x.ProvisionedThroughput != nil {
		return invalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", x.IndexName)
	}
	if !t.onDemand() && x.ProvisionedThroughput == nil {
		return invalidParameter("ProvisionedThroughput must be specified for index: %s", x.IndexName)
	}
	return x.ProvisionedThroughput.check()
}

func (p *throughput) check() error {
	if p != nil && (p.ReadCapacityUnits < 1 || p.WriteCapacityUnits < 1) {
		return validationErrorf("1 validation error detected: Value at 'provisionedThroughput' failed to satisfy constraint: Member must have value greater than or equal to 1")
	}
	return nil
}

func (db *dynamoDB) describeTable(r *request) ([]byte, error) {
	var in struct{ TableName *string }
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	var body []byte
	err := db.store.view(func(tx transaction) error {
		t, err := db.tables.described(tx, *in.TableName)
		if err != nil {
			return err
		}
		body, err = json.Marshal(map[string]any{"Table": db.describe(t, types.TableStatusActive, tx)})
		return err
	})
	return body, err
}

// The description of a table, with the members of the API.
type tableDescription struct {
	TableName                 string
	TableId                   string
	TableArn                  string
	TableStatus               string
	CreationDateTime          float64 // seconds since 1970
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	GlobalSecondaryIndexes    []indexDescription `json:",omitempty"`
	LocalSecondaryIndexes     []indexDescription `json:",omitempty"`
	BillingModeSummary        *billingMode       `json:",omitempty"`
	TableClassSummary         *tableClass        `json:",omitempty"`
	ProvisionedThroughput     *throughput
	DeletionProtectionEnabled bool
	ItemCount                 int64
	TableSizeBytes            int64
}

type billingMode struct{ BillingMode string }

type tableClass struct{ TableClass string }

type indexDescription struct {
	IndexName             string
	IndexArn              string
	IndexStatus           string `json:",omitempty"`
	KeySchema             []keySchemaElement
	Projection            *projectionSpec
	ProvisionedThroughput *throughput `json:",omitempty"`
	ItemCount             int64
	IndexSizeBytes        int64
}

// describe returns the description of a table. With a transaction it counts the
// items, which the service does every six hours.
func (db *dynamoDB) describe(t *table, status types.TableStatus, tx transaction) tableDescription {
	arn := "arn:aws:dynamodb:" + db.region + ":" + db.account + ":table/" + t.Name
	d := tableDescription{
		TableName:                 t.Name,
		TableId:                   t.ID,
		TableArn:                  arn,
		TableStatus:               string(status),
		CreationDateTime:          float64(t.Created.UnixMilli()) / 1000,
		AttributeDefinitions:      t.AttributeDefinitions,
		KeySchema:                 t.KeySchema,
		ProvisionedThroughput:     &throughput{},
		DeletionProtectionEnabled: t.DeletionProtection,
	}
	if t.ProvisionedThroughput != nil {
		d.ProvisionedThroughput = t.ProvisionedThroughput
	}
	if t.onDemand() {
		d.BillingModeSummary = &billingMode{t.BillingMode}
	}
	if t.TableClass != "" {
		d.TableClassSummary = &tableClass{t.TableClass}
	}
	if tx != nil {
		for _, v := range tx.scan(t.items, nil, false) {
			d.ItemCount++
			d.TableSizeBytes += int64(storedItem(v).size())
		}
	}
	for _, x := range t.indexes {
		i := indexDescription{
			IndexName:             x.IndexName,
			IndexArn:              arn + "/index/" + x.IndexName,
			KeySchema:             x.KeySchema,
			Projection:            x.Projection,
			ProvisionedThroughput: x.ProvisionedThroughput,
		}
		if tx != nil {
			for range tx.scan(x.entries, nil, false) {
				i.ItemCount++
			}
		}
		if !x.global {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, i)
			continue
		}
		i.IndexStatus = string(types.IndexStatusActive)
		if status == types.TableStatusCreating {
			i.IndexStatus = string(types.IndexStatusCreating)
		}
		if i.ProvisionedThroughput == nil {
			i.ProvisionedThroughput = &throughput{}
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, i)
	}
	return d
}

func (db *dynamoDB) deleteTable(r *request) ([]byte, error) {
	var in struct{ TableName *string }
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	var body []byte
	err := db.store.update(func(tx transaction) error {
		t, err := db.tables.described(tx, *in.TableName)
		if err != nil {
			return err
		}
		if t.DeletionProtection {
			return validationErrorf("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		for _, x := range t.indexes {
			if err := tx.drop(x.entries); err != nil {
				return err
			}
		}
		if err := tx.drop(t.items); err != nil {
			return err
		}
		if err := tx.remove(tableBucket, []byte(t.Name)); err != nil {
			return err
		}
		body, err = json.Marshal(map[string]any{"TableDescription": db.describe(t, types.TableStatusDeleting, nil)})
		return err
	})
	return body, err
}

const maxListTables = 100

func (db *dynamoDB) listTables(r *request) ([]byte, error) {
	var in struct {
		ExclusiveStartTableName string
		Limit                   *int
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	limit := maxListTables
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxListTables {
		return nil, constraintError(strconv.Itoa(limit), "limit", "Member must have value between 1 and 100")
	}
	var out struct {
		TableNames             []string
		LastEvaluatedTableName string `json:",omitempty"`
	}
	out.TableNames = []string{}
	err := db.store.view(func(tx transaction) error {
		for key := range tx.scan(tableBucket, []byte(in.ExclusiveStartTableName), false) {
			if string(key) == in.ExclusiveStartTableName {
				continue
			}
			if len(out.TableNames) == limit {
				out.LastEvaluatedTableName = out.TableNames[limit-1]
				break
			}
			out.TableNames = append(out.TableNames, string(key))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

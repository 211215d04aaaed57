package embedded

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type updateTableInput struct {
	TableName                   *string
	AttributeDefinitions        []attributeDefinition
	BillingMode                 string
	ProvisionedThroughput       *throughput
	TableClass                  string
	DeletionProtectionEnabled   *bool
	GlobalSecondaryIndexUpdates []indexUpdate
}

type indexUpdate struct {
	Create *index
	Update *struct {
		IndexName             string
		ProvisionedThroughput *throughput
	}
	Delete *struct{ IndexName string }
}

func (in *updateTableInput) check() error {
	if in.TableName == nil {
		return missing("tableName")
	}
	if err := checkEnum("billingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST"); err != nil {
		return err
	}
	if err := checkEnum("tableClass", in.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"); err != nil {
		return err
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil && in.TableClass == "" &&
		in.DeletionProtectionEnabled == nil && len(in.GlobalSecondaryIndexUpdates) == 0 {
		return validationErrorf("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	changes := 0
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if u.Create == nil && u.Update == nil && u.Delete == nil {
			return invalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if u.Create != nil || u.Delete != nil {
			changes++
		}
	}
	if changes > 1 {
		return apiErrorf("LimitExceededException", "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	return nil
}

func (db *dynamoDB) updateTable(r *request) ([]byte, error) {
	var in updateTableInput
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var body []byte
	err := db.store.update(func(tx transaction) error {
		stored, err := db.tables.described(tx, *in.TableName)
		if err != nil {
			return err
		}
		t := *stored
		t.Global = slices.Clone(t.Global)
		if err := in.apply(tx, &t); err != nil {
			return err
		}
		if err := t.save(tx); err != nil {
			return err
		}
		body, err = json.Marshal(map[string]any{"TableDescription": db.describe(&t, types.TableStatusUpdating, tx)})
		return err
	})
	return body, err
}

// apply changes the description of a table and the entries of its indexes.
func (in *updateTableInput) apply(tx transaction, t *table) error {
	if in.DeletionProtectionEnabled != nil {
		t.DeletionProtection = *in.DeletionProtectionEnabled
	}
	if in.TableClass != "" {
		t.TableClass = in.TableClass
	}
	if in.BillingMode != "" {
		t.BillingMode = in.BillingMode
		t.ProvisionedThroughput = nil
		if t.onDemand() {
			for i, x := range t.Global {
				free := *x
				free.ProvisionedThroughput = nil
				t.Global[i] = &free
			}
		}
	}
	if in.ProvisionedThroughput != nil {
		t.ProvisionedThroughput = in.ProvisionedThroughput
	}
	if err := checkDefinitions(in.AttributeDefinitions); err != nil {
		return err
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if err := u.apply(tx, t, in.AttributeDefinitions); err != nil {
			return err
		}
	}
	if err := t.checkThroughput(); err != nil {
		return err
	}
	t.forgetDefinitions()
	if err := t.resolve(); err != nil {
		return err
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if u.Create != nil {
			return t.index(u.Create.IndexName).fill(tx, t)
		}
	}
	return nil
}

func (u *indexUpdate) apply(tx transaction, t *table, definitions []attributeDefinition) error {
	find := func(name string) (int, error) {
		i := slices.IndexFunc(t.Global, func(x *index) bool { return x.IndexName == name })
		if i < 0 {
			return i, apiErrorf("ResourceNotFoundException", "Requested resource not found")
		}
		return i, nil
	}
	switch {
	case u.Create != nil:
		if t.index(u.Create.IndexName) != nil {
			return validationErrorf("Attempting to create an index which already exists")
		}
		t.Global = append(t.Global, u.Create)
		t.AttributeDefinitions = slices.Clone(t.AttributeDefinitions)
		for _, d := range definitions {
			i := slices.IndexFunc(t.AttributeDefinitions, func(known attributeDefinition) bool { return known.AttributeName == d.AttributeName })
			if i < 0 {
				t.AttributeDefinitions = append(t.AttributeDefinitions, d)
			} else if t.AttributeDefinitions[i] != d {
				return invalidParameter("AttributeDefinitions redefine %s", d.AttributeName)
			}
		}
	case u.Update != nil:
		i, err := find(u.Update.IndexName)
		if err != nil {
			return err
		}
		changed := *t.Global[i]
		changed.ProvisionedThroughput = u.Update.ProvisionedThroughput
		t.Global[i] = &changed
	default:
		i, err := find(u.Delete.IndexName)
		if err != nil {
			return err
		}
		if err := tx.drop(t.index(u.Delete.IndexName).entries); err != nil {
			return err
		}
		t.Global = slices.Delete(t.Global, i, i+1)
	}
	return nil
}

// forgetDefinitions drops the definitions of attributes that are no longer keys.
func (t *table) forgetDefinitions() {
	t.AttributeDefinitions = slices.DeleteFunc(slices.Clone(t.AttributeDefinitions), func(d attributeDefinition) bool {
		schemas := [][]keySchemaElement{t.KeySchema}
		for _, x := range slices.Concat(t.Local, t.Global) {
			schemas = append(schemas, x.KeySchema)
		}
		return !slices.ContainsFunc(schemas, func(s []keySchemaElement) bool {
			return slices.Contains(attributeNames(s), d.AttributeName)
		})
	})
}

// fill makes the entries of a new index. Items whose attributes do not fit its
// key are not in it, as in the service.
func (x *tableIndex) fill(tx transaction, t *table) error {
	alone := &table{key: t.key, indexes: []*tableIndex{x}}
	for key, value := range tx.scan(t.items, nil, false) {
		it, err := storedItem(value).item()
		if err != nil {
			return err
		}
		if alone.checkIndexKeys(it) != nil {
			continue
		}
		if err := x.replace(tx, slices.Clone(key), nil, it); err != nil {
			return err
		}
	}
	return nil
}

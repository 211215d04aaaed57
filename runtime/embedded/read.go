package embedded

import "slices"

// checkCapacity accepts the values of ReturnConsumedCapacity.
func checkCapacity(value string) error {
	return checkUnsupported("ReturnConsumedCapacity", value, "NONE", "TOTAL", "INDEXES")
}

type getInput struct {
	TableName            *string
	Key                  item
	ProjectionExpression *string
	substitutions
}

func (db *dynamoDB) getItem(r *request) ([]byte, error) {
	var in struct {
		getInput
		ConsistentRead         bool
		ReturnConsumedCapacity string
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	g, err := in.read()
	if err != nil {
		return nil, err
	}
	body := []byte("{}")
	err = db.store.view(func(tx transaction) error {
		t, err := db.tables.get(tx, g.tableName)
		if err != nil {
			return err
		}
		found, _, err := g.apply(tx, t)
		if err == nil && found != nil {
			body = slices.Concat([]byte(`{"Item":`), found, []byte("}"))
		}
		return err
	})
	return body, err
}

// A read is a checked request for one item.
type read struct {
	tableName string
	key       item
	e         *expressions
}

func (in *getInput) read() (*read, error) {
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	if in.Key == nil {
		return nil, missing("key")
	}
	e, err := in.parse(expressionTexts{projection: in.ProjectionExpression})
	if err != nil {
		return nil, err
	}
	return &read{*in.TableName, in.Key, e}, nil
}

// apply returns the item as JSON, valid as long as the transaction, or nil, and
// the bytes that were read.
func (g *read) apply(tx transaction, t *table) (text []byte, size int, err error) {
	key, err := t.checkKey(g.key)
	if err != nil {
		return nil, 0, err
	}
	if err := t.checkPaths(g.e.projection); err != nil {
		return nil, 0, err
	}
	stored := t.get(tx, key)
	if stored == nil {
		return nil, 0, nil
	}
	if g.e.projection == nil {
		return stored.json(), stored.size(), nil
	}
	it, err := stored.item()
	if err != nil {
		return nil, 0, err
	}
	return appendAttributes(nil, it.project(g.e.projection)), stored.size(), nil
}

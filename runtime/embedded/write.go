package embedded

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// The inputs of writes have the members of the API; the inputs of a transaction
// share them.

type condition struct {
	ConditionExpression                 *string
	ReturnValuesOnConditionCheckFailure string
	substitutions
}

func (c condition) check() error {
	return checkEnum("returnValuesOnConditionCheckFailure", c.ReturnValuesOnConditionCheckFailure, "ALL_OLD", "NONE")
}

type putInput struct {
	TableName *string
	Item      item
	condition
}

type deleteInput struct {
	TableName *string
	Key       item
	condition
}

type updateInput struct {
	TableName        *string
	Key              item
	UpdateExpression *string
	condition
}

// returns are the members of single writes that say what to return.
type returns struct {
	ReturnValues                string
	ReturnItemCollectionMetrics string
	ReturnConsumedCapacity      string
}

func (r returns) check() error {
	if err := checkEnum("returnValues", r.ReturnValues, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"); err != nil {
		return err
	}
	if err := checkUnsupported("ReturnItemCollectionMetrics", r.ReturnItemCollectionMetrics, "NONE", "SIZE"); err != nil {
		return err
	}
	return checkCapacity(r.ReturnConsumedCapacity)
}

// checkEnum refuses a value that a member of the API cannot have.
func checkEnum(member, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return constraintError(value, member, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

// checkUnsupported accepts only the neutral value of a member.
func checkUnsupported(member, value, neutral string, others ...string) error {
	if slices.Contains(others, value) {
		return validationErrorf("the embedded engine does not support %s=%s", member, value)
	}
	return checkEnum(member, value, neutral)
}

func missing(member string) error {
	return validationErrorf("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}

// A write is one checked change of one item, on its own, in a batch or in a
// transaction.
type write struct {
	tableName string
	// locate checks the keys and returns the encoded primary key.
	locate    func(t *table) ([]byte, error)
	update    *expression.Update // or nil
	condition expression.Condition
	// returnOld puts the old item into the error of a failed condition.
	returnOld bool
	// change returns the new item, or nil; the old item may be nil. A nil change
	// only checks the condition.
	change func(before item) (item, error)
	// readsOld says that change needs the old item.
	readsOld bool
}

func (in *putInput) write() (*write, error) {
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	if in.Item == nil {
		return nil, missing("item")
	}
	w, _, err := in.condition.write(*in.TableName, nil)
	if err != nil {
		return nil, err
	}
	if in.Item.size() > maxItemSize {
		return nil, validationErrorf("Item size has exceeded the maximum allowed size")
	}
	w.locate = func(t *table) ([]byte, error) { return t.checkItem(in.Item) }
	w.change = func(item) (item, error) { return in.Item, nil }
	return w, nil
}

func (in *deleteInput) write() (*write, error) {
	w, err := in.check()
	if err != nil {
		return nil, err
	}
	w.change = func(item) (item, error) { return nil, nil }
	return w, nil
}

// check returns a write that changes nothing.
func (in *deleteInput) check() (*write, error) {
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	if in.Key == nil {
		return nil, missing("key")
	}
	w, _, err := in.condition.write(*in.TableName, nil)
	if err != nil {
		return nil, err
	}
	w.locate = func(t *table) ([]byte, error) { return t.checkKey(in.Key) }
	return w, nil
}

func (in *updateInput) write() (*write, *expression.Update, error) {
	if in.TableName == nil {
		return nil, nil, missing("tableName")
	}
	if in.Key == nil {
		return nil, nil, missing("key")
	}
	w, e, err := in.condition.write(*in.TableName, in.UpdateExpression)
	if err != nil {
		return nil, nil, err
	}
	w.readsOld = true
	var target *table
	w.locate = func(t *table) ([]byte, error) {
		target = t
		key, err := t.checkKey(in.Key)
		if err == nil && e.update != nil {
			err = t.checkUpdate(e.update)
		}
		return key, err
	}
	w.change = func(before item) (item, error) {
		if before == nil {
			before = in.Key
		}
		if e.update == nil {
			return before, nil
		}
		after, err := before.update(e.update)
		if err != nil {
			return nil, err
		}
		if err := target.checkIndexKeys(after); err != nil {
			return nil, validationErrorf("The update expression attempted to update the secondary index key to unsupported type")
		}
		if after.size() > maxItemSize {
			return nil, validationErrorf("Item size to update has exceeded the maximum allowed size")
		}
		return after, nil
	}
	return w, e.update, nil
}

func (c condition) write(tableName string, update *string) (*write, *expressions, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	e, err := c.parse(expressionTexts{update: update, condition: c.ConditionExpression})
	if err != nil {
		return nil, nil, err
	}
	w := &write{
		tableName: tableName,
		update:    e.update,
		condition: e.condition,
		returnOld: c.ReturnValuesOnConditionCheckFailure == string(types.ReturnValuesOnConditionCheckFailureAllOld),
	}
	return w, e, nil
}

// checkUpdate refuses updates of the primary key and values of the wrong type
// for keys of indexes.
func (t *table) checkUpdate(u *expression.Update) error {
	for _, a := range u.Actions {
		if t.key.has(a.Path.Root()) {
			return invalidParameter("Cannot update attribute %s. This attribute is part of the key", a.Path.Root())
		}
	}
	for _, a := range u.Actions {
		typ := staticType(a.Value)
		if a.Path.Nested() || typ == "" {
			continue
		}
		for _, x := range t.indexes {
			for _, d := range x.key {
				if d.name == a.Path.Root() && d.typ != typ {
					return x.keyMismatch(d, typ)
				}
			}
		}
	}
	return nil
}

// staticType returns the type that an operand of an update has whatever the
// item, or "".
func staticType(o expression.Operand) string {
	switch o := o.(type) {
	case *expression.Value:
		return expression.Type(o.Value)
	case *expression.Arithmetic:
		return "N"
	case *expression.Function:
		if o.Name == "list_append" {
			return "L"
		}
		return staticType(o.Arguments[1])
	default:
		return ""
	}
}

// A written is what a write found and left.
type written struct {
	before storedItem // nil if there was none
	old    item       // before, decoded if the write needed it
	after  item
}

// apply executes a write. If it fails, the transaction must be given up.
func (w *write) apply(tx transaction, t *table) (*written, error) {
	key, err := w.locate(t)
	if err != nil {
		return nil, err
	}
	if w.update != nil {
		if err := t.checkPaths(w.update); err != nil {
			return nil, err
		}
	}
	result := &written{before: t.get(tx, key)}
	if result.before != nil && (w.condition != nil || w.readsOld || len(t.indexes) > 0) {
		if result.old, err = result.before.item(); err != nil {
			return nil, err
		}
	}
	if w.condition != nil && !expression.Evaluate(w.condition, result.old) {
		return nil, w.conditionFailed(result)
	}
	if w.change == nil {
		return result, nil
	}
	if result.after, err = w.change(result.old); err != nil {
		return nil, err
	}
	return result, t.replace(tx, key, result.old, result.after)
}

func (w *write) conditionFailed(found *written) error {
	failed := apiErrorf("ConditionalCheckFailedException", "The conditional request failed")
	if w.returnOld && found.before != nil {
		failed.members = map[string]any{"Item": json.RawMessage(bytes.Clone(found.before.json()))}
	}
	return failed
}

// checkOld is the check of operations after which there is no new item to return.
func (r returns) checkOld() error {
	if err := r.check(); err != nil {
		return err
	}
	if r.ReturnValues != "" && r.ReturnValues != "ALL_OLD" && r.ReturnValues != "NONE" {
		return validationErrorf("ReturnValues can only be ALL_OLD or NONE")
	}
	return nil
}

func (db *dynamoDB) putItem(r *request) ([]byte, error) {
	var in struct {
		putInput
		returns
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.returns.checkOld(); err != nil {
		return nil, err
	}
	w, err := in.write()
	if err != nil {
		return nil, err
	}
	return db.write(w, in.returns, nil)
}

func (db *dynamoDB) deleteItem(r *request) ([]byte, error) {
	var in struct {
		deleteInput
		returns
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.returns.checkOld(); err != nil {
		return nil, err
	}
	w, err := in.write()
	if err != nil {
		return nil, err
	}
	return db.write(w, in.returns, nil)
}

func (db *dynamoDB) updateItem(r *request) ([]byte, error) {
	var in struct {
		updateInput
		returns
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.returns.check(); err != nil {
		return nil, err
	}
	w, update, err := in.write()
	if err != nil {
		return nil, err
	}
	return db.write(w, in.returns, update)
}

// write executes one write and returns its response.
func (db *dynamoDB) write(w *write, in returns, update *expression.Update) ([]byte, error) {
	var body []byte
	err := db.store.update(func(tx transaction) error {
		t, err := db.tables.get(tx, w.tableName)
		if err != nil {
			return err
		}
		result, err := w.apply(tx, t)
		if err != nil {
			return err
		}
		body, err = result.response(in, update)
		return err
	})
	return body, err
}

// response returns the body of a single write. It must be called before the
// transaction ends.
func (r *written) response(in returns, update *expression.Update) ([]byte, error) {
	var attributes []byte
	updated := func(it item) {
		if update == nil {
			return
		}
		paths := make(expression.Projection, len(update.Actions))
		for i, a := range update.Actions {
			paths[i] = a.Path
		}
		if part := it.project(paths); len(part) > 0 {
			attributes = appendAttributes(nil, part)
		}
	}
	switch types.ReturnValue(in.ReturnValues) {
	case types.ReturnValueAllOld:
		if r.before != nil {
			attributes = r.before.json()
		}
	case types.ReturnValueAllNew:
		attributes = appendAttributes(nil, r.after)
	case types.ReturnValueUpdatedOld:
		updated(r.old)
	case types.ReturnValueUpdatedNew:
		updated(r.after)
	}
	if attributes == nil {
		return []byte("{}"), nil
	}
	body := append([]byte(`{"Attributes":`), attributes...)
	return append(body, '}'), nil
}

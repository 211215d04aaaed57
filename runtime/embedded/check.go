package embedded

import (
	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// checkKey checks the Key of a request and returns it encoded.
func (t *table) checkKey(key item) ([]byte, error) {
	if len(key) != len(t.key) {
		return nil, keyMismatch()
	}
	for _, d := range t.key {
		if expression.Type(key[d.name]) != d.typ {
			return nil, keyMismatch()
		}
		if err := checkNotEmpty(key, d, "One or more parameter values were invalid:"); err != nil {
			return nil, err
		}
	}
	if err := t.key.checkSize(key); err != nil {
		return nil, err
	}
	return t.key.append(nil, key), nil
}

func keyMismatch() error {
	return validationErrorf("The provided key element does not match the schema")
}

// checkNotEmpty refuses an empty key value; the service begins its error in two
// ways.
func checkNotEmpty(it item, d keyDefinition, beginning string) error {
	if d.typ == "N" || sizeOf(it[d.name]) > 0 {
		return nil
	}
	kind := "string"
	if d.typ == "B" {
		kind = "binary"
	}
	return validationErrorf("%s The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", beginning, kind, d.name)
}

// checkItem checks the keys of an item that is put and returns its encoded
// primary key.
func (t *table) checkItem(it item) ([]byte, error) {
	for _, d := range t.key {
		typ := expression.Type(it[d.name])
		if typ == "" {
			return nil, invalidParameter("Missing the key %s in the item", d.name)
		}
		if typ != d.typ {
			return nil, invalidParameter("Type mismatch for key %s expected: %s actual: %s", d.name, d.typ, typ)
		}
		if err := checkNotEmpty(it, d, "One or more parameter values are not valid."); err != nil {
			return nil, err
		}
	}
	if err := t.key.checkSize(it); err != nil {
		return nil, err
	}
	if err := t.checkIndexKeys(it); err != nil {
		return nil, err
	}
	return t.key.append(nil, it), nil
}

// checkIndexKeys checks those attributes of an item that are keys of indexes.
func (t *table) checkIndexKeys(it item) error {
	for _, x := range t.indexes {
		for _, d := range x.key {
			typ := expression.Type(it[d.name])
			if typ == "" || t.key.has(d.name) {
				continue
			}
			if typ != d.typ {
				return x.keyMismatch(d, typ)
			}
			if sizeOf(it[d.name]) == 0 {
				return validationErrorf("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: %s, IndexKey: %s", x.IndexName, d.name)
			}
		}
		if err := x.key.checkSize(it); err != nil && x.key.covers(it) {
			return err
		}
	}
	return nil
}

func (x *tableIndex) keyMismatch(d keyDefinition, actual string) error {
	return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", d.name, d.typ, actual, x.IndexName)
}

// checkPaths refuses paths that lead into a key attribute, which is a scalar.
func (t *table) checkPaths(nodes ...expression.Node) error {
	refuse := func(kind, name string) error {
		return validationErrorf("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: %s: %s", kind, name)
	}
	for _, n := range nodes {
		err := expression.Walk(n, func(o expression.Operand, _ expression.Node) error {
			path, ok := o.(*expression.Path)
			if !ok || !path.Nested() {
				return nil
			}
			if t.key.has(path.Root()) {
				return refuse("Key", path.Root())
			}
			for _, x := range t.indexes {
				if x.key.has(path.Root()) {
					return refuse("IndexKey", path.Root())
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

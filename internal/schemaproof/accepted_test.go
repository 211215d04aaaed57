package schemaproof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/table"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

// TestWhatIsAcceptedOpens draws tables, and holds that what the generator accepts
// is a table that DynamoDB creates and that opens, with items that are written,
// read and found. So whatever the runtime refuses, the generator has refused
// before.
func TestWhatIsAcceptedOpens(t *testing.T) {
	accepted, shared, refused, codes := 0, 0, 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 { // most drafts are refused
			text := drawTable(rt).source()
			p, problems := schematest.Build(t, text)
			if p == nil {
				refused++
				for _, problem := range problems {
					codes[string(problem.Code)]++
				}
				continue
			}
			accepted++
			if len(p.Structs) > 1 {
				shared++
			}
			if err := opens(t, p); err != nil {
				rt.Fatalf("accepted, and %v:\n%s", err, text)
			}
		}
	})
	t.Logf("%d accepted, %d of them of two structs; %d refused with %d codes: %v", accepted, shared, refused, len(codes), codes)
	if accepted < 10 || shared == 0 || len(codes) < 10 {
		t.Errorf("%d drafts were accepted, %d of them of two structs, and %d codes were seen: the draws no longer test anything", accepted, shared, len(codes))
	}
}

// TestPartsThatAreNil holds that queries find items whose optional parts are nil.
func TestPartsThatAreNil(t *testing.T) {
	p := schematest.Package(t, `
//ddbe:table Test
//ddbe:beacon A length=12
//ddbe:beacon B length=12
//ddbe:compound K split=. encrypted=A:A-,B:B- signed=C:C-
//ddbe:constructor K = C + A?
//ddbe:constructor K = A + B?
//ddbe:index k-index partition=K
type Row struct {
	ID string `+"`ddbe:\"partition,sign\"`"+`
	A *string `+"`dynamodbav:\",omitempty\" ddbe:\"encrypt,sign,beacon=K\"`"+`
	B *string `+"`dynamodbav:\",omitempty\" ddbe:\"encrypt,sign,beacon=K\"`"+`
	C *string `+"`dynamodbav:\",omitempty\" ddbe:\"sign,beacon=K\"`"+`
}`)
	if err := opens(t, p); err != nil {
		t.Error(err)
	}
}

// opens creates the table of a package and returns what fails on the way of its
// items.
func opens(t testing.TB, p *schema.Package) error {
	w := newWorld(t)
	definitions, err := table.Of([]*schema.Package{p})
	if err != nil {
		return fmt.Errorf("it has no definition: %w", err)
	}
	var text bytes.Buffer
	if err := table.CreateTable(&text, definitions); err != nil {
		return err
	}
	var in dynamodb.CreateTableInput
	if err := json.Unmarshal(text.Bytes(), &in); err != nil {
		return err
	}
	if _, err := w.db.CreateTable(t.Context(), &in); err != nil {
		return fmt.Errorf("DynamoDB refuses the table: %w", err)
	}
	locked := lock.Of(p)
	for _, s := range p.Structs {
		v := &version{model: s, lock: locked, table: locked.Tables[s.Table.LogicalName]}
		opts := []ddbe.Option{ddbe.WithTableName(*in.TableName)}
		switch {
		case v.table.Tenant != "":
			opts = append(opts, ddbe.WithTenantKeyStore(w.keys))
		case s.Table.Search != nil:
			opts = append(opts, ddbe.WithKeyStore(w.keys, "app"))
		}
		opened, err := ddbe.Open(t.Context(), schemaOf(t, s), w.db, w.keyring(v), opts...)
		if err != nil {
			return err
		}
		if v.table.Tenant != "" && (v.table.Tenant != "tenant" || v.table.Attributes["tenant"].Action != lock.Context) {
			continue // the keyring here finds the branch key of an item in this attribute
		}
		if err := works(t, v, opened); err != nil {
			return fmt.Errorf("struct %s: %w", s.Name, err)
		}
	}
	return nil
}

// works writes, reads, updates, finds and deletes an item: the next struct of the
// table has one with the same key.
func works(t testing.TB, v *version, opened *ddbe.Table[record]) error {
	r := v.item(t, 1)
	err := opened.Put(t.Context(), r)
	if errors.Is(err, beacon.ErrSplitInValue) {
		return nil // which is a matter of the values
	}
	if err != nil {
		return fmt.Errorf("put: %w", err)
	}
	if _, err := opened.Get(t.Context(), v.item(t, 1)); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	if _, err := opened.Update(t.Context(), v.item(t, 1), func(*record) error { return nil }); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	for _, x := range v.model.Table.Indexes {
		found := 0
		for _, err := range opened.Query(t.Context(), indexOf(x), v.item(t, 1)) {
			if err != nil {
				return fmt.Errorf("query of index %s: %w", x.Name, err)
			}
			found++
		}
		if found != 1 {
			return fmt.Errorf("query of index %s: found %d items", x.Name, found)
		}
		for _, q := range x.Queries {
			if err := worksByParts(t, v, opened, x, q); err != nil {
				return err
			}
			if err := worksByNil(t, v, opened, x, q); err != nil {
				return err
			}
		}
	}
	if err := opened.Delete(t.Context(), v.item(t, 1)); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// worksByParts asks for an item by all parts of the constructors of a method. It
// is not found if it has the parts of an earlier constructor, too.
func worksByParts(t testing.TB, v *version, opened *ddbe.Table[record], x *schema.Index, q *schema.Query) error {
	index := indexOf(x)
	if q.Partition {
		index = index.ByPartition()
	}
	claimed := false
	for _, made := range q.Made {
		var parts []string
		for _, p := range made.Parts {
			parts = append(parts, p.Name)
		}
		index = index.Parts(made.Beacon, parts...)
		claimed = claimed || slices.ContainsFunc(q.Notes, func(note string) bool { return strings.Contains(note, "not found") })
	}
	return finds(t, opened, index, q, v.item(t, 1), claimed)
}

// worksByNil asks, as a method does, for an item in which the optional parts are nil
// that can be.
func worksByNil(t testing.TB, v *version, opened *ddbe.Table[record], x *schema.Index, q *schema.Query) error {
	r := v.item(t, 1)
	attribute := func(a *schema.Argument) *schema.Attribute {
		i := slices.IndexFunc(v.model.Attributes, func(o *schema.Attribute) bool { return o.GoName == a.Words[0] })
		return v.model.Attributes[i]
	}
	empty := func(a *schema.Argument) bool { return attribute(a).Codec.Func == "Pointer" }
	index := indexOf(x)
	if q.Partition {
		index = index.ByPartition()
	}
	left := 0
	for _, made := range q.Made {
		var parts []string
		for _, p := range made.Parts {
			if !slices.ContainsFunc(p.If, empty) {
				parts = append(parts, p.Name)
				continue
			}
			for _, a := range p.If {
				if empty(a) {
					delete(*r, attribute(a).Name)
					left++
				}
			}
		}
		index = index.Parts(made.Beacon, parts...)
	}
	if left == 0 || slices.ContainsFunc(q.Notes, func(note string) bool { return strings.Contains(note, "not found") }) {
		return nil
	}
	if err := opened.Put(t.Context(), r); err != nil {
		return fmt.Errorf("%s: put with nil: %w", q.Method, err)
	}
	if err := finds(t, opened, index, q, r, false); err != nil {
		return fmt.Errorf("with nil: %w", err)
	}
	return opened.Put(t.Context(), v.item(t, 1))
}

// finds queries an index for the one item that there is, which may be claimed by
// another constructor.
func finds(t testing.TB, opened *ddbe.Table[record], index ddbe.Index, q *schema.Query, r *record, claimed bool) error {
	found := 0
	for _, err := range opened.Query(t.Context(), index, r) {
		if claimed && errors.Is(err, beacon.ErrConstructor) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", q.Method, err)
		}
		found++
	}
	if found > 1 || found == 0 && !claimed {
		return fmt.Errorf("%s: found %d items", q.Method, found)
	}
	return nil
}

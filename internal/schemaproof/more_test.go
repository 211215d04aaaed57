package schemaproof_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/embedded"

	"github.com/ddbegen/ddbegen/gen/diff"
	"github.com/ddbegen/ddbegen/internal/enginetest"
)

// wantNames compares what is reported of a change.
func wantNames(t *testing.T, was, now string, want ...string) {
	t.Helper()
	if got := names(compare(t, source(was), source(now))); !slices.Equal(got, want) {
		t.Errorf("reported %q, want %q", got, want)
	}
}

// TestUnsignedThatGoes writes an attribute that no struct has, as another program
// does, and forbids it.
func TestUnsignedThatGoes(t *testing.T) {
	for _, c := range []struct{ was, now, name, want string }{
		{"unsigned lock; A string sign", "A string sign", "lock", "BREAK-READ:Test.unsigned.lock"},
		{"unsigned prefix=x_; A string sign", "A string sign", "x_lock", "BREAK-READ:Test.unsigned_prefix"},
		{"unsigned prefix=x_; A string sign", "unsigned prefix=x_y; A string sign", "x_lock", "BREAK-READ:Test.unsigned_prefix"},
	} {
		wantNames(t, c.was, c.now, c.want)
		w := newWorld(t)
		before, after := newVersion(t, source(c.was)), newVersion(t, source(c.now))
		w.create("rows", before, before)
		table := w.mustOpen(before, "rows")
		w.put(before, table)
		for _, item := range w.stored("rows") {
			item[c.name] = &types.AttributeValueMemberS{Value: "another program"}
			if _, err := w.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("rows"), Item: item}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.reads(before, before, table); err != nil {
			t.Errorf("%s: the older version does not read it: %v", c.want, err)
		}
		if w.reads(after, before, w.mustOpen(after, "rows")) == nil {
			t.Errorf("%s: the newer version reads it", c.want)
		}
	}
}

// TestNested changes what lies in an attribute.
func TestNested(t *testing.T) {
	const was = "A P encrypt,sign; type P struct { X, Y string }"
	t.Run("gone", func(t *testing.T) {
		now := "A P encrypt,sign; type P struct { X string }"
		wantNames(t, was, now, "BREAK-READ:Test.attribute.A.Y")
		w := newWorld(t)
		before, after := newVersion(t, source(was)), newVersion(t, source(now))
		w.create("rows", before, before)
		old, recent := w.mustOpen(before, "rows"), w.mustOpen(after, "rows")
		w.put(before, old)
		if err := w.updates(after, recent); err != nil {
			t.Errorf("Update refuses: %v", err)
		}
		got, err := old.Get(t.Context(), before.item(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		inner := *(*got)["A"].(*record)
		if *inner["X"].(*string) == "" || inner["Y"] != nil && *inner["Y"].(*string) != "" {
			t.Errorf("after Update by the newer version X and Y are %v: want X alone", inner)
		}
	})
	t.Run("new", func(t *testing.T) {
		now := "A P encrypt,sign; type P struct { X, Y, Z string }"
		wantNames(t, was, now, "MIXED-FLEET:Test.attribute.A.Z")
		w := newWorld(t)
		before, after := newVersion(t, source(was)), newVersion(t, source(now))
		w.create("rows", before, before)
		old, recent := w.mustOpen(before, "rows"), w.mustOpen(after, "rows")
		w.put(after, recent)
		if err := w.reads(before, after, old); err != nil {
			t.Errorf("the older version does not read it: %v", err)
		}
		if err := w.updates(before, old); err != nil {
			t.Errorf("Update of the older version refuses: %v", err)
		}
		got, err := recent.Get(t.Context(), after.item(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		if z := (*(*got)["A"].(*record))["Z"]; z != nil && *z.(*string) != "" {
			t.Error("Update of the older version kept Z")
		}
	})
	t.Run("another type", func(t *testing.T) {
		wantNames(t, was, "A P encrypt,sign; type P struct { X, Y bool }", "BREAK-READ:Test.attribute.A.X", "BREAK-READ:Test.attribute.A.Y")
		if f := measure(t, source(was), source("A P encrypt,sign; type P struct { X, Y bool }")); f.newReadsOld == nil {
			t.Error("the newer version reads it")
		}
	})
	t.Run("below a beacon", func(t *testing.T) {
		beacon := "beacon X length=16 loc=A.X; "
		was, now := beacon+"A P encrypt,sign,beacon=X; type P struct { X int }", beacon+"A P encrypt,sign,beacon=X; type P struct { X string }"
		wantNames(t, was, now, "LOST-QUERY:Test.beacon.X", "MIXED-FLEET:Test.attribute.A.X")
	})
}

// TestConstructorAppended stores an item that only a later constructor fits.
func TestConstructorAppended(t *testing.T) {
	const table = "beacon A length=16 style=partOnly; beacon B length=16 style=partOnly; A string encrypt,sign,beacon=C; B string encrypt,sign,beacon=C ,omitempty; "
	was := table + "compound C split=. encrypted=A:A-,B:B-; constructor C = A + B; S string sign"
	now := table + "compound C split=. encrypted=A:A-,B:B- signed=S:S-; constructor C = A + B; constructor C = A + S; S string sign,beacon=C"
	wantNames(t, was, now, "PARTIAL-QUERY:Test.beacon.C")
	w := newWorld(t)
	before, after := newVersion(t, source(was)), newVersion(t, source(now))
	w.create("rows", before, before)
	for _, c := range []struct {
		v         *version
		b, beacon bool
	}{{before, true, true}, {before, false, false}, {after, true, true}, {after, false, true}} {
		r := c.v.item(t, 0)
		if !c.b {
			*slot[string](r, "B") = ""
		}
		if err := w.mustOpen(c.v, "rows").Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if _, ok := w.stored("rows")[0][attribute.BeaconPrefix+"C"]; ok != c.beacon {
			t.Errorf("an item with B %v, written by the newer version %v, has a beacon: %v", c.b, c.v == after, ok)
		}
	}
}

// TestIndexKeys holds that a table serves one of two definitions of an index.
func TestIndexKeys(t *testing.T) {
	was, now := "index x-index partition=A; A string sign; B string sign", "index x-index partition=B; A string sign; B string sign"
	wantNames(t, was, now, "MIXED-FLEET:Test.index.x-index")
	w := newWorld(t)
	before, after := newVersion(t, source(was)), newVersion(t, source(now))
	w.create("rows", before, before)
	if _, err := ddbe.Open(t.Context(), schemaOf(t, before.model), w.db, w.keyring(before), ddbe.WithTableName("rows")); err != nil {
		t.Error(err)
	}
	mismatch := (*ddbe.TableMismatchError)(nil)
	if _, err := ddbe.Open(t.Context(), schemaOf(t, after.model), w.db, w.keyring(after), ddbe.WithTableName("rows")); !errors.As(err, &mismatch) {
		t.Errorf("the newer version opens the table of the older one: %v", err)
	}
}

// TestIndexProjections holds that a table serves a definition of an index that
// asks for less, and none that asks for more.
func TestIndexProjections(t *testing.T) {
	const fields = "; A string encrypt,sign; B string sign; C string sign"
	projections := []string{"projection=keys", "projection=include(A)", "projection=include(A,B)", "projection=all"}
	for i, was := range projections {
		for j, now := range projections {
			was, now := "beacon A length=16; index x-index partition=A "+was+fields, "beacon A length=16; index x-index partition=A "+now+fields
			class := "SAFE"
			if i < j {
				class = "MIXED-FLEET"
			}
			if i != j {
				wantNames(t, was, now, class+":Test.index.x-index")
			}
			w := newWorld(t)
			before, after := newVersion(t, source(was)), newVersion(t, source(now))
			w.create("rows", before, before)
			w.put(before, w.mustOpen(before, "rows"))
			table, err := ddbe.Open(t.Context(), schemaOf(t, after.model), w.db, w.keyring(after), ddbe.WithTableName("rows"), ddbe.WithKeyStore(w.keys, "app"))
			mismatch := (*ddbe.TableMismatchError)(nil)
			if opens := i >= j; opens && err != nil || !opens && !errors.As(err, &mismatch) {
				t.Errorf("%s on a table of %s: %v", now, was, err)
			} else if opens {
				if err := w.finds(after, before, table, after.model.Table.Indexes[0]); err != nil {
					t.Errorf("%s on a table of %s: %v", now, was, err)
				}
			}
		}
	}
}

// TestIndexKeyType makes the index of a table anew for another type.
func TestIndexKeyType(t *testing.T) {
	was, now := "index a-index partition=A; A int sign", "index a-index partition=A; A string sign"
	wantNames(t, was, now, "LOST-QUERY:Test.index.a-index", "MIXED-FLEET:Test.attribute.A")
	w := newWorld(t)
	before, after := newVersion(t, source(was)), newVersion(t, source(now))
	w.create("rows", before, before)
	w.put(before, w.mustOpen(before, "rows"))
	for _, update := range []types.GlobalSecondaryIndexUpdate{
		{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("a-index")}},
		{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName:  aws.String("a-index"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("A"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	} {
		_, err := w.db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName:                   aws.String("rows"),
			AttributeDefinitions:        []types.AttributeDefinition{{AttributeName: aws.String("A"), AttributeType: types.ScalarAttributeTypeS}},
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{update},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	table := w.mustOpen(after, "rows")
	if err := w.reads(after, after, table); err != nil {
		t.Errorf("the newer version does not read: %v", err)
	}
	if err := w.finds(after, before, table, after.model.Table.Indexes[0]); !errors.Is(err, errMissing) {
		t.Errorf("the newer version finds: %v, want that items are missing", err)
	}
}

// TestSuiteWithRSA holds what the way to suite 0x6701 says of KMS RSA keyrings.
func TestSuiteWithRSA(t *testing.T) {
	engine := enginetest.OpenEmbedded(t, embedded.InMemory())
	key, err := engine.KMS.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: kmstypes.KeySpecRsa2048, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt})
	if err != nil {
		t.Fatal(err)
	}
	keyring, err := awskms.NewRSA(engine.KMS, awskms.RSAConfig{KeyARN: *key.KeyMetadata.Arn, Algorithm: kmstypes.EncryptionAlgorithmSpecRsaesOaepSha256})
	if err != nil {
		t.Fatal(err)
	}
	for suite, opens := range map[string]bool{" suite=0x6700": true, "": false} {
		v := newVersion(t, source("table Test"+suite+"; A string sign"))
		_, err := ddbe.Open(t.Context(), schemaOf(t, v.model), engine.DynamoDB, keyring, ddbe.WithoutTableCheck())
		if (err == nil) != opens {
			t.Errorf("with the suite %q: %v", suite, err)
		}
	}
}

// TestRetired holds that what items still have counts, though no struct has it
// any more.
func TestRetired(t *testing.T) {
	first := newVersion(t, source("A string encrypt,sign"))
	second := first.lock.Next(newVersion(t, source("")).lock, nil)
	for now, want := range map[string][]string{
		"A string encrypt,sign":    nil,
		"A string sign":            {"LEAK:Test.attribute.A"},
		"A string none":            {"LEAK:Test.attribute.A", "BREAK-READ:Test.attribute.A"},
		"unsigned A":               {"BREAK-READ:Test.attribute.A"},
		"unsigned prefix=A":        {"BREAK-READ:Test.attribute.A", "SAFE:Test.unsigned_prefix"},
		"A []byte encrypt,sign":    {"BREAK-READ:Test.attribute.A"},
		"A *string encrypt,sign":   nil,
		"B string encrypt,sign":    {"MIXED-FLEET:Test.attribute.B"},
		"B string encrypt,sign A":  nil,
		"unsigned B":               {"SAFE:Test.unsigned.B"},
		"A string encrypt,sign A2": {"MIXED-FLEET:Test.attribute.A2"},
	} {
		got := names(diff.Compare(second, newVersion(t, source(now)).lock))
		if !slices.Equal(got, want) {
			t.Errorf("%s: reported %q, want %q", now, got, want)
		}
	}
	// The items of the first version are what the third one reads.
	for _, c := range []struct {
		now   string
		reads bool
	}{{"A string sign", true}, {"A string none", false}, {"unsigned A", false}} {
		f := measure(t, source("A string encrypt,sign"), source(c.now))
		if (f.newReadsOld == nil) != c.reads {
			t.Errorf("%s: %v", c.now, f.newReadsOld)
		}
	}
}

// TestDiscriminators changes what tells two structs in a table apart.
func TestDiscriminators(t *testing.T) {
	two := func(directive, other string) string {
		return source(directive+"; A string encrypt,sign") + "\n//ddbe:table Test suite=0x6700\n//ddbe:discriminator " + other + "\ntype Other struct {\n\tID string `ddbe:\"partition,sign\"`\n}\n"
	}
	alone, shared, renamed := source("A string encrypt,sign"), two("discriminator kind=row", "kind=other"), two("discriminator kind=line", "kind=other")
	for _, c := range []struct {
		what, was, now string
		want           []string
		reads, updates bool
	}{
		{"shared", alone, shared, []string{"BREAK-READ:Test.discriminator"}, false, false},
		{"alone again", shared, alone, []string{"BREAK-READ:Test.discriminator"}, true, false},
		{"another value", shared, renamed, []string{"BREAK-READ:Test.struct.Row"}, false, false},
		{"a field for it", shared, source("A string encrypt,sign; Kind string sign kind"), []string{"SAFE:Test.discriminator"}, true, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := names(compare(t, c.was, c.now)); !slices.Equal(got, c.want) {
				t.Errorf("reported %q, want %q", got, c.want)
			}
			f := measure(t, c.was, c.now)
			if (f.newReadsOld == nil) != c.reads || (f.newUpdatesOld == nil) != c.updates {
				t.Errorf("the newer version reads: %v, updates: %v", f.newReadsOld, f.newUpdatesOld)
			}
		})
	}
}

// TestFieldsOfOneStruct changes a field of one of two structs in a table, of an
// attribute that the other one keeps.
func TestFieldsOfOneStruct(t *testing.T) {
	two := func(row, other string) string {
		return source("discriminator kind=row; "+row) + "\n//ddbe:table Test suite=0x6700\n//ddbe:discriminator kind=other\ntype Other struct {\n\tID string `ddbe:\"partition,sign\"`\n" + other + "\n}\n"
	}
	const a, b, anything = "\tA string `ddbe:\"encrypt,sign\"`\n", "\tB string `ddbe:\"encrypt,sign\"`\n", "\tA any `ddbe:\"encrypt,sign\"`\n"
	for _, c := range []struct {
		what, was, now string
		want           []string
	}{
		{"another type", two("A any encrypt,sign", anything), two("A []byte encrypt,sign", anything), []string{"BREAK-READ:Test.field.Row.A"}},
		{"another type in both", two("A string encrypt,sign", a), two("A any encrypt,sign", anything), []string{"MIXED-FLEET:Test.attribute.A"}},
		{"types that change places", two("A string encrypt,sign", "\tA int `ddbe:\"encrypt,sign\"`\n"), two("A int encrypt,sign", a), []string{"BREAK-READ:Test.field.Row.A", "MIXED-FLEET:Test.field.Other.A"}},
		{"new", two("A string encrypt,sign", a+b), two("A string encrypt,sign; B string encrypt,sign", a+b), []string{"MIXED-FLEET:Test.field.Row.B"}},
		{"gone", two("A string encrypt,sign; B string encrypt,sign", a+b), two("A string encrypt,sign", a+b), []string{"BREAK-READ:Test.field.Row.B"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := names(compare(t, c.was, c.now)); !slices.Equal(got, c.want) {
				t.Errorf("reported %q, want %q", got, c.want)
			}
			f := measure(t, c.was, c.now)
			switch c.what {
			case "another type", "types that change places":
				if f.newReadsOld == nil {
					t.Error("the newer version reads it")
				}
			case "another type in both":
				if f.newReadsOld != nil || f.newUpdatesOld != nil {
					t.Errorf("the newer version reads: %v, updates: %v", f.newReadsOld, f.newUpdatesOld)
				}
			case "new":
				if !slices.Equal(f.oldErases, []string{"B"}) {
					t.Errorf("the older version erases %v", f.oldErases)
				}
			}
		})
	}
}

package table_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/table"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// outputs are the golden files of each format.
var outputs = []struct{ file, format string }{
	{"create-table.json", "create-table"},
	{"update-continuous-backups.json", "update-continuous-backups"},
	{"update-time-to-live.json", "update-time-to-live"},
	{"tables.yaml", "cloudformation"},
	{"tables.tf", "terraform"},
	{"tables.go", "go"},
}

// golden is a case: source files, and what is made of them.
type golden struct {
	path    string
	archive *txtar.Archive
}

func cases(t *testing.T, folder string) []golden {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	var all []golden
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, golden{path, archive})
	}
	return all
}

func (g golden) name() string { return strings.TrimSuffix(filepath.Base(g.path), ".txtar") }

func (g golden) packages(t *testing.T) (all []*schema.Package) {
	t.Helper()
	for _, f := range g.archive.Files {
		if f.Name == "app.go" || f.Name == "other.go" {
			all = append(all, schematest.Package(t, string(f.Data)))
		}
	}
	return all
}

// compare compares what was made with a golden file.
func (g golden) compare(t *testing.T, name, got string) {
	t.Helper()
	i := slices.IndexFunc(g.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		i = len(g.archive.Files)
		g.archive.Files = append(g.archive.Files, txtar.File{Name: name})
	}
	want := string(g.archive.Files[i].Data)
	if want == got {
		return
	}
	if !*update {
		t.Errorf("%s: made\n%s\nwant\n%s", name, got, want)
		return
	}
	g.archive.Files[i].Data = []byte(got)
	if err := os.WriteFile(g.path, txtar.Format(g.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFormats compares every format of every case with its golden file. What is
// for one table is asked for each.
func TestFormats(t *testing.T) {
	for _, g := range cases(t, "ok") {
		t.Run(g.name(), func(t *testing.T) {
			all, err := table.Of(g.packages(t))
			if err != nil {
				t.Fatal(err)
			}
			store, err := table.KeyStore("branch-keys")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, store)
			for _, o := range outputs {
				var out bytes.Buffer
				if strings.HasSuffix(o.file, ".json") {
					for _, d := range all {
						if o.format == "update-time-to-live" && d.TTL == "" {
							continue
						}
						if err := table.Formats[o.format](&out, []*table.Definition{d}); err != nil {
							t.Fatal(err)
						}
					}
				} else if err := table.Formats[o.format](&out, all); err != nil {
					t.Fatal(err)
				}
				g.compare(t, o.file, out.String())
			}
		})
	}
}

// TestRefusals compares what is said about tables that DynamoDB would refuse.
func TestRefusals(t *testing.T) {
	for _, g := range cases(t, "bad") {
		t.Run(g.name(), func(t *testing.T) {
			_, err := table.Of(g.packages(t))
			if err == nil {
				t.Fatal("nothing was refused")
			}
			g.compare(t, "want", err.Error()+"\n")
		})
	}
}

func TestKeyStoreNeedsAName(t *testing.T) {
	for _, name := range []string{"", "ab", "branch keys"} {
		if _, err := table.KeyStore(name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}

func definitions(t *testing.T, sources ...string) []*table.Definition {
	t.Helper()
	var packages []*schema.Package
	for _, source := range sources {
		packages = append(packages, schematest.Package(t, source))
	}
	all, err := table.Of(packages)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const (
	orders   = "package orders\n\n//ddbe:table orders\ntype Order struct {\n\tID string `ddbe:\"partition,sign\"`\n}\n"
	invoices = "package invoices\n\n//ddbe:table invoices\ntype Invoice struct {\n\tID string `ddbe:\"partition,sign\"`\n}\n"
)

func TestFormatsRefuse(t *testing.T) {
	all := definitions(t, orders, invoices)
	if err := table.CreateTable(&bytes.Buffer{}, all); err == nil || !strings.Contains(err.Error(), "-table") {
		t.Errorf("two tables in create-table: %v", err)
	}
	if err := table.CreateTable(&bytes.Buffer{}, nil); err == nil {
		t.Error("no table in create-table: no error")
	}
	if err := table.UpdateTimeToLive(&bytes.Buffer{}, all[:1]); err == nil || !strings.Contains(err.Error(), "no ttl=") {
		t.Errorf("a table without expiry in update-time-to-live: %v", err)
	}
	if err := table.UpdateTimeToLive(&bytes.Buffer{}, all); err == nil || !strings.Contains(err.Error(), "-table") {
		t.Errorf("two tables in update-time-to-live: %v", err)
	}
	if err := table.Go(&bytes.Buffer{}, all); err == nil || !strings.Contains(err.Error(), "one package") {
		t.Errorf("two packages in Go: %v", err)
	}
}

// TestIdentifiers holds that tables whose names hold the same letters and digits
// are told apart.
func TestIdentifiers(t *testing.T) {
	all := definitions(t, strings.ReplaceAll(orders, "table orders", "table my.orders"), strings.ReplaceAll(invoices, "table invoices", "table MyOrders"))
	for format, want := range map[string][]string{
		"cloudformation": {"\n  MyOrders:\n", "\n  MyOrders2:\n"},
		"terraform":      {`"aws_dynamodb_table" "my_orders" {`, `"aws_dynamodb_table" "my_orders2" {`},
	} {
		var out bytes.Buffer
		if err := table.Formats[format](&out, all); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", format, w, &out)
			}
		}
	}
}

// full is a device without room.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFormatsReportWhatTheyCannotWrite(t *testing.T) {
	all := definitions(t, inspection)
	for name, format := range table.Formats {
		for _, room := range []int{0, 100} {
			if err := format(&full{room}, all); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d bytes: %v", name, room, err)
			}
		}
	}
}

// TestGoOfAKeyStore holds that there is a package for a key store alone.
func TestGoOfAKeyStore(t *testing.T) {
	store, err := table.KeyStore("branch-keys")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := table.Go(&out, []*table.Definition{store}); err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "tables.go", out.Bytes(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if file.Name.Name != "tables" {
		t.Errorf("package %s", file.Name.Name)
	}
}

const inspection = `package clinic

//ddbe:table UnitInspections ttl=when
//ddbe:beacon unit length=30
//ddbe:index unit-index partition=unit sort=when
//ddbe:index when-index partition=work_id sort=when local
type Inspection struct {
	WorkID string ` + "`dynamodbav:\"work_id\" ddbe:\"partition,sign\"`" + `
	Date   int    ` + "`dynamodbav:\"date\" ddbe:\"sort,sign\"`" + `
	When   int64  ` + "`dynamodbav:\"when\" ddbe:\"sign\"`" + `
	Unit   string ` + "`dynamodbav:\"unit\" ddbe:\"encrypt,sign\"`" + `
}
`

// described is the output of aws dynamodb describe-table for a table as it
// should be.
const described = `{"Table": {
	"TableName": "UnitInspections", "TableStatus": "ACTIVE", "ItemCount": 0,
	"AttributeDefinitions": [
		{"AttributeName": "work_id", "AttributeType": "S"}, {"AttributeName": "date", "AttributeType": "N"},
		{"AttributeName": "aws_dbe_b_unit", "AttributeType": "S"}, {"AttributeName": "when", "AttributeType": "N"}
	],
	"KeySchema": [{"AttributeName": "work_id", "KeyType": "HASH"}, {"AttributeName": "date", "KeyType": "RANGE"}],
	"GlobalSecondaryIndexes": [{
		"IndexName": "unit-index", "IndexStatus": "ACTIVE", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "aws_dbe_b_unit", "KeyType": "HASH"}, {"AttributeName": "when", "KeyType": "RANGE"}]
	}],
	"LocalSecondaryIndexes": [{
		"IndexName": "when-index", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "work_id", "KeyType": "HASH"}, {"AttributeName": "when", "KeyType": "RANGE"}]
	}]
}}`

const (
	recovers   = `{"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}}`
	forgets    = `{"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}}`
	neverEnds  = `{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}`
	endsByWhen = `{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "when"}}`
	endsByUnit = `{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "unit"}}`
)

func TestVerify(t *testing.T) {
	d := definitions(t, inspection)[0]
	change := func(old, new string) string {
		if !strings.Contains(described, old) {
			t.Fatalf("the description does not hold %s", old)
		}
		return strings.Replace(described, old, new, 1)
	}
	for _, c := range []struct {
		name, live string
		want       []string
	}{
		{"as it should be", described, nil},
		{"with backups", described + recovers, nil},
		{"never expires", described + neverEnds, []string{`items do not expire, and should by the attribute "when": turn it on with aws dynamodb update-time-to-live`}},
		{"expires by another attribute", described + strings.Replace(endsByWhen, `"when"`, `"date"`, 1), []string{`items expire by the attribute "date", and should by "when"`}},
		{"expiry is being turned on", described + strings.Replace(endsByWhen, "ENABLED", "ENABLING", 1), nil},
		{"in another order", endsByWhen + recovers + described, nil},
		{"a local engine", change(`"TableStatus": "ACTIVE", `, ""), nil},
		{"still being created", change(`"TableStatus": "ACTIVE"`, `"TableStatus": "CREATING"`), []string{`it is CREATING, and not ACTIVE`}},
		{"without recovery", described + forgets, []string{"point-in-time recovery is off: turn it on with aws dynamodb update-continuous-backups"}},
		{"expires by ciphertext", described + endsByUnit, []string{`items expire by the attribute "unit", which is encrypted, so that none ever does`}},
		{"another partition key", change(`"work_id", "KeyType": "HASH"`, `"id", "KeyType": "HASH"`), []string{`it has the partition key "id", and should have "work_id"`}},
		{"key of another type", change(`"date", "AttributeType": "N"`, `"date", "AttributeType": "S"`), []string{`it has the sort key "date" of type S, and it should be of type N`}},
		{"no sort key", change(`, {"AttributeName": "date", "KeyType": "RANGE"}`, ""), []string{`it has no sort key, and should have "date"`}},
		{"no index", change(`"unit-index"`, `"other-index"`), []string{`it has no index "unit-index": create it with the partition key "aws_dbe_b_unit" and the sort key "when", and the projection ALL`}},
		{"no local index", change(`"when-index"`, `"other-index"`), []string{`it has no index "when-index", with the partition key "work_id", the sort key "when" and the projection ALL, and DynamoDB adds no local one to a table: leave out local in //ddbe:index, or create the table anew`}},
		{"a global index for a local one", change(`"LocalSecondaryIndexes": [`, `"GlobalSecondaryIndexes": [`), []string{
			`it has no index "unit-index": create it with the partition key "aws_dbe_b_unit" and the sort key "when", and the projection ALL`,
			`index "when-index" is not a local one, and should be: DynamoDB cannot change it, so give it another name in //ddbe:index`,
		}},
		{"local index of keys alone", change(`"when-index", "Projection": {"ProjectionType": "ALL"}`, `"when-index", "Projection": {"ProjectionType": "KEYS_ONLY"}`), []string{`index "when-index" projects KEYS_ONLY, and not all attributes, so that its items could not be verified: create it with the projection ALL`}},
		{"index on ciphertext", change(`"aws_dbe_b_unit", "KeyType"`, `"unit", "KeyType"`), []string{
			`index "unit-index" has the partition key "unit", and should have "aws_dbe_b_unit"`,
			`index "unit-index" has the key "unit", which is encrypted: put the index on a beacon of it`,
		}},
		{"index of keys alone", change(`"ALL"`, `"KEYS_ONLY"`), []string{`index "unit-index" projects KEYS_ONLY, and not all attributes, so that its items could not be verified: create it with the projection ALL`}},
		{"index without a sort key", change(`, {"AttributeName": "when", "KeyType": "RANGE"}`, ""), []string{`index "unit-index" has no sort key, and should have "when"`}},
		{"index still being created", change(`"IndexStatus": "ACTIVE"`, `"IndexStatus": "CREATING"`), []string{`index "unit-index" is CREATING, and not ACTIVE`}},
		{"beacon of another type", change(`"aws_dbe_b_unit", "AttributeType": "S"`, `"aws_dbe_b_unit", "AttributeType": "B"`), []string{`index "unit-index" has the partition key "aws_dbe_b_unit" of type B, and it should be of type S`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			live, err := table.ReadLive(strings.NewReader(c.live))
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Verify(live); !slices.Equal(got, c.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestVerifyProjections holds that an index is to hold what the definition says,
// and may hold more.
func TestVerifyProjections(t *testing.T) {
	for _, c := range []struct{ want, have, problem string }{
		{"keys", `"KEYS_ONLY"`, ""},
		{"keys", `"INCLUDE", "NonKeyAttributes": ["x"]`, ""},
		{"keys", `"ALL"`, ""},
		{"include(unit,memo)", `"INCLUDE", "NonKeyAttributes": ["memo", "unit", "x"]`, ""},
		{"include(unit,memo)", `"ALL"`, ""},
		{"include(unit,memo)", `"KEYS_ONLY"`, `index "unit-index" projects KEYS_ONLY, and not unit, memo: create it with the projection INCLUDE of unit, memo`},
		{"include(unit,memo)", `"INCLUDE", "NonKeyAttributes": ["unit"]`, `index "unit-index" projects INCLUDE of unit, and not memo: create it with the projection INCLUDE of unit, memo`},
	} {
		source := strings.Replace(inspection, "sort=when", "sort=when projection="+c.want, 1)
		source = strings.Replace(source, "type Inspection struct {", "type Inspection struct {\nMemo string `dynamodbav:\"memo\" ddbe:\"sign\"`", 1)
		live, err := table.ReadLive(strings.NewReader(strings.Replace(described, `"ALL"`, c.have, 1)))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if c.problem != "" {
			want = []string{c.problem}
		}
		if got := definitions(t, source)[0].Verify(live); !slices.Equal(got, want) {
			t.Errorf("%s on %s: found %q, want %q", c.want, c.have, got, want)
		}
	}
}

// TestVerifyKeyStore holds that a sort key too many is found, which would make
// every write fail.
func TestVerifyKeyStore(t *testing.T) {
	d := definitions(t, orders)[0]
	live, err := table.ReadLive(strings.NewReader(described))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`it has the partition key "work_id", and should have "ID"`,
		`it has the sort key "date", and should have none: an item without it would be refused or not found`,
	}
	if got := d.Verify(live); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestVerifyUnexpectedExpiry holds that expiry that no tag asks for is found.
func TestVerifyUnexpectedExpiry(t *testing.T) {
	live, err := table.ReadLive(strings.NewReader(described + endsByWhen))
	if err != nil {
		t.Fatal(err)
	}
	store, err := table.KeyStore("branch-keys")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    *table.Definition
		want string
	}{
		{definitions(t, orders)[0], `items expire by the attribute "when": write ttl= in //ddbe:table, or turn it off with aws dynamodb update-time-to-live`},
		{store, `items expire by the attribute "when", and a branch key that is gone takes its items with it: turn it off with aws dynamodb update-time-to-live`},
	} {
		if got := c.d.Verify(live); !slices.Contains(got, c.want) {
			t.Errorf("%s: found %q, want %q", c.d.LogicalName, got, c.want)
		}
	}
}

func TestReadLiveRefuses(t *testing.T) {
	for _, c := range []struct{ name, live, want string }{
		{"nothing", "", "there is no output of aws dynamodb describe-table"},
		{"backups alone", recovers, "there is no output of aws dynamodb describe-table"},
		{"two tables", described + described, "one table at a time"},
		{"two kinds of one", described + recovers + forgets, "one table at a time"},
		{"another output", `{"TableNames": []}`, "none of the outputs"},
		{"the table alone", `{"TableName": "UnitInspections"}`, "none of the outputs"},
		{"a list", `[]`, "none of the outputs"},
		{"another table", `{"Table": {"KeySchema": "ID"}}`, "give them as JSON: Table.KeySchema is of the type string"},
		{"text", "TABLE\tUnitInspections", "read the output"},
		{"a part", described[:100], "read the output"},
	} {
		if _, err := table.ReadLive(strings.NewReader(c.live)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	live, err := table.ReadLive(strings.NewReader(strings.Replace(described, `"TableName": "UnitInspections"`, `"TableName": "invoices"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	all := definitions(t, orders, invoices)
	if d, err := table.Choose(all, live); err != nil || d.LogicalName != "invoices" {
		t.Errorf("by name: %v, %v", d, err)
	}
	if d, err := table.Choose(all[:1], live); err != nil || d.LogicalName != "orders" {
		t.Errorf("the only one: %v, %v", d, err)
	}
	live.Table.TableName = "staging-invoices"
	if _, err := table.Choose(all, live); err == nil || !strings.Contains(err.Error(), "orders, invoices") {
		t.Errorf("none: %v", err)
	}
}

// FuzzReadLive holds that no input panics, here or in a comparison.
func FuzzReadLive(f *testing.F) {
	for _, seed := range []string{described, described + recovers + endsByUnit, `{"Table": {"KeySchema": [{}], "GlobalSecondaryIndexes": [{}]}}`, "{}", "null"} {
		f.Add(seed)
	}
	d, err := table.KeyStore("branch-keys")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		live, err := table.ReadLive(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, problem := range d.Verify(live) {
			if problem == "" {
				t.Error("a problem without words")
			}
		}
		_ = fmt.Sprint(table.Choose([]*table.Definition{d, d}, live))
	})
}

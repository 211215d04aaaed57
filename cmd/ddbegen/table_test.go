package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/embedded"
	"github.com/ddbegen/ddbegen/runtime/keystore"
	"github.com/ddbegen/ddbegen/testdata/golden/ok/inspection"
	"github.com/ddbegen/ddbegen/testdata/golden/ok/search"
	goldentable "github.com/ddbegen/ddbegen/testdata/golden/ok/table"
)

const golden = "github.com/ddbegen/ddbegen/testdata/golden/ok/"

// output runs ddbegen and returns what it prints.
func output(t *testing.T, code int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), args, &stdout, &stderr); got != code {
		t.Fatalf("ddbegen %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, &stderr)
	}
	return stdout.String()
}

// input reads the input of an operation as ddbegen table prints it.
func input(t *testing.T, in any, args ...string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(output(t, clean, append([]string{"table"}, args...)...)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		t.Fatal(err)
	}
}

// create creates a table from what ddbegen table prints.
func create(t *testing.T, db *dynamodb.Client, args ...string) {
	t.Helper()
	var in dynamodb.CreateTableInput
	input(t, &in, args...)
	if _, err := db.CreateTable(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
}

// opens are the golden packages whose repositories compare a table with what
// they need of it.
var opens = []struct {
	pkg, table string
	open       func(context.Context, *dynamodb.Client, crypto.Keyring, *branchkey.Memory) error
}{
	{"inspection", "UnitInspections", func(ctx context.Context, db *dynamodb.Client, keyring crypto.Keyring, keys *branchkey.Memory) error {
		_, err := inspection.NewInspectionRepository(ctx, db, keyring, ddbe.WithKeyStore(keys, "branch-key"))
		return err
	}},
	{"search", "Tickets", func(ctx context.Context, db *dynamodb.Client, keyring crypto.Keyring, keys *branchkey.Memory) error {
		_, err := search.NewTicketRepository(ctx, db, keyring, ddbe.WithTenantKeyStore(keys))
		return err
	}},
	{"table", "ledger", func(ctx context.Context, db *dynamodb.Client, keyring crypto.Keyring, _ *branchkey.Memory) error {
		_, err := goldentable.NewLedgerRepository(ctx, db, keyring)
		return err
	}},
}

// TestRepositoriesOpenTheirTables holds that a table that is made as ddbegen
// table says is one that the generated repository accepts.
func TestRepositoriesOpenTheirTables(t *testing.T) {
	keyring, err := raw.NewAES("test", "key", crypto.NewKey(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range opens {
		t.Run(c.pkg, func(t *testing.T) {
			db := enginetest.OpenEmbedded(t, embedded.InMemory()).DynamoDB
			create(t, db, "-table", c.table, golden+c.pkg)
			if err := c.open(t.Context(), db, keyring, branchkey.NewMemory()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKeyStoreTable holds that the key store accepts the table that is made for
// it, and that the table does not go away by accident.
func TestKeyStoreTable(t *testing.T) {
	engine := enginetest.OpenEmbedded(t, embedded.InMemory())
	create(t, engine.DynamoDB, "-keystore", "branch-keys")
	if _, err := keystore.DynamoDB(engine.DynamoDB, "branch-keys").CreateKeyStore(t.Context()); err != nil {
		t.Error(err)
	}
	name := "branch-keys"
	if _, err := engine.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}); err == nil {
		t.Error("the key store could be deleted")
	}
}

// TestVerifyReadsWhatDynamoDBSays compares tables with the description that the
// engine sends, which has the shape of the one that the AWS command line prints.
func TestVerifyReadsWhatDynamoDBSays(t *testing.T) {
	engine := enginetest.OpenEmbedded(t, embedded.InMemory())
	server := httptest.NewServer(engine.Embedded)
	defer server.Close()
	create(t, engine.DynamoDB, golden+"inspection")
	create(t, engine.DynamoDB, "-keystore", "branch-keys")
	verify := func(code int, name string, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		live := describe(t, server.URL, "DescribeTable", name) + describe(t, server.URL, "DescribeTimeToLive", name)
		got, err := verifyTable(t.Context(), args, strings.NewReader(live), &stdout, &stderr)
		if err != nil || got != code {
			t.Fatalf("verify %s %q: exit code %d, %v, want %d\n%s%s", name, args, got, err, code, &stdout, &stderr)
		}
		return stdout.String()
	}
	if out := verify(clean, "UnitInspections", golden+"inspection"); out != "" {
		t.Errorf("printed %q", out)
	}
	verify(clean, "branch-keys", "-keystore", "branch-keys")
	verify(clean, "branch-keys", "-keystore", "branch-keys", golden+"inspection")
	if out := verify(wrong, "branch-keys", golden+"inspection"); !strings.Contains(out, `table branch-keys: it has the partition key "branch-key-id", and should have "work_id"`) {
		t.Errorf("printed %q", out)
	}
	if out := verify(wrong, "UnitInspections", "-keystore", "branch-keys"); out == "" {
		t.Error("nothing was printed")
	}

	ledger := []string{"-table", "ledger", golden + "table"}
	create(t, engine.DynamoDB, ledger...)
	if out := verify(wrong, "prod-ledger", ledger...); !strings.Contains(out, `items do not expire, and should by the attribute ":expires"`) {
		t.Errorf("printed %q", out)
	}
	var in dynamodb.UpdateTimeToLiveInput
	input(t, &in, append([]string{"-format", "update-time-to-live"}, ledger...)...)
	if _, err := engine.DynamoDB.UpdateTimeToLive(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
	verify(clean, "prod-ledger", ledger...)
}

// describe returns the answer of an operation as it is sent.
func describe(t *testing.T, url, operation, name string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"TableName": "`+name+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", operation, response.Status, body)
	}
	return string(body)
}

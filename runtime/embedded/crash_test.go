package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// writerFile makes the test binary a program that writes to this file until it
// is killed.
const writerFile = "DDBE_TEST_WRITER_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func writerStorage(path string) embedded.Storage {
	storage := embedded.File(path)
	if filepath.Ext(path) == ".nosync" {
		return storage.WithoutSync()
	}
	return storage
}

// writeForever gives the two items of a pair the same next number, in one
// transaction, and prints the number when the engine has answered.
func writeForever(path string) error {
	engine, err := embedded.Open(writerStorage(path))
	if err != nil {
		return err
	}
	db := engine.DynamoDB()
	for n := lastNumber(db) + 1; ; n++ {
		var in dynamodb.TransactWriteItemsInput
		for _, name := range []string{"left", "right"} {
			in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("Pairs"), Item: item(
				"id", str(name), "n", num(n), "group", str("group "+strconv.Itoa(n)), "padding", &types.AttributeValueMemberB{Value: make([]byte, 3000)},
			)}})
		}
		if _, err := db.TransactWriteItems(context.Background(), &in); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func lastNumber(db *dynamodb.Client) int {
	out, err := db.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: aws.String("Pairs"), Key: item("id", str("left"))})
	if err != nil || out.Item == nil {
		return 0
	}
	n, err := strconv.Atoi(out.Item["n"].(*types.AttributeValueMemberN).Value)
	if err != nil {
		return 0
	}
	return n
}

func TestKilledWriterLeavesNothingHalfWritten(t *testing.T) {
	for _, name := range []string{"db.sync", "db.nosync"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			checkPairs(t, path, true, 0)
			for range 20 {
				last := killWriter(t, path)
				checkPairs(t, path, false, last)
			}
		})
	}
}

// killWriter lets a writer run for a moment, kills it, and returns the last
// number that it was told is written.
func killWriter(t *testing.T, path string) int {
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerFile+"="+path)
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	last, lines := 0, bufio.NewScanner(out)
	for range 1 + rand.IntN(10) {
		if !lines.Scan() {
			t.Fatal("the writer ended by itself")
		}
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
	if err := writer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	// Wait reports that it was killed.
	_ = writer.Wait()
	return last
}

// checkPairs opens the file and checks that both items of the pair and the
// index agree, and that nothing acknowledged is lost.
func checkPairs(t *testing.T, path string, create bool, acknowledged int) {
	ctx := context.Background()
	engine, err := embedded.Open(writerStorage(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}()
	db := engine.DynamoDB()
	if create {
		in := onDemand("Pairs", key("id", "S"))
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-group"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("group"), KeyType: types.KeyTypeHash}},
		}}
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String("group"), AttributeType: "S"})
		if _, err := db.CreateTable(ctx, in); err != nil {
			t.Fatal(err)
		}
		return
	}
	out, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("Pairs")})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Items) != 2 || printValue(out.Items[0]["n"]) != printValue(out.Items[1]["n"]) {
		t.Fatalf("a half-written pair: %s", printItems(out.Items))
	}
	n := lastNumber(db)
	if n < acknowledged {
		t.Fatalf("the last number is %d, but %d was acknowledged", n, acknowledged)
	}
	index, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("Pairs"), IndexName: aws.String("by-group")})
	if err != nil {
		t.Fatal(err)
	}
	if printUnordered(index.Items) != printUnordered(out.Items) {
		t.Fatalf("the index holds %s, the table %s", printUnordered(index.Items), printUnordered(out.Items))
	}
}

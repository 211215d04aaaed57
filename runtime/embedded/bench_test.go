package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/internal/judges"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// Puts, gets and queries a second through the genuine client, one at a time, on
// the embedded engine in memory and in a file and, in the same run, on the
// judges:
//
//	go test -run=- -bench=Engines ./runtime/embedded
//
// For a profile of who spends the time add -bench=Engines/memory -cpuprofile=cpu.prof.
func BenchmarkEngines(b *testing.B) {
	for _, e := range []struct {
		name string
		open func(b *testing.B) *dynamodb.Client
	}{
		{"memory", func(b *testing.B) *dynamodb.Client {
			return enginetest.OpenEmbedded(b, embedded.InMemory()).DynamoDB
		}},
		{"file", func(b *testing.B) *dynamodb.Client {
			return enginetest.OpenEmbedded(b, embedded.File(filepath.Join(b.TempDir(), "db"))).DynamoDB
		}},
		{"file-without-sync", func(b *testing.B) *dynamodb.Client {
			return enginetest.OpenEmbedded(b, embedded.File(filepath.Join(b.TempDir(), "db")).WithoutSync()).DynamoDB
		}},
		{"dynalite", func(b *testing.B) *dynamodb.Client { return enginetest.DynamoDBAt(judges.Dynalite.Start(b).URL) }},
		{"moto", func(b *testing.B) *dynamodb.Client { return enginetest.DynamoDBAt(judges.Moto.Start(b).URL) }},
	} {
		b.Run(e.name, func(b *testing.B) { benchmark(b, e.open(b)) })
	}
}

const benchmarkItems = 1000

func benchmark(b *testing.B, db *dynamodb.Client) {
	table := aws.String("Bench")
	if _, err := db.CreateTable(b.Context(), onDemand(*table, key("p", "S", "s", "N"))); err != nil {
		b.Fatal(err)
	}
	for i := range benchmarkItems {
		putBenchmarkItem(b, db, i)
	}
	b.Run("put", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			putBenchmarkItem(b, db, i%benchmarkItems)
		}
	})
	b.Run("get", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := i % benchmarkItems
			out, err := db.GetItem(b.Context(), &dynamodb.GetItemInput{TableName: table, Key: item("p", str(strconv.Itoa(n/10)), "s", num(n%10))})
			if err != nil || len(out.Item) != 12 {
				b.Fatal(out, err)
			}
		}
	})
	b.Run("query-10", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			out, err := db.Query(b.Context(), &dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("p = :p AND s >= :s"),
				ExpressionAttributeValues: item(":p", str(strconv.Itoa(i%(benchmarkItems/10))), ":s", num(0)),
			})
			if err != nil || out.Count != 10 {
				b.Fatal(out, err)
			}
		}
	})
}

// putBenchmarkItem writes an item of about 1 KB and 12 attributes.
func putBenchmarkItem(tb testing.TB, db *dynamodb.Client, i int) {
	if _, err := db.PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: aws.String("Bench"), Item: benchmarkItem(i)}); err != nil {
		tb.Fatal(err)
	}
}

func benchmarkItem(i int) map[string]types.AttributeValue {
	it := item("p", str(strconv.Itoa(i/10)), "s", num(i%10))
	for a := range 10 {
		it[fmt.Sprint("attribute", a)] = str(strings.Repeat(string(rune('a'+rand.IntN(26))), 90))
	}
	return it
}

// BenchmarkResidentMemory reports the memory of this process with 100,000 items
// of 1 KB in the engine: RssAnon is what the engine holds, RssFile are pages of
// the file that the system lends it and takes back at will. Linux only.
func BenchmarkResidentMemory(b *testing.B) {
	for name, storage := range map[string]func() embedded.Storage{
		"memory": embedded.InMemory,
		"file":   func() embedded.Storage { return embedded.File(filepath.Join(b.TempDir(), "db")).WithoutSync() },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				debug.FreeOSMemory()
				before := resident(b)
				engine, err := embedded.Open(storage())
				if err != nil {
					b.Fatal(err)
				}
				db := engine.DynamoDB()
				if _, err := db.CreateTable(b.Context(), onDemand("Bench", key("p", "S", "s", "N"))); err != nil {
					b.Fatal(err)
				}
				for i := range 100_000 {
					putBenchmarkItem(b, db, i)
				}
				running := resident(b)
				debug.FreeOSMemory()
				after := resident(b)
				for kind, n := range running {
					b.ReportMetric(n-before[kind], "MB-"+kind+"-running")
					b.ReportMetric(after[kind]-before[kind], "MB-"+kind+"-idle")
				}
				runtime.KeepAlive(engine)
				if err := engine.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// resident returns the resident memory of this process by kind, in MB.
func resident(b *testing.B) map[string]float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skipf("no /proc/self/status: %v", err)
	}
	kinds := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "RssAnon" && name != "RssFile" {
			continue
		}
		kb, err := strconv.Atoi(strings.Fields(value)[0])
		if err != nil {
			b.Fatal(err)
		}
		kinds[name] = float64(kb) / 1024
	}
	return kinds
}

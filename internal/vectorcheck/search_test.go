package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Where a known answer is changed, this command sees it.
func TestSearchSeesWrongAnswers(t *testing.T) {
	for _, c := range []struct {
		family, id string
		path       []any // to what is changed in the case
		value      any
	}{
		{"standard_beacons", "standard_beacons-002", []any{"added", "aws_dbe_b_fuse", "S"}, "3f2c342d90e"},
		{"standard_beacons", "standard_beacons-002", []any{"decrypted", "fuse", "S"}, "rivers"},
		{"standard_beacons", "standard_beacons-002", []any{"output", "TransformedInput", "Item", "city", "S"}, "1"},
		{"standard_beacons", "standard_beacons-002", []any{"error"}, map[string]any{"type": "any"}},
		{"compound_beacons", "compound_beacons-001", []any{"output", "VirtualFields", "stateAndHasTestResult"}, "CAf"},
		{"compound_beacons", "compound_beacons-045", []any{"error"}, nil},
		{"config_errors", "config_errors-007", []any{"error"}, nil},
		{"config_errors", "config_errors-008", []any{"error"}, map[string]any{"type": "any"}},
		{"config_errors", "config_errors-040", []any{"error"}, nil},
		{"query_scan_input", "query_scan_input-001", []any{"output", "TransformedInput", "ExpressionAttributeValues", ":v", "S"}, "31510f"},
		{"query_scan_input", "query_scan_input-005", []any{"output", "TransformedInput", "FilterExpression"}, "aws_dbe_b_cvv = :v OR aws_dbe_b_email = :w AND aws_dbe_b_city = :x"},
		{"query_scan_input", "query_scan_input-118", []any{"output", "TransformedInput", "Limit"}, 6},
		{"query_scan_input", "query_scan_input-011", []any{"error"}, nil},
		{"query_scan_output", "query_scan_output-001", []any{"keep"}, []any{0, 2, 4}},
		{"query_scan_output", "query_scan_output-005", []any{"semanticKeep"}, []any{0, 1, 2, 4, 6}},
		{"complex_example", "complex_example-025", []any{"keep"}, []any{}},
		{"multi_tenant", "multi_tenant-001", []any{"added", "aws_dbe_b_model", "SS"}, []any{"e29d"}},
		{"multi_tenant", "multi_tenant-013", []any{"error"}, nil},
		{"read_ops", "read_ops-003", []any{"output", "TransformedOutput", "Item", "brand"}, map[string]any{"S": "x"}},
		{"write_ops", "write_ops-004", []any{"output", "TransformedInput", "Item", "badge", "S"}, "x"},
	} {
		raw, err := os.ReadFile(filepath.Join(vectors, "search", c.family+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		var only []any
		for _, vector := range doc["cases"].([]any) {
			if vector.(map[string]any)["id"] == c.id {
				only = append(only, vector)
			}
		}
		if len(only) != 1 {
			t.Fatalf("%d vectors %s", len(only), c.id)
		}
		doc["cases"] = only
		outcome := func() error {
			text, err := marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			results, err := runSearch(t.Context(), &file{path: filepath.Join(t.TempDir(), "x.json"), raw: text})
			if err != nil || len(results) != 1 {
				t.Fatalf("%s: %d results, %v", c.id, len(results), err)
			}
			return results[0].err
		}
		if err := outcome(); err != nil {
			t.Errorf("%s as it is: %v", c.id, err)
		}
		change(t, only[0], c.path, c.value)
		if err := outcome(); err == nil || errors.Is(err, errNotCovered) {
			t.Errorf("%s with %v changed: %v", c.id, c.path, err)
		}
	}
}

// change sets what lies at the end of path; nil takes it out.
func change(t *testing.T, value any, path []any, to any) {
	t.Helper()
	for _, step := range path[:len(path)-1] {
		value = value.(map[string]any)[step.(string)]
	}
	object, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("nothing at %v", path)
	}
	object[path[len(path)-1].(string)] = to
}

func parse(t *testing.T, text string) condition {
	t.Helper()
	p := &placeholders{used: map[string]bool{}, values: map[string]any{
		":v": map[string]any{"S": "v"}, ":w": map[string]any{"S": "w"}, ":h": map[string]any{"S": "1f"},
	}}
	tokens, err := p.tokens(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := parseCondition(tokens)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a = :v", "( ( a=:v ) )", true},
		{"a = :v AND b = :w OR d = :v", "(a = :v AND b = :w) OR d = :v", true},
		{"a = :v AND b = :w OR d = :v", "a = :v AND (b = :w OR d = :v)", false},
		{"a = :v AND (b = :w AND d = :v)", "a = :v and b = :w and d = :v", true},
		{"NOT a = :v AND b = :w", "(NOT a = :v) AND b = :w", true},
		{"NOT (a = :v AND b = :w)", "NOT a = :v AND b = :w", false},
		{"a BETWEEN :v AND :w AND b = :v", "(a BETWEEN :v AND :w) AND (b = :v)", true},
		{"contains(a, :v) OR size(b) > :w", "(contains (a , :v)) OR (size(b) > :w)", true},
		{"a IN (:v, :w)", "a IN (:w, :v)", false},
	} {
		if same := difference(parse(t, c.a), parse(t, c.b)) == nil; same != c.same {
			t.Errorf("%q and %q are the same: %v", c.a, c.b, same)
		}
	}
}

func TestRewritten(t *testing.T) {
	actions := map[string]attribute.Action{"a": attribute.EncryptAndSign, "b": attribute.SignOnly}
	for _, c := range []struct {
		asked, sent string
		right       bool
	}{
		{"a = :v", "aws_dbe_b_a = :h", true},
		{"b = :v AND a = :w", "b = :v AND aws_dbe_b_a = :h", true},
		{"a = :v", "a = :v", false},
		{"a = :v", "aws_dbe_b_a = :v", false},
		{"a = :v", "aws_dbe_b_b = :h", false},
		{"b = :v", "b = :h", false},
		{"a = :v", "a", false},
		{"b = :v AND a = :v", "b = :v", false},
	} {
		if err := rewritten(parse(t, c.asked), parse(t, c.sent), actions); (err == nil) != c.right {
			t.Errorf("%q sent as %q: %v", c.asked, c.sent, err)
		}
	}
}

package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/internal/enginetest"
)

func TestAccessPatterns(t *testing.T) {
	engine := enginetest.Open(t)
	client, err := open(t.Context(), engine.DynamoDB)
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	patterns := accessPatterns()
	if len(patterns) != 23 || len(records()) != 24 {
		t.Fatalf("%d queries on %d items, want 23 on 24", len(patterns), len(records()))
	}
	for i, p := range patterns {
		found, err := p.ask(t.Context(), client)
		if err != nil {
			t.Errorf("query %d, %s: %v", i+1, p.question, err)
		} else if !slices.Equal(found, p.want) {
			t.Errorf("query %d, %s: found %v, want %v", i+1, p.question, found, p.want)
		}
	}
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 23 {
		t.Errorf("%d lines, want one for each query:\n%s", lines, &out)
	}
}

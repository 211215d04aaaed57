package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/runtime"
)

func init() {
	for _, family := range []string{
		"standard_beacons", "compound_beacons", "virtual_fields", "complex_example", "config_errors",
		"multi_tenant", "query_scan_input", "query_scan_output", "read_ops", "write_ops",
	} {
		runners[family] = runSearch
	}
}

// searchFile is a file of vectors of searchable encryption. Members that are not
// judged are left out.
type searchFile struct {
	KeyStores map[string]searchKeyStore `json:"keyStores"`
	Configs   map[string]searchConfig   `json:"configs"`
	Datasets  map[string]struct {
		Items []struct {
			Encrypted item `json:"encrypted"`
			Decrypted item `json:"decrypted"`
		} `json:"items"`
	} `json:"datasets"`
	Cases []*searchCase `json:"cases"`

	refusable map[string]bool
}

// searchCase is one of its vectors. Which members there are depends on the
// operation.
type searchCase struct {
	ID           string        `json:"id"`
	Op           string        `json:"op"`
	Config       string        `json:"config"`
	InlineConfig *searchConfig `json:"inlineConfig"`
	Tags         []string      `json:"tags"`
	Input        struct {
		SdkInput      json.RawMessage
		OriginalInput json.RawMessage
		SdkOutput     map[string]any
		TableName     string
		Item          item
		Version       *int
	} `json:"input"`
	Output    json.RawMessage `json:"output"`
	Added     json.RawMessage `json:"added"`
	Decrypted item            `json:"decrypted"`
	Error     *struct {
		Type string `json:"type"`
	} `json:"error"`

	OriginalInput    json.RawMessage `json:"originalInput"`
	TransformedInput json.RawMessage `json:"transformedInput"`
	Dataset          string          `json:"dataset"`
	ServerItems      []int           `json:"serverItems"`
	Keep             []int           `json:"keep"`
	SemanticKeep     []int           `json:"semanticKeep"`
}

func runSearch(ctx context.Context, f *file) ([]result, error) {
	var doc searchFile
	if err := json.Unmarshal(f.raw, &doc); err != nil {
		return nil, err
	}
	var err error
	if doc.refusable, err = refusable(f.path); err != nil {
		return nil, err
	}
	results := make([]result, len(doc.Cases))
	for i, c := range doc.Cases {
		results[i] = c.result(doc.run(ctx, c))
	}
	return results, nil
}

// refusable are the requests that may be refused before they are made, by the
// vectors of requests in the file beside that of the path: what comes after such
// a request cannot be judged then.
func refusable(path string) (map[string]bool, error) {
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), "query_scan_input.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var doc searchFile
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	requests := map[string]bool{}
	for _, c := range doc.Cases {
		if c.bug() || c.quirk() {
			requests[canonical(c.Input.SdkInput)] = true
		}
	}
	return requests, nil
}

// canonical is JSON with its members in order.
func canonical(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	text, err := marshal(v)
	if err != nil {
		return string(raw)
	}
	return string(text)
}

// run does what a case says. It returns the error of the operation, or one of
// the kind errWrongAnswer if the operation answered otherwise than it must.
func (f *searchFile) run(ctx context.Context, c *searchCase) error {
	if c.Op == "NewClient" {
		return f.runNewClient(ctx, c)
	}
	config, ok := f.Configs[c.Config]
	if !ok {
		return fmt.Errorf("%w: configuration %q, which is not in the file", errNotCovered, c.Config)
	}
	client, err := f.client(ctx, &config)
	if err != nil {
		return err
	}
	if operation, is := strings.CutSuffix(c.Op, "InputTransform"); is {
		return client.runInput(ctx, c, operation)
	}
	if operation, is := strings.CutSuffix(c.Op, "OutputTransform"); is {
		return client.runOutput(ctx, f, c, operation)
	}
	switch c.Op {
	case "QueryEndToEnd":
		return client.runQuery(ctx, f, c)
	case "ResolveAttributes":
		return client.runResolve(c)
	}
	return fmt.Errorf("%w: operation %q", errNotCovered, c.Op)
}

// The ways in which the answer of a vector counts.
func (c *searchCase) quirk() bool { return slices.Contains(c.Tags, "quirk") }
func (c *searchCase) bug() bool   { return slices.Contains(c.Tags, "reference-bug") }

// rule names the way.
func (c *searchCase) rule() string {
	for _, tag := range []string{"interop-quirk", "quirk", "reference-bug"} {
		if slices.Contains(c.Tags, tag) {
			return tag
		}
	}
	return "given"
}

func (c *searchCase) result(err error) result {
	return result{id: c.ID, err: c.verdict(err), rule: c.rule()}
}

// verdict returns nil if err is what the vector expects of its operation.
func (c *searchCase) verdict(err error) error {
	mustFail := c.Error != nil
	switch {
	case errors.Is(err, errNotCovered) || errors.Is(err, errWrongAnswer):
		return err
	case c.bug() && mustFail && c.Error.Type != "panic":
		return err // what should not have failed
	case c.bug():
		return nil // refused, or answered and found right
	case mustFail && err == nil:
		return fmt.Errorf("%s succeeded, but must fail", c.Op)
	case mustFail || c.quirk():
		return nil // refused, or answered and found right
	}
	return err
}

// answer compares what an operation answered with what the vector has. Where the
// vector has an error there is nothing to compare, and where it has a bug the
// answer must be another one.
func (c *searchCase) answer(same error) error {
	switch {
	case c.Error != nil:
		return nil
	case c.bug() && same == nil:
		return fmt.Errorf("%w: the answer is that of the bug", errWrongAnswer)
	case c.bug():
		return nil
	case same != nil:
		return fmt.Errorf("%w: %w", errWrongAnswer, same)
	}
	return nil
}

func (f *searchFile) runNewClient(ctx context.Context, c *searchCase) error {
	if _, err := f.client(ctx, c.InlineConfig); err != nil {
		return err
	}
	return c.answer(nil)
}

func (s *searchClient) runResolve(c *searchCase) error {
	if c.Input.Version != nil && *c.Input.Version != 1 {
		return fmt.Errorf("%w: version %d of beacons", errUnsayable, *c.Input.Version)
	}
	got, err := s.client.ResolveAttributes(c.Input.TableName, c.Input.Item)
	if err != nil {
		return err
	}
	var want runtime.ResolvedAttributes
	if err := unmarshal(c.Output, &want); err != nil {
		return err
	}
	if !maps.Equal(got.VirtualFields, want.VirtualFields) || !maps.Equal(got.CompoundBeacons, want.CompoundBeacons) {
		return c.answer(fmt.Errorf("virtual fields %v and compound beacons %v", got.VirtualFields, got.CompoundBeacons))
	}
	return c.answer(nil)
}

// unmarshal reads a member that may be missing.
func unmarshal(raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}

// runInput makes a request and looks at the one that was sent for it.
func (s *searchClient) runInput(ctx context.Context, c *searchCase, operation string) error {
	if _, err := s.call(ctx, operation, c.Input.SdkInput, nothing); err != nil {
		return err
	}
	var want struct{ TransformedInput any }
	if err := unmarshal(c.Output, &want); err != nil {
		return err
	}
	sent, err := s.sent(operation)
	if err != nil {
		return err
	}
	if c.bug() {
		return s.runBug(ctx, c, operation, sent)
	}
	added, err := c.addedItems()
	if err != nil {
		return err
	}
	for _, a := range added {
		ours, err := a.cut(operation, sent)
		if err != nil {
			return err
		}
		theirs, err := a.cut(operation, want.TransformedInput)
		if err != nil {
			return err
		}
		if err := s.sameStored(ctx, a, ours, theirs, c.Decrypted); err != nil {
			return c.answer(err)
		}
	}
	return c.answer(s.sameRequest(sent, want.TransformedInput))
}

// runBug looks at a request that was sent where the vector has a bug, and so no
// known answer.
func (s *searchClient) runBug(ctx context.Context, c *searchCase, operation string, sent any) error {
	if operation == "PutItem" {
		return s.consistent(ctx, c, sent)
	}
	var asked any
	if err := json.Unmarshal(c.Input.SdkInput, &asked); err != nil {
		return err
	}
	before, err := s.meaning(asked)
	if err != nil {
		return err
	}
	after, err := s.meaning(sent)
	if err != nil {
		return err
	}
	table, _ := descend(asked)["TableName"].(string)
	for _, member := range conditions {
		x, asks := descend(before)[member].(condition)
		y, is := descend(after)[member].(condition)
		if asks != is {
			return fmt.Errorf("%w: %s was added or left out", errWrongAnswer, member)
		}
		if err := rewritten(x, y, s.tables[table].AttributeActionsOnEncrypt); err != nil {
			return fmt.Errorf("%w: %w", errWrongAnswer, err)
		}
	}
	return nil
}

// sent returns the one request that was sent.
func (s *searchClient) sent(operation string) (any, error) {
	if len(s.wire.requests) != 1 || s.wire.requests[0].operation != operation {
		return nil, fmt.Errorf("%w: %d requests were sent for one of %s", errWrongAnswer, len(s.wire.requests), operation)
	}
	var sent any
	return sent, json.Unmarshal(s.wire.requests[0].body, &sent)
}

// runOutput makes the original request and has it answered as the vector says.
func (s *searchClient) runOutput(ctx context.Context, f *searchFile, c *searchCase, operation string) error {
	if c.Dataset != "" {
		return s.runFilter(ctx, f, c, operation)
	}
	in, err := s.completed(c.Input.OriginalInput)
	if err != nil {
		return err
	}
	got, err := s.call(ctx, operation, in, func(wireRequest) (any, error) { return c.Input.SdkOutput, nil })
	if err != nil {
		return err
	}
	var want struct{ TransformedOutput map[string]any }
	if err := unmarshal(c.Output, &want); err != nil {
		return err
	}
	var asked struct{ Select string }
	if err := json.Unmarshal(in, &asked); err != nil {
		return err
	}
	if asked.Select == "COUNT" && want.TransformedOutput != nil {
		// What the server counted is not what was asked: beacons collide. The
		// count must be that of the items which the client was given.
		items, _ := c.Input.SdkOutput["Items"].([]any)
		want.TransformedOutput["Count"] = len(items)
	}
	return c.answer(sameAnswer(got, want.TransformedOutput))
}

// runFilter has a query answered with all items of a dataset, more than a server
// would find, and looks at those that the caller gets.
func (s *searchClient) runFilter(ctx context.Context, f *searchFile, c *searchCase, operation string) error {
	keep := c.Keep
	if c.SemanticKeep != nil {
		keep = c.SemanticKeep
	}
	items := f.Datasets[c.Dataset].Items
	all := make([]int, len(items))
	for i := range all {
		all[i] = i
	}
	got, err := s.query(ctx, f, operation, c.OriginalInput, c.Dataset, all)
	if err != nil && len(s.wire.requests) == 0 && f.refusable[canonical(c.OriginalInput)] {
		return nil // there is no answer to a request that is not made
	}
	if err != nil {
		return err
	}
	want := map[string]any{"Items": f.decrypted(c.Dataset, keep), "Count": len(keep), "ScannedCount": len(items)}
	same := sameAnswer(got, want)
	if c.SemanticKeep != nil {
		// The right answer is known although the reference had another one.
		if same != nil {
			return fmt.Errorf("%w: %w", errWrongAnswer, same)
		}
		return nil
	}
	return c.answer(same)
}

// runQuery sends a query, looks at the request, has it answered with the items
// that a server found, and looks at those that the caller gets.
func (s *searchClient) runQuery(ctx context.Context, f *searchFile, c *searchCase) error {
	const dataset = "items"
	got, err := s.query(ctx, f, "Query", c.OriginalInput, dataset, c.ServerItems)
	if err != nil {
		return err
	}
	sent, err := s.sent("Query")
	if err != nil {
		return err
	}
	var want any
	if err := unmarshal(c.TransformedInput, &want); err != nil {
		return err
	}
	if err := s.sameRequest(sent, want); err != nil {
		return c.answer(err)
	}
	return c.answer(sameAnswer(got, map[string]any{
		"Items": f.decrypted(dataset, c.Keep), "Count": len(c.Keep), "ScannedCount": len(c.ServerItems),
	}))
}

// query makes a request that is answered with some items of a dataset.
func (s *searchClient) query(ctx context.Context, f *searchFile, operation string, in json.RawMessage, dataset string, found []int) (any, error) {
	encrypted := make([]item, len(found))
	for i, at := range found {
		encrypted[i] = f.Datasets[dataset].Items[at].Encrypted
	}
	return s.call(ctx, operation, in, func(wireRequest) (any, error) {
		return map[string]any{"Items": encrypted, "Count": len(found), "ScannedCount": len(found)}, nil
	})
}

func (f *searchFile) decrypted(dataset string, keep []int) []item {
	items := make([]item, len(keep))
	for i, at := range keep {
		items[i] = f.Datasets[dataset].Items[at].Decrypted
	}
	return items
}

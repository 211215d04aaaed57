package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
)

func init() {
	for _, family := range []string{
		"standard_beacons", "virtual_fields", "config_errors",
	} {
		runners[family] = runSearch
	}
}

// searchFile is a file of vectors of searchable encryption. Members that are not
// judged are left out.
type searchFile struct {
	KeyStores map[string]searchKeyStore `json:"keyStores"`
	Configs   map[string]searchConfig   `json:"configs"`
	Cases     []*searchCase             `json:"cases"`
}

// searchCase is one of its vectors.
type searchCase struct {
	ID           string        `json:"id"`
	Op           string        `json:"op"`
	Config       string        `json:"config"`
	InlineConfig *searchConfig `json:"inlineConfig"`
	Tags         []string      `json:"tags"`
	Input        struct {
		SdkInput struct {
			TableName string
			Item      item
		}
		TableName string
		Item      item
		Version   *int
	} `json:"input"`
	Output    json.RawMessage `json:"output"`
	Added     json.RawMessage `json:"added"` // an item, or a list for batches
	Decrypted json.RawMessage `json:"decrypted"`
	Error     *struct {
		Type string `json:"type"`
	} `json:"error"`
}

// searchOps are the operations that are judged. Each returns the error of the
// operation, or one of the kind errWrongAnswer if it answered otherwise than the
// vector says.
var searchOps = map[string]func(ctx context.Context, f *searchFile, c *searchCase) error{
	"PutItemInputTransform": judgePut,
	"ResolveAttributes":     judgeResolve,
	"NewClient":             judgeNewClient,
}

func runSearch(ctx context.Context, f *file) ([]result, error) {
	var doc searchFile
	if err := json.Unmarshal(f.raw, &doc); err != nil {
		return nil, err
	}
	results := make([]result, len(doc.Cases))
	for i, c := range doc.Cases {
		judge, ok := searchOps[c.Op]
		if !ok {
			results[i] = result{c.ID, fmt.Errorf("%w: operation %q", errNotCovered, c.Op)}
			continue
		}
		results[i] = result{c.ID, c.verdict(judge(ctx, &doc, c))}
	}
	return results, nil
}

// The ways in which the answer of the vector counts.
func (c *searchCase) quirk() bool { return slices.Contains(c.Tags, "quirk") }
func (c *searchCase) bug() bool   { return slices.Contains(c.Tags, "reference-bug") }

// verdict returns nil if err is what the vector expects of its operation.
func (c *searchCase) verdict(err error) error {
	mustFail := c.Error != nil
	switch {
	case errors.Is(err, errNotCovered) || errors.Is(err, errWrongAnswer):
		return err
	case c.quirk():
		return nil // as the vector says, or a clear error
	case c.bug() && mustFail && c.Error.Type != "panic":
		return err // what should not have failed
	case c.bug():
		return nil // an error, or an answer that was found consistent
	case mustFail && err == nil:
		return fmt.Errorf("%s succeeded, but must fail", c.Op)
	case mustFail:
		return nil
	}
	return err
}

// compares reports whether the answer must be that of the vector.
func (c *searchCase) compares() bool { return c.Error == nil && !c.bug() }

func judgePut(ctx context.Context, f *searchFile, c *searchCase) error {
	var wantAdded, wantDecrypted item
	if err := errors.Join(unmarshal(c.Added, &wantAdded), unmarshal(c.Decrypted, &wantDecrypted)); err != nil {
		return err
	}
	plain := c.Input.SdkInput.Item
	table, err := f.open(ctx, c, c.Input.SdkInput.TableName, plain, wantAdded, wantDecrypted)
	if err != nil {
		return err
	}
	stored, err := table.put(ctx, plain)
	if err != nil {
		return err
	}
	added := item{}
	for name, value := range stored {
		if _, given := plain[name]; !given && name != attribute.HeaderName && name != attribute.FooterName {
			added[name] = value
		}
	}
	if !c.compares() {
		return table.consistent(ctx, plain, stored)
	}
	if err := sameValues(added, wantAdded); err != nil {
		return fmt.Errorf("added attributes: %w", err)
	}
	// What was written, and what the vector has, must both decrypt.
	var theirs struct{ TransformedInput struct{ Item item } }
	if err := json.Unmarshal(c.Output, &theirs); err != nil {
		return err
	}
	for who, stored := range map[string]item{"what was put": stored, "what the vector put": theirs.TransformedInput.Item} {
		decrypted, err := table.get(ctx, stored)
		if err != nil {
			return fmt.Errorf("%w: %s does not decrypt: %w", errWrongAnswer, who, err)
		}
		if !equalItems(decrypted, wantDecrypted) {
			return fmt.Errorf("%w: %s decrypts to another item", errWrongAnswer, who)
		}
	}
	return nil
}

// unmarshal reads a member that may be missing.
func unmarshal(raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}

// consistent returns nil if stored, for which no known answer is right, decrypts
// to plain and its signed beacons, and was encrypted for the tenant that it names.
func (t *searchTable) consistent(ctx context.Context, plain, stored item) error {
	want := maps.Clone(plain)
	resolved, err := t.resolve(plain)
	if err != nil {
		return err
	}
	for name, text := range resolved.CompoundBeacons {
		if _, signed := stored[name]; signed {
			want[name] = &types.AttributeValueMemberS{Value: text}
		}
	}
	decrypted, err := t.get(ctx, stored)
	if err != nil {
		return fmt.Errorf("%w: what was put does not decrypt: %w", errWrongAnswer, err)
	}
	if err := sameValues(decrypted, want); err != nil {
		return err
	}
	if t.keyField == "" {
		return nil
	}
	keys, err := runtime.DescribeDataKeys(stored)
	if err != nil {
		return err
	}
	tenant, ok := plain[t.keyField].(*types.AttributeValueMemberS)
	if len(keys) != 1 || !ok || keys[0].BranchKeyID != tenant.Value {
		return fmt.Errorf("%w: an item was put under the branch key of another tenant than it names", errWrongAnswer)
	}
	return nil
}

func judgeResolve(ctx context.Context, f *searchFile, c *searchCase) error {
	if c.Input.Version != nil && *c.Input.Version != 1 {
		return fmt.Errorf("%w: version %d of beacons", errUnsayable, *c.Input.Version)
	}
	table, err := f.open(ctx, c, c.Input.TableName, c.Input.Item)
	if err != nil {
		return err
	}
	got, err := table.resolve(c.Input.Item)
	if err != nil || !c.compares() {
		return err
	}
	var want runtime.ResolvedAttributes
	if err := json.Unmarshal(c.Output, &want); err != nil {
		return err
	}
	if !maps.Equal(got.VirtualFields, want.VirtualFields) || !maps.Equal(got.CompoundBeacons, want.CompoundBeacons) {
		return fmt.Errorf("%w: virtual fields %v and compound beacons %v", errWrongAnswer, got.VirtualFields, got.CompoundBeacons)
	}
	return nil
}

func judgeNewClient(ctx context.Context, f *searchFile, c *searchCase) error {
	for name := range c.InlineConfig.Tables {
		if _, err := f.openTable(ctx, c.InlineConfig, name, nil); err != nil {
			return err
		}
	}
	if c.bug() && c.Error == nil {
		return fmt.Errorf("%w: the configuration was accepted", errWrongAnswer)
	}
	return nil
}

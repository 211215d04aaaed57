package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/embedded"
	"github.com/ddbegen/ddbegen/runtime/keystore"
)

func init() {
	runners["aws-kms-hierarchical"] = runItems
	keyrings["aws-kms-hierarchical"] = newHierarchical
	runners["keystore"] = runKeyStore
}

// keyStoreSpec is a key store as vectors describe it: as a client is configured,
// with or without what is in the table.
type keyStoreSpec struct {
	DDBTableName        string
	LogicalKeyStoreName string
	KMSKeyArn           string // in vectors of the item encryptor
	Region              string // the same
	KMSConfiguration    struct {
		KMSKeyArn, KMSMRKeyArn string
		Discovery              *struct{}
		MRDiscovery            *struct{ Region string }
	}
	Items         []item
	PlaintextKeys map[string]plaintextKeys // by branch key id
}

// plaintextKeys are the keys of a branch key in plain text.
type plaintextKeys struct {
	Active struct {
		BranchKeyVersion  string
		EncryptionContext map[string]string
	}
	Versions                map[string]hexBytes
	BeaconKeyHex            hexBytes
	BeaconEncryptionContext map[string]string
}

func (s *keyStoreSpec) kmsKey() (keystore.KMSKey, error) {
	switch c := s.KMSConfiguration; {
	case s.KMSKeyArn != "":
		return keystore.Key(s.KMSKeyArn), nil
	case c.KMSKeyArn != "":
		return keystore.Key(c.KMSKeyArn), nil
	case c.KMSMRKeyArn != "":
		return keystore.MultiRegionKey(c.KMSMRKeyArn), nil
	case c.Discovery != nil:
		return keystore.Discovery(), nil
	case c.MRDiscovery != nil:
		return keystore.MultiRegionDiscovery(c.MRDiscovery.Region), nil
	default:
		return keystore.KMSKey{}, fmt.Errorf("%w: a key store without a KMS configuration", errNotCovered)
	}
}

// open returns the key store on a client and a KMS.
func (s *keyStoreSpec) open(db keystore.DynamoDBClient, keys keystore.KMSClient) (*keystore.Store, error) {
	key, err := s.kmsKey()
	if err != nil {
		return nil, err
	}
	return keystore.New(keystore.Config{
		Storage: keystore.DynamoDB(db, s.DDBTableName), KMS: keys, Key: key, LogicalName: s.LogicalKeyStoreName,
	})
}

// kms returns a client of the vectors' KMS for the Region of the key store. In
// discovery mode that is the Region of what is in the table.
func (s *keyStoreSpec) kms(fakeKMS json.RawMessage, items []item) (*kms.Client, error) {
	f, err := newFakeKMS(fakeKMS)
	if err != nil {
		return nil, err
	}
	key, err := s.kmsKey()
	if err != nil {
		return nil, err
	}
	region := key.Region()
	for _, i := range items {
		if stored, ok := i["kms-arn"].(*types.AttributeValueMemberS); ok && region == "" {
			parsed, err := arn.Parse(stored.Value)
			if err != nil {
				return nil, err
			}
			region = parsed.Region
		}
	}
	return f.client(region), nil
}

// stored returns a key store that holds the items.
func (s *keyStoreSpec) stored(ctx context.Context, fakeKMS json.RawMessage) (*keystore.Store, error) {
	db, err := newTable(ctx, s.DDBTableName, s.Items)
	if err != nil {
		return nil, err
	}
	keys, err := s.kms(fakeKMS, s.Items)
	if err != nil {
		return nil, err
	}
	return s.open(db, keys)
}

// newTable returns a client of a new engine in which the table of a key store
// holds items.
func newTable(ctx context.Context, name string, items []item) (*dynamodb.Client, error) {
	client, err := newEngine()
	if err != nil {
		return nil, err
	}
	if _, err := keystore.DynamoDB(client, name).CreateKeyStore(ctx); err != nil {
		return nil, err
	}
	for _, i := range items {
		if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: i}); err != nil {
			return nil, err
		}
	}
	return client, nil
}

func newEngine() (*dynamodb.Client, error) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		return nil, err
	}
	return engine.DynamoDB(), nil
}

func newHierarchical(ctx context.Context, s *keyringSpec) (crypto.Keyring, error) {
	var c struct {
		KeyStore            keyStoreSpec
		BranchKeyID         string
		TTLSeconds          int
		BranchKeyIDSupplier *struct {
			Attribute string
			Map       map[string]string // from DynamoDB's JSON of its value
		}
	}
	if err := s.decode(&c); err != nil {
		return nil, err
	}
	store, err := c.KeyStore.stored(ctx, s.FakeKMS)
	if err != nil {
		return nil, err
	}
	var supplier hierarchical.Supplier = hierarchical.Static(c.BranchKeyID)
	if choice := c.BranchKeyIDSupplier; choice != nil {
		supplier = hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
			a, _ := attributes.Get(choice.Attribute)
			value, err := runtime.AttributeValue(a)
			if err != nil {
				return "", err
			}
			plain, err := plainValue(value)
			if err != nil {
				return "", err
			}
			text, err := json.Marshal(plain)
			if err != nil {
				return "", err
			}
			id, ok := choice.Map[string(text)]
			if !ok {
				return "", errors.New("no branch key for this item")
			}
			return id, nil
		})
	}
	return hierarchical.New(store, supplier, time.Duration(c.TTLSeconds)*time.Second)
}

// keyStoreVector is one operation of a key store, with what it must have called.
type keyStoreVector struct {
	ID       string
	Op       string
	KeyStore keyStoreSpec
	Input    struct {
		BranchKeyIdentifier *string
		BranchKeyVersion    string
		EncryptionContext   map[string]string
	}
	Item     item // stands in the place of the stored one
	Output   *keyStoreOutput
	Error    *struct{}
	KMSCalls []call
	DDBCalls []ddbCall

	// What the operation finds.
	items   []item
	exists  bool // whether there is a table
	fakeKMS json.RawMessage
}

type keyStoreOutput struct {
	TableArn            string
	BranchKeyIdentifier string
	BranchKeyMaterials  *branchKeyMaterials
	BeaconKeyMaterials  *beaconKeyMaterials
}

type branchKeyMaterials struct {
	BranchKeyIdentifier, BranchKeyVersion string
	BranchKeyHex                          hexBytes
	EncryptionContext                     map[string]string
}

type beaconKeyMaterials struct {
	BeaconKeyIdentifier string
	BeaconKeyHex        hexBytes
	EncryptionContext   map[string]string
}

// runKeyStore runs the operations in their order: each one finds what those
// before it, as the reference ran them, have left in the tables.
func runKeyStore(ctx context.Context, f *file) ([]result, error) {
	var doc struct {
		FakeKMS   json.RawMessage
		KeyStores map[string]*keyStoreSpec
		Cases     []json.RawMessage
	}
	if err := json.Unmarshal(f.raw, &doc); err != nil {
		return nil, err
	}
	state := tables{}
	results := make([]result, len(doc.Cases))
	for n, raw := range doc.Cases {
		var v keyStoreVector
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("case %d: %w", n, err)
		}
		items, exists := state[v.KeyStore.DDBTableName]
		if v.Item != nil {
			items, exists = withItem(doc.KeyStores, v.Item), true
		}
		v.items, v.exists, v.fakeKMS = slices.Collect(maps.Values(items)), exists || v.Op != "CreateKeyStore", doc.FakeKMS
		results[n] = result{id: v.ID, err: v.run(ctx)}
		state.replay(v.DDBCalls)
	}
	for id, s := range doc.KeyStores {
		want := tables{}
		for _, i := range s.Items {
			want.put(s.DDBTableName, i)
		}
		if !reflect.DeepEqual(state[s.DDBTableName], want[s.DDBTableName]) {
			return nil, fmt.Errorf("the cases do not lead to the contents of key store %q", id)
		}
		if err := s.checkKeys(ctx, doc.FakeKMS); err != nil {
			results = append(results, result{id: "keyStores." + id, err: err})
		}
	}
	return results, nil
}

// tables are the items of each table, by partition and sort key.
type tables map[string]map[[2]string]item

func (t tables) put(table string, i item) {
	if t[table] == nil {
		t[table] = map[[2]string]item{}
	}
	t[table][keyOf(i)] = i
}

// keyOf returns the primary key of an item of a key store.
func keyOf(i item) (key [2]string) {
	for n, name := range []string{"branch-key-id", "type"} {
		if s, ok := i[name].(*types.AttributeValueMemberS); ok {
			key[n] = s.Value
		}
	}
	return key
}

// replay does what calls of the reference did.
func (t tables) replay(calls []ddbCall) {
	for _, c := range calls {
		if c.Op == "CreateTable" {
			t[c.Request.TableName] = map[[2]string]item{}
		}
		for _, w := range c.Request.TransactItems {
			_, there := t[w.Put.TableName][keyOf(w.Put.Item)]
			if there && strings.HasPrefix(w.Put.ConditionExpression, "attribute_not_exists") {
				break // the transaction failed as a whole, by its first condition
			}
			t.put(w.Put.TableName, w.Put.Item)
		}
	}
}

// withItem returns the key store that has an item of the key of i, with i in
// its place.
func withItem(stores map[string]*keyStoreSpec, i item) map[[2]string]item {
	for _, s := range stores {
		t := tables{}
		for _, other := range s.Items {
			t.put("", other)
		}
		if _, ok := t[""][keyOf(i)]; ok {
			t.put("", i)
			return t[""]
		}
	}
	return nil
}

// checkKeys checks that every key in the table is the one that it must be.
func (s *keyStoreSpec) checkKeys(ctx context.Context, fakeKMS json.RawMessage) error {
	store, err := s.stored(ctx, fakeKMS)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.PlaintextKeys)) {
		if err := s.PlaintextKeys[id].check(ctx, store, id); err != nil {
			return fmt.Errorf("branch key %q: %w", id, err)
		}
	}
	return nil
}

func (k plaintextKeys) check(ctx context.Context, store *keystore.Store, id string) error {
	active, err := store.ActiveBranchKey(ctx, id)
	if err != nil {
		return err
	}
	if active.Version != k.Active.BranchKeyVersion || !maps.Equal(active.EncryptionContext, k.Active.EncryptionContext) {
		return fmt.Errorf("%w: active version %s", errWrongAnswer, active.Version)
	}
	for version, want := range k.Versions {
		got, err := store.BranchKeyVersion(ctx, id, version)
		if err != nil {
			return err
		}
		if !sameKey(got.Key, want) || version == active.Version && !sameKey(active.Key, want) {
			return fmt.Errorf("%w: key of version %s", errWrongAnswer, version)
		}
	}
	beacon, err := store.BeaconKey(ctx, id)
	if err != nil {
		return err
	}
	if !sameKey(beacon.Key, k.BeaconKeyHex) || !maps.Equal(beacon.EncryptionContext, k.BeaconEncryptionContext) {
		return fmt.Errorf("%w: beacon key", errWrongAnswer)
	}
	return nil
}

func sameKey(k crypto.Key, want []byte) bool {
	return subtle.ConstantTimeCompare(k.InsecureBytes(), want) == 1
}

// run runs the operation. Its calls must be those of the vector; one that fails
// may have found out earlier.
func (v *keyStoreVector) run(ctx context.Context) error {
	client, err := v.client(ctx)
	if err != nil {
		return err
	}
	db := &ddbRecorder{DynamoDBClient: client}
	kmsClient, err := v.KeyStore.kms(v.fakeKMS, v.items)
	if err != nil {
		return err
	}
	keys := &kmsRecorder{KMSClient: kmsClient}
	store, err := v.KeyStore.open(db, keys)
	if err != nil {
		return err
	}
	got, err := v.call(ctx, store, keystore.DynamoDB(db, v.KeyStore.DDBTableName))
	if errors.Is(err, errNotCovered) {
		return err
	}
	failed := v.Error != nil
	switch {
	case failed && err == nil:
		return fmt.Errorf("%s succeeded, but must fail", v.Op)
	case !failed && err != nil:
		return err
	}
	// Fresh UUIDs and times differ from run to run; what was there before does not.
	known, err := json.Marshal([]any{v.items, v.Input, v.Item})
	if err != nil {
		return err
	}
	if err := compareCalls("KMS", keys.calls, v.KMSCalls, known, failed); err != nil {
		return err
	}
	if err := compareCalls("DynamoDB", db.calls, slices.Collect(summaries(v.DDBCalls)), known, failed); err != nil {
		return err
	}
	if failed {
		return nil
	}
	switch v.Op {
	case "CreateKey":
		err = readBack(ctx, store, got.BranchKeyIdentifier)
	case "VersionKey":
		err = readBack(ctx, store, *v.Input.BranchKeyIdentifier)
	}
	if err != nil || v.Output == nil {
		return err
	}
	if want := *v.Output; v.Input.BranchKeyIdentifier == nil && want.BranchKeyIdentifier != "" {
		if want.BranchKeyIdentifier = ""; len(got.BranchKeyIdentifier) != 36 {
			return fmt.Errorf("%w: %q is not a UUID", errWrongAnswer, got.BranchKeyIdentifier)
		}
		got.BranchKeyIdentifier, v.Output = "", &want
	}
	if !reflect.DeepEqual(got, v.Output) {
		return fmt.Errorf("%w: %s returned another result", errWrongAnswer, v.Op)
	}
	return nil
}

// client returns a client of an engine that has the state before the operation.
func (v *keyStoreVector) client(ctx context.Context) (*dynamodb.Client, error) {
	if !v.exists {
		return newEngine()
	}
	return newTable(ctx, v.KeyStore.DDBTableName, v.items)
}

func (v *keyStoreVector) call(ctx context.Context, s *keystore.Store, storage *keystore.DynamoDBStorage) (*keyStoreOutput, error) {
	out := &keyStoreOutput{}
	id := aws.ToString(v.Input.BranchKeyIdentifier)
	var key *branchkey.BranchKey
	var err error
	switch v.Op {
	case "CreateKeyStore":
		out.TableArn, err = storage.CreateKeyStore(ctx)
	case "CreateKey":
		if v.Input.BranchKeyIdentifier == nil {
			out.BranchKeyIdentifier, err = s.CreateKey(ctx, v.Input.EncryptionContext)
		} else {
			out.BranchKeyIdentifier, err = id, s.CreateKeyWithID(ctx, id, v.Input.EncryptionContext)
		}
	case "VersionKey":
		_, err = s.VersionKey(ctx, id)
	case "GetActiveBranchKey":
		key, err = s.ActiveBranchKey(ctx, id)
	case "GetBranchKeyVersion":
		key, err = s.BranchKeyVersion(ctx, id, v.Input.BranchKeyVersion)
	case "GetBeaconKey":
		beacon, err := s.BeaconKey(ctx, id)
		if err != nil {
			return nil, err
		}
		out.BeaconKeyMaterials = &beaconKeyMaterials{beacon.ID, beacon.Key.InsecureBytes(), beacon.EncryptionContext}
	default:
		return nil, fmt.Errorf("%w: operation %q", errNotCovered, v.Op)
	}
	if err == nil && key != nil {
		out.BranchKeyMaterials = &branchKeyMaterials{key.ID, key.Version, key.Key.InsecureBytes(), key.EncryptionContext}
	}
	return out, err
}

// readBack checks that what was written can be read, and that the active branch
// key is that of its version.
func readBack(ctx context.Context, s *keystore.Store, id string) error {
	active, err := s.ActiveBranchKey(ctx, id)
	if err != nil {
		return err
	}
	version, err := s.BranchKeyVersion(ctx, id, active.Version)
	if err != nil {
		return err
	}
	if !sameKey(active.Key, version.Key.InsecureBytes()) {
		return fmt.Errorf("%w: the active branch key is not that of its version", errWrongAnswer)
	}
	_, err = s.BeaconKey(ctx, id)
	return err
}

// compareCalls returns nil if the calls that were made are those that must have
// been made, or the first of them where the operation failed.
func compareCalls(service string, got, want []call, known []byte, failed bool) error {
	if failed {
		want = want[:min(len(got), len(want))]
	}
	a, err := normalCalls(got, known)
	if err != nil {
		return err
	}
	b, err := normalCalls(want, known)
	if err != nil {
		return err
	}
	if a != b {
		return fmt.Errorf("%w: calls of %s:\n    %s    instead of\n    %s", errWrongAnswer, service, a, b)
	}
	return nil
}

var fresh = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`)

// normalCalls returns calls as text in which UUIDs and times that were not known
// before are numbered.
func normalCalls(calls []call, known []byte) (string, error) {
	text, err := marshal(present(calls))
	if err != nil {
		return "", err
	}
	seen := map[string]string{}
	return fresh.ReplaceAllStringFunc(string(text), func(s string) string {
		if bytes.Contains(known, []byte(s)) {
			return s
		}
		if seen[s] == "" {
			seen[s] = fmt.Sprintf("<new %d>", len(seen)+1)
		}
		return seen[s]
	}), nil
}

// call is one call of a service.
type call struct {
	Op      string `json:"op"`
	Request any    `json:"request"`
}

// kmsRecorder keeps the calls of a KMS as the vectors have them: without
// ciphertexts and grant tokens.
type kmsRecorder struct {
	keystore.KMSClient
	calls []call
}

func (r *kmsRecorder) record(op string, request map[string]any) {
	r.calls = append(r.calls, call{op, request})
}

func (r *kmsRecorder) Decrypt(ctx context.Context, in *kms.DecryptInput, o ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	r.record("Decrypt", map[string]any{"KeyId": in.KeyId, "EncryptionContext": in.EncryptionContext})
	return r.KMSClient.Decrypt(ctx, in, o...)
}

func (r *kmsRecorder) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, o ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	r.record("GenerateDataKeyWithoutPlaintext", map[string]any{"KeyId": in.KeyId, "NumberOfBytes": in.NumberOfBytes, "EncryptionContext": in.EncryptionContext})
	return r.KMSClient.GenerateDataKeyWithoutPlaintext(ctx, in, o...)
}

func (r *kmsRecorder) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, o ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	r.record("ReEncrypt", map[string]any{
		"SourceKeyId": in.SourceKeyId, "SourceEncryptionContext": in.SourceEncryptionContext,
		"DestinationKeyId": in.DestinationKeyId, "DestinationEncryptionContext": in.DestinationEncryptionContext,
	})
	return r.KMSClient.ReEncrypt(ctx, in, o...)
}

// ddbCall is a call of DynamoDB as the vectors have it.
type ddbCall struct {
	Op      string
	Request struct {
		TableName     string
		Key           item
		TransactItems []struct {
			Put struct {
				TableName           string
				Item                item
				ConditionExpression string
			}
		}
	}
}

// summaries yields what is compared of calls: operation, table and key, and what
// is written but for the ciphertext.
func summaries(calls []ddbCall) iter.Seq[call] {
	return func(yield func(call) bool) {
		for _, c := range calls {
			var written []writtenItem
			for _, w := range c.Request.TransactItems {
				written = append(written, newWrittenItem(w.Put.TableName, w.Put.Item))
			}
			if !yield(newDDBCall(c.Op, c.Request.TableName, c.Request.Key, written)) {
				return
			}
		}
	}
}

type writtenItem struct {
	Table string
	Item  item
}

func newWrittenItem(table string, i item) writtenItem {
	i = maps.Clone(i)
	delete(i, "enc")
	return writtenItem{table, i}
}

func newDDBCall(op, table string, key item, written []writtenItem) call {
	return call{op, map[string]any{"table": table, "key": key, "written": written}}
}

// ddbRecorder keeps the calls of a DynamoDB. That a table is looked at again
// until it is ready is no call of its own.
type ddbRecorder struct {
	keystore.DynamoDBClient
	calls   []call
	created bool
}

func (r *ddbRecorder) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	r.calls = append(r.calls, newDDBCall("GetItem", aws.ToString(in.TableName), in.Key, nil))
	return r.DynamoDBClient.GetItem(ctx, in, o...)
}

func (r *ddbRecorder) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	var written []writtenItem
	for _, w := range in.TransactItems {
		written = append(written, newWrittenItem(aws.ToString(w.Put.TableName), w.Put.Item))
	}
	r.calls = append(r.calls, newDDBCall("TransactWriteItems", "", nil, written))
	return r.DynamoDBClient.TransactWriteItems(ctx, in, o...)
}

func (r *ddbRecorder) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, o ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	if !r.created {
		r.calls = append(r.calls, newDDBCall("DescribeTable", aws.ToString(in.TableName), nil, nil))
	}
	return r.DynamoDBClient.DescribeTable(ctx, in, o...)
}

func (r *ddbRecorder) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, o ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	r.calls = append(r.calls, newDDBCall("CreateTable", aws.ToString(in.TableName), nil, nil))
	r.created = true
	return r.DynamoDBClient.CreateTable(ctx, in, o...)
}

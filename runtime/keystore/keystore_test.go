package keystore_test

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/embedded"
	"github.com/ddbegen/ddbegen/runtime/keystore"
)

const (
	table   = "KeyStoreTable"
	logical = "LogicalKeyStore"
)

var callerContext = map[string]string{"department": "admin", "é": "ü"}

// A fixture is a key store on an engine.
type fixture struct {
	*enginetest.Engine
	storage keystore.Storage
	arn     string
	*keystore.Store
}

func onDynamoDB(t testing.TB) *fixture {
	t.Helper()
	return onEngine(t, enginetest.Open(t))
}

// onEmbedded is for tests that need faults, counters or Regions.
func onEmbedded(t testing.TB) *fixture {
	t.Helper()
	return onEngine(t, enginetest.OpenEmbedded(t, embedded.InMemory()))
}

func onEngine(t testing.TB, engine *enginetest.Engine) *fixture {
	t.Helper()
	storage := keystore.DynamoDB(engine.DynamoDB, table)
	if _, err := storage.CreateKeyStore(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newFixture(t, engine, storage)
}

func newFixture(t testing.TB, engine *enginetest.Engine, storage keystore.Storage) *fixture {
	t.Helper()
	f := &fixture{Engine: engine, storage: storage, arn: kmsKey(t, engine.KMS, false)}
	f.Store = f.open(t, keystore.Key(f.arn))
	return f
}

// open opens the same key store with another KMS configuration.
func (f *fixture) open(t testing.TB, key keystore.KMSKey) *keystore.Store {
	t.Helper()
	return open(t, keystore.Config{Storage: f.storage, KMS: f.KMS, Key: key, LogicalName: logical})
}

func open(t testing.TB, c keystore.Config) *keystore.Store {
	t.Helper()
	s, err := keystore.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func kmsKey(t testing.TB, client *kms.Client, multiRegion bool) string {
	t.Helper()
	out, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{MultiRegion: &multiRegion})
	if err != nil {
		t.Fatal(err)
	}
	return *out.KeyMetadata.Arn
}

func active(t testing.TB, s branchkey.Source, id string) *branchkey.BranchKey {
	t.Helper()
	k, err := s.ActiveBranchKey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func same(a, b crypto.Key) bool { return string(a.InsecureBytes()) == string(b.InsecureBytes()) }

func eachStorage(t *testing.T, test func(*testing.T, *fixture)) {
	t.Run("memory", func(t *testing.T) { test(t, newFixture(t, enginetest.Open(t), keystore.NewMemory())) })
	t.Run("DynamoDB", func(t *testing.T) { test(t, onDynamoDB(t)) })
}

func TestCreateAndRead(t *testing.T) {
	eachStorage(t, func(t *testing.T, f *fixture) {
		for name, create := range map[string]func() (string, error){
			"fresh id, no context": func() (string, error) { return f.CreateKey(t.Context(), nil) },
			"fresh id":             func() (string, error) { return f.CreateKey(t.Context(), callerContext) },
			"own id": func() (string, error) {
				return "tenant ü/1", f.CreateKeyWithID(t.Context(), "tenant ü/1", callerContext)
			},
		} {
			t.Run(name, func(t *testing.T) {
				id, err := create()
				if err != nil {
					t.Fatal(err)
				}
				want := callerContext
				if name == "fresh id, no context" {
					want = map[string]string{}
				}
				k := active(t, f, id)
				if err := k.Validate(); err != nil {
					t.Error(err)
				}
				if k.ID != id || !maps.Equal(k.EncryptionContext, want) {
					t.Errorf("got branch key %q with context %v", k.ID, k.EncryptionContext)
				}
				version, err := f.BranchKeyVersion(t.Context(), id, k.Version)
				if err != nil {
					t.Fatal(err)
				}
				if !same(version.Key, k.Key) || version.Version != k.Version || !maps.Equal(version.EncryptionContext, want) {
					t.Error("the active branch key is not that of its version")
				}
				beacon, err := f.BeaconKey(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if beacon.Validate() != nil || beacon.ID != id || same(beacon.Key, k.Key) || !maps.Equal(beacon.EncryptionContext, want) {
					t.Error("not a beacon key of its own")
				}
			})
		}
	})
}

func TestRotate(t *testing.T) {
	eachStorage(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		id, err := f.CreateKey(ctx, callerContext)
		if err != nil {
			t.Fatal(err)
		}
		first := active(t, f, id)
		beacon, err := f.BeaconKey(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		version, err := f.VersionKey(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		second := active(t, f, id)
		if second.Version != version || version == first.Version || same(first.Key, second.Key) {
			t.Error("the new version is not active")
		}
		if !maps.Equal(second.EncryptionContext, callerContext) {
			t.Errorf("the new version has the context %v", second.EncryptionContext)
		}
		old, err := f.BranchKeyVersion(ctx, id, first.Version)
		if err != nil {
			t.Fatal(err)
		}
		if !same(old.Key, first.Key) {
			t.Error("the old version has changed")
		}
		after, err := f.BeaconKey(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if !same(beacon.Key, after.Key) {
			t.Error("the beacon key has changed")
		}
	})
}

// Of many who rotate at the same time, some win and the others are told; no
// version that was reported is lost.
func TestRotateAtTheSameTime(t *testing.T) {
	eachStorage(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		id, err := f.CreateKey(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		var (
			mu    sync.Mutex
			won   []string
			group sync.WaitGroup
		)
		for range 8 {
			group.Go(func() {
				version, err := f.VersionKey(ctx, id)
				if err != nil {
					if !errors.Is(err, keystore.ErrConflict) {
						t.Errorf("got %v, want ErrConflict", err)
					}
					return
				}
				mu.Lock()
				defer mu.Unlock()
				won = append(won, version)
			})
		}
		group.Wait()
		if len(won) == 0 {
			t.Error("nobody won")
		}
		isActive := 0
		for _, version := range won {
			k, err := f.BranchKeyVersion(ctx, id, version)
			if err != nil {
				t.Error(err)
				continue
			}
			if current := active(t, f, id); current.Version == version && same(current.Key, k.Key) {
				isActive++
			}
		}
		if isActive != 1 {
			t.Errorf("%d of the versions are active", isActive)
		}
	})
}

func TestErrorsOfReadingAndWriting(t *testing.T) {
	eachStorage(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		const id = "tenant"
		if err := f.CreateKeyWithID(ctx, id, callerContext); err != nil {
			t.Fatal(err)
		}
		other := f.open(t, keystore.Key(kmsKey(t, f.KMS, false)))
		discovery := f.open(t, keystore.Discovery())
		renamed := open(t, keystore.Config{Storage: f.storage, KMS: f.KMS, Key: keystore.Key(f.arn), LogicalName: "other"})
		for _, c := range []struct {
			name string
			want error
			call func() error
		}{
			{"id that is taken", branchkey.ErrExists, func() error { return f.CreateKeyWithID(ctx, id, callerContext) }},
			{"no id", branchkey.ErrMalformed, func() error { return f.CreateKeyWithID(ctx, "", callerContext) }},
			{"id that is not UTF-8", branchkey.ErrMalformed, func() error { return f.CreateKeyWithID(ctx, "\xff", callerContext) }},
			{"rotate what is not there", branchkey.ErrNotFound, func() error { _, err := f.VersionKey(ctx, "nobody"); return err }},
			{"rotate nothing", branchkey.ErrMalformed, func() error { _, err := f.VersionKey(ctx, ""); return err }},
			{"read what is not there", branchkey.ErrNotFound, func() error { _, err := f.ActiveBranchKey(ctx, "nobody"); return err }},
			{"beacon key that is not there", branchkey.ErrNotFound, func() error { _, err := f.BeaconKey(ctx, "nobody"); return err }},
			{"version that is not there", branchkey.ErrNotFound, func() error { _, err := f.BranchKeyVersion(ctx, id, branchkey.NewVersion()); return err }},
			{"no version", branchkey.ErrMalformed, func() error { _, err := f.BranchKeyVersion(ctx, id, ""); return err }},
			{"no version but a type", branchkey.ErrMalformed, func() error { _, err := f.BranchKeyVersion(ctx, id, "ACTIVE"); return err }},
			{"another KMS key", keystore.ErrKeyMismatch, func() error { _, err := other.ActiveBranchKey(ctx, id); return err }},
			{"rotate for another KMS key", keystore.ErrKeyMismatch, func() error { _, err := other.VersionKey(ctx, id); return err }},
			{"create in discovery mode", keystore.ErrReadOnly, func() error { _, err := discovery.CreateKey(ctx, nil); return err }},
			{"rotate in discovery mode", keystore.ErrReadOnly, func() error { _, err := discovery.VersionKey(ctx, id); return err }},
			{"another logical name", keystore.ErrContextMismatch, func() error { _, err := renamed.ActiveBranchKey(ctx, id); return err }},
			{"rotate under another logical name", keystore.ErrContextMismatch, func() error { _, err := renamed.VersionKey(ctx, id); return err }},
		} {
			if err := c.call(); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want an error that wraps %q", c.name, err, c.want)
			}
		}
		if err := f.CreateKeyWithID(ctx, "other", nil); err == nil {
			t.Error("an id of one's own without an encryption context was accepted")
		}
		if _, err := f.CreateKey(ctx, map[string]string{"": "x"}); err == nil {
			t.Error("a nameless pair in the encryption context was accepted")
		}
		if k := active(t, discovery, id); !same(k.Key, active(t, f, id).Key) {
			t.Error("discovery reads another key")
		}
		_, err := renamed.ActiveBranchKey(ctx, id)
		if invalid := (*kmstypes.InvalidCiphertextException)(nil); !errors.As(err, &invalid) {
			t.Errorf("the error of KMS is not reachable: %v", err)
		}
	})
}

func TestAccessDenied(t *testing.T) {
	f := onEmbedded(t)
	id, err := f.CreateKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for operation, call := range map[string]func() error{
		"kms:Decrypt":                         func() error { _, err := f.ActiveBranchKey(t.Context(), id); return err },
		"dynamodb:GetItem":                    func() error { _, err := f.BeaconKey(t.Context(), id); return err },
		"kms:ReEncrypt":                       func() error { _, err := f.VersionKey(t.Context(), id); return err },
		"kms:GenerateDataKeyWithoutPlaintext": func() error { _, err := f.CreateKey(t.Context(), nil); return err },
		"dynamodb:TransactWriteItems":         func() error { _, err := f.CreateKey(t.Context(), nil); return err },
	} {
		_, name, _ := strings.Cut(operation, ":")
		remove := f.Embedded.Inject(embedded.DenyAccess().On(name))
		err := call()
		remove()
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" {
			t.Errorf("%s: the error of the service is not reachable: %v", operation, err)
		} else if !strings.Contains(err.Error(), operation) {
			t.Errorf("%q does not name the permission %s", err, operation)
		}
	}

	remove := f.Embedded.Inject(embedded.DenyAccess().On("Decrypt"))
	defer remove()
	writer, err := hierarchical.New(branchkeyOf(t, f, id), hierarchical.Static(id), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := writer.NewKeys(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := hierarchical.New(f, hierarchical.Static(id), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = reader.OpenKey(t.Context(), []crypto.EncryptedDataKey{keys[0].EncryptedDataKey}, nil)
	if api := smithy.APIError(nil); !errors.Is(err, crypto.ReasonAccessDenied) || !errors.As(err, &api) {
		t.Errorf("the keyring reports %v, want access denied", err)
	}
}

// branchkeyOf returns a source with a made-up key under the names of a real one.
func branchkeyOf(t testing.TB, f *fixture, id string) branchkey.Source {
	t.Helper()
	out, err := f.DynamoDB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: key(id, "branch:ACTIVE")})
	if err != nil {
		t.Fatal(err)
	}
	version := out.Item["version"].(*ddbtypes.AttributeValueMemberS).Value
	m := branchkey.NewMemory()
	if err := m.Add(&branchkey.BranchKey{
		ID: id, Version: strings.TrimPrefix(version, "branch:version:"), Key: crypto.NewKey(make([]byte, branchkey.KeyLen)),
	}); err != nil {
		t.Fatal(err)
	}
	return m
}

func key(id, itemType string) map[string]ddbtypes.AttributeValue {
	return map[string]ddbtypes.AttributeValue{
		"branch-key-id": &ddbtypes.AttributeValueMemberS{Value: id},
		"type":          &ddbtypes.AttributeValueMemberS{Value: itemType},
	}
}

// Whatever is changed in a stored item, the key does not come out.
func TestChangedItems(t *testing.T) {
	f := onDynamoDB(t)
	ctx := t.Context()
	const id = "tenant"
	if err := f.CreateKeyWithID(ctx, id, callerContext); err != nil {
		t.Fatal(err)
	}
	version := "branch:version:" + active(t, f, id).Version
	text := func(s string) ddbtypes.AttributeValue { return &ddbtypes.AttributeValueMemberS{Value: s} }
	number := func(s string) ddbtypes.AttributeValue { return &ddbtypes.AttributeValueMemberN{Value: s} }
	hierarchyVersion := new(keystore.HierarchyVersionError)

	for _, c := range []struct {
		name     string
		itemType string
		attr     string
		value    ddbtypes.AttributeValue // nil removes the attribute
		want     error
	}{
		{"create-time", "branch:ACTIVE", "create-time", text("2020-01-01T00:00:00.000000Z"), keystore.ErrContextMismatch},
		{"no create-time", "branch:ACTIVE", "create-time", nil, keystore.ErrMalformedItem},
		{"context changed", "branch:ACTIVE", "aws-crypto-ec:department", text("user"), keystore.ErrContextMismatch},
		{"context removed", "branch:ACTIVE", "aws-crypto-ec:department", nil, keystore.ErrContextMismatch},
		{"context added", "beacon:ACTIVE", "aws-crypto-ec:more", text("x"), keystore.ErrContextMismatch},
		{"unknown string added", "branch:ACTIVE", "unknown", text("x"), keystore.ErrContextMismatch},
		{"unknown number added", "branch:ACTIVE", "unknown", number("1"), keystore.ErrMalformedItem},
		{"tablename added", "branch:ACTIVE", "tablename", text(logical), keystore.ErrMalformedItem},
		{"newer hierarchy-version", "branch:ACTIVE", "hierarchy-version", number("2"), hierarchyVersion},
		{"newer hierarchy-version of the beacon key", "beacon:ACTIVE", "hierarchy-version", number("2"), hierarchyVersion},
		{"hierarchy-version as text", "branch:ACTIVE", "hierarchy-version", text("1"), keystore.ErrMalformedItem},
		{"no hierarchy-version", "branch:ACTIVE", "hierarchy-version", nil, keystore.ErrMalformedItem},
		{"no kms-arn", "branch:ACTIVE", "kms-arn", nil, keystore.ErrMalformedItem},
		{"kms-arn is an alias", "branch:ACTIVE", "kms-arn", text("arn:aws:kms:us-east-1:000000000000:alias/x"), keystore.ErrMalformedItem},
		{"enc as text", "branch:ACTIVE", "enc", text("x"), keystore.ErrMalformedItem},
		{"no enc", "branch:ACTIVE", "enc", nil, keystore.ErrMalformedItem},
		{"enc damaged", "beacon:ACTIVE", "enc", &ddbtypes.AttributeValueMemberB{Value: []byte("damaged")}, keystore.ErrContextMismatch},
		{"no version", "branch:ACTIVE", "version", nil, keystore.ErrMalformedItem},
		{"version is no UUID", "branch:ACTIVE", "version", text("branch:version:1"), keystore.ErrMalformedItem},
		{"version without its prefix", "branch:ACTIVE", "version", text(strings.TrimPrefix(version, "branch:version:")), keystore.ErrMalformedItem},
		{"another version", "branch:ACTIVE", "version", text("branch:version:" + branchkey.NewVersion()), keystore.ErrContextMismatch},
		{"version of a version", version, "version", text(version), keystore.ErrMalformedItem},
		{"version of the beacon key", "beacon:ACTIVE", "version", text(version), keystore.ErrMalformedItem},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := f.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: key(id, c.itemType)})
			if err != nil {
				t.Fatal(err)
			}
			changed := maps.Clone(got.Item)
			if changed[c.attr] = c.value; c.value == nil {
				delete(changed, c.attr)
			}
			put(t, f, changed)
			defer put(t, f, got.Item)
			switch c.itemType {
			case "branch:ACTIVE":
				_, err = f.ActiveBranchKey(ctx, id)
				if _, rotateErr := f.VersionKey(ctx, id); rotateErr == nil {
					t.Error("the changed item was rotated, and so made authentic")
				}
			case "beacon:ACTIVE":
				_, err = f.BeaconKey(ctx, id)
			default:
				_, err = f.BranchKeyVersion(ctx, id, strings.TrimPrefix(c.itemType, "branch:version:"))
			}
			if c.want == error(hierarchyVersion) {
				if newer := (*keystore.HierarchyVersionError)(nil); !errors.As(err, &newer) || newer.HierarchyVersion != "2" {
					t.Errorf("got %v, want an error that names the version", err)
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("got %v, want an error that wraps %q", err, c.want)
			}
		})
	}
}

func put(t testing.TB, f *fixture, item map[string]ddbtypes.AttributeValue) {
	t.Helper()
	if _, err := f.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
		t.Fatal(err)
	}
}

// Items of types that only newer key stores have are left alone.
func TestUnknownTypesAreIgnored(t *testing.T) {
	f := onDynamoDB(t)
	id, err := f.CreateKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, unknown := range []string{"branch:MUTATION_COMMITMENT", "branch:MUTATION_INDEX"} {
		put(t, f, key(id, unknown))
	}
	active(t, f, id)
	if _, err := f.VersionKey(t.Context(), id); err != nil {
		t.Error(err)
	}
}

func TestMultiRegion(t *testing.T) {
	const there = "eu-west-1"
	f := onEmbedded(t)
	ctx := t.Context()
	here := kmsKey(t, f.KMS, true)
	if _, err := f.KMS.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &here, ReplicaRegion: aws.String(there)}); err != nil {
		t.Fatal(err)
	}
	replica := strings.Replace(here, embedded.Region, there, 1)
	abroad := func(key keystore.KMSKey) *keystore.Store {
		return open(t, keystore.Config{Storage: f.storage, KMS: f.Embedded.KMSIn(there), Key: key, LogicalName: logical})
	}

	home := f.open(t, keystore.MultiRegionKey(here))
	id, err := home.CreateKey(ctx, callerContext)
	if err != nil {
		t.Fatal(err)
	}
	want := active(t, home, id)
	for _, key := range []keystore.KMSKey{keystore.MultiRegionKey(replica), keystore.MultiRegionDiscovery(there)} {
		if got := active(t, abroad(key), id); !same(got.Key, want.Key) {
			t.Errorf("%s reads another key", key)
		}
	}
	if _, err := abroad(keystore.Key(replica)).ActiveBranchKey(ctx, id); !errors.Is(err, keystore.ErrKeyMismatch) {
		t.Errorf("a single KMS key took its replica's branch key: %v", err)
	}
	version, err := abroad(keystore.MultiRegionKey(replica)).VersionKey(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if got := active(t, home, id); got.Version != version {
		t.Error("the rotation abroad is not seen at home")
	}
	single := kmsKey(t, f.KMS, false)
	local, err := f.open(t, keystore.MultiRegionKey(single)).CreateKey(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	active(t, f.open(t, keystore.MultiRegionDiscovery(embedded.Region)), local)
}

// conflicting is a DynamoDB in which other transactions are always faster.
type conflicting struct{ keystore.DynamoDBClient }

func (conflicting) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, &ddbtypes.TransactionCanceledException{CancellationReasons: []ddbtypes.CancellationReason{
		{Code: aws.String("None")}, {Code: aws.String("TransactionConflict")},
	}}
}

func TestConflictingTransactions(t *testing.T) {
	f := onDynamoDB(t)
	id, err := f.CreateKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, keystore.Config{Storage: keystore.DynamoDB(conflicting{f.DynamoDB}, table), KMS: f.KMS, Key: keystore.Key(f.arn), LogicalName: logical})
	if _, err := s.VersionKey(t.Context(), id); !errors.Is(err, keystore.ErrConflict) {
		t.Errorf("VersionKey: %v", err)
	}
	if _, err := s.CreateKey(t.Context(), nil); !errors.Is(err, keystore.ErrConflict) || errors.Is(err, branchkey.ErrExists) {
		t.Errorf("CreateKey: %v", err)
	}
}

// A response that is lost does not make the branch key exist already.
func TestLostResponse(t *testing.T) {
	f := onEmbedded(t)
	remove := f.Embedded.Inject(embedded.LoseResponse().On("TransactWriteItems").Times(1))
	defer remove()
	if err := f.CreateKeyWithID(t.Context(), "tenant", callerContext); err != nil {
		t.Fatal(err)
	}
	before := active(t, f, "tenant")
	remove = f.Embedded.Inject(embedded.LoseResponse().On("TransactWriteItems").Times(1))
	defer remove()
	version, err := f.VersionKey(t.Context(), "tenant")
	if err != nil {
		t.Fatal(err)
	}
	if after := active(t, f, "tenant"); after.Version != version || after.Version == before.Version {
		t.Error("the rotation is not there")
	}
}

func TestCreateKeyStore(t *testing.T) {
	engine := enginetest.Open(t)
	ctx := t.Context()
	storage := keystore.DynamoDB(engine.DynamoDB, table)
	first, err := storage.CreateKeyStore(ctx)
	if err != nil {
		t.Fatal(err)
	}
	second, err := storage.CreateKeyStore(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if first != second || !strings.HasSuffix(first, ":table/"+table) {
		t.Errorf("table ARNs %q and %q", first, second)
	}
	if _, err := engine.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String("other"),
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("branch-key-id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("branch-key-id"), KeyType: ddbtypes.KeyTypeHash}},
		BillingMode:          ddbtypes.BillingModePayPerRequest,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := keystore.DynamoDB(engine.DynamoDB, "other").CreateKeyStore(ctx); err == nil {
		t.Error("a table with other keys passes for a key store")
	}
}

// substitute answers in the place of KMS with another key's name or another
// length.
type substitute struct {
	keystore.KMSClient
	keyID  string
	length int
}

func (s substitute) Decrypt(ctx context.Context, in *kms.DecryptInput, o ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	out, err := s.KMSClient.Decrypt(ctx, in, o...)
	if err == nil && s.keyID != "" {
		out.KeyId = &s.keyID
	}
	if err == nil && s.length != 0 {
		out.Plaintext = out.Plaintext[:s.length]
	}
	return out, err
}

func (s substitute) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, o ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := s.KMSClient.GenerateDataKeyWithoutPlaintext(ctx, in, o...)
	if err == nil {
		out.KeyId = &s.keyID
	}
	return out, err
}

func (s substitute) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, o ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	out, err := s.KMSClient.ReEncrypt(ctx, in, o...)
	if err == nil {
		out.SourceKeyId = &s.keyID
	}
	return out, err
}

func TestAnswersOfKMSAreChecked(t *testing.T) {
	f := newFixture(t, enginetest.Open(t), keystore.NewMemory())
	ctx := t.Context()
	id, err := f.CreateKey(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	with := func(c keystore.KMSClient) *keystore.Store {
		return open(t, keystore.Config{Storage: f.storage, KMS: c, Key: keystore.Key(f.arn), LogicalName: logical})
	}
	other := with(substitute{KMSClient: f.KMS, keyID: kmsKey(t, f.KMS, false)})
	if _, err := other.ActiveBranchKey(ctx, id); !errors.Is(err, keystore.ErrKeyMismatch) {
		t.Errorf("Decrypt: %v", err)
	}
	if _, err := other.CreateKey(ctx, nil); !errors.Is(err, keystore.ErrKeyMismatch) {
		t.Errorf("GenerateDataKeyWithoutPlaintext: %v", err)
	}
	if _, err := other.VersionKey(ctx, id); !errors.Is(err, keystore.ErrKeyMismatch) {
		t.Errorf("ReEncrypt: %v", err)
	}
	if _, err := with(substitute{KMSClient: f.KMS, length: 16}).ActiveBranchKey(ctx, id); !errors.Is(err, keystore.ErrMalformedItem) {
		t.Errorf("a key of 16 bytes: %v", err)
	}
}

// recorder keeps the contexts and grant tokens that KMS sees.
type recorder struct {
	keystore.KMSClient
	contexts []map[string]string
	tokens   [][]string
}

func (r *recorder) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, o ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	r.contexts, r.tokens = append(r.contexts, in.EncryptionContext), append(r.tokens, in.GrantTokens)
	return r.KMSClient.GenerateDataKeyWithoutPlaintext(ctx, in, o...)
}

func (r *recorder) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, o ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	r.contexts, r.tokens = append(r.contexts, in.SourceEncryptionContext, in.DestinationEncryptionContext), append(r.tokens, in.GrantTokens)
	return r.KMSClient.ReEncrypt(ctx, in, o...)
}

func TestWhatKMSSees(t *testing.T) {
	f := newFixture(t, enginetest.Open(t), keystore.NewMemory())
	r := &recorder{KMSClient: f.KMS}
	s := open(t, keystore.Config{Storage: f.storage, KMS: r, Key: keystore.Key(f.arn), LogicalName: logical, GrantTokens: []keystore.GrantToken{"token"}})
	if err := s.CreateKeyWithID(t.Context(), "tenant", map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	version := r.contexts[0]["type"]
	created := r.contexts[0]["create-time"]
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`).MatchString(created) {
		t.Errorf("create-time %q", created)
	}
	item := func(pairs ...string) map[string]string {
		ec := map[string]string{
			"branch-key-id": "tenant", "create-time": created, "hierarchy-version": "1", "kms-arn": f.arn,
			"tablename": logical, "aws-crypto-ec:a": "b",
		}
		for i := 0; i < len(pairs); i += 2 {
			ec[pairs[i]] = pairs[i+1]
		}
		return ec
	}
	want := []map[string]string{
		item("type", version),
		item("type", version),
		item("type", "branch:ACTIVE", "version", version),
		item("type", "beacon:ACTIVE"),
	}
	for i := range want {
		if !maps.Equal(r.contexts[i], want[i]) {
			t.Errorf("context %d is %v, want %v", i, r.contexts[i], want[i])
		}
	}
	for _, tokens := range r.tokens {
		if len(tokens) != 1 || tokens[0] != "token" {
			t.Errorf("grant tokens %v", tokens)
		}
	}
}

func TestConfiguration(t *testing.T) {
	const arn = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	engine := enginetest.Open(t)
	good := keystore.Config{Storage: keystore.NewMemory(), KMS: engine.KMS, Key: keystore.Key(arn), LogicalName: logical, GrantTokens: []keystore.GrantToken{"t"}, ID: "me"}
	d := open(t, good).Describe()
	if d.ID != "me" || d.StorageName != "memory" || d.LogicalName != logical || d.Key != good.Key || len(d.GrantTokens) != 1 {
		t.Errorf("described as %+v", d)
	}
	good.ID = ""
	if d := open(t, good).Describe(); d.ID == "" {
		t.Error("no id")
	}
	for name, change := range map[string]func(*keystore.Config){
		"no storage":            func(c *keystore.Config) { c.Storage = nil },
		"no KMS client":         func(c *keystore.Config) { c.KMS = nil },
		"no logical name":       func(c *keystore.Config) { c.LogicalName = "" },
		"no KMS key":            func(c *keystore.Config) { c.Key = keystore.KMSKey{} },
		"alias":                 func(c *keystore.Config) { c.Key = keystore.Key("arn:aws:kms:us-east-1:000000000000:alias/x") },
		"alias name":            func(c *keystore.Config) { c.Key = keystore.Key("alias/x") },
		"key id":                func(c *keystore.Config) { c.Key = keystore.MultiRegionKey("1234abcd-12ab-34cd-56ef-1234567890ab") },
		"no key id":             func(c *keystore.Config) { c.Key = keystore.Key("arn:aws:kms:us-east-1:000000000000:key/") },
		"another service":       func(c *keystore.Config) { c.Key = keystore.Key(strings.Replace(arn, "kms", "s3", 1)) },
		"another region":        func(c *keystore.Config) { c.Key = keystore.Key(strings.Replace(arn, "us-east-1", "eu-west-1", 1)) },
		"no region":             func(c *keystore.Config) { c.Key = keystore.MultiRegionDiscovery("") },
		"too many grant tokens": func(c *keystore.Config) { c.GrantTokens = make([]keystore.GrantToken, 11) },
		"empty grant token":     func(c *keystore.Config) { c.GrantTokens = []keystore.GrantToken{""} },
		"long grant token": func(c *keystore.Config) {
			c.GrantTokens = []keystore.GrantToken{keystore.GrantToken(strings.Repeat("x", 8193))}
		},
	} {
		c := good
		change(&c)
		if _, err := keystore.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A cold branch key costs one call of KMS, however many ask for it.
func TestColdKeyCostsOneKMSCall(t *testing.T) {
	f := onEmbedded(t)
	id, err := f.CreateKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	keyring, err := hierarchical.New(f, hierarchical.Static(id), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	f.Embedded.ResetCalls()
	var group sync.WaitGroup
	for range 1000 {
		group.Go(func() {
			if _, err := keyring.NewKeys(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	calls := f.Embedded.Calls()
	if calls["Decrypt"] != 1 || calls["GetItem"] != 1 {
		t.Errorf("1000 goroutines made %d calls of kms:Decrypt and %d of dynamodb:GetItem, want one each", calls["Decrypt"], calls["GetItem"])
	}
}

// A KMS that fails is called about once for each grace interval of the cache,
// however many keep asking.
func TestFailingKMSIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seconds = 30
		f := onEmbedded(t)
		id, err := f.CreateKey(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		keyring, err := hierarchical.New(f, hierarchical.Static(id), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		f.Embedded.Inject(embedded.DenyAccess().On("Decrypt"))
		f.Embedded.ResetCalls()
		ctx, cancel := context.WithTimeout(t.Context(), seconds*time.Second)
		defer cancel()
		var (
			group  sync.WaitGroup
			errors atomic.Int64
		)
		for range 1000 {
			group.Go(func() {
				for ctx.Err() == nil {
					if _, err := keyring.NewKeys(ctx, nil); err != nil {
						errors.Add(1)
					}
				}
			})
		}
		group.Wait()
		if n := f.Embedded.Calls()["Decrypt"]; n < seconds/2 || n > seconds {
			t.Errorf("1000 goroutines called a failing KMS %d times in %d s (%d errors), want about once a second", n, seconds, errors.Load())
		}
		time.Sleep(2 * time.Second) // the last hold
	})
}

package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// kmsService is the part of AWS Key Management Service that the encryption
// clients of this module need. It keeps symmetric keys, RSA keys for encryption
// and elliptic curve keys for key agreement, single-Region and multi-Region.
//
// What the real service decides by policy is allowed here: key policies, tags
// and grant tokens are checked for shape and otherwise accepted. Keys are
// material for tests: they lie unprotected in the engine's store.
type kmsService struct {
	store   store
	now     func() time.Time
	account string

	// The parsed form of key material, by material id. Material never changes,
	// so nothing is ever removed.
	aeads   sync.Map // of cipher.AEAD
	private sync.Map // of *rsa.PrivateKey or *ecdh.PrivateKey
}

func newKMS(env environment) *kmsService {
	return &kmsService{store: env.store, now: env.now, account: env.account}
}

var _ service = (*kmsService)(nil)

// kmsOperations are the operations that exist; every other one is refused.
var kmsOperations = map[string]func(*kmsService, *request) (any, error){
	"CancelKeyDeletion":               kmsOperation((*kmsService).cancelKeyDeletion),
	"CreateAlias":                     kmsOperation((*kmsService).createAlias),
	"CreateKey":                       kmsOperation((*kmsService).createKey),
	"Decrypt":                         kmsOperation((*kmsService).decrypt),
	"DeleteAlias":                     kmsOperation((*kmsService).deleteAlias),
	"DeriveSharedSecret":              kmsOperation((*kmsService).deriveSharedSecret),
	"DescribeKey":                     kmsOperation((*kmsService).describeKey),
	"DisableKey":                      kmsOperation((*kmsService).disableKey),
	"EnableKey":                       kmsOperation((*kmsService).enableKey),
	"Encrypt":                         kmsOperation((*kmsService).encrypt),
	"GenerateDataKey":                 kmsOperation((*kmsService).generateDataKey),
	"GenerateDataKeyWithoutPlaintext": kmsOperation((*kmsService).generateDataKeyWithoutPlaintext),
	"GetPublicKey":                    kmsOperation((*kmsService).getPublicKey),
	"ListAliases":                     kmsOperation((*kmsService).listAliases),
	"ListKeys":                        kmsOperation((*kmsService).listKeys),
	"ReEncrypt":                       kmsOperation((*kmsService).reEncrypt),
	"ReplicateKey":                    kmsOperation((*kmsService).replicateKey),
	"ScheduleKeyDeletion":             kmsOperation((*kmsService).scheduleKeyDeletion),
	"UpdateAlias":                     kmsOperation((*kmsService).updateAlias),
}

// kmsOperation decodes the input of an operation before it runs. Region is the
// caller's.
func kmsOperation[In any](run func(s *kmsService, region string, in *In) (any, error)) func(*kmsService, *request) (any, error) {
	return func(s *kmsService, r *request) (any, error) {
		in := new(In)
		if err := r.decode(in); err != nil {
			return nil, err
		}
		return run(s, r.region, in)
	}
}

// operationNames implements service.
func (s *kmsService) operationNames() []string { return slices.Collect(maps.Keys(kmsOperations)) }

// serve implements service. No operation waits for anything, so ctx matters
// only before it begins.
func (s *kmsService) serve(ctx context.Context, r *request) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	run, ok := kmsOperations[r.operation]
	if !ok {
		return nil, unknownOperation()
	}
	output, err := run(s, r)
	if err != nil {
		return nil, err
	}
	if output == nil {
		return []byte("{}"), nil
	}
	body, err := json.Marshal(output)
	if err != nil {
		return nil, fmt.Errorf("encode the answer to %s: %w", r.operation, err)
	}
	return body, nil
}

package embedded

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const (
	maxTransaction     = 100     // items
	maxTransactionSize = 4 << 20 // bytes of items
	tokenLife          = 10 * time.Minute
)

type transactWriteInput struct {
	TransactItems []struct {
		Put            *putInput
		Update         *updateInput
		Delete         *deleteInput
		ConditionCheck *deleteInput
	}
	ClientRequestToken          *string
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

// writes checks the input and returns its writes.
func (in *transactWriteInput) writes() ([]*write, error) {
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	if err := checkUnsupported("ReturnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "NONE", "SIZE"); err != nil {
		return nil, err
	}
	if err := checkTransactionLength(len(in.TransactItems)); err != nil {
		return nil, err
	}
	if token := in.ClientRequestToken; token != nil && (len(*token) < 1 || len(*token) > 36) {
		return nil, constraintError(*token, "clientRequestToken", "Member must have length less than or equal to 36")
	}
	var writes []*write
	size := 0
	for _, it := range in.TransactItems {
		var w *write
		var err error
		chosen := 0
		if it.Put != nil {
			chosen++
			w, err = it.Put.write()
			size += it.Put.Item.size()
		}
		if it.Update != nil && err == nil {
			chosen++
			if w, _, err = it.Update.write(); err == nil && it.Update.UpdateExpression == nil {
				err = missing("transactItems.member.update.updateExpression")
			}
		}
		if it.Delete != nil && err == nil {
			chosen++
			w, err = it.Delete.write()
		}
		if it.ConditionCheck != nil && err == nil {
			chosen++
			if w, err = it.ConditionCheck.check(); err == nil && w.condition == nil {
				err = missing("transactItems.member.conditionCheck.conditionExpression")
			}
		}
		if err != nil {
			return nil, err
		}
		if chosen != 1 {
			return nil, validationErrorf("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		writes = append(writes, w)
	}
	if size > maxTransactionSize {
		return nil, validationErrorf("Collection size exceeded: the items of a transaction are larger than 4 MB")
	}
	return writes, nil
}

func checkTransactionLength(n int) error {
	switch {
	case n < 1:
		return validationErrorf("1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxTransaction:
		return validationErrorf("1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to %d", maxTransaction)
	default:
		return nil
	}
}

func (db *dynamoDB) transactWriteItems(r *request) ([]byte, error) {
	var in transactWriteInput
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	writes, err := in.writes()
	if err != nil {
		return nil, err
	}
	err = db.store.update(func(tx transaction) error {
		if in.ClientRequestToken != nil {
			executed, err := db.useToken(tx, *in.ClientRequestToken, r.body)
			if executed || err != nil {
				return err
			}
		}
		return db.applyAll(tx, writes)
	})
	if err != nil {
		return nil, err
	}
	return []byte("{}"), nil
}

// applyAll applies all writes or returns the reasons why it cannot.
func (db *dynamoDB) applyAll(tx transaction, writes []*write) error {
	targets := make([]*table, len(writes))
	seen := map[string]bool{}
	for i, w := range writes {
		t, err := db.tables.get(tx, w.tableName)
		if err != nil {
			return err
		}
		targets[i] = t
		key, err := w.locate(t)
		if err != nil {
			continue // becomes a reason below
		}
		target := t.items + "\x00" + string(key)
		if seen[target] {
			return validationErrorf("Transaction request cannot include multiple operations on one item")
		}
		seen[target] = true
	}
	reasons := make([]error, len(writes))
	for i, w := range writes {
		_, reasons[i] = w.apply(tx, targets[i])
	}
	return cancelled(reasons)
}

type cancellationReason struct {
	Code    string
	Message string          `json:",omitempty"`
	Item    json.RawMessage `json:",omitempty"`
}

// cancelled returns TransactionCanceledException with a reason for each item,
// or nil if none of them failed.
func cancelled(failures []error) error {
	if errors.Join(failures...) == nil {
		return nil
	}
	reasons := make([]cancellationReason, len(failures))
	codes := make([]string, len(failures))
	for i, failure := range failures {
		reasons[i].Code = "None"
		if failure != nil {
			var e *apiError
			if !errors.As(failure, &e) {
				return failure
			}
			reasons[i] = e.reason()
		}
		codes[i] = reasons[i].Code
	}
	e := apiErrorf("TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	// This shape spells its message with a capital.
	e.members = map[string]any{"CancellationReasons": reasons, "Message": e.message}
	return e
}

func (e *apiError) reason() cancellationReason {
	reason := cancellationReason{Code: e.code, Message: e.message}
	switch e.code {
	case "ConditionalCheckFailedException":
		reason.Code = "ConditionalCheckFailed"
	case "ValidationException":
		reason.Code = "ValidationError"
	}
	if it, ok := e.members["Item"].(json.RawMessage); ok {
		reason.Item = it
	}
	return reason
}

// tokenBucket holds, under "t" and a token, the end of its life and a digest of
// its request, and under "e", the end and the token, nothing: an index to
// forget tokens by.
const tokenBucket = "tokens"

// useToken reports whether a request with this token was executed within the
// last ten minutes, and remembers it if not. The memory is part of the
// transaction: a request that fails is not remembered.
func (db *dynamoDB) useToken(tx transaction, token string, body []byte) (executed bool, err error) {
	now := db.now()
	if err := forgetTokens(tx, now); err != nil {
		return false, err
	}
	digest, err := digestRequest(body)
	if err != nil {
		return false, err
	}
	key := append([]byte("t"), token...)
	if known := tx.get(tokenBucket, key); known != nil {
		if !bytes.Equal(known, digest) {
			return false, apiErrorf("IdempotentParameterMismatchException",
				"The provided client token was used with other parameters within the last ten minutes")
		}
		return true, nil
	}
	if err := tx.put(tokenBucket, key, digest); err != nil {
		return false, err
	}
	expiry := binary.BigEndian.AppendUint64([]byte("e"), uint64(now.Add(tokenLife).UnixNano()))
	return false, tx.put(tokenBucket, append(expiry, token...), []byte(token))
}

func forgetTokens(tx transaction, now time.Time) error {
	var expired [][]byte
	for key := range tx.scan(tokenBucket, []byte("e"), false) {
		if key[0] != 'e' || binary.BigEndian.Uint64(key[1:9]) > uint64(now.UnixNano()) {
			break
		}
		expired = append(expired, bytes.Clone(key))
	}
	for _, key := range expired {
		if err := tx.remove(tokenBucket, append([]byte("t"), key[9:]...)); err != nil {
			return err
		}
		if err := tx.remove(tokenBucket, key); err != nil {
			return err
		}
	}
	return nil
}

// digestRequest is the same for two requests that differ only in the order of
// members.
func digestRequest(body []byte) ([]byte, error) {
	var any map[string]any
	if err := json.Unmarshal(body, &any); err != nil {
		return nil, err
	}
	canonical, err := json.Marshal(any) // sorts the members
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(canonical)
	return digest[:], nil
}

func (db *dynamoDB) transactGetItems(r *request) ([]byte, error) {
	var in struct {
		TransactItems          []struct{ Get *getInput }
		ReturnConsumedCapacity string
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	if err := checkTransactionLength(len(in.TransactItems)); err != nil {
		return nil, err
	}
	var reads []*read
	for _, it := range in.TransactItems {
		if it.Get == nil {
			return nil, missing("transactItems.member.get")
		}
		g, err := it.Get.read()
		if err != nil {
			return nil, err
		}
		reads = append(reads, g)
	}
	body := []byte(`{"Responses":[`)
	err := db.store.view(func(tx transaction) error {
		failures := make([]error, len(reads))
		for i, g := range reads {
			t, err := db.tables.get(tx, g.tableName)
			if err != nil {
				return err
			}
			found, _, err := g.apply(tx, t)
			failures[i] = err
			if i > 0 {
				body = append(body, ',')
			}
			body = append(body, '{')
			if found != nil {
				body = append(append(body, `"Item":`...), found...)
			}
			body = append(body, '}')
		}
		return cancelled(failures)
	})
	if err != nil {
		return nil, err
	}
	return append(body, "]}"...), nil
}

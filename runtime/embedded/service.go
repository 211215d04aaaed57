package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The prefixes of X-Amz-Target.
const (
	dynamoDBTarget = "DynamoDB_20120810"
	kmsTarget      = "TrentService"
)

// A service answers the operations of one X-Amz-Target prefix. It must be safe
// for concurrent use. Faults, counters and the transport are not its business:
// by the time serve is called the engine has applied them.
type service interface {
	// serve executes one operation and returns the JSON body of its response.
	// An *apiError travels to the caller as the service's own error; every other
	// error is answered as InternalServerError, except the context's.
	serve(ctx context.Context, r *request) (body []byte, err error)
	// operationNames returns the operations that exist, in any order.
	operationNames() []string
}

// A request is one call, as its service sees it.
type request struct {
	operation string // such as "PutItem"
	region    string // of the caller, from its signature; such as "us-east-1"
	body      []byte // JSON; the service may keep it

	unprocessed int // how many entries of a batch a fault leaves over
}

// decode reads the body into the operation's input and refuses members that
// the input does not have: a parameter that would be ignored is an error.
func (r *request) decode(input any) error {
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	err := d.Decode(input)
	if err == nil {
		return nil
	}
	var answer *apiError
	if errors.As(err, &answer) {
		return answer
	}
	if _, name, found := strings.Cut(err.Error(), "unknown field "); found {
		return validationErrorf("the embedded engine does not support the parameter %s of %s", name, r.operation)
	}
	return apiErrorf("SerializationException", "%s: %v", r.operation, err)
}

// An environment is what a service is built from.
type environment struct {
	store   store
	now     func() time.Time
	region  string // of callers that do not sign
	account string // 12 digits
}

// An apiError is an error in the service's own words. The SDK turns the code
// into the matching type, such as *types.ConditionalCheckFailedException.
type apiError struct {
	code    string
	message string
	status  int            // HTTP status; 0 is 400
	members map[string]any // further members of the error shape
}

// Error returns the code and the message, as the SDK prints them.
func (e *apiError) Error() string { return e.code + ": " + e.message }

// response returns the HTTP status and the JSON body.
func (e *apiError) response() (int, []byte) {
	members := map[string]any{"__type": e.code}
	if e.message != "" {
		members["message"] = e.message
	}
	for name, value := range e.members {
		members[name] = value
	}
	body, err := json.Marshal(members)
	if err != nil {
		return internalError(err).response()
	}
	if e.status == 0 {
		return http.StatusBadRequest, body
	}
	return e.status, body
}

func apiErrorf(code, format string, args ...any) *apiError {
	return &apiError{code: code, message: fmt.Sprintf(format, args...)}
}

func validationErrorf(format string, args ...any) *apiError {
	return apiErrorf("ValidationException", format, args...)
}

// internalError answers a fault of the engine itself, such as a full disk.
func internalError(err error) *apiError {
	e := apiErrorf("InternalServerError", "the embedded engine failed: %v", err)
	e.status = http.StatusInternalServerError
	return e
}

func unknownOperation() *apiError { return &apiError{code: "UnknownOperationException"} }

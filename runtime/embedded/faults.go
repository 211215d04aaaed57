package embedded

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ddbegen/ddbegen/internal/spelling"
)

// errLostResponse stands for a connection that broke after the request was
// executed. It says it is a connection error, which the SDK retries.
var errLostResponse error = lostResponse{}

type lostResponse struct{}

func (lostResponse) Error() string         { return "embedded: the connection was lost before the response" }
func (lostResponse) ConnectionError() bool { return true }
func (lostResponse) Temporary() bool       { return true }
func (lostResponse) Timeout() bool         { return false }

// A Fault is something that goes wrong with calls. Make one with [Throttle],
// [Delay], [DenyAccess], [Fail], [LeaveUnprocessed] or [LoseResponse], narrow
// it with On, After and Times, and hand it to [Engine.Inject]. A fault that
// makes no sense, such as one on an operation that the engine does not have,
// fails every call; see there.
type Fault struct {
	operations []string
	after      int
	times      int // 0 is always

	delay        time.Duration
	throttle     bool
	err          *apiError
	unprocessed  int
	loseResponse bool

	mistakes []string // what is wrong with the fault itself
}

// mistaken adds what is wrong with the fault, if wrong is true.
func (f Fault) mistaken(wrong bool, format string, args ...any) Fault {
	if wrong {
		f.mistakes = append(slices.Clip(f.mistakes), fmt.Sprintf(format, args...))
	}
	return f
}

// Throttle refuses a call as a service does whose capacity is used up:
// ProvisionedThroughputExceededException of DynamoDB, ThrottlingException of
// KMS. The SDK retries both.
func Throttle() Fault { return Fault{throttle: true} }

// Delay lets a call wait before it is executed. A call whose context ends
// meanwhile is not executed. d must be positive.
func Delay(d time.Duration) Fault {
	return Fault{delay: d}.mistaken(d <= 0, "Delay(%v) delays nothing: want a positive duration", d)
}

// DenyAccess refuses a call with AccessDeniedException.
func DenyAccess() Fault {
	return Fail("AccessDeniedException", "User is not authorized to perform this operation", http.StatusBadRequest)
}

// Fail refuses a call with an error code of the service, such as
// "InternalServerError" with HTTP status 500, which the SDK retries. The status
// is 400 to 599.
func Fail(code, message string, httpStatus int) Fault {
	return Fault{err: &apiError{code: code, message: message, status: httpStatus}}.
		mistaken(code == "", "Fail has no error code: name one, such as InternalServerError").
		mistaken(httpStatus < 400 || httpStatus > 599, "Fail(%q) has HTTP status %d, which is no error: want 400 to 599", code, httpStatus)
}

// LeaveUnprocessed lets BatchGetItem and BatchWriteItem leave the last n
// entries of a call as UnprocessedKeys or UnprocessedItems. Other operations
// do not notice it. n must be positive.
func LeaveUnprocessed(n int) Fault {
	return Fault{unprocessed: n}.mistaken(n < 1, "LeaveUnprocessed(%d) leaves nothing: want 1 or more", n)
}

// LoseResponse executes a call and then breaks the connection. The SDK retries
// it, so that the call is executed again.
func LoseResponse() Fault { return Fault{loseResponse: true} }

// On narrows the fault to one or more operations, such as "PutItem" or
// "Decrypt".
func (f Fault) On(operations ...string) Fault {
	f.operations = slices.Clone(operations)
	return f.mistaken(len(operations) == 0, "On() names no operation: leave it out for all of them")
}

// After lets the first n calls pass, 0 or more.
func (f Fault) After(n int) Fault {
	f.after = n
	return f.mistaken(n < 0, "After(%d): want 0 or more", n)
}

// Times ends the fault after it has struck n calls, 1 or more.
func (f Fault) Times(n int) Fault {
	f.times = n
	return f.mistaken(n < 1, "Times(%d) strikes no call: want 1 or more, or leave it out for a fault that lasts", n)
}

// Inject lets a fault strike calls from now on, retries included. The function
// it returns ends the fault.
//
// A fault that makes no sense would be a test that passes for the wrong reason:
// until it is ended every call fails with a ValidationException that says what
// is wrong with the fault.
func (e *Engine) Inject(f Fault) (remove func()) {
	active := &activeFault{Fault: e.checked(f)}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.active = append(e.faults.active, active)
	return func() {
		e.faults.mu.Lock()
		defer e.faults.mu.Unlock()
		e.faults.active = slices.DeleteFunc(e.faults.active, func(a *activeFault) bool { return a == active })
	}
}

// checked returns f, or in its place a fault of every call that says what is
// wrong with f.
func (e *Engine) checked(f Fault) Fault {
	f = f.mistaken(f.delay == 0 && !f.throttle && f.err == nil && f.unprocessed == 0 && !f.loseResponse && len(f.mistakes) == 0,
		"the zero Fault does nothing: make one with Throttle, Delay, DenyAccess, Fail, LeaveUnprocessed or LoseResponse")
	var known []string
	for _, s := range e.services {
		known = append(known, s.operationNames()...)
	}
	slices.Sort(known)
	for _, operation := range f.operations {
		if slices.Contains(known, operation) {
			continue
		}
		far := func(name string) int { return spelling.Distance(strings.ToLower(name), strings.ToLower(operation)) }
		near := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(far(a), far(b)) })
		hint := ""
		if far(near) <= 1+len(operation)/4 {
			hint = fmt.Sprintf(": did you mean %s?", near)
		}
		f = f.mistaken(true, "On(%q): the embedded engine has no such operation%s", operation, hint)
	}
	if len(f.mistakes) == 0 {
		return f
	}
	return Fault{err: validationErrorf("a fault that was injected into the embedded engine makes no sense: %s", strings.Join(f.mistakes, "; "))}
}

// Calls returns how many calls of each operation have arrived, such as
// Calls()["GetItem"], refused calls and retries included.
func (e *Engine) Calls() map[string]int {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	return maps.Clone(e.faults.calls)
}

// ResetCalls begins to count anew.
func (e *Engine) ResetCalls() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	clear(e.faults.calls)
}

// faults counts calls and says which faults strike them.
type faults struct {
	mu     sync.Mutex
	calls  map[string]int
	active []*activeFault
}

type activeFault struct {
	Fault
	seen, struck int
}

// strike counts a call and returns the faults that strike it.
func (f *faults) strike(operation string) struckFaults {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[operation]++
	var struck struckFaults
	for _, a := range f.active {
		if len(a.operations) > 0 && !slices.Contains(a.operations, operation) {
			continue
		}
		a.seen++
		if a.seen <= a.after || a.times > 0 && a.struck >= a.times {
			continue
		}
		a.struck++
		struck = append(struck, a.Fault)
	}
	return struck
}

type struckFaults []Fault

// before waits and refuses.
func (s struckFaults) before(ctx context.Context, target string) error {
	for _, f := range s {
		if f.delay > 0 {
			timer := time.NewTimer(f.delay)
			select {
			case <-ctx.Done():
				timer.Stop()
				return ctx.Err()
			case <-timer.C:
			}
		}
		if f.throttle {
			return throttled(target)
		}
		if f.err != nil {
			return f.err
		}
	}
	return nil
}

func throttled(target string) *apiError {
	if target == dynamoDBTarget {
		return apiErrorf("ProvisionedThroughputExceededException",
			"The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.")
	}
	return apiErrorf("ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.")
}

func (s struckFaults) unprocessed() int {
	n := 0
	for _, f := range s {
		n = max(n, f.unprocessed)
	}
	return n
}

func (s struckFaults) losesResponse() bool {
	return slices.ContainsFunc(s, func(f Fault) bool { return f.loseResponse })
}

package embedded

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
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
// it with On, After and Times, and hand it to [Engine.Inject].
type Fault struct {
	operations []string
	after      int
	times      int // 0 is always

	delay        time.Duration
	throttle     bool
	err          *apiError
	unprocessed  int
	loseResponse bool
}

// Throttle refuses a call as a service does whose capacity is used up:
// ProvisionedThroughputExceededException of DynamoDB, ThrottlingException of
// KMS. The SDK retries both.
func Throttle() Fault { return Fault{throttle: true} }

// Delay lets a call wait before it is executed. A call whose context ends
// meanwhile is not executed.
func Delay(d time.Duration) Fault { return Fault{delay: d} }

// DenyAccess refuses a call with AccessDeniedException.
func DenyAccess() Fault {
	return Fail("AccessDeniedException", "User is not authorized to perform this operation", http.StatusBadRequest)
}

// Fail refuses a call with an error code of the service, such as
// "InternalServerError" with HTTP status 500, which the SDK retries.
func Fail(code, message string, httpStatus int) Fault {
	return Fault{err: &apiError{code: code, message: message, status: httpStatus}}
}

// LeaveUnprocessed lets BatchGetItem and BatchWriteItem leave the last n
// entries of a call as UnprocessedKeys or UnprocessedItems. Other operations
// do not notice it.
func LeaveUnprocessed(n int) Fault { return Fault{unprocessed: n} }

// LoseResponse executes a call and then breaks the connection. The SDK retries
// it, so that the call is executed again.
func LoseResponse() Fault { return Fault{loseResponse: true} }

// On narrows the fault to operations, such as "PutItem" or "Decrypt".
func (f Fault) On(operations ...string) Fault {
	f.operations = slices.Clone(operations)
	return f
}

// After lets the first n calls pass.
func (f Fault) After(n int) Fault {
	f.after = n
	return f
}

// Times ends the fault after it has struck n calls.
func (f Fault) Times(n int) Fault {
	f.times = n
	return f
}

// Inject lets a fault strike calls from now on, retries included. The function
// it returns ends the fault.
func (e *Engine) Inject(f Fault) (remove func()) {
	active := &activeFault{Fault: f}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.active = append(e.faults.active, active)
	return func() {
		e.faults.mu.Lock()
		defer e.faults.mu.Unlock()
		e.faults.active = slices.DeleteFunc(e.faults.active, func(a *activeFault) bool { return a == active })
	}
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

package embedded

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds a request: DynamoDB takes 16 MB in a batch, base64 and JSON
// make it longer.
const maxBody = 64 << 20

// Transport returns the engine as an http.RoundTripper, for clients that are
// built elsewhere: give it to them as http.Client{Transport: …} together with
// any BaseEndpoint.
func (e *Engine) Transport() http.RoundTripper { return transport{e} }

type transport struct{ engine *Engine }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	status, header, body, err := t.engine.exchange(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}, nil
}

// ServeHTTP lets an Engine stand behind an http.Server or httptest.Server, for
// programs in other processes.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, header, body, err := e.exchange(r)
	if err != nil {
		// The way of net/http to end a connection without a response.
		panic(http.ErrAbortHandler)
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	// The client may be gone; there is no one left to tell.
	_, _ = w.Write(body)
}

// exchange reads a request of the protocols awsJson1_0 and awsJson1_1 and
// returns its response.
func (e *Engine) exchange(r *http.Request) (status int, header http.Header, body []byte, err error) {
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	in := &request{operation: operation, region: signedRegion(r)}
	if in.body, err = readBody(r); err != nil {
		return 0, nil, nil, err
	}
	status, body, err = e.serve(r.Context(), target, in)
	if err != nil {
		return 0, nil, nil, err
	}
	contentType := r.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "application/x-amz-json-1.0"
	}
	return status, http.Header{
		"Content-Type":     {contentType},
		"X-Amzn-Requestid": {rand.Text()},
		"X-Amz-Crc32":      {strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)},
	}, body, nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(min(r.ContentLength, maxBody)) + bytes.MinRead)
	}
	n, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if n > maxBody {
		return nil, fmt.Errorf("read request: longer than %d bytes", maxBody)
	}
	return body.Bytes(), nil
}

// signedRegion returns the region of a request's signature (AWS Signature
// Version 4: Credential=id/date/region/service/aws4_request), or the engine's.
func signedRegion(r *http.Request) string {
	_, credential, found := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !found {
		return Region
	}
	credential, _, _ = strings.Cut(credential, ",")
	scope := strings.Split(strings.TrimSpace(credential), "/")
	if len(scope) < 5 || scope[len(scope)-3] == "" {
		return Region
	}
	return scope[len(scope)-3]
}

package keystore

import "fmt"

// A GrantToken lets a KMS call use a grant that has not spread yet. Printing,
// logging or marshalling it shows nothing of it. A field that holds one should
// be exported: fmt calls no methods in unexported ones.
type GrantToken string

const redactedToken = "keystore.GrantToken(redacted)"

// String implements [fmt.Stringer] and shows nothing of the token.
func (t GrantToken) String() string { return redactedToken }

// Format implements [fmt.Formatter], so that no verb shows the token.
func (t GrantToken) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = s.Write([]byte(redactedToken))
}

// MarshalText implements [encoding.TextMarshaler], and by it JSON, and shows
// nothing of the token.
func (t GrantToken) MarshalText() ([]byte, error) { return []byte(redactedToken), nil }

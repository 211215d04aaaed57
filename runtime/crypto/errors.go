package crypto

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that callers branch on, with [errors.Is]. None of them, nor any other
// error of this package, says where in an item authentication failed.
var (
	// ErrAuthentication is returned when an item is not what was written under
	// the keys and the configuration of the reader.
	ErrAuthentication = errors.New("item failed authentication: it was changed after it was encrypted, or it was written under another table name or key")
	// ErrScope is returned when an item has other signed attributes than its
	// header says. It wraps [ErrAuthentication].
	ErrScope = fmt.Errorf("%w; its signed attributes differ from its header: compare the attributes that writer and reader allow to be unsigned", ErrAuthentication)
	// ErrFormat is returned when header or footer cannot be read.
	ErrFormat = errors.New("malformed encrypted item")
	// ErrNotEncrypted is returned when an item has neither header nor footer and
	// the configuration does not accept plaintext.
	ErrNotEncrypted = errors.New("item is not encrypted: it has neither aws_dbe_head nor aws_dbe_foot, and the plaintext policy does not accept it")
	// ErrMissingAttribute is returned when an item lacks a key attribute, or on
	// encrypt an attribute that belongs into the encryption context.
	ErrMissingAttribute = errors.New("attribute is missing from the item: add it")
	// ErrNoAction is returned when an attribute of an item has no configured
	// action and is not allowed to be unsigned.
	ErrNoAction = errors.New("attribute has no action: configure one, or allow the attribute to be unsigned")
	// ErrReserved is returned when an attribute of an item to encrypt has a name
	// that belongs to the format.
	ErrReserved = errors.New("attribute names that begin with aws_dbe_ belong to the encrypted format: rename it")
	// ErrEncryptOnly is returned when a keyring that can only encrypt is asked to
	// decrypt.
	ErrEncryptOnly = errors.New("keyring can only encrypt: configure one that can decrypt")
	// ErrDecryptOnly is returned when a keyring that can only decrypt is asked to
	// encrypt.
	ErrDecryptOnly = errors.New("keyring can only decrypt: configure one that can encrypt")
	// ErrMaterials is returned when a materials provider or a keyring returns
	// what cannot be used. The fault is in its code.
	ErrMaterials = errors.New("unusable materials")
)

// AttributeError says which attribute of an item was refused, and why. It never
// holds a part of the value, nor does it name the attribute on which
// authentication failed.
type AttributeError struct {
	Name string
	Err  error
}

func (e *AttributeError) Error() string { return fmt.Sprintf("attribute %q: %s", e.Name, e.Err) }

func (e *AttributeError) Unwrap() error { return e.Err }

// ConfigError says why a configuration was refused, with the remedy.
type ConfigError struct {
	Attribute string // the attribute concerned, or "" for the configuration as a whole
	Reason    string
	Err       error // the cause, or nil
}

func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("item encryptor configuration: ")
	if e.Attribute != "" {
		fmt.Fprintf(&b, "attribute %q: ", e.Attribute)
	}
	b.WriteString(e.Reason)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *ConfigError) Unwrap() error { return e.Err }

// Reason says why an encrypted data key was not opened. It is an error, so that
// a caller can branch with errors.Is(err, crypto.ReasonAccessDenied).
type Reason uint8

// The reasons.
const (
	// ReasonNotMatching: the data key was wrapped by another provider or another
	// key than the keyring holds.
	ReasonNotMatching Reason = iota + 1
	// ReasonFiltered: a discovery filter excludes the key.
	ReasonFiltered
	// ReasonWrongKey: name and provider match, but the wrapping does not open.
	// Where the wrapping also binds the encryption context, as all but RSA do,
	// another context has the same effect.
	ReasonWrongKey
	// ReasonContextMismatch: the wrapping key is right, but the data key was
	// wrapped under another encryption context: another table name, other key
	// names, other values.
	ReasonContextMismatch
	// ReasonAccessDenied: the key service or the key store refused the caller.
	ReasonAccessDenied
	// ReasonUnavailable: the key service or the key store could not be asked, or
	// the key is disabled or gone.
	ReasonUnavailable
	// ReasonMalformed: the encrypted data key is not of its provider's form.
	ReasonMalformed
	// ReasonEncryptOnly: the keyring cannot decrypt.
	ReasonEncryptOnly
)

func (r Reason) Error() string {
	switch r {
	case ReasonNotMatching:
		return "not this keyring's key"
	case ReasonFiltered:
		return "excluded by the discovery filter"
	case ReasonWrongKey:
		return "wrong key or other encryption context"
	case ReasonContextMismatch:
		return "other encryption context"
	case ReasonAccessDenied:
		return "access denied"
	case ReasonUnavailable:
		return "key unavailable"
	case ReasonMalformed:
		return "malformed encrypted data key"
	case ReasonEncryptOnly:
		return "it cannot decrypt"
	default:
		return "unknown reason"
	}
}

// DataKeyError says why one keyring did not open one encrypted data key.
type DataKeyError struct {
	Keyring    string // which keyring tried, such as `raw AES keyring "ns" "name"`
	ProviderID string
	KeyID      string // which key wrapped the data key, printable; see [EncryptedDataKey.KeyID]
	Reason     Reason
	Err        error // the cause, or nil
}

// NewDataKeyError returns the error of the named keyring for key.
func NewDataKeyError(keyring string, key EncryptedDataKey, reason Reason, cause error) *DataKeyError {
	return &DataKeyError{
		Keyring: keyring, ProviderID: printable([]byte(key.ProviderID)), KeyID: key.KeyID(), Reason: reason, Err: cause,
	}
}

func (e *DataKeyError) Error() string {
	s := fmt.Sprintf("%s: data key of %s %s: %s", e.Keyring, e.ProviderID, e.KeyID, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the reason and, where there is one, the cause.
func (e *DataKeyError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

// NoKeyError is returned when no encrypted data key of an item could be opened.
// It says why for every data key that every keyring looked at; errors.Is and
// errors.As reach the reasons and the errors of KMS and DynamoDB.
type NoKeyError struct {
	Failures []*DataKeyError
}

func (e *NoKeyError) Error() string {
	if len(e.Failures) == 0 {
		return "no data key could be opened: none was given"
	}
	var b strings.Builder
	b.WriteString("no data key could be opened")
	for i, f := range e.Failures {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.Error())
	}
	return b.String()
}

// Unwrap returns the failures.
func (e *NoKeyError) Unwrap() []error {
	errs := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		errs[i] = f
	}
	return errs
}

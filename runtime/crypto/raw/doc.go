// Package raw has the keyrings whose wrapping keys the program holds itself: AES
// keys, RSA key pairs, and keys agreed on by ECDH. Whoever loses such a key
// loses every item that it wrapped.
package raw

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	intermediateKeyLen = 32 // bytes of the keys that keyrings wrap
	maxNameLen         = 1<<16 - 1
)

// label names a keyring in errors, and is all that printing one shows: fmt
// otherwise follows pointers to keys where a verb does not suit a struct.
type label string

// String implements fmt.Stringer with the name of the keyring, without keys.
func (l label) String() string { return string(l) }

// Format implements fmt.Formatter with the name of the keyring, for every verb.
func (l label) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = s.Write([]byte(l))
}

// made returns an error for a zero keyring, which has no name.
func (l label) made() error {
	if l == "" {
		return errors.New("raw keyring: it is a zero value: it has to be made by a function New… of package raw")
	}
	return nil
}

// reservedNamespace is what AWS KMS keyrings call themselves. A raw keyring of
// that name would make their data keys look like its own.
const reservedNamespace = "aws-kms"

// checkNames checks the two names by which a data key finds its raw AES or RSA
// wrapping key again. infoLen is what the provider info holds beside the name.
func checkNames(namespace, name string, infoLen int) error {
	switch {
	case namespace == reservedNamespace:
		return fmt.Errorf("the key namespace %q belongs to AWS KMS keyrings: choose another", namespace)
	case len(namespace) > maxNameLen || len(name)+infoLen > maxNameLen:
		return errors.New("key namespace or key name is longer than 65,535 bytes allow: shorten it")
	case !utf8.ValidString(namespace) || !utf8.ValidString(name):
		return errors.New("key namespace and key name must be UTF-8")
	}
	return nil
}

package awskms

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller may branch on, with [errors.Is].
var (
	// ErrKeyARN is returned for an identifier that is not the ARN of a KMS key
	// where one is needed. An item names the ARN of the key that wrapped it, and
	// decrypting compares that with the configured one: an alias or a bare key id
	// could encrypt and never decrypt.
	ErrKeyARN = errors.New("not the ARN of a KMS key")
	// ErrIdentifier is returned for an identifier that cannot name a KMS key at all.
	ErrIdentifier = errors.New("not a KMS key identifier")
)

// keyARN is the ARN of a KMS key or of an alias, in parts.
type keyARN struct {
	text      string
	partition string // such as "aws"
	region    string
	account   string
	kind      string // "key" or "alias"
	id        string
}

// parseARN reads the ARN of a key or an alias (specification:
// framework/aws-kms/aws-kms-key-arn, "A valid AWS KMS ARN").
func parseARN(text string) (keyARN, error) {
	if err := checkCharacters(text); err != nil {
		return keyARN{}, err
	}
	fields := strings.Split(text, ":")
	if len(fields) != 6 || fields[0] != "arn" || fields[1] == "" || fields[2] != "kms" || fields[3] == "" || fields[4] == "" {
		return keyARN{}, fmt.Errorf("%q: want arn:PARTITION:kms:REGION:ACCOUNT:key/ID", text)
	}
	kind, id, _ := strings.Cut(fields[5], "/")
	if kind != "key" && kind != "alias" || id == "" {
		return keyARN{}, fmt.Errorf("%q: want a resource key/ID or alias/NAME", text)
	}
	return keyARN{text: text, partition: fields[1], region: fields[3], account: fields[4], kind: kind, id: id}, nil
}

// parseKeyARN reads the ARN of a key. Its error is [ErrKeyARN].
func parseKeyARN(text string) (keyARN, error) {
	a, err := parseARN(text)
	if err != nil {
		return keyARN{}, fmt.Errorf("%w: %w", ErrKeyARN, err)
	}
	if a.kind != "key" {
		return keyARN{}, fmt.Errorf("%w: %q is an alias, which could encrypt and never decrypt: name the key ARN, which kms:DescribeKey returns for the alias", ErrKeyARN, text)
	}
	return a, nil
}

// checkIdentifier accepts everything that KMS takes as a key id: key ARN, alias
// ARN, alias name and key id.
func checkIdentifier(text string) error {
	err := checkCharacters(text)
	switch {
	case err != nil:
	case strings.HasPrefix(text, "arn:"):
		_, err = parseARN(text)
	case strings.HasPrefix(text, "key/") || text == "alias/" || strings.Contains(text, ":"):
		err = fmt.Errorf("%q: want a key ARN, an alias ARN, an alias name or a key id", text)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIdentifier, err)
	}
	return nil
}

// checkCharacters checks the bounds that every identifier has.
func checkCharacters(text string) error {
	if n := len(text); n < 1 || n > 2048 {
		return fmt.Errorf("it has %d characters, not 1 to 2,048", n)
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return fmt.Errorf("%q has a character that is not printable ASCII", text)
		}
	}
	return nil
}

// multiRegion reports whether a is the ARN of a multi-Region key. An alias never
// is (specification: aws-kms-key-arn, "AWS KMS multi-Region keys").
func (a keyARN) multiRegion() bool { return a.kind == "key" && strings.HasPrefix(a.id, "mrk-") }

// in returns the ARN of the replica of a multi-Region key in another Region.
func (a keyARN) in(region string) string {
	return "arn:" + a.partition + ":kms:" + region + ":" + a.account + ":" + a.kind + "/" + a.id
}

// replicaOf reports whether a and b name the same key, or replicas of one
// multi-Region key (specification: aws-kms-mrk-match-for-decrypt).
func (a keyARN) replicaOf(b keyARN) bool {
	return a.text == b.text || a.multiRegion() && b.multiRegion() && a.in("") == b.in("")
}

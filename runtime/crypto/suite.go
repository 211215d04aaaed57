package crypto

import "fmt"

// Suite is the algorithm suite of an item (specification:
// framework/algorithm-suites). Both suites encrypt attributes with AES-256-GCM
// under keys derived by HKDF-SHA512, commit to the data key, and authenticate
// the record with HMAC-SHA384 for the holders of its data keys. They differ in
// whether a digital signature is added.
type Suite uint16

// The two suites. The zero Suite in a [Config] means [SuiteECDSA].
const (
	// SuiteHMAC has no digital signature: whoever can decrypt an item can also
	// write one. It is by far the faster.
	SuiteHMAC Suite = 0x6700
	// SuiteECDSA adds an ECDSA P-384 signature, so that those who may only
	// decrypt, as by the permissions of a KMS key, cannot write. It is AWS's
	// default.
	SuiteECDSA Suite = 0x6701
)

// Signs reports whether the suite adds a digital signature.
func (s Suite) Signs() bool { return s == SuiteECDSA }

// String returns the name of the suite in the specification.
func (s Suite) String() string {
	switch s {
	case SuiteHMAC:
		return "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384"
	case SuiteECDSA:
		return "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384"
	default:
		return fmt.Sprintf("unknown suite %#04x", uint16(s))
	}
}

func (s Suite) known() bool { return s == SuiteHMAC || s == SuiteECDSA }

// SuiteChecker is what a keyring implements that cannot serve every suite. The
// check is made when an item encryptor is constructed.
type SuiteChecker interface {
	// CheckSuite returns an error, with the remedy, if items of suite s cannot be
	// encrypted.
	CheckSuite(s Suite) error
}

// checkSuite asks v, if it has an opinion, whether it serves suite s.
func checkSuite(v any, s Suite) error {
	if c, ok := v.(SuiteChecker); ok {
		return c.CheckSuite(s)
	}
	return nil
}

package embedded

import (
	"crypto/ecdh"
	"crypto/rand"
	"slices"
)

// The key specs, usages and algorithms that exist here.
const (
	specSymmetric = "SYMMETRIC_DEFAULT"

	usageEncryption = "ENCRYPT_DECRYPT"
	usageAgreement  = "KEY_AGREEMENT"

	algorithmSymmetric  = "SYMMETRIC_DEFAULT"
	algorithmOAEPSHA1   = "RSAES_OAEP_SHA_1"
	algorithmOAEPSHA256 = "RSAES_OAEP_SHA_256"
	agreementECDH       = "ECDH"
)

// rsaBits are the modulus lengths of the RSA key specs.
var rsaBits = map[string]int{"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}

// curves are the curves of the key agreement specs.
var curves = map[string]ecdh.Curve{
	"ECC_NIST_P256": ecdh.P256(),
	"ECC_NIST_P384": ecdh.P384(),
	"ECC_NIST_P521": ecdh.P521(),
}

// encryptionAlgorithms are the algorithms of a key spec.
func encryptionAlgorithms(spec string) []string {
	switch {
	case spec == specSymmetric:
		return []string{algorithmSymmetric}
	case rsaBits[spec] != 0:
		return []string{algorithmOAEPSHA1, algorithmOAEPSHA256}
	default:
		return nil
	}
}

// usageFor returns the usage of a new key, or why the pair is impossible.
func usageFor(spec, usage string) (string, error) {
	var allowed string
	switch {
	case spec == specSymmetric:
		allowed = usageEncryption
		if usage == "" {
			usage = allowed
		}
	case rsaBits[spec] != 0:
		allowed = usageEncryption
	case curves[spec] != nil:
		allowed = usageAgreement
	default:
		return "", errUnsupported("the embedded KMS has no keys of spec %q", spec)
	}
	known := []string{usageEncryption, usageAgreement, "SIGN_VERIFY", "GENERATE_VERIFY_MAC"}
	switch {
	case usage == allowed:
		return usage, nil
	case usage == "":
		return "", validationErrorf("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case usage == "SIGN_VERIFY" && spec != specSymmetric:
		return "", errUnsupported("the embedded KMS has no keys for signing")
	case slices.Contains(known, usage):
		return "", validationErrorf("KeyUsage %s is not compatible with KeySpec %s", usage, spec)
	default:
		return "", validationErrorf("1 validation error detected: Value '%s' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set", usage)
	}
}

// newMaterial makes the material of a key.
func newMaterial(spec string) ([]byte, error) {
	if spec == specSymmetric {
		secret := make([]byte, 32)
		rand.Read(secret) // never fails: crypto/rand
		return secret, nil
	}
	return newPrivateKey(spec)
}

package embedded

// The errors of the real service, with its words where they are known
// (AWS Key Management Service API Reference, "Errors" of each operation).

func errKeyNotFound(arn string) error {
	return apiErrorf("NotFoundException", "Key '%s' does not exist", arn)
}

func errAliasNotFound(arn string) error {
	return apiErrorf("NotFoundException", "Alias %s is not found.", arn)
}

// errOtherRegion is what a caller sees who names a key of another Region.
func errOtherRegion(region string) error {
	return apiErrorf("NotFoundException", "Invalid arn %s", region)
}

func errKeyDisabled(arn string) error {
	return apiErrorf("DisabledException", "%s is disabled.", arn)
}

func errKeyPendingDeletion(arn string) error {
	return apiErrorf("KMSInvalidStateException", "%s is pending deletion.", arn)
}

func errKeyUsage(k *kmsKey, operation string) error {
	return apiErrorf("InvalidKeyUsageException", "%s key usage is %s which is not valid for %s.", k.ARN, k.Usage, operation)
}

func errKeyAlgorithm(algorithm string, k *kmsKey) error {
	return apiErrorf("InvalidKeyUsageException", "Algorithm %s is incompatible with key spec %s.", algorithm, k.Spec)
}

// errInvalidCiphertext has no message, so that it says nothing about what does
// not fit: the ciphertext, the key or the encryption context.
func errInvalidCiphertext() error { return &apiError{code: "InvalidCiphertextException"} }

func errIncorrectKey() error {
	return apiErrorf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
}

// errUnreachableKey is what a caller sees whose ciphertext names a key that its
// account and Region do not have.
func errUnreachableKey() error {
	return apiErrorf("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
}

func errDryRun() error {
	return apiErrorf("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
}

func errUnsupported(format string, args ...any) error {
	return apiErrorf("UnsupportedOperationException", format, args...)
}

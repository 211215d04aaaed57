// Package runtime, imported as ddbe, is what generated repositories and
// hand-written programs call: typed tables whose items are encrypted and signed
// before they leave the process and verified, decrypted and filtered after they
// come back, in the record format of the AWS Database Encryption SDK for
// DynamoDB.
//
// A generated repository is a thin cover over [Table]. Programs that work on
// attribute values rather than on structs use [ItemEncryptor].
//
// Everything exported is safe for concurrent use unless it says otherwise.
package runtime

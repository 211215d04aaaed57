// Package crypto encrypts and signs the attributes of a DynamoDB item and turns
// them back, in the record format of the AWS Database Encryption SDK for
// DynamoDB. It is bytes in, bytes out: it knows neither the AWS SDK nor the
// network, which only keyrings may use.
//
// [New] checks a [Config] and returns an [ItemEncryptor]. A program that works
// on attribute values uses the item encryptor of package runtime, which wraps
// this one.
//
// A [Keyring] wraps the keys of items. The raw keyrings are in package raw, those
// of AWS KMS in awskms, the one with branch keys in hierarchical; [NewMulti]
// combines them.
//
// Specification: github.com/aws/aws-database-encryption-sdk-dynamodb,
// specification/structured-encryption and dynamodb-encryption-client; and
// github.com/awslabs/aws-encryption-sdk-specification, framework. Where its prose
// and the released clients differ, this package does what the clients do.
package crypto

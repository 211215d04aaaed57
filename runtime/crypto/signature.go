package crypto

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
)

// signatureLen is the one length, in bytes, of a DER signature that every client
// can read. Natural lengths of P-384 signatures are 102 to 104.
const signatureLen = 103

// coordinateLen is the length of a P-384 coordinate in bytes.
const coordinateLen = 48

// newSigningKey returns a fresh P-384 key, and its public key as it stands in
// the encryption context.
func newSigningKey() (*ecdsa.PrivateKey, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("make signing key: %w", err)
	}
	text, err := encodeVerificationKey(&key.PublicKey)
	return key, text, err
}

// encodeVerificationKey returns the compressed point in base64 (SEC 1, section
// 2.3.3).
func encodeVerificationKey(key *ecdsa.PublicKey) (string, error) {
	if key.Curve != elliptic.P384() {
		return "", errors.New("the signing key is not on P-384")
	}
	point, err := key.Bytes() // 4, then both coordinates
	if err != nil {
		return "", err
	}
	compressed := point[:1+coordinateLen]
	compressed[0] = 2 | point[len(point)-1]&1
	return base64.StdEncoding.EncodeToString(compressed), nil
}

func parseVerificationKey(text string) (*ecdsa.PublicKey, error) {
	malformed := fmt.Errorf("%w: the public key in its encryption context is not a compressed P-384 point", ErrFormat)
	compressed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(compressed) != 1+coordinateLen {
		return nil, malformed
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P384(), compressed)
	if x == nil {
		return nil, malformed
	}
	point := make([]byte, 1+2*coordinateLen)
	point[0] = 4
	x.FillBytes(point[1 : 1+coordinateLen])
	y.FillBytes(point[1+coordinateLen:])
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), point)
	if err != nil {
		return nil, malformed
	}
	return key, nil
}

// sign returns a signature of 103 bytes over message. Half of all signatures
// have that length; of the rest nearly all get it by the other valid s, n - s.
// Only where that fails too is the message signed again.
func sign(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	digest := sha512.Sum384(message)
	for range 100 { // one attempt fails with a chance of 1 in 250
		signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			return nil, err
		}
		if len(signature) != signatureLen {
			if signature, err = negateS(signature); err != nil {
				return nil, err
			}
		}
		if len(signature) == signatureLen {
			return signature, nil
		}
	}
	return nil, fmt.Errorf("no signature of %d bytes in 100 attempts: the source of randomness is broken", signatureLen)
}

// negateS returns the other signature of the same message, (r, n - s).
func negateS(signature []byte) ([]byte, error) {
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &rs); err != nil {
		return nil, err
	}
	rs.S.Sub(elliptic.P384().Params().N, rs.S)
	return asn1.Marshal(rs)
}

func verify(key *ecdsa.PublicKey, message, signature []byte) bool {
	digest := sha512.Sum384(message)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

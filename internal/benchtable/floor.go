package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
)

// A floor runs the primitives that no implementation of the format can avoid for
// one item with one raw AES data key, on memory that is already there, and does
// nothing else: no item, no header, no context, no order.
type floor struct {
	fields int    // encrypted attributes
	value  []byte // plaintext of one of them
	sealed []byte // room for value, encrypted
	rest   []byte // what is hashed beside the values: header, context, paths, signed attributes
	header []byte
	aad    []byte // canonical encryption context
	path   []byte

	keyring cipher.AEAD
	wrapped [2][]byte // intermediate key and data key
	stream  []byte
	random  [32 + 32 + 32 + 12]byte
	signs   bool

	// For decrypting only.
	sealedFields [][]byte
	public       []byte // compressed
	signature    []byte
	key          *ecdsa.PrivateKey
}

const (
	pathLen           = 40 // table name and attribute name of a usual length, and 17 bytes of lengths
	contextLen        = 150
	headerLen         = 300
	fixedPerAttribute = pathLen + 8 + 9 + 2
)

// newFloor returns the floor of an item of shape s.
func newFloor(s shape) (*floor, error) {
	f := &floor{
		fields: s.encrypted, signs: s.suite.Signs(),
		value: make([]byte, s.size), sealed: make([]byte, 0, s.size+16),
		header: make([]byte, headerLen+s.attributes), aad: make([]byte, contextLen), path: make([]byte, pathLen),
		stream: make([]byte, 48*s.encrypted),
		public: make([]byte, 49),
	}
	f.rest = make([]byte, len(f.header)+8+contextLen+(s.attributes+1)*fixedPerAttribute+
		len(partitionKey)+(s.attributes-s.encrypted)*s.size)
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	if f.keyring, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	for i := range f.wrapped {
		f.wrapped[i] = make([]byte, 0, 48)
	}
	if !f.signs {
		return f, nil
	}
	if f.key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		return nil, err
	}
	point, err := f.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	copy(f.public[1:], point[1:])
	f.public[0] = 2 | point[96]&1
	digest := sha512.Sum384(nil)
	f.signature, err = ecdsa.SignASN1(rand.Reader, f.key, digest[:])
	return f, err
}

var zeroNonce [12]byte

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// twoKeys is one HKDF extract and two expands.
func twoKeys(secret []byte, info1, info2 string) (a, b []byte, err error) {
	prk, err := hkdf.Extract(sha512.New, secret, nil)
	if err != nil {
		return nil, nil, err
	}
	if a, err = hkdf.Expand(sha512.New, prk, info1, 32); err != nil {
		return nil, nil, err
	}
	b, err = hkdf.Expand(sha512.New, prk, info2, 32)
	return a, b, err
}

const (
	info1 = "a string as long as a derivation has it, plus a message id of 32"
	info2 = "another of the same length, with the same message id behind it.."
)

// encrypt runs the primitives of encrypting one item.
func (f *floor) encrypt() error {
	rand.Read(f.random[:])
	intermediate, dataKey := f.random[:32], f.random[32:64]
	f.wrapped[0] = f.keyring.Seal(f.wrapped[0][:0], f.random[96:], intermediate, f.aad)
	signing, wrapping, err := twoKeys(intermediate, info1[:32], info2[:32])
	if err != nil {
		return err
	}
	aead, err := gcm(wrapping)
	if err != nil {
		return err
	}
	f.wrapped[1] = aead.Seal(f.wrapped[1][:0], zeroNonce[:], dataKey, f.aad)
	commit, root, err := twoKeys(dataKey, info1, info2)
	if err != nil {
		return err
	}
	mac := hmac.New(sha512.New, commit)
	mac.Write(f.header)
	mac.Sum(f.random[:0])
	if err := f.deriveStream(root); err != nil {
		return err
	}
	hash := sha512.New384()
	hash.Write(f.rest)
	for i := range f.fields {
		aead, err := gcm(f.stream[48*i : 48*i+32])
		if err != nil {
			return err
		}
		f.sealed = aead.Seal(f.sealed[:0], f.stream[48*i+32:48*i+44], f.value, f.path)
		hash.Write(f.sealed)
	}
	digest := hash.Sum(f.random[:0])
	tag := hmac.New(sha512.New384, signing)
	tag.Write(digest)
	tag.Sum(f.random[:0])
	if !f.signs {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return err
	}
	again := sha512.Sum384(digest)
	_, err = ecdsa.SignASN1(rand.Reader, key, again[:])
	return err
}

func (f *floor) deriveStream(root []byte) error {
	block, err := aes.NewCipher(root)
	if err != nil {
		return err
	}
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(f.stream, f.stream)
	return nil
}

// prepare makes what decrypt opens.
func (f *floor) prepare() error {
	if err := f.encrypt(); err != nil {
		return err
	}
	clear(f.stream)
	f.sealedFields = make([][]byte, f.fields)
	for i := range f.fields {
		aead, err := gcm(f.stream[48*i : 48*i+32])
		if err != nil {
			return err
		}
		f.sealedFields[i] = aead.Seal(nil, f.stream[48*i+32:48*i+44], f.value, f.path)
	}
	f.wrapped[0] = f.keyring.Seal(nil, zeroNonce[:], make([]byte, 32), f.aad)
	f.sealed = make([]byte, 0, len(f.value))
	return nil
}

// decrypt runs the primitives of decrypting one item: the mirror of encrypt.
func (f *floor) decrypt() error {
	intermediate, err := f.keyring.Open(f.random[:0], zeroNonce[:], f.wrapped[0], f.aad)
	if err != nil {
		return err
	}
	signing, wrapping, err := twoKeys(intermediate, info1[:32], info2[:32])
	if err != nil {
		return err
	}
	aead, err := gcm(wrapping)
	if err != nil {
		return err
	}
	// Sealing and opening cost the same; what there is to open needs the key.
	f.wrapped[1] = aead.Seal(f.wrapped[1][:0], zeroNonce[:], intermediate, f.aad)
	commit, root, err := twoKeys(intermediate, info1, info2)
	if err != nil {
		return err
	}
	mac := hmac.New(sha512.New, commit)
	mac.Write(f.header)
	mac.Sum(f.random[:0])
	hash := sha512.New384()
	hash.Write(f.rest)
	for _, sealed := range f.sealedFields {
		hash.Write(sealed)
	}
	digest := hash.Sum(f.random[:0])
	tag := hmac.New(sha512.New384, signing)
	tag.Write(digest)
	tag.Sum(f.random[:0])
	if f.signs {
		x, y := elliptic.UnmarshalCompressed(elliptic.P384(), f.public)
		again := sha512.Sum384(digest)
		if x == nil || y == nil || ecdsa.VerifyASN1(&f.key.PublicKey, again[:], f.signature) {
			return fmt.Errorf("the floor verified nothing")
		}
	}
	if err := f.deriveStream(root); err != nil {
		return err
	}
	clear(f.stream) // the keys under which prepare encrypted
	for i, sealed := range f.sealedFields {
		aead, err := gcm(f.stream[48*i : 48*i+32])
		if err != nil {
			return err
		}
		if f.sealed, err = aead.Open(f.sealed[:0], f.stream[48*i+32:48*i+44], sealed, f.path); err != nil {
			return err
		}
	}
	return nil
}

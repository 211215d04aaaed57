package awskms_test

import (
	"crypto/ecdh"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
)

func TestZeroKeyringsAreErrors(t *testing.T) {
	keys := []crypto.EncryptedDataKey{
		{ProviderID: "aws-kms", ProviderInfo: []byte(keyWest)},
		{ProviderID: "aws-kms-rsa", ProviderInfo: []byte(rsaWest)},
		{ProviderID: "aws-kms-ecdh", ProviderInfo: []byte{1}},
	}
	want := func(k any, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "made by a function New") {
			t.Errorf("%T: %v", k, err)
		}
	}
	for _, k := range []any{
		&awskms.Keyring{}, &awskms.Encrypter{}, &awskms.Discovery{}, &awskms.RSA{}, &awskms.ECDHStatic{}, &awskms.ECDHDiscovery{},
	} {
		if enc, ok := k.(crypto.Encrypter); ok {
			_, err := enc.NewKeys(t.Context(), ec)
			want(k, err)
		}
		if dec, ok := k.(crypto.Decrypter); ok {
			_, _, err := dec.OpenKey(t.Context(), keys, ec)
			want(k, err)
		}
	}
}

// TestGrantTokensAreNotShown prints, logs and marshals keyrings, also from the
// unexported field of another struct.
func TestGrantTokensAreNotShown(t *testing.T) {
	const token = "AQpAM2RhZ..token"
	e, sender, recipient, _ := ecdhEngine(t, ecdh.P256())
	client, grant := &recorder{client: e.KMSIn(west)}, awskms.WithGrantTokens(token)
	mine := awskms.InAccounts("aws", "111122223333")
	type fixture struct{ k any }
	var shown strings.Builder
	for _, k := range []any{
		must(awskms.NewStrict(client, keyWest, grant)),
		*must(awskms.NewStrict(client, keyWest, grant)),
		must(awskms.NewEncrypter(client, keyWest, grant)),
		must(awskms.NewDiscovery(client, mine, grant)),
		must(awskms.NewRSA(client, awskms.RSAConfig{KeyARN: rsaWest, Algorithm: sha256}, grant)),
		must(awskms.NewECDHDiscovery(t.Context(), e.KMSIn(west), eccRecipient, grant)),
		must(awskms.NewECDHStatic(t.Context(), e.KMSIn(west), awskms.ECDHStaticConfig{SenderKeyARN: eccSender, SenderPublicKey: sender, RecipientPublicKey: recipient}, grant)),
	} {
		for _, v := range []any{k, fixture{k}, &fixture{k}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q"} {
				fmt.Fprintf(&shown, verb+"\n", v)
			}
			slog.New(slog.NewJSONHandler(&shown, nil)).Info("keyring", "keyring", fmt.Sprintf("%#v", v))
		}
	}
	//lint:ignore SA9005 that nothing of a keyring is marshalled is what is asserted
	if encoded, err := json.Marshal(must(awskms.NewStrict(e.KMSIn(west), keyWest, grant))); err != nil || string(encoded) != "{}" {
		t.Errorf("marshalled: %s, %v", encoded, err)
	}
	for _, form := range []string{token, fmt.Sprintf("%x", token), fmt.Sprintf("%X", token)} {
		if strings.Contains(shown.String(), form) {
			t.Errorf("a grant token is shown as %s", form)
		}
	}
}

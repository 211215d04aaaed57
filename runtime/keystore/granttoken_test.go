package keystore_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/keystore"
)

func TestGrantTokensAreNotShown(t *testing.T) {
	const token = "AQpAM2RhZ..token"
	config := keystore.Config{
		Storage: keystore.NewMemory(), KMS: kms.New(kms.Options{Region: "us-west-2"}), LogicalName: logical,
		Key:         keystore.Key("arn:aws:kms:us-west-2:111122223333:key/1"),
		GrantTokens: []keystore.GrantToken{token},
	}
	s, err := keystore.New(config)
	if err != nil {
		t.Fatal(err)
	}
	description := s.Describe()
	if len(description.GrantTokens) != 1 || string(description.GrantTokens[0]) != token {
		t.Errorf("the description has other grant tokens: %d", len(description.GrantTokens))
	}
	type fixture struct{ s *keystore.Store }
	var shown strings.Builder
	for _, v := range []any{config, &config, description, &description, s, fixture{s}, config.GrantTokens, config.GrantTokens[0]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q"} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
	}
	for _, v := range []any{description, config.GrantTokens, config.GrantTokens[0]} {
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(encoded)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("store", "store", v)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("store", "store", v)
	}
	for _, form := range []string{token, fmt.Sprintf("%x", token), fmt.Sprintf("%X", token)} {
		if strings.Contains(shown.String(), form) {
			t.Errorf("a grant token is shown as %s", form)
		}
	}
}

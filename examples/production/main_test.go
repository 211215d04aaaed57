package main

import (
	"bytes"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func TestOnTheEmbeddedEngine(t *testing.T) {
	checkStory(t, options{embedded: true})
}

// The way to AWS, to an endpoint that is none.
func TestWithCredentials(t *testing.T) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	server := httptest.NewServer(engine)
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")

	if err := run(t.Context(), new(bytes.Buffer), options{}); err == nil {
		t.Error("the program ran on AWS without being told a KMS key")
	}
	if err := run(t.Context(), new(bytes.Buffer), options{kmsKey: "alias/x"}); err == nil {
		t.Error("the program took an alias for the ARN of a KMS key")
	}
	key, err := engine.KMS().CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	o := options{kmsKey: *key.KeyMetadata.Arn}
	checkStory(t, o)
	checkStory(t, o) // with the tables of the first run
}

func checkStory(t *testing.T, o options) {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), &out, o); err != nil {
		t.Fatal(err)
	}
	// Three calls: for the active branch key, for its version when the payments
	// are read, and for the beacon key.
	for _, want := range []string{
		`wrote 50 payments and found 50 of them by IBAN, with 3 calls of kms:Decrypt`,
		`payment-00  encrypted under version`,
		`payment-01  encrypted under version .*, reference "after the rotation"`,
	} {
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("the output does not show %q:\n%s", want, out.Bytes())
		}
	}
	versions := regexp.MustCompile(`under version (\S+),`).FindAllSubmatch(out.Bytes(), -1)
	if len(versions) != 2 || bytes.Equal(versions[0][1], versions[1][1]) {
		t.Errorf("the rotation does not show: %q", versions)
	}
}

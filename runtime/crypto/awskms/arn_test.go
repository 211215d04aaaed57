package awskms

import (
	"errors"
	"strings"
	"testing"
)

func TestParseKeyARN(t *testing.T) {
	for text, want := range map[string]keyARN{
		"arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab": {partition: "aws", region: "us-west-2", account: "111122223333", kind: "key", id: "1234abcd-12ab-34cd-56ef-1234567890ab"},
		"arn:aws-cn:kms:cn-north-1:1:key/mrk-1":                                       {partition: "aws-cn", region: "cn-north-1", account: "1", kind: "key", id: "mrk-1"},
		"arn:aws:kms:us-west-2:1:key/a/b":                                             {partition: "aws", region: "us-west-2", account: "1", kind: "key", id: "a/b"},
	} {
		want.text = text
		got, err := parseKeyARN(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if back := got.in(got.region); back != text {
			t.Errorf("%s is written as %s", text, back)
		}
	}
	for name, text := range map[string]string{
		"empty":            "",
		"key id":           "1234abcd-12ab-34cd-56ef-1234567890ab",
		"multi-Region id":  "mrk-1",
		"key/ alone":       "key/1",
		"alias name":       "alias/a",
		"alias ARN":        "arn:aws:kms:us-west-2:1:alias/a",
		"five fields":      "arn:aws:kms:us-west-2:key/1",
		"seven fields":     "arn:aws:kms:us-west-2:1:key/1:2",
		"other scheme":     "urn:aws:kms:us-west-2:1:key/1",
		"no partition":     "arn::kms:us-west-2:1:key/1",
		"other service":    "arn:aws:s3:us-west-2:1:key/1",
		"no Region":        "arn:aws:kms::1:key/1",
		"no account":       "arn:aws:kms:us-west-2::key/1",
		"no resource":      "arn:aws:kms:us-west-2:1:",
		"no id":            "arn:aws:kms:us-west-2:1:key/",
		"no slash":         "arn:aws:kms:us-west-2:1:key",
		"other resource":   "arn:aws:kms:us-west-2:1:grant/1",
		"upper case":       "arn:aws:kms:us-west-2:1:KEY/1",
		"leading space":    " arn:aws:kms:us-west-2:1:key/1",
		"control":          "arn:aws:kms:us-west-2:1:key/1\n",
		"not ASCII":        "arn:aws:kms:us-west-2:1:key/é",
		"not UTF-8":        "arn:aws:kms:us-west-2:1:key/\xff",
		"2,049 characters": "arn:aws:kms:us-west-2:1:key/" + strings.Repeat("1", 2049-28),
	} {
		if got, err := parseKeyARN(text); !errors.Is(err, ErrKeyARN) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := parseKeyARN("arn:aws:kms:us-west-2:1:alias/a"); !strings.Contains(err.Error(), "name the key ARN") {
		t.Errorf("no remedy for an alias: %v", err)
	}
	if _, err := parseKeyARN("arn:aws:kms:us-west-2:1:key/" + strings.Repeat("1", 2048-28)); err != nil {
		t.Errorf("2,048 characters: %v", err)
	}
}

func TestCheckIdentifier(t *testing.T) {
	for _, text := range []string{"1234abcd", "mrk-1", "alias/a", "alias/a/b", "arn:aws:kms:us-west-2:1:alias/a", "arn:aws:kms:us-west-2:1:key/1"} {
		if err := checkIdentifier(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"", "key/1", "alias/", "a:b", "arn:aws:kms:us-west-2:1", "é", strings.Repeat("1", 2049)} {
		if err := checkIdentifier(text); !errors.Is(err, ErrIdentifier) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReplicaOf(t *testing.T) {
	const (
		single  = "arn:aws:kms:us-west-2:111122223333:key/1234"
		replica = "arn:aws:kms:us-west-2:111122223333:key/mrk-1234"
	)
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{single, single, true},
		{replica, replica, true},
		{replica, "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234", true},
		{single, "arn:aws:kms:eu-west-1:111122223333:key/1234", false},
		{replica, "arn:aws:kms:eu-west-1:444455556666:key/mrk-1234", false},
		{replica, "arn:aws-cn:kms:us-west-2:111122223333:key/mrk-1234", false},
		{replica, "arn:aws:kms:us-west-2:111122223333:key/mrk-5678", false},
		{replica, single, false},
		{"arn:aws:kms:us-west-2:1:key/MRK-1", "arn:aws:kms:eu-west-1:1:key/MRK-1", false},
	} {
		a, err := parseKeyARN(test.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := parseKeyARN(test.b)
		if err != nil {
			t.Fatal(err)
		}
		if a.replicaOf(b) != test.want || b.replicaOf(a) != test.want {
			t.Errorf("%s and %s: want %v", test.a, test.b, test.want)
		}
	}
	alias, err := parseARN("arn:aws:kms:us-west-2:1:alias/mrk-1")
	if err != nil || alias.multiRegion() {
		t.Errorf("an alias is taken for a multi-Region key: %v", err)
	}
}

func FuzzParseARN(f *testing.F) {
	seeds := []string{"arn:aws:kms:us-west-2:111122223333:key/mrk-1", "arn:aws:kms:us-west-2:1:alias/a", "arn:::::", "key/1"}
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseARN(text)
		if err == nil && (a.in(a.region) != text || !a.replicaOf(a)) {
			t.Errorf("%q reads and writes differently", text)
		}
	})
}

package keystore

import "testing"

func FuzzParseARN(f *testing.F) {
	for _, seed := range []string{
		"arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
		"arn:aws:kms:us-west-2:111122223333:alias/x", "arn:aws:kms:::key/x", "key/x", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := parseARN(text); err == nil && a.String() != text {
			t.Errorf("%q is read as %q", text, a)
		}
	})
}

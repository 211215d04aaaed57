package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRunTellsItsStory(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"//ddbe:compound last4UnitCompound",
		"aws_dbe_head", "aws_dbe_foot", "aws_dbe_b_last4UnitCompound",
		"L-5678.U-011899988199",
		"finding             valve 3 leaks",
		"refused: ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story does not show %q", want)
		}
	}
	_, stored, _ := strings.Cut(out.String(), "2. How the item lies")
	stored, _, _ = strings.Cut(stored, "3. The query")
	for _, secret := range []string{"5678", "011899988199", "valve"} {
		if strings.Contains(stored, secret) {
			t.Errorf("the stored item shows %q", secret)
		}
	}
}

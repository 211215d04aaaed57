package schemaproof_test

import (
	"os"
	"strings"
	"testing"
)

// TestManual holds that each change that docs/schema-changes.md shows is one of
// the rows that are proved, with the classes that it says.
func TestManual(t *testing.T) {
	page, err := os.ReadFile("../../docs/schema-changes.md")
	if err != nil {
		t.Fatal(err)
	}
	proved := map[string]string{}
	for _, row := range rows {
		var classes []string
		for name := range strings.FieldsSeq(row.want) {
			class, _, _ := strings.Cut(name, ":")
			if class != "SAFE" && !strings.Contains(" "+strings.Join(classes, " ")+" ", " "+class+" ") {
				classes = append(classes, class)
			}
		}
		if len(classes) == 0 {
			classes = []string{"SAFE"}
		}
		proved[strings.TrimPrefix(row.what, "may: ")] = strings.Join(classes, ", ")
	}
	_, changes, _ := strings.Cut(string(page), "\n## Changes\n")
	shown := 0
	for line := range strings.Lines(changes) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(line, "|---") || strings.Contains(line, "| change |") {
			continue
		}
		what, class := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		shown++
		if got, ok := proved[what]; !ok {
			t.Errorf("%q is shown, and not proved", what)
		} else if got != class {
			t.Errorf("%q is shown as %s, and proved as %s", what, class, got)
		}
	}
	if shown < 50 {
		t.Errorf("only %d changes were found on the page", shown)
	}
}

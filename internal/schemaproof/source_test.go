package schemaproof_test

import (
	"fmt"
	"strings"
	"unicode"
)

// source writes a table struct from lines in short:
//
//	beacon A length=16             a directive
//	A string encrypt,sign          a field: name, type, ddbe tag
//	A time.Time sign ,unixtime     the same with a dynamodbav tag
//	type P struct { X string }     another declaration
//
// The table is T with the fast suite and the partition key ID, unless the lines
// say otherwise.
func source(short string) string {
	directives, fields, rest := "", "", ""
	table, key := "//ddbe:table Test suite=0x6700\n", "\tID string `ddbe:\"partition,sign\"`\n"
	for line := range strings.SplitSeq(strings.ReplaceAll(short, ";", "\n"), "\n") {
		line = strings.TrimSpace(line)
		words := strings.SplitN(line, " ", 4)
		switch {
		case line == "":
		case words[0] == "type":
			rest += line + "\n"
		case words[0] == "table":
			table = "//ddbe:" + line + "\n"
		case unicode.IsLower(rune(line[0])):
			directives += "//ddbe:" + line + "\n"
		default:
			if strings.HasPrefix(words[2], "partition,") {
				key = ""
			}
			av := ""
			if len(words) == 4 {
				av = fmt.Sprintf(" dynamodbav:%q", words[3])
			}
			fields += fmt.Sprintf("\t%s %s `ddbe:%q%s`\n", words[0], words[1], words[2], av)
		}
	}
	imports := ""
	if strings.Contains(fields, "json.") {
		imports = "import \"encoding/json\"\n\n"
	}
	if strings.Contains(fields, "time.") {
		imports = "import \"time\"\n\n"
	}
	return "package app\n\n" + imports + table + directives + "type Row struct {\n" + key + fields + "}\n" + rest
}

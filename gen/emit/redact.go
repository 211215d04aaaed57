package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// redacted writes the methods that keep encrypted fields out of logs, as short as
// those of sort.Interface are written: they do one thing and have one comment.
func (f *file) redacted(s *schema.Struct) {
	if len(s.Prints) == 0 {
		return
	}
	f.comment("%s [encrypted] in place of encrypted fields.", show(s.Prints))
	arg := f.receiver(s.Name)
	for _, name := range s.Prints {
		method := f.Func().Params(jen.Id(arg).Id(s.Name)).Id(name)
		call := func(name string, args ...jen.Code) jen.Code {
			return jen.Id(s.RedactedVar).Dot(name).Call(append(args, jen.Id(arg))...)
		}
		switch name {
		case "Format":
			state, verb := strings.Repeat("s", 1+len(arg)), "verb"
			if arg != "s" {
				state = "s"
			}
			method.Params(jen.Id(state).Qual("fmt", "State"), jen.Id(verb).Rune()).
				Add(inline(call("Print", jen.Id(state), jen.Id(verb))))
		case "String":
			method.Params().String().Add(inline(jen.Return(call("Text"))))
		case "LogValue":
			method.Params().Qual("log/slog", "Value").Add(inline(jen.Return(call("Log"))))
		}
	}
	f.Line()
	var fields []jen.Code
	for _, name := range s.Redacted {
		fields = append(fields, jen.Lit(name))
	}
	f.Var().Id(s.RedactedVar).Op("=").Add(ddbe("Redacted")).Values(fields...)
}

// show is the beginning of the sentence that says what the methods with these
// names do.
func show(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0] + " shows"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " show"
}

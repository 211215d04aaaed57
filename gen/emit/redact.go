package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// redacted writes the methods that keep encrypted fields out of logs.
func (f *file) redacted(s *schema.Struct) {
	if len(s.Prints) == 0 {
		return
	}
	f.comment("%s are the fields of %s that fmt, log and slog do not show.", s.RedactedVar, s.Name)
	var fields []jen.Code
	for _, name := range s.Redacted {
		fields = append(fields, jen.Lit(name))
	}
	f.Var().Id(s.RedactedVar).Op("=").Add(ddbe("Redacted")).Values(fields...)
	f.Line()
	arg := f.receiver(s.Name)
	receiver := func() *jen.Statement { return f.Func().Params(jen.Id(arg).Id(s.Name)) }
	call := func(name string, args ...jen.Code) jen.Code {
		return jen.Id(s.RedactedVar).Dot(name).Call(append(args, jen.Id(arg))...)
	}
	for _, name := range s.Prints {
		f.Comment("// " + name + " " + comments[name])
		switch name {
		case "Format":
			state, verb := strings.Repeat("s", 1+len(arg)), "verb"
			if arg != "s" {
				state = "s"
			}
			receiver().Id(name).Params(jen.Id(state).Qual("fmt", "State"), jen.Id(verb).Rune()).
				Add(inline(call("Print", jen.Id(state), jen.Id(verb))))
		case "String":
			receiver().Id(name).Params().String().Add(inline(jen.Return(call("Text"))))
		case "LogValue":
			receiver().Id(name).Params().Qual("log/slog", "Value").Add(inline(jen.Return(call("Log"))))
		}
		f.Line()
	}
}

var comments = map[string]string{
	"Format":   "prints what may be read.",
	"String":   "returns what may be read.",
	"LogValue": "returns what may be logged.",
}

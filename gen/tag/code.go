package tag

// Code names a kind of problem. It stands at the end of a diagnostic in
// brackets and does not change between versions.
type Code string

// The codes of problems in the words themselves.
const (
	TagSyntax        Code = "tag-syntax"
	UnknownOption    Code = "unknown-option"
	DuplicateOption  Code = "duplicate-option"
	OptionValue      Code = "option-value"
	OptionOrder      Code = "option-order"
	MissingOption    Code = "missing-option"
	EncryptAlone     Code = "encrypt-alone"
	ContextAlone     Code = "context-alone"
	ActionConflict   Code = "action-conflict"
	NoAction         Code = "no-action"
	BeaconAction     Code = "beacon-action"
	DirectiveSyntax  Code = "directive-syntax"
	UnknownDirective Code = "unknown-directive"
	UnknownTransform Code = "unknown-transform"
)

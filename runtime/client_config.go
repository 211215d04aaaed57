package runtime

import "github.com/ddbegen/ddbegen/runtime/crypto"

// Config returns the configuration of a table that holds what the schema says, for
// [NewClient]: a generated table can be used by the encrypted client beside its
// repository. The options are those of [Open], except [WithTableName] and
// [WithoutTableCheck], which say nothing about a configuration and are refused.
// The error is a [*ConfigError].
func (s *TableSchema) Config(keyring crypto.Keyring, opts ...Option) (TableConfig, error) {
	if s == nil {
		return TableConfig{}, &ConfigError{Reason: "there is no schema: take the generated one"}
	}
	o, err := apply(s.LogicalName, opts)
	if err != nil {
		return TableConfig{}, err
	}
	switch {
	case o.tableName != "":
		return TableConfig{}, &ConfigError{Table: s.LogicalName, Reason: "WithTableName was given: the name of the table is the key of its configuration in NewClient"}
	case o.skipTableCheck:
		return TableConfig{}, &ConfigError{Table: s.LogicalName, Reason: "WithoutTableCheck was given: the client has the option WithoutTableDescription"}
	}
	config, err := s.config(keyring, o)
	if err != nil {
		return TableConfig{}, err
	}
	return *config, nil
}

package crypto_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

func newAES(tb testing.TB, name string) *raw.AES {
	tb.Helper()
	k, err := raw.NewAES("test", name, crypto.NewKey(make([]byte, 32)))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// goodConfig is a table with a sort key and one attribute of each action that
// its version of the header allows.
func goodConfig(tb testing.TB) crypto.Config {
	tb.Helper()
	return crypto.Config{
		LogicalTableName: "table",
		PartitionKey:     "pk",
		SortKey:          "sk",
		Actions: map[string]attribute.Action{
			"pk": attribute.SignOnly, "sk": attribute.SignOnly,
			"secret": attribute.EncryptAndSign, "signed": attribute.SignOnly, "free": attribute.DoNothing,
		},
		AllowedUnsigned: []string{"free"},
		Suite:           crypto.SuiteHMAC,
		Keyring:         newAES(tb, "key"),
	}
}

// contextConfig is goodConfig with its keys and signed in the encryption
// context.
func contextConfig(tb testing.TB) crypto.Config {
	c := goodConfig(tb)
	for _, name := range []string{"pk", "sk", "signed"} {
		c.Actions[name] = attribute.SignAndIncludeInEncryptionContext
	}
	return c
}

func ptr[T any](v T) *T { return &v }

// picky is a keyring that serves one suite.
type picky struct{ crypto.Keyring }

var errPicky = errors.New("use the other suite")

func (picky) CheckSuite(s crypto.Suite) error {
	if s == crypto.SuiteECDSA {
		return errPicky
	}
	return nil
}

func TestNewRefuses(t *testing.T) {
	multi := func(k ...crypto.Keyring) crypto.Keyring {
		m, err := crypto.NewMulti(newAES(t, "key"), k...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name   string
		change func(*crypto.Config)
		want   string // in the error
	}{
		{"no table name", func(c *crypto.Config) { c.LogicalTableName = "" }, "logical table name"},
		{"table name not UTF-8", func(c *crypto.Config) { c.LogicalTableName = "\xff" }, "logical table name"},
		{"no partition key", func(c *crypto.Config) { c.PartitionKey = "" }, "partition key is missing"},
		{"sort key is partition key", func(c *crypto.Config) { c.SortKey = "pk" }, "leave the sort key empty"},
		{"nil actions", func(c *crypto.Config) { c.Actions = nil }, "give it SIGN_ONLY"},
		{"encrypted key", func(c *crypto.Config) { c.Actions["pk"] = attribute.EncryptAndSign }, "must be SIGN_ONLY, not ENCRYPT_AND_SIGN"},
		{"sort key without action", func(c *crypto.Config) { delete(c.Actions, "sk") }, `"sk"`},
		{
			"unsigned key", func(c *crypto.Config) {
				c.Actions["pk"] = attribute.DoNothing
				c.AllowedUnsigned = append(c.AllowedUnsigned, "pk")
			}, "must be SIGN_ONLY, not DO_NOTHING",
		},
		{"signed key beside context", func(c *crypto.Config) { c.Actions["x"] = attribute.SignAndIncludeInEncryptionContext }, `because attribute "x"`},
		{"no action", func(c *crypto.Config) { c.Actions["x"] = 0 }, "none of the four"},
		{"unknown action", func(c *crypto.Config) { c.Actions["x"] = 9 }, "none of the four"},
		{"header name", func(c *crypto.Config) { c.Actions["aws_dbe_head"] = attribute.SignOnly }, "aws_dbe_"},
		{"context name", func(c *crypto.Config) { c.Actions["aws-crypto-x"] = attribute.SignOnly }, "aws-crypto-"},
		{"empty name", func(c *crypto.Config) { c.Actions[""] = attribute.SignOnly }, "1 to 65535 bytes"},
		{"name not UTF-8", func(c *crypto.Config) { c.Actions["\xff"] = attribute.SignOnly }, "1 to 65535 bytes"},
		{"long name", func(c *crypto.Config) { c.Actions[strings.Repeat("n", 65536)] = attribute.SignOnly }, "1 to 65535 bytes"},
		{"unlisted unsigned", func(c *crypto.Config) { c.AllowedUnsigned = nil }, "not allowed to be unsigned"},
		{"listed signed", func(c *crypto.Config) { c.AllowedUnsigned = []string{"free", "signed"} }, "readers would not verify it"},
		{"signed with the prefix", func(c *crypto.Config) { c.AllowedUnsignedPrefix = ptr("s") }, "readers would not verify it"},
		{"empty prefix", func(c *crypto.Config) { c.AllowedUnsignedPrefix = ptr("") }, "prefix"},
		{"default of doing nothing", func(c *crypto.Config) { c.DefaultAction = attribute.DoNothing }, "default action"},
		{"default in context", func(c *crypto.Config) { c.DefaultAction = attribute.SignAndIncludeInEncryptionContext }, "default action"},
		{"unknown suite", func(c *crypto.Config) { c.Suite = 0x0578 }, "SuiteECDSA"},
		{"unknown policy", func(c *crypto.Config) { c.PlaintextPolicy = 7 }, "plaintext policy"},
		{"no keyring", func(c *crypto.Config) { c.Keyring = nil }, "keyring or a materials provider"},
		{"keyring and materials", func(c *crypto.Config) { c.Materials = crypto.DefaultMaterials(c.Keyring) }, "not both"},
		{"suite of a member", func(c *crypto.Config) {
			c.Suite, c.Keyring = 0, multi(multi(crypto.EncryptOnly(picky{newAES(t, "k")})))
		}, errPicky.Error()},
		{"suite of materials", func(c *crypto.Config) {
			c.Suite, c.Materials, c.Keyring = 0, crypto.DefaultMaterials(picky{newAES(t, "k")}), nil
		}, errPicky.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := goodConfig(t)
			c.change(&config)
			_, err := crypto.New(config)
			var configError *crypto.ConfigError
			if !errors.As(err, &configError) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New: %v; want a ConfigError with %q", err, c.want)
			}
			if c.want == errPicky.Error() && !errors.Is(err, errPicky) {
				t.Error("the cause is not wrapped")
			}
		})
	}
	if _, err := crypto.New(goodConfig(t)); err != nil {
		t.Errorf("New: %v", err)
	}
	if _, err := crypto.New(contextConfig(t)); err != nil {
		t.Errorf("New with attributes in the context: %v", err)
	}
}

// A configuration may be changed after New: the item encryptor has its own copy.
func TestNewCopiesTheConfig(t *testing.T) {
	c := goodConfig(t)
	e, err := crypto.New(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Actions["secret"] = attribute.DoNothing
	c.AllowedUnsigned[0] = "secret"
	if action, err := e.Action("secret"); err != nil || action != attribute.EncryptAndSign {
		t.Errorf("Action(secret) = %v, %v", action, err)
	}
	if action, err := e.Action("free"); err != nil || action != attribute.DoNothing {
		t.Errorf("Action(free) = %v, %v", action, err)
	}
}

func TestActionAndScope(t *testing.T) {
	c := goodConfig(t)
	c.AllowedUnsignedPrefix = ptr(":")
	e, err := crypto.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		action   attribute.Action
		err      error
		alone    bool
		verifies bool
	}{
		{"secret", attribute.EncryptAndSign, nil, false, true},
		{"signed", attribute.SignOnly, nil, false, true},
		{"free", attribute.DoNothing, nil, true, false},
		{":x", attribute.DoNothing, nil, false, false},
		{"unheard of", 0, crypto.ErrNoAction, false, true},
		{"aws_dbe_head", 0, crypto.ErrReserved, false, true},
		{"aws_dbe_foot", 0, crypto.ErrReserved, false, true},
		{"aws_dbe_b_x", 0, crypto.ErrReserved, false, false},
	} {
		action, err := e.Action(c.name)
		if action != c.action || !errors.Is(err, c.err) {
			t.Errorf("Action(%s) = %v, %v; want %v, %v", c.name, action, err, c.action, c.err)
		}
		if got := e.LeavesAlone(c.name); got != c.alone {
			t.Errorf("LeavesAlone(%s) = %v", c.name, got)
		}
		if got := e.Verifies(c.name); got != c.verifies {
			t.Errorf("Verifies(%s) = %v", c.name, got)
		}
	}
}

// A keyring is asked about suites by New and for nothing else.
func TestNewAsksNothingOfTheKeyring(t *testing.T) {
	c := goodConfig(t)
	c.Keyring = crypto.EncryptOnly(encrypterFunc(func() ([]crypto.WrappedKey, error) {
		t.Error("New made a key")
		return nil, nil
	}))
	if _, err := crypto.New(c); err != nil {
		t.Error(err)
	}
}

type encrypterFunc func() ([]crypto.WrappedKey, error)

func (f encrypterFunc) NewKeys(context.Context, crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	return f()
}

package gen

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/tools/go/packages"
)

// goCommand is the go command, or what a GOPACKAGESDRIVER has in its place, in the
// configuration of a run.
type goCommand struct{ config packages.Config }

func newGoCommand(ctx context.Context, cfg Config) (*goCommand, error) {
	c := &goCommand{packages.Config{Context: ctx, Dir: cfg.Dir, Env: cfg.Env}}
	for _, tag := range cfg.Tags {
		if err := checkTag(tag); err != nil {
			return nil, err
		}
	}
	if len(cfg.Tags) > 0 {
		c.config.BuildFlags = []string{"-tags=" + strings.Join(cfg.Tags, ",")}
	}
	return c, nil
}

// checkTag refuses what cannot be a tag in a //go:build line: the go command
// takes anything.
func checkTag(tag string) error {
	valid := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '.' }
	if tag == "" || strings.ContainsFunc(tag, func(r rune) bool { return !valid(r) }) {
		return fmt.Errorf("%q is not a build tag: tags are made of letters, digits, underscores and dots, and separated by one comma each", tag)
	}
	return nil
}

// list returns packages with what mode asks for.
func (c *goCommand) list(mode packages.LoadMode, patterns ...string) ([]*packages.Package, error) {
	config := c.config
	config.Mode = mode
	all, err := packages.Load(&config, patterns...)
	if stopped := c.config.Context.Err(); stopped != nil {
		return nil, stopped
	}
	if err != nil {
		// The go command says it best, without the words of the packages in between.
		if _, message, ok := strings.Cut(err.Error(), ": stderr: "); ok && strings.TrimSpace(message) != "" {
			return nil, errors.New(strings.TrimSpace(message))
		}
		return nil, fmt.Errorf("run the go command: %w", err)
	}
	return all, nil
}

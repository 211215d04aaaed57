package gen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/diff"
	"github.com/ddbegen/ddbegen/gen/lock"
)

// Compare returns how the packages in cfg differ from what their items depend
// on: from the lock file beside each, or, where against is not "", from the lock
// file of that name or from those of that revision in git. What is accepted in
// today's lock files and was not then counts as accepted.
//
// The result has no files, and nothing is written. The error is for trouble that
// no change of a struct would end.
func Compare(ctx context.Context, cfg Config, against string) (*Result, error) {
	packages, err := load(ctx, cfg)
	if err != nil {
		return nil, err
	}
	b, err := baseOf(cfg.Dir, against)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(packages))
	for i, p := range packages {
		if results[i], err = compare(ctx, p, b); err != nil {
			return nil, err
		}
	}
	if tables := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Tables == 0 }); b.file != "" && len(tables) > 1 {
		return nil, fmt.Errorf("-against %s is the lock file of one package, and %d packages have tables: name one package, or a git revision", against, len(tables))
	}
	across(packages, results)
	return merge(results), nil
}

func compare(ctx context.Context, p *loaded, b base) (Result, error) {
	model, tables, problems := p.model()
	result := Result{Tables: tables, Diagnostics: problems, model: model}
	if len(result.Diagnostics) > 0 {
		return result, nil
	}
	now, wrongNow, err := readLock(p.lockPath())
	if err != nil {
		return Result{}, err
	}
	was, wrongThen := now, []Diagnostic(nil)
	if b != (base{}) {
		if was, wrongThen, err = b.read(ctx, p.lockPath()); err != nil {
			return Result{}, err
		}
	}
	if result.Diagnostics = append(wrongNow, wrongThen...); len(result.Diagnostics) > 0 {
		return result, nil
	}
	source := lock.Of(model)
	all := diff.Compare(was, source)
	if now != nil {
		pending := diff.Compare(now, source)
		accepted := slices.DeleteFunc(diff.AcceptedSince(was, now), func(name string) bool {
			// It has changed further since it was accepted.
			return slices.ContainsFunc(pending, func(c diff.Change) bool { return c.Name() == name })
		})
		// Names that no change has any more were accepted on the way to where the
		// source is now.
		_ = diff.Accept(all, accepted)
	}
	result.Changes = p.placed(model, all)
	return result, nil
}

// base is what is compared with: a file, a revision in git, or nothing of the
// two for the lock file in the work tree.
type base struct{ file, revision string }

// baseOf finds out what against names. A file wins over a revision.
func baseOf(dir, against string) (base, error) {
	if against == "" {
		return base{}, nil
	}
	path := against
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return base{file: path}, nil
	}
	return base{revision: against}, nil
}

// read returns the lock file that was where there is one at path now, or nil.
func (b base) read(ctx context.Context, path string) (*lock.File, []Diagnostic, error) {
	if b.file != "" {
		return readLock(b.file)
	}
	dir, name := filepath.Split(path)
	commit, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", b.revision+"^{commit}")
	if err != nil {
		return nil, nil, fmt.Errorf("-against %s is neither a file nor a revision in git: %w", b.revision, err)
	}
	hash := strings.TrimSpace(string(commit))
	found, err := git(ctx, dir, "ls-tree", "--name-only", hash, "--", name)
	if err != nil {
		return nil, nil, err
	}
	if len(bytes.TrimSpace(found)) == 0 {
		return nil, nil, nil
	}
	content, err := git(ctx, dir, "cat-file", "blob", hash+":./"+name)
	if err != nil {
		return nil, nil, err
	}
	return parseLock(path+"@"+b.revision, content)
}

// git returns what a git command in dir prints.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = dir
	out, err := command.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return nil, fmt.Errorf("git %s: %s", args[0], bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}

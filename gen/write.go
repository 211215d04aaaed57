package gen

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"github.com/aymanbagabas/go-udiff"
)

// orphan returns the generated file of a package that no longer has a table, so
// that it is removed.
func (l *loaded) orphan() []File {
	if _, err := os.Stat(l.output); err != nil {
		return nil
	}
	return []File{{Path: l.output}}
}

// current returns what is on disk, nil for nothing.
func (f File) current() ([]byte, error) {
	content, err := os.ReadFile(f.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// Write puts the file on disk, or removes it. A file that is right already is
// not touched. Readers see the old file or the new one, never a part.
func (f File) Write() (err error) {
	current, err := f.current()
	if err != nil {
		return err
	}
	switch {
	case f.Content == nil && current != nil:
		return os.Remove(f.Path)
	case f.Content == nil || current != nil && bytes.Equal(current, f.Content):
		return nil
	}
	temp, err := os.CreateTemp(filepath.Dir(f.Path), "."+OutputName+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name()) // the error that is returned matters more
		}
	}()
	_, err = temp.Write(f.Content)
	err = errors.Join(err, temp.Chmod(0o644), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), f.Path)
}

// Diff returns the unified diff from the file on disk to what it should be, ""
// where they are equal. File names are relative to dir.
func (f File) Diff(dir string) (string, error) {
	current, err := f.current()
	if err != nil {
		return "", err
	}
	name := f.Path
	if r, err := filepath.Rel(dir, f.Path); err == nil && filepath.IsLocal(r) {
		name = filepath.ToSlash(r)
	}
	return udiff.Unified(name, name+" (generated)", string(current), string(f.Content)), nil
}

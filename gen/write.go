package gen

import (
	"bytes"
	"errors"
	"fmt"
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
// not touched. Readers see the old file or the new one, never a part, and of two
// runs at a time the last one wins. A symbolic link is followed.
func (f File) Write() (err error) {
	current, err := f.current()
	if err != nil {
		return err
	}
	if f.Content == nil {
		if current == nil {
			return nil
		}
		return os.Remove(f.Path)
	}
	if current != nil && bytes.Equal(unixLines(current), unixLines(f.Content)) {
		return nil
	}
	path, mode := f.Path, os.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name()) // the error that is returned matters more
		}
	}()
	_, err = temp.Write(f.Content)
	err = errors.Join(err, temp.Chmod(mode), temp.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	return os.Rename(temp.Name(), path)
}

// unixLines returns content as it is in a checkout that keeps line ends: git may
// write "\r\n" in their place, and that is no difference.
func unixLines(content []byte) []byte {
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

// Diff returns the unified diff from the file on disk to what it should be, ""
// where they are equal. File names are relative to dir.
func (f File) Diff(dir string) (string, error) {
	current, err := f.current()
	if err != nil {
		return "", err
	}
	name := relative(f.Path, dir)
	return udiff.Unified(name, name+" (generated)", string(unixLines(current)), string(unixLines(f.Content))), nil
}

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// seal encrypts the positive item vectors below in, writes them below out and
// reports to w. It returns whether all of them could be encrypted.
func seal(ctx context.Context, w io.Writer, in, out string) (clean bool, err error) {
	files, err := readFiles(in)
	if err != nil {
		return false, err
	}
	sealed, failed := 0, 0
	for _, f := range files {
		content, results, err := sealFile(ctx, f)
		if err != nil {
			return false, fmt.Errorf("%s: %w", f.path, err)
		}
		if len(results) == 0 {
			continue
		}
		relative, err := filepath.Rel(in, f.path)
		if err != nil {
			return false, err
		}
		target := filepath.Join(out, relative) // out itself if in is a file
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return false, err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return false, err
		}
		good := 0
		for _, r := range results {
			if r.err != nil {
				fmt.Fprintf(w, "  FAIL %s: %s\n", r.id, r.err)
				continue
			}
			good++
		}
		fmt.Fprintf(w, "%s %d/%d\n", f.family, good, len(results))
		sealed, failed = sealed+good, failed+len(results)-good
	}
	fmt.Fprintf(w, "%d sealed, %d failed\n", sealed, failed)
	return failed == 0, nil
}

// sealFile returns f with its positive vectors alone, freshly encrypted, and
// what became of each of them. A file without item vectors has none.
func sealFile(ctx context.Context, f *file) (content []byte, results []result, err error) {
	var doc map[string]json.RawMessage
	var vectors []map[string]json.RawMessage
	if json.Unmarshal(f.raw, &doc) != nil || json.Unmarshal(doc["vectors"], &vectors) != nil {
		return nil, nil, nil // another shape of file
	}
	sealed := []map[string]json.RawMessage{}
	for i, members := range vectors {
		raw, err := json.Marshal(members)
		if err != nil {
			return nil, nil, err
		}
		var v itemVector
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, nil, fmt.Errorf("vector %d: %w", i, err)
		}
		if v.Plaintext == nil || v.Op == "config" || cmp.Or(v.SpecExpect, v.Expect) != "success" {
			continue
		}
		err = v.sealInto(ctx, members)
		results = append(results, result{id: v.ID, err: err})
		if err == nil {
			sealed = append(sealed, members)
		}
	}
	if doc["vectors"], err = marshal(sealed); err != nil {
		return nil, nil, err
	}
	if doc["source"], err = marshal("ddbegen"); err != nil {
		return nil, nil, err
	}
	if content, err = marshal(doc); err != nil {
		return nil, nil, err
	}
	var indented bytes.Buffer
	err = json.Indent(&indented, content, "", " ")
	return indented.Bytes(), results, err
}

// sealInto replaces what follows from the encryption in the members of a vector.
func (v *itemVector) sealInto(ctx context.Context, members map[string]json.RawMessage) error {
	stored, err := v.seal(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"decrypted", "parsedHeader", "intermediate", "derivedFrom"} {
		delete(members, name)
	}
	if members["encrypted"], err = marshal(stored); err != nil || v.Op != "decrypt" {
		return err
	}
	reader, err := newItemEncryptor(ctx, v.Config, v.Keyring)
	if err != nil {
		return err
	}
	plain, header, err := reader.DecryptItem(ctx, stored)
	if err != nil {
		return err
	}
	if !equalItems(plain, v.Plaintext) {
		if members["decrypted"], err = marshal(item(plain)); err != nil {
			return err
		}
	}
	if header == nil {
		return nil
	}
	parsed, err := newParsedHeader(header)
	if err != nil {
		return err
	}
	members["parsedHeader"], err = marshal(parsed)
	return err
}

package embedded

import "strings"

type listInput struct {
	KeyId  string // ListAliases only
	Limit  *int
	Marker string
}

type keyListEntry struct{ KeyArn, KeyId string }

func (s *kmsService) listKeys(region string, in *listInput) (any, error) {
	if in.KeyId != "" {
		return nil, validationErrorf("ListKeys has no parameter KeyId")
	}
	prefix := s.keyARN(region, "key/")
	keys := []keyListEntry{}
	var next string
	err := s.store.view(func(tx transaction) error {
		var err error
		next, err = page(tx, kmsKeys, prefix, in, func(name string) (bool, error) {
			k, err := s.key(tx, name)
			if err == nil && k != nil {
				keys = append(keys, keyListEntry{KeyArn: name, KeyId: strings.TrimPrefix(name, prefix)})
			}
			return k != nil, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return withMarker(map[string]any{"Keys": keys}, next), nil
}

// page calls add for the entries of a bucket whose names begin with prefix and
// follow the marker, until as many as the limit were added. The returned
// marker is empty after the last page.
func page(tx transaction, bucket, prefix string, in *listInput, add func(name string) (bool, error)) (marker string, err error) {
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > 1000 {
		return "", validationErrorf("1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value between 1 and 1000")
	}
	from := prefix
	if in.Marker != "" {
		if !strings.HasPrefix(in.Marker, prefix) {
			return "", apiErrorf("InvalidMarkerException", "The marker does not belong to this list.")
		}
		from = in.Marker + "\x00"
	}
	var last string
	for name := range tx.scan(bucket, []byte(from), false) {
		if !strings.HasPrefix(string(name), prefix) {
			break
		}
		if limit == 0 {
			return last, nil
		}
		added, err := add(string(name))
		if err != nil {
			return "", err
		}
		if added {
			limit--
		}
		last = string(name)
	}
	return "", nil
}

func withMarker(output map[string]any, next string) map[string]any {
	output["Truncated"] = next != ""
	if next != "" {
		output["NextMarker"] = next
	}
	return output
}

package hierarchical_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
)

// nothing is a source of which there is only a nil pointer.
type nothing struct {
	branchkey.Source
	name string
}

func (n *nothing) LogicalKeyStoreName() string { return n.name }

func TestNewRefusesNil(t *testing.T) {
	source, supplier := &nothing{}, hierarchical.Static("id")
	for name, c := range map[string]struct {
		source   branchkey.BranchKeySource
		supplier hierarchical.Supplier
		option   hierarchical.Option
		want     string
	}{
		"source":          {nil, supplier, hierarchical.WithPartition("p"), "no source"},
		"typed source":    {(*nothing)(nil), supplier, hierarchical.WithPartition("p"), "no source"},
		"supplier":        {source, nil, hierarchical.WithPartition("p"), "no supplier"},
		"supplier func":   {source, hierarchical.SupplierFunc(nil), hierarchical.WithPartition("p"), "no supplier"},
		"option":          {source, supplier, nil, "option 1 is nil"},
		"cache":           {source, supplier, hierarchical.WithCache(nil), "the cache is nil"},
		"empty partition": {source, supplier, hierarchical.WithPartition(""), "the partition is empty"},
	} {
		if _, err := hierarchical.New(c.source, c.supplier, time.Minute, c.option); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestZeroKeyringIsAnError(t *testing.T) {
	k := &hierarchical.Keyring{}
	_, err := k.NewKeys(t.Context(), nil)
	_, _, opened := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{{ProviderID: hierarchical.ProviderID}}, nil)
	for _, err := range []error{err, opened} {
		if err == nil || !strings.Contains(err.Error(), "made by hierarchical.New") {
			t.Error(err)
		}
	}
}

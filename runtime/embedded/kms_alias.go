package embedded

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// kmsAlias is another name of a key, within one account and Region.
type kmsAlias struct {
	Target  string // key ARN
	Created time.Time
	Updated time.Time
}

var aliasName = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]{1,250}$`)

func (s *kmsService) alias(tx transaction, aliasARN string) (*kmsAlias, error) {
	stored := tx.get(kmsAliases, []byte(aliasARN))
	if stored == nil {
		return nil, errAliasNotFound(aliasARN)
	}
	a := new(kmsAlias)
	if err := json.Unmarshal(stored, a); err != nil {
		return nil, fmt.Errorf("read KMS alias %s: %w", aliasARN, err)
	}
	return a, nil
}

type aliasInput struct{ AliasName, TargetKeyId string }

func (s *kmsService) createAlias(region string, in *aliasInput) (any, error) {
	return nil, s.setAlias(region, in, func(tx transaction, aliasARN string) (*kmsAlias, error) {
		if tx.get(kmsAliases, []byte(aliasARN)) != nil {
			return nil, apiErrorf("AlreadyExistsException", "An alias with the name %s already exists", aliasARN)
		}
		return &kmsAlias{Created: s.now()}, nil
	})
}

func (s *kmsService) updateAlias(region string, in *aliasInput) (any, error) {
	return nil, s.setAlias(region, in, s.alias)
}

// setAlias points the alias that get returns at the target.
func (s *kmsService) setAlias(region string, in *aliasInput, get func(transaction, string) (*kmsAlias, error)) error {
	if !aliasName.MatchString(in.AliasName) {
		return apiErrorf("InvalidAliasNameException", "Alias must start with the prefix \"alias/\" and hold letters, digits, '/', '_' and '-' only")
	}
	if strings.HasPrefix(in.AliasName, "alias/aws/") {
		return apiErrorf("NotAuthorizedException", "Aliases that begin with alias/aws/ belong to AWS")
	}
	if strings.Contains(in.TargetKeyId, "alias/") {
		return validationErrorf("Aliases must refer to keys. Not aliases")
	}
	return s.store.update(func(tx transaction) error {
		aliasARN := s.keyARN(region, in.AliasName)
		a, err := get(tx, aliasARN)
		if err != nil {
			return err
		}
		k, err := s.resolve(tx, region, in.TargetKeyId)
		if err != nil {
			return err
		}
		if parsed, err := arn.Parse(k.ARN); err != nil || parsed.AccountID != s.account {
			return errKeyNotFound(k.ARN)
		}
		if !k.Deletion.IsZero() {
			return errKeyPendingDeletion(k.ARN)
		}
		a.Target, a.Updated = k.ARN, s.now()
		return putJSON(tx, kmsAliases, aliasARN, a)
	})
}

type deleteAliasInput struct{ AliasName string }

func (s *kmsService) deleteAlias(region string, in *deleteAliasInput) (any, error) {
	return nil, s.store.update(func(tx transaction) error {
		aliasARN := s.keyARN(region, in.AliasName)
		if _, err := s.alias(tx, aliasARN); err != nil {
			return err
		}
		return tx.remove(kmsAliases, []byte(aliasARN))
	})
}

type aliasListEntry struct {
	AliasName       string
	AliasArn        string
	TargetKeyId     string
	CreationDate    epochSeconds
	LastUpdatedDate epochSeconds
}

func (s *kmsService) listAliases(region string, in *listInput) (any, error) {
	prefix := s.keyARN(region, "alias/")
	aliases := []aliasListEntry{}
	var next string
	err := s.store.view(func(tx transaction) error {
		var only string
		if in.KeyId != "" {
			k, err := s.resolve(tx, region, in.KeyId)
			if err != nil {
				return err
			}
			only = k.ARN
		}
		var err error
		next, err = page(tx, kmsAliases, prefix, in, func(name string) (bool, error) {
			a, err := s.alias(tx, name)
			if err != nil || only != "" && a.Target != only {
				return false, err
			}
			_, target, _ := strings.Cut(a.Target, ":key/")
			aliases = append(aliases, aliasListEntry{
				AliasName: "alias/" + strings.TrimPrefix(name, prefix), AliasArn: name, TargetKeyId: target,
				CreationDate: epoch(a.Created), LastUpdatedDate: epoch(a.Updated),
			})
			return true, nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return withMarker(map[string]any{"Aliases": aliases}, next), nil
}

package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Live is what DynamoDB says of a table that is there. Members that are nil were
// not asked for.
type Live struct {
	Table   *description
	TTL     *timeToLive
	Backups *continuousBackups
}

// description is the part of TableDescription that matters (API reference).
type description struct {
	TableName              string
	TableStatus            string
	AttributeDefinitions   []attributeDefinition
	KeySchema              []keyElement
	GlobalSecondaryIndexes []indexDescription
	LocalSecondaryIndexes  []indexDescription
}

type indexDescription struct {
	IndexName   string
	IndexStatus string // "" for a local index
	KeySchema   []keyElement
	Projection  Projection
}

type timeToLive struct{ TimeToLiveStatus, AttributeName string }

type continuousBackups struct {
	PointInTimeRecoveryDescription struct{ PointInTimeRecoveryStatus string }
}

var errNoOutput = errors.New("this is none of the outputs of aws dynamodb describe-table, describe-time-to-live and describe-continuous-backups: give them as JSON")

// ReadLive reads the outputs of aws dynamodb describe-table and, in any order,
// describe-time-to-live and describe-continuous-backups, all of one table.
func ReadLive(r io.Reader) (*Live, error) {
	live := &Live{}
	decoder := json.NewDecoder(r)
	for {
		var output struct {
			Table                        *description
			TimeToLiveDescription        *timeToLive
			ContinuousBackupsDescription *continuousBackups
		}
		var mistyped *json.UnmarshalTypeError
		switch err := decoder.Decode(&output); {
		case errors.Is(err, io.EOF) && live.Table == nil:
			return nil, errors.New("there is no output of aws dynamodb describe-table")
		case errors.Is(err, io.EOF):
			return live, nil
		case errors.As(err, &mistyped) && mistyped.Field == "":
			return nil, errNoOutput
		case errors.As(err, &mistyped):
			return nil, fmt.Errorf("%w: %s is of the type %s", errNoOutput, mistyped.Field, mistyped.Value)
		case err != nil:
			return nil, fmt.Errorf("read the output of aws dynamodb describe-table: %w", err)
		}
		switch {
		case output.Table != nil && live.Table == nil:
			live.Table = output.Table
		case output.TimeToLiveDescription != nil && live.TTL == nil:
			live.TTL = output.TimeToLiveDescription
		case output.ContinuousBackupsDescription != nil && live.Backups == nil:
			live.Backups = output.ContinuousBackupsDescription
		case output.Table != nil || output.TimeToLiveDescription != nil || output.ContinuousBackupsDescription != nil:
			return nil, errors.New("there are two outputs of one kind: compare one table at a time")
		default:
			return nil, errNoOutput
		}
	}
}

// Missing says what cannot be compared, since DynamoDB was not asked for it.
func (l *Live) Missing() (all []string) {
	if l.TTL == nil {
		all = append(all, "by what items expire, without the output of aws dynamodb describe-time-to-live")
	}
	if l.Backups == nil {
		all = append(all, "point-in-time recovery, without the output of aws dynamodb describe-continuous-backups")
	}
	return all
}

// Verify compares a table that is there with the definition, and returns all
// that would fail, never be found or be lost.
func (d *Definition) Verify(live *Live) (problems []string) {
	v := verification{types: map[string]string{}}
	for _, a := range live.Table.AttributeDefinitions {
		v.types[a.AttributeName] = a.AttributeType
	}
	if s := live.Table.TableStatus; s != "" && s != "ACTIVE" {
		v.problem("it is %s, and not ACTIVE", s)
	}
	v.keys("it", d.Keys, live.Table.KeySchema)
	for _, x := range d.Global {
		v.index(x, "global", live.Table.GlobalSecondaryIndexes, live.Table.LocalSecondaryIndexes)
	}
	for _, x := range d.Local {
		v.index(x, "local", live.Table.LocalSecondaryIndexes, live.Table.GlobalSecondaryIndexes)
	}
	for _, x := range slices.Concat(live.Table.GlobalSecondaryIndexes, live.Table.LocalSecondaryIndexes) {
		for _, k := range x.KeySchema {
			if d.encrypted[k.AttributeName] {
				v.problem("index %q has the key %q, which is encrypted: put the index on a beacon of it", x.IndexName, k.AttributeName)
			}
		}
	}
	if live.TTL != nil {
		v.expiry(d, live.TTL)
	}
	if b := live.Backups; b != nil && b.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus != "ENABLED" {
		v.problem("point-in-time recovery is off: turn it on with aws dynamodb update-continuous-backups")
	}
	return v.problems
}

type verification struct {
	types    map[string]string // of the declared attributes
	problems []string
}

func (v *verification) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// keys compares the keys of the table or of an index.
func (v *verification) keys(what string, want []Key, have []keyElement) {
	for i, role := range []string{"partition", "sort"} {
		live := slices.IndexFunc(have, func(k keyElement) bool { return k.KeyType == keyTypes[i] })
		switch {
		case i >= len(want) && live >= 0:
			v.problem("%s has the %s key %q, and should have none: an item without it would be refused or not found", what, role, have[live].AttributeName)
		case i >= len(want):
		case live < 0:
			v.problem("%s has no %s key, and should have %q", what, role, want[i].Name)
		case have[live].AttributeName != want[i].Name:
			v.problem("%s has the %s key %q, and should have %q", what, role, have[live].AttributeName, want[i].Name)
		case v.types[want[i].Name] != want[i].Type:
			v.problem("%s has the %s key %q of type %s, and it should be of type %s", what, role, want[i].Name, v.types[want[i].Name], want[i].Type)
		}
	}
}

// expiry compares by what items expire.
func (v *verification) expiry(d *Definition, live *timeToLive) {
	on := live.TimeToLiveStatus == "ENABLED" || live.TimeToLiveStatus == "ENABLING"
	switch name := live.AttributeName; {
	case !on && d.TTL != "":
		v.problem("items do not expire, and should by the attribute %q: turn it on with aws dynamodb update-time-to-live", d.TTL)
	case !on || name == d.TTL:
	case d.encrypted[name]:
		v.problem("items expire by the attribute %q, which is encrypted, so that none ever does", name)
	case d.TTL != "":
		v.problem("items expire by the attribute %q, and should by %q", name, d.TTL)
	case d.Protected:
		v.problem("items expire by the attribute %q, and a branch key that is gone takes its items with it: turn it off with aws dynamodb update-time-to-live", name)
	default:
		v.problem("items expire by the attribute %q: write ttl= in //ddbe:table, or turn it off with aws dynamodb update-time-to-live", name)
	}
}

// index compares one index with those of its kind and of the other one.
func (v *verification) index(want Index, kind string, have, others []indexDescription) {
	named := func(x indexDescription) bool { return x.IndexName == want.Name }
	what := fmt.Sprintf("index %q", want.Name)
	i := slices.IndexFunc(have, named)
	switch {
	case i < 0 && slices.ContainsFunc(others, named):
		v.problem("%s is not a %s one, and should be: DynamoDB cannot change it, so give it another name in //ddbe:index", what, kind)
		return
	case i < 0 && kind == "local":
		v.problem("it has no index %q, with the partition key %q, the sort key %q and the projection %s, and DynamoDB adds no local one to a table: leave out local in //ddbe:index, or create the table anew", want.Name, want.Keys[0].Name, want.Keys[1].Name, want.Projection)
		return
	case i < 0:
		problem := fmt.Sprintf("it has no index %q: create it with the partition key %q", want.Name, want.Keys[0].Name)
		if len(want.Keys) > 1 {
			problem += fmt.Sprintf(" and the sort key %q", want.Keys[1].Name)
		}
		v.problem("%s, and the projection %s", problem, want.Projection)
		return
	}
	v.keys(what, want.Keys, have[i].KeySchema)
	if lacks := want.lacks(have[i].Projection); lacks != "" {
		v.problem("%s projects %s, and not %s: create it with the projection %s", what, have[i].Projection, lacks, want.Projection)
	}
	if s := have[i].IndexStatus; s != "" && s != "ACTIVE" {
		v.problem("%s is %s, and not ACTIVE", what, s)
	}
}

// Choose returns the definition of a table that is there: the only one, or the
// one with its name.
func Choose(all []*Definition, live *Live) (*Definition, error) {
	if len(all) == 1 {
		return all[0], nil
	}
	var names []string
	for _, d := range all {
		if d.Name == live.Table.TableName {
			return d, nil
		}
		names = append(names, d.LogicalName)
	}
	return nil, fmt.Errorf("no table is called %q in DynamoDB: choose with -table one of %s", live.Table.TableName, strings.Join(names, ", "))
}

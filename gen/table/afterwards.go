package table

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// updateContinuousBackups is the input of UpdateContinuousBackups (API reference).
type updateContinuousBackups struct {
	TableName                        string
	PointInTimeRecoverySpecification struct{ PointInTimeRecoveryEnabled bool }
}

// updateTimeToLive is the input of UpdateTimeToLive (API reference).
type updateTimeToLive struct {
	TableName               string
	TimeToLiveSpecification struct {
		AttributeName string
		Enabled       bool
	}
}

// UpdateContinuousBackups writes the input of UpdateContinuousBackups that turns
// point-in-time recovery on for one table, as aws dynamodb
// update-continuous-backups --cli-input-json reads it.
func UpdateContinuousBackups(w io.Writer, all []*Definition) error {
	return one(w, all, "update-continuous-backups", func(d *Definition) any {
		in := updateContinuousBackups{TableName: d.Name}
		in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled = true
		return in
	})
}

// UpdateTimeToLive writes the input of UpdateTimeToLive that lets the items of one
// table expire, as aws dynamodb update-time-to-live --cli-input-json reads it. A
// table without ttl= is an error.
func UpdateTimeToLive(w io.Writer, all []*Definition) error {
	if len(all) == 1 && all[0].TTL == "" {
		return fmt.Errorf("the items of table %q do not expire: //ddbe:table has no ttl=", all[0].LogicalName)
	}
	return one(w, all, "update-time-to-live", func(d *Definition) any { return d.updateTimeToLive() })
}

// Afterwards returns the commands for what CreateTable cannot do, once the table is
// there.
func (d *Definition) Afterwards() ([]string, error) {
	commands := []string{fmt.Sprintf("aws dynamodb update-continuous-backups --table-name %s --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true", d.Name)}
	if d.TTL != "" {
		in, err := json.Marshal(d.updateTimeToLive().TimeToLiveSpecification)
		if err != nil {
			return nil, err
		}
		commands = append(commands, fmt.Sprintf("aws dynamodb update-time-to-live --table-name %s --time-to-live-specification '%s'", d.Name, strings.ReplaceAll(string(in), "'", `'\''`)))
	}
	return commands, nil
}

func (d *Definition) updateTimeToLive() updateTimeToLive {
	in := updateTimeToLive{TableName: d.Name}
	in.TimeToLiveSpecification.AttributeName, in.TimeToLiveSpecification.Enabled = d.TTL, true
	return in
}

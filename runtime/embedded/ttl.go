package embedded

import "encoding/json"

// The engine stores the time to live of a table and expires nothing, as the
// service expires nothing at once.

type timeToLive struct {
	AttributeName string
	Enabled       bool
}

func (db *dynamoDB) updateTimeToLive(r *request) ([]byte, error) {
	var in struct {
		TableName               *string
		TimeToLiveSpecification *timeToLive
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	if in.TimeToLiveSpecification == nil {
		return nil, missing("timeToLiveSpecification")
	}
	spec := *in.TimeToLiveSpecification
	if n := len(spec.AttributeName); n < 1 || n > 255 {
		return nil, constraintError(spec.AttributeName, "timeToLiveSpecification.attributeName", "Member must have length less than or equal to 255")
	}
	err := db.store.update(func(tx transaction) error {
		stored, err := db.tables.described(tx, *in.TableName)
		if err != nil {
			return err
		}
		t := *stored
		switch {
		case spec.Enabled && t.TimeToLiveAttribute != "":
			return validationErrorf("TimeToLive is already enabled")
		case !spec.Enabled && t.TimeToLiveAttribute == "":
			return validationErrorf("TimeToLive is already disabled")
		case !spec.Enabled && t.TimeToLiveAttribute != spec.AttributeName:
			return validationErrorf("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.TimeToLiveAttribute)
		case spec.Enabled:
			t.TimeToLiveAttribute = spec.AttributeName
		default:
			t.TimeToLiveAttribute = ""
		}
		return t.save(tx)
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"TimeToLiveSpecification": spec})
}

func (db *dynamoDB) describeTimeToLive(r *request) ([]byte, error) {
	var in struct{ TableName *string }
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.TableName == nil {
		return nil, missing("tableName")
	}
	description := map[string]string{"TimeToLiveStatus": "DISABLED"}
	err := db.store.view(func(tx transaction) error {
		t, err := db.tables.described(tx, *in.TableName)
		if err == nil && t.TimeToLiveAttribute != "" {
			description = map[string]string{"TimeToLiveStatus": "ENABLED", "AttributeName": t.TimeToLiveAttribute}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"TimeToLiveDescription": description})
}

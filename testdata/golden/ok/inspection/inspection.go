// Package inspection is the example of a compound beacon.
package inspection

// Inspection is one inspection of one unit.
//
//ddbe:table UnitInspections
//ddbe:beacon inspector_id_last4 length=10
//ddbe:beacon unit length=30
//ddbe:compound last4UnitCompound split=. encrypted=inspector_id_last4:L-,unit:U-
//ddbe:index last4-unit-index partition=last4UnitCompound
type Inspection struct {
	WorkID           string `dynamodbav:"work_id" ddbe:"partition,sign"`
	InspectionDate   string `dynamodbav:"inspection_date" ddbe:"sort,sign"`
	InspectorIDLast4 string `dynamodbav:"inspector_id_last4" ddbe:"encrypt,sign,beacon=last4UnitCompound"`
	Unit             string `dynamodbav:"unit" ddbe:"encrypt,sign,beacon=last4UnitCompound"`
}

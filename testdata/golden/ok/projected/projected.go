// Package projected has indexes that hold a part of each item.
package projected

// Claim is found by indexes of every projection.
//
//ddbe:table Claims
//ddbe:beacon email length=20
//ddbe:beacon plate length=20
//ddbe:compound emailPlate split=# encrypted=email:E-,plate:P- signed=status:S-
//ddbe:index email-index partition=email sort=filed projection=keys
//ddbe:index plate-index partition=plate projection=include(plate,status)
//ddbe:index status-index partition=status sort=emailPlate projection=include(emailPlate,email,plate,note)
//ddbe:index filed-index partition=filed projection=all
type Claim struct {
	ID     string `dynamodbav:"id" ddbe:"partition,sign"`
	Filed  string `dynamodbav:"filed" ddbe:"sign"`
	Status string `dynamodbav:"status" ddbe:"sign,beacon=emailPlate"`
	Email  string `dynamodbav:"email" ddbe:"encrypt,sign,beacon=emailPlate"`
	Plate  string `dynamodbav:"plate" ddbe:"encrypt,sign,beacon=emailPlate"`
	Note   string `dynamodbav:"note" ddbe:"encrypt,sign"`
}

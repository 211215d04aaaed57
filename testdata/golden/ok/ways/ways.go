// Package ways has compound beacons that are made in several ways.
package ways

// Shipment is found by where it is, if that is known.
//
//ddbe:table Shipments
//ddbe:beacon customer length=20
//ddbe:beacon city length=20
//ddbe:beacon street length=20
//ddbe:beacon carrier length=20
//ddbe:virtual initials = prefix(first,1) + prefix(last,1)
//ddbe:beacon initials length=16 style=partOnly
//ddbe:virtual placed = upper(city) + day
//ddbe:beacon placed length=16 style=partOnly
//ddbe:parts signed=day:D-
//ddbe:compound address split=# encrypted=city:C-,street:S-
//ddbe:constructor address = city + street?
//ddbe:index address-index partition=address sort=day
//ddbe:compound where split=# encrypted=city:C-,street:S-,carrier:K-,placed:P- signed=hub:H-
//ddbe:constructor where = day + city + street?
//ddbe:constructor where = day + carrier
//ddbe:constructor where = hub + day?
//ddbe:constructor where = hub + carrier
//ddbe:constructor where = hub + placed
//ddbe:index where-index partition=where projection=keys
//ddbe:compound who split=# encrypted=customer:C-,initials:I- signed=floor:F-
//ddbe:constructor who = customer + initials? + floor?
//ddbe:index who-index partition=customer sort=who
type Shipment struct {
	ID       string  `dynamodbav:"id" ddbe:"partition,sign"`
	Day      string  `dynamodbav:"day,omitempty" ddbe:"sign,beacon=where"`
	Hub      *string `dynamodbav:"hub,omitempty" ddbe:"sign,beacon=where"`
	Customer string  `dynamodbav:"customer" ddbe:"encrypt,sign,beacon=who"`
	City     string  `dynamodbav:"city,omitempty" ddbe:"encrypt,sign,beacon=address,beacon=where"`
	Street   string  `dynamodbav:"street,omitempty" ddbe:"encrypt,sign,beacon=address,beacon=where"`
	Carrier  *string `dynamodbav:"carrier,omitempty" ddbe:"encrypt,sign,beacon=where"`
	First    string  `dynamodbav:"first,omitempty" ddbe:"encrypt,sign,beacon=who"`
	Last     string  `dynamodbav:"last,omitempty" ddbe:"encrypt,sign,beacon=who"`
	Floor    *int    `dynamodbav:"floor,omitempty" ddbe:"sign,beacon=who"`
}

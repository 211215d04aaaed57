// Package shop keeps several kinds of items of several tenants in one table, and
// readings of meters in another one whose partition key is a signed beacon.
package shop

//go:generate go tool ddbegen

// Customer is a customer of one shop. Shops do not see each other's items: each has
// a branch key of its own, which its items name.
//
//ddbe:table Shop
//ddbe:discriminator kind=customer
//ddbe:tenant shop
//ddbe:beacon email length=16
//ddbe:beacon zip length=8 loc=address.zip
//ddbe:index email-index partition=email
//ddbe:index zip-index partition=zip
type Customer struct {
	Shop    string  `dynamodbav:"shop" ddbe:"partition,sign,context"`
	ID      string  `dynamodbav:"id" ddbe:"sort,sign,context"`
	Email   string  `dynamodbav:"email" ddbe:"encrypt,sign"`
	Address Address `dynamodbav:"address" ddbe:"encrypt,sign,beacon=zip"`
}

// Address is encrypted as a whole; a beacon is on the zip code in it.
type Address struct {
	Street string `dynamodbav:"street"`
	Zip    string `dynamodbav:"zip"`
}

// Order is what a customer has ordered. The beacon of the card serves together with
// the state alone.
//
//ddbe:table Shop
//ddbe:discriminator kind=order
//ddbe:tenant shop
//ddbe:beacon card length=12 style=partOnly
//ddbe:compound stateCard split=. signed=state:S- encrypted=card:C-
//ddbe:index state-card-index partition=stateCard
type Order struct {
	Shop  string `dynamodbav:"shop" ddbe:"partition,sign,context"`
	ID    string `dynamodbav:"id" ddbe:"sort,sign,context"`
	State string `dynamodbav:"state" ddbe:"sign,beacon=stateCard"`
	Card  string `dynamodbav:"card" ddbe:"encrypt,sign,beacon=stateCard"`
	Cents int64  `dynamodbav:"cents" ddbe:"encrypt,sign"`
}

// Reading is what a meter showed. The partition key is made of two attributes, in
// clear and signed; the local index sorts by a beacon.
//
//ddbe:table Readings
//ddbe:beacon state length=4
//ddbe:compound meter split=# signed=site:S-,device:D-
//ddbe:key partition=meter
//ddbe:index meter-state-index partition=meter sort=state local
type Reading struct {
	Site   string  `dynamodbav:"site" ddbe:"sign,beacon=meter"`
	Device string  `dynamodbav:"device" ddbe:"sign,beacon=meter"`
	At     int64   `dynamodbav:"at" ddbe:"sort,sign"`
	State  string  `dynamodbav:"state" ddbe:"encrypt,sign"`
	Value  float64 `dynamodbav:"value" ddbe:"encrypt,sign"`
}

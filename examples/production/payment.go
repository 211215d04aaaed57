package main

//go:generate go tool ddbegen

// Payment is one payment from an account.
//
//ddbe:table Payments
//ddbe:beacon iban length=12
//ddbe:index iban-index partition=iban
type Payment struct {
	ID        string `dynamodbav:"id" ddbe:"partition,sign"`
	IBAN      string `dynamodbav:"iban" ddbe:"encrypt,sign,beacon=iban"`
	Cents     int64  `dynamodbav:"cents" ddbe:"encrypt,sign"`
	Reference string `dynamodbav:"reference" ddbe:"encrypt,sign"`
}

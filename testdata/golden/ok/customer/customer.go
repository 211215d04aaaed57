// Package customer has a struct of five fields with one beacon and little else.
package customer

import "time"

// Customer is who buys.
//
//ddbe:table Customers
//ddbe:beacon Email length=16
//ddbe:index email-index partition=Email
type Customer struct {
	TenantID string    `ddbe:"partition,sign"`
	ID       string    `ddbe:"sort,sign"`
	Region   string    `ddbe:"sign"`
	Email    string    `ddbe:"encrypt,sign"`
	Joined   time.Time `ddbe:"encrypt,sign"`
}

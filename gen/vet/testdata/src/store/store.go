// Package store has the table structs that other packages use.
package store

import (
	"fmt"
	"log/slog"
)

// Customer has an encrypted field.
//
//ddbe:table customers physical=prod-customers
type Customer struct {
	ID    string `ddbe:"partition,sign"`
	Email string `ddbe:"encrypt,sign"`
}

// Region has none.
//
//ddbe:table regions
type Region struct {
	ID string `ddbe:"partition,sign"`
}

// Patient redacts itself.
//
//ddbe:table patients
type Patient struct {
	ID   string `ddbe:"partition,sign"`
	Name string `ddbe:"encrypt,sign"`
}

func (p Patient) Format(f fmt.State, verb rune) { _, _ = fmt.Fprint(f, "Patient ", p.ID) }

func (p Patient) LogValue() slog.Value { return slog.StringValue(p.ID) }

// Audit is embedded in table structs.
type Audit struct {
	By string `ddbe:"encrypt,sign"`
}

//ddbe:table audited
type Audited struct {
	ID string `ddbe:"partition,sign"`
	Audit
}

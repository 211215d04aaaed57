// Package logs prints structs of package store.
package logs

import (
	"fmt"
	"io"
	"log"
	"log/slog"

	"store"
)

type order struct {
	ID       string
	Customer store.Customer
}

type visit struct {
	Patient store.Patient
}

type hidden struct {
	patient store.Patient
}

type linked struct {
	Customer *store.Customer
}

// account says itself what may be read of it.
type account struct{ Customer store.Customer }

func (account) String() string { return "account" }

// derived has none of the methods of a Patient.
type derived store.Patient

type both struct {
	Patient store.Patient
	patient store.Patient
}

type failure struct{ Customer store.Customer }

func (failure) Error() string { return "failure" }

type handler struct {
	slog.Handler
	hidden
}

// unwritten is printed without the patient: fmt shows an address.
type unwritten struct {
	C *store.Customer `json:"-"`
	c *store.Patient
}

func prints(w io.Writer, c *store.Customer, all []store.Customer, o order, h hidden, p store.Patient) error {
	fmt.Println("got", c)                          // want `fmt.Println prints the encrypted fields of Customer in plain text \[printed-secret\]\n\tprint the fields that may be read`
	fmt.Printf("%v of %d\n", *c, len(all))         // want `fmt.Printf prints`
	fmt.Printf("%[2]v of %[1]d\n", len(all), *c)   // want `fmt.Printf prints`
	fmt.Printf("%*d %+v\n", 3, len(all), all)      // want `fmt.Printf prints`
	_, _ = fmt.Fprintf(w, "%#v", all)              // want `fmt.Fprintf prints`
	_, _ = fmt.Fprintln(w, map[string]order{})     // want `fmt.Fprintln prints`
	_ = fmt.Sprint(o, h)                           // want `fmt.Sprint prints the encrypted fields of Customer` `fmt.Sprint prints the encrypted fields of Patient`
	log.Printf("%v", o)                            // want `log.Printf prints`
	log.Default().Println(o)                       // want `log.Println prints`
	slog.Info("got", "customer", c)                // want `slog.Info prints`
	slog.Default().With("customer", *c)            // want `slog.With prints`
	slog.Info("got", slog.Any("order", o))         // want `slog.Any prints`
	slog.Info("got", "visit", visit{})             // want `slog.Info prints the encrypted fields of Patient in plain text \[printed-secret\]\n\tprint the fields that may be read; slog redacts an attribute itself, not what is inside it`
	slog.Info("got", "linked", linked{})           // want `slog.Info prints`
	slog.Info("got", "hidden", h)                  // want `slog.Info prints the encrypted fields of Patient`
	slog.Default().With("hidden", &h)              // want `slog.With prints`
	_ = slog.Any("hidden", h)                      // want `slog.Any prints`
	_ = slog.Group("g", "hidden", h)               // want `slog.Group prints`
	_ = slog.AnyValue([]hidden{h})                 // want `slog.AnyValue prints`
	fmt.Println(derived{}, both{})                 // want `fmt.Println prints the encrypted fields of derived` `fmt.Println prints the encrypted fields of Patient`
	slog.Info("got", "patient", derived{})         // want `slog.Info prints the encrypted fields of derived`
	slog.Info("got", "copy", store.Audit{})        // want `slog.Info prints the encrypted fields of Audit`
	_ = fmt.Errorf("got %w", p)                    // want `fmt.Errorf prints the encrypted fields of Patient in plain text \[printed-secret\]\n\tprint the fields that may be read; with %w fmt does not call the methods that redact them`
	_ = fmt.Errorf("got %w", []store.Patient{p})   // want `fmt.Errorf prints`
	fmt.Printf("%w\n", failure{})                  // want `fmt.Printf prints`
	fmt.Printf("%p %p\n", p, [1]store.Patient{p})  // want `fmt.Printf prints the encrypted fields of Patient.*\n.*with %p` `fmt.Printf prints`
	fmt.Printf("%d %#v\n", account{*c}, account{}) // want `fmt.Printf prints` `fmt.Printf prints`
	return fmt.Errorf("customer %v is unknown", c) // want `fmt.Errorf prints`
}

func printsNone(w io.Writer, c *store.Customer, p store.Patient, format string, values []any) {
	fmt.Println(c.ID, len(c.Email), store.Region{}, p, &p, []store.Patient{p}, visit{p})
	fmt.Printf("%T %p %p %s%%\n", *c, c, []hidden{}, c.ID)
	fmt.Printf("%d %#v %x\n", p, &p, account{*c})
	_ = fmt.Errorf("%w, %v", failure{*c}, failure{*c})
	_ = slog.New(handler{hidden: hidden{p}})
	slog.Info("got", "unwritten", unwritten{c: &p}, "error", failure{})
	fmt.Println(linked{c}, account{*c})
	_, _ = fmt.Fprintf(w, format, values...)
	_, _ = fmt.Sscan("x", c)
	slog.Info("got", "patient", p, slog.Any("patient", &p))
	io.WriteString(w, c.ID)
}

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

func prints(w io.Writer, c *store.Customer, all []store.Customer, o order, h hidden) error {
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
	return fmt.Errorf("customer %v is unknown", c) // want `fmt.Errorf prints`
}

func printsNone(w io.Writer, c *store.Customer, p store.Patient, format string, values []any) {
	fmt.Println(c.ID, len(c.Email), store.Region{}, p, &p, []store.Patient{p}, visit{p})
	fmt.Printf("%T %p %s%%\n", *c, c, c.ID)
	fmt.Println(linked{c}, account{*c})
	_, _ = fmt.Fprintf(w, format, values...)
	_, _ = fmt.Sscan("x", c)
	slog.Info("got", "patient", p, "hidden", hidden{p})
	io.WriteString(w, c.ID)
}

//go:build never

package app

//ddbe:table Notes
type Note struct {
	ID string `ddbe:"partition,sign"`
}

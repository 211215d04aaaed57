// Package table says everything about a table that has no beacons.
package table

import "unsafe"

// Ledger has every action, a sort key, and unsigned attributes that it lacks.
//
//ddbe:table ledger suite=0x6700 physical=prod-ledger ttl=":expires"
//ddbe:unsigned lock,owner prefix=":"
//ddbe:index owner-index partition=Owner sort=When
//ddbe:index amount-index partition=amount
//ddbe:index when-index partition=Account sort=When local
type Ledger struct {
	Account int     `ddbe:"partition,sign,context"`
	Entry   []byte  `ddbe:"sort,sign,context"`
	Owner   string  `ddbe:"sign"`
	When    int64   `ddbe:"sign,context"`
	Amount  *uint64 `dynamodbav:"amount,omitempty" ddbe:"none"`
	Expires int64   `dynamodbav:":expires" ddbe:"none"`
	Memo    string  `json:"memo" ddbe:"encrypt,sign" yaml:"x\ty"`

	// What is left out of the item may be of any type.
	_       struct{}
	Changed chan (<-chan int)                             `ddbe:"-"`
	done    func(a int, b ...string) (ok bool, err error) `ddbe:"-"`
	Do      interface {
		Do(any, map[string]*[2]struct{}) error
	} "ddbe:\"-\" note:\"`\""
	pointer unsafe.Pointer `ddbe:"-"`
	Inline  struct {
		A int `json:"a"`
	} `ddbe:"-"`
	Send     chan<- int `ddbe:"-"`
	embedded `ddbe:"-"`
	*Pointed `ddbe:"-"`
}

type embedded struct{ hidden int }

// Pointed is embedded by pointer.
type Pointed struct{ Shown int }

func (l Ledger) use() { _, _, _ = l.done, l.pointer, l.hidden }

var _ = Ledger.use

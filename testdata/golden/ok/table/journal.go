package table

import "sync"

// A second struct in one package, with a name that is not exported.

//ddbe:table "2nd.journal /* of many */" physical=2nd.journal
type journal struct {
	Type, Range string `ddbe:"sign"`
	Journal     string `ddbe:"partition,sign"`
	Opts        string `ddbe:"sort,sign"`

	mu sync.Mutex `ddbe:"-"`
}

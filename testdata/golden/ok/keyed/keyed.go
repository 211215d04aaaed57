// Package keyed has primary keys that are signed beacons.
package keyed

// Reading has a key that is made of three fields.
//
//ddbe:table Readings
//ddbe:beacon Value length=20
//ddbe:compound PK split=# signed=Site:S-,Meter:M-
//ddbe:compound SK split=# signed=Taken:T-
//ddbe:key partition=PK sort=SK
//ddbe:index value-index partition=Value sort=PK
type Reading struct {
	Site  string `ddbe:"sign,beacon=PK"`
	Meter int    `ddbe:"sign,beacon=PK"`
	Taken string `ddbe:"sign,beacon=SK"`
	Value string `ddbe:"encrypt,sign"`
}

// Note has a field for one key and a beacon for the other.
//
//ddbe:table Notes
//ddbe:beacon Text length=20
//ddbe:compound order split=# signed=Day:D-,Number:N-
//ddbe:key sort=order
type Note struct {
	Author string `ddbe:"partition,sign"`
	Day    string `ddbe:"sign,beacon=order"`
	Number int    `ddbe:"sign,beacon=order"`
	Text   string `ddbe:"encrypt,sign"`
}

// Sample has its tenant in a key that is a signed beacon.
//
//ddbe:table MeterSamples
//ddbe:beacon Value length=20
//ddbe:compound PK split=# signed=Site:S-,Meter:M-
//ddbe:key partition=PK
//ddbe:tenant Site
//ddbe:index value-index partition=Value
type Sample struct {
	Site  string `ddbe:"sign,beacon=PK"`
	Meter int    `ddbe:"sign,beacon=PK"`
	Value string `ddbe:"encrypt,sign"`
}

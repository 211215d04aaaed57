// Package inside has indexes on what lies in maps and lists.
package inside

// Device is found by what lies in its maps and lists.
//
//ddbe:table Devices
//ddbe:beacon room length=20 loc=Labels.room
//ddbe:beacon port length=20 loc=Ports[1]
//ddbe:beacon slot length=20 loc=Slots.7
//ddbe:beacon town length=20 loc=Sites.home.town
//ddbe:beacon zip length=20 loc=Sites.home.zip
//ddbe:beacon sensor length=20 loc=Sensors[2].kind
//ddbe:beacon note length=20 loc=Notes[0]
//ddbe:beacon colour length=20 loc=Extra.colour[0].name
//ddbe:beacon maker length=20 loc=Free.maker
//ddbe:compound home split=# encrypted=town:T-,zip:Z- signed=tag@Tags[1]:G-
//ddbe:constructor home = town + zip? + tag?
//ddbe:index room-index partition=room
//ddbe:index port-index partition=port projection=keys
//ddbe:index slot-index partition=slot
//ddbe:index home-index partition=home
//ddbe:index sensor-index partition=sensor
//ddbe:index note-index partition=note
//ddbe:index colour-index partition=colour
//ddbe:index maker-index partition=maker
type Device struct {
	ID      string            `ddbe:"partition,sign"`
	Labels  map[string]string `ddbe:"encrypt,sign,beacon=room"`
	Ports   []int             `ddbe:"encrypt,sign,beacon=port"`
	Slots   map[int]string    `ddbe:"encrypt,sign,beacon=slot"`
	Sites   map[string]*Site  `ddbe:"encrypt,sign,beacon=town,beacon=zip,beacon=home"`
	Sensors [3]Sensor         `ddbe:"encrypt,sign,beacon=sensor"`
	Notes   []*string         `ddbe:"encrypt,sign,beacon=note"`
	Extra   map[string]any    `ddbe:"encrypt,sign,beacon=colour"`
	Free    any               `ddbe:"encrypt,sign,beacon=maker"`
	Tags    Tags              `ddbe:"sign,beacon=home"`
}

// Tags are texts about a device.
type Tags []string

// Site is where a device can be.
type Site struct {
	Town string `dynamodbav:"town"`
	Zip  string `dynamodbav:"zip,omitempty"`
}

// Sensor is a part of a device.
type Sensor struct {
	Kind string `dynamodbav:"kind"`
}

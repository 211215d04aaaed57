// Package search says everything that a search configuration can.
package search

// Ticket is searched in every way.
//
//ddbe:table Tickets
//ddbe:tenant Tenant
//ddbe:partitions max=10 default=5
//ddbe:beacon Email length=24 partitions=3
//ddbe:beacon BackupEmail length=24 style=shared(Email)
//ddbe:beacon Labels length=12 style=asSet
//ddbe:beacon Watchers length=12 style=sharedSet(Labels)
//ddbe:beacon Building length=8 style=partOnly
//ddbe:beacon Floor length=8 style=partOnly
//ddbe:beacon zip length=20 loc=Address.zip
//ddbe:beacon firstPhone length=20 loc=Phones[0]
//ddbe:virtual initials = upper(prefix(First,1)) + insert(lower(suffix(Last,-1)),"-") + segment(Email,"@",0) + segments(substring(Path,0,-1),"/",1,3)
//ddbe:beacon people length=30 loc=initials
//ddbe:parts encrypted=Building:B-,Floor:F- signed=Status:S-
//ddbe:compound where split=~ signed=Opened:O-
//ddbe:constructor where = Opened + Building + Floor?
//ddbe:constructor where = Opened + Status?
//ddbe:compound status split=":" signed=when@Opened:W-,ID:I-
//ddbe:compound contact split="," encrypted=Email:E-,zip:Z- signed=Opened:"O ="
//ddbe:index email-index partition=Email sort=Opened
//ddbe:index zip-index partition=zip
//ddbe:index contact-index partition=contact sort=Status
//ddbe:index status-index partition=status
//ddbe:index initials-index partition=people
type Ticket struct {
	ID          string   `ddbe:"partition,sign,context,beacon=status"`
	Tenant      string   `ddbe:"sign,context"`
	Opened      string   `ddbe:"sign,beacon=where,beacon=status,beacon=contact"`
	Status      string   `ddbe:"sign,beacon=where"`
	Email       string   `ddbe:"encrypt,sign,beacon=contact,beacon=people"`
	BackupEmail string   `ddbe:"encrypt,sign"`
	Labels      []string `dynamodbav:",stringset" ddbe:"encrypt,sign"`
	Watchers    []string `dynamodbav:",stringset" ddbe:"encrypt,sign"`
	Building    string   `ddbe:"encrypt,sign,beacon=where"`
	Floor       int      `ddbe:"encrypt,sign,beacon=where"`
	Address     Address  `ddbe:"encrypt,sign,beacon=zip,beacon=contact"`
	Phones      []string `ddbe:"encrypt,sign,beacon=firstPhone"`
	First       string   `ddbe:"encrypt,sign,beacon=people"`
	Last        string   `ddbe:"encrypt,sign,beacon=people"`
	Path        string   `ddbe:"sign,beacon=people"`
}

// Address is stored inside a Ticket.
type Address struct {
	Zip string `dynamodbav:"zip"`
}

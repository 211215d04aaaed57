package main

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

type item = map[string]types.AttributeValue

// record returns an item of strings: its key, then names and values in turns.
func record(key string, namesAndValues ...string) item {
	it := item{"partition_key": text(key)}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		it[namesAndValues[i]] = text(namesAndValues[i+1])
	}
	return it
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// at adds a location to an item: names and values in turns.
func (r recorded) at(namesAndValues ...string) recorded {
	place := item{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		place[namesAndValues[i]] = text(namesAndValues[i+1])
	}
	r.item["Location"] = &types.AttributeValueMemberM{Value: place}
	return r
}

// with adds the people who attend.
func (r recorded) with(people ...string) recorded {
	var list []types.AttributeValue
	for _, p := range people {
		list = append(list, text(p))
	}
	r.item["Attendees"] = &types.AttributeValueMemberL{Value: list}
	return r
}

type recorded struct{ item item }

func employee(key, id, name, email, title string) recorded {
	return recorded{record(key, "EmployeeID", id, "EmployeeName", name, "EmployeeEmail", email, "EmployeeTitle", title, "ManagerEmail", "zorro@gmail.com")}
}

func meeting(key, id, email, start, subject string) recorded {
	return recorded{record(key, "EmployeeID", id, "EmployeeEmail", email, "MeetingStart", start, "Duration", "30", "Subject", subject)}
}

func reservation(key, organizer, start, subject string) recorded {
	return recorded{record(key, "OrganizerEmail", organizer, "MeetingStart", start, "Duration", "30", "Subject", subject)}
}

func project(key, name, status, start, target, description string) recorded {
	return recorded{record(key, "ProjectName", name, "ProjectStatus", status, "ProjectStart", start, "ProjectTarget", target, "Description", description)}
}

func ticket(key, number, creator, assignee, modified, subject, message string) recorded {
	return recorded{record(key, "TicketNumber", number, "CreatorEmail", creator, "AssigneeEmail", assignee, "TicketModTime", modified, "Severity", "3", "Subject", subject, "Message", message)}
}

func timecard(key, name, email, hours, role string) recorded {
	return recorded{record(key, "ProjectName", name, "EmployeeEmail", email, "TimeCardStart", "2022-09-12", "Hours", hours, "Role", role)}
}

// records are the 24 items of the workshop.
func records() []recorded {
	const able, barney, charlie, david, zorro = "able@gmail.com", "barney@gmail.com", "charlie@gmail.com", "david@gmail.com", "zorro@gmail.com"
	const one, two = "2022-07-04T13:00", "2022-07-04T14:00"
	return []recorded{
		meeting("meeting1", "emp_001", able, one, "Scan Beacons").at("Floor", "12", "Room", "403").with(able, zorro),
		meeting("meeting2", "emp_002", barney, one, "Scan Beacons").at("Floor", "12", "Room", "403").with(barney, zorro),
		meeting("meeting3", "emp_003", charlie, one, "Scan Beacons").at("Floor", "12", "Room", "403").with(charlie, zorro),
		meeting("meeting4", "emp_004", david, one, "Scan Beacons").at("Floor", "12", "Room", "403").with(david, zorro),
		meeting("meeting5", "emp_002", barney, two, "DB ESDK").at("Floor", "12", "Room", "407").with(barney, zorro),
		meeting("meeting6", "emp_003", charlie, two, "DB ESDK").at("Floor", "12", "Room", "407").with(charlie, zorro),
		employee("employee1", "emp_001", "Able Jones", able, "SDE9").at("City", "Seattle", "Building", "44", "Floor", "12", "Desk", "3"),
		employee("employee2", "emp_002", "Barney Jones", barney, "SDE8").at("City", "Seattle", "Building", "44", "Floor", "12", "Desk", "4"),
		employee("employee3", "emp_003", "Charlie Jones", charlie, "SDE7").at("City", "Seattle", "Building", "44", "Floor", "4", "Desk", "5"),
		employee("employee4", "emp_004", "David Jones", david, "SDE6").at("City", "NYC", "Building", "22", "Floor", "1", "Desk", "3"),
		project("project1", "project_001", "Pending", "2022-11-01", "2024-01-01", "Turbo Crypto"),
		project("project2", "project_002", "Active", "2022-07-04", "2024-01-01", "Scan Beacons"),
		project("project3", "project_003", "Active", "2022-08-05", "2023-02-27", "DB ESDK"),
		project("project4", "project_004", "Done", "2020-03-03", "2021-09-05", "S3EC"),
		reservation("reservation1", able, one, "Scan beacons").at("Building", "SEA33", "Floor", "12", "Room", "403").with(able, barney),
		reservation("reservation2", barney, two, "DB ESDK").at("Building", "SEA33", "Floor", "12", "Room", "407").with(able, barney),
		ticket("ticket1", "ticket_001", zorro, able, "2022-10-07T14:32:25", "Bad bug", "This bug looks pretty bad"),
		ticket("ticket2", "ticket_001", able, charlie, "2022-10-07T14:32:25", "Bad bug", "Charlie should handle this"),
		ticket("ticket3", "ticket_002", zorro, charlie, "2022-10-06T14:32:25", "Easy Bug", "This seems simple enough"),
		ticket("ticket4", "ticket_002", charlie, able, "2022-10-08T14:32:25", "Easy Bug", "that's in able's code"),
		timecard("timecard1", "project_002", able, "40", "SDE3"),
		timecard("timecard2", "project_002", barney, "20", "PM"),
		timecard("timecard3", "project_003", charlie, "40", "SDE3"),
		timecard("timecard4", "project_003", barney, "20", "PM"),
	}
}

package main

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// accessPattern is a question that the company asks its table.
type accessPattern struct {
	question string
	index    string
	key      string // KeyConditionExpression, on plain text
	filter   string // FilterExpression, or ""
	values   map[string]types.AttributeValue
	want     []string // keys of the items that answer it
}

// values are texts by the names of values, in turns.
func values(namesAndTexts ...string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue(record("", namesAndTexts...))
}

// accessPatterns are the 23 queries of the workshop.
func accessPatterns() []accessPattern {
	patterns := []accessPattern{
		{"meetings of an employee, by email and date", "GSI-1", "PK1 = :e AND SK1 BETWEEN :from AND :to", "#Duration > :zero",
			values(":e", "EE-able@gmail.com", ":from", "MS-2022-07-02", ":to", "MS-2022-07-08", ":zero", "0"), []string{"meeting1"}},
		{"meetings of an employee, by id and date", "GSI-0", "PK = :e AND SK BETWEEN :from AND :to", "#Duration > :zero",
			values(":e", "E-emp_001", ":from", "MS-2022-07-02", ":to", "MS-2022-07-08", ":zero", "0"), []string{"meeting1"}},
		{"reservations of a room, by date", "GSI-0", "PK = :b AND SK BETWEEN :from AND :to", "Building = :building AND Floor = :floor AND Room = :room",
			values(":b", "B-SEA33", ":from", "MS-2022-07-02", ":to", "MS-2022-07-08", ":building", "SEA33", ":floor", "12", ":room", "403"), []string{"reservation1"}},
		{"an employee, by email and id", "GSI-1", "PK1 = :e AND SK1 = :id", "",
			values(":e", "EE-able@gmail.com", ":id", "E-emp_001"), []string{"employee1"}},
		{"meetings of an employee, by email", "GSI-1", "PK1 = :e AND SK1 BETWEEN :from AND :to", "",
			values(":e", "EE-able@gmail.com", ":from", "MS-", ":to", "MS-2023-03-20"), []string{"meeting1"}},
		{"tickets, by the email of their creator", "GSI-1", "PK1 = :e AND SK1 < :to", "",
			values(":e", "CE-zorro@gmail.com", ":to", "MS-2023-03-20"), []string{"ticket1", "ticket3"}},
		{"reservations, by the email of their organizer", "GSI-1", "PK1 = :e AND SK1 < :to", "",
			values(":e", "OE-able@gmail.com", ":to", "MS-2023-03-20"), []string{"reservation1"}},
		{"timecards of an employee, by email", "GSI-1", "PK1 = :e AND SK1 BETWEEN :from AND :to", "",
			values(":e", "EE-able@gmail.com", ":from", "TC-", ":to", "TC-2023-03-20"), []string{"timecard1"}},
		{"an employee, by id", "GSI-0", "PK = :e AND begins_with(SK, :kind)", "",
			values(":e", "E-emp_001", ":kind", "E-"), []string{"employee1"}},
		{"an employee, by email", "GSI-1", "PK1 = :e AND begins_with(SK1, :kind)", "",
			values(":e", "EE-able@gmail.com", ":kind", "E-"), []string{"employee1"}},
		{"the history of a ticket", "GSI-0", "PK = :t", "",
			values(":t", "T-ticket_001"), []string{"ticket1", "ticket2"}},
		{"the history of a ticket, by the email of its creator", "GSI-1", "PK1 = :e", "PK = :t",
			values(":e", "CE-zorro@gmail.com", ":t", "T-ticket_001"), []string{"ticket1"}},
		{"the history of a ticket, by the email of its assignee", "GSI-2", "PK2 = :e", "PK = :t",
			values(":e", "AE-able@gmail.com", ":t", "T-ticket_001"), []string{"ticket1"}},
		{"employees, by city and desk", "GSI-3", "PK3 = :city AND begins_with(SK3, :desk)", "",
			values(":city", "C-Seattle", ":desk", "B-44~F-12~D-3"), []string{"employee1"}},
		{"employees, by the email of their manager", "GSI-2", "PK2 = :e", "",
			values(":e", "ME-zorro@gmail.com"), []string{"employee1", "employee2", "employee3", "employee4"}},
		{"tickets, by the email of their assignee", "GSI-2", "PK2 = :e", "",
			values(":e", "AE-able@gmail.com"), []string{"ticket1", "ticket4"}},
		{"tickets of a severity that changed lately", "GSI-3", "PK3 = :s AND SK3 > :yesterday", "",
			values(":s", "S-3", ":yesterday", "M-2022-10-07T09:30:00"), []string{"ticket1", "ticket2", "ticket4"}},
		{"projects, by status, start and target", "GSI-1", "PK1 = :s AND SK1 > :start", "ProjectTarget < :target",
			values(":s", "PSts-Pending", ":start", "PS-2022-01-01", ":target", "2025-01-01"), []string{"project1"}},
		{"a project, by name", "GSI-0", "PK = :name AND SK = :name", "",
			values(":name", "P-project_001"), []string{"project1"}},
		{"the timecards of a project, by date", "GSI-0", "PK = :name AND SK BETWEEN :from AND :to", "",
			values(":name", "P-project_002", ":from", "TC-2022-01-01", ":to", "TC-2023-01-01"), []string{"timecard1", "timecard2"}},
		{"the timecards of a project, by role", "GSI-0", "PK = :name", "#Role = :role",
			values(":name", "P-project_002", ":role", "SDE3"), []string{"timecard1"}},
		{"reservations of a building", "GSI-0", "PK = :b", "",
			values(":b", "B-SEA33"), []string{"reservation1", "reservation2"}},
		{"reservations of a building, by date", "GSI-0", "PK = :b AND SK BETWEEN :from AND :to", "#Duration > :zero",
			values(":b", "B-SEA33", ":from", "MS-2022-07-01", ":to", "MS-2022-07-08", ":zero", "0"), []string{"reservation1", "reservation2"}},
	}
	for _, p := range patterns {
		delete(p.values, "partition_key")
	}
	return patterns
}

// Package testresult is the example of a virtual field.
package testresult

// TestResult says whether a customer was tested.
//
//ddbe:table TestResults
//ddbe:virtual stateAndHasTestResult = state + prefix(hasTestResult,1)
//ddbe:beacon stateAndHasTestResult length=5
//ddbe:index stateAndHasTestResult-index partition=stateAndHasTestResult
type TestResult struct {
	CustomerID    string `dynamodbav:"customer_id" ddbe:"partition,sign"`
	CreateTime    int64  `dynamodbav:"create_time" ddbe:"sort,sign"`
	State         string `dynamodbav:"state" ddbe:"encrypt,sign,beacon=stateAndHasTestResult"`
	HasTestResult bool   `dynamodbav:"hasTestResult" ddbe:"encrypt,sign,beacon=stateAndHasTestResult"`
}

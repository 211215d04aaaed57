package embedded_test

// Where the judges are known to differ from AWS, or from one another in what
// AWS does not document.

const (
	anything = `.*`
	// comparedWith is a comparison of two things of the item.
	comparedItself = `.*(=|<|>) (\(|#|[a-z]).*`
)

var dynaliteDifferences = []knownDifference{
	{
		request: anything,
		engine:  `.*: Syntax error; .*`,
		judge:   `.*: Syntax error; .*`,
		because: "dynalite describes syntax errors in its parser's words",
	},
	{
		request: anything,
		engine:  `.*Incorrect operand type for operator or function; operator or function: (<|<=|>|>=|BETWEEN), operand type: (SS|NS|BS|L|M|BOOL|NULL)`,
		judge:   anything,
		because: "AWS refuses constants that have no order: Comparison operator and function reference",
	},
	{
		request: comparedItself,
		engine:  `(ok|ConditionalCheckFailed|ValidationException: The (document path|provided expression)).*`,
		judge:   `(ok|ConditionalCheckFailed|ValidationException: The (document path|provided expression)).*`,
		because: "a missing attribute equals nothing, not even another missing one",
	},
	{
		request: `.*NOT NOT.*`,
		engine:  anything,
		judge:   `.*: Syntax error; .*`,
		because: "NOT stands before any condition: Comparison operator and function reference, Syntax",
	},
	{
		request: `UpdateItem .*`,
		engine:  `.*: Number overflow.*`,
		judge:   anything,
		because: "a number has 38 digits: Supported data types",
	},
	{
		request: `.*( IN | BETWEEN |size).*`,
		engine:  `(ok|ConditionalCheckFailed).*`,
		judge:   `(ok|ConditionalCheckFailed).*`,
		because: "dynalite takes an empty string or binary for a missing attribute",
	},
	{
		request: `(Put|Update|Delete)Item .*`,
		engine:  `ConditionalCheckFailedException {.*}: .*`,
		judge:   `ConditionalCheckFailedException {}: .*`,
		because: "ReturnValuesOnConditionCheckFailure=ALL_OLD returns the item in the error: PutItem API reference",
	},
}

var motoDifferences = []knownDifference{
	{
		request: anything,
		engine:  anything,
		judge:   `no answer: .*StatusCode: 500.*`,
		because: "moto fails with an error of its own, such as for operands of two types",
	},
	{
		request: anything,
		engine:  `.*Two document paths (overlap|conflict) with each other.*`,
		judge:   anything,
		because: "AWS refuses overlapping paths: Update expressions",
	},
	{
		request: `(Update|TransactWrite)Item.*`,
		engine:  `.*Incorrect operand type for operator or function; (operator: (ADD|DELETE)|operator or function: [+-]).*`,
		judge:   anything,
		because: "AWS refuses operands of the wrong type before it looks at the item: Update expressions",
	},
	{
		request: `UpdateItem .*`,
		engine:  `.*: Number overflow.*`,
		judge:   anything,
		because: "a number has 38 digits: Supported data types",
	},
	{
		request: `.*NOT NOT.*`,
		engine:  anything,
		judge:   `ValidationException.*Bad NOT expression.*`,
		because: "NOT stands before any condition: Comparison operator and function reference, Syntax",
	},
	{
		request: `UpdateItem .*`,
		engine:  `.*The document path provided in the update expression is invalid.*`,
		judge:   anything,
		because: "a path into an attribute that is no map or list is an error: Update expressions",
	},
	{
		request: `Query index local .*select=ALL_ATTRIBUTES`,
		engine:  `ok .*`,
		judge:   `ok .*`,
		because: "a local index fetches what it does not project: Query API reference, Select",
	},
	{
		request: `Query .*limit=[1-9].*`,
		engine:  `ok .*`,
		judge:   `ok .*`,
		because: "a page that Limit ends has a LastEvaluatedKey: Query API reference, LastEvaluatedKey",
	},
	{
		request: `UpdateItem .*return=UPDATED_(OLD|NEW).*`,
		engine:  `ok .*`,
		judge:   `ok .*`,
		because: "only the updated attributes are returned, and none that is gone: UpdateItem API reference, ReturnValues",
	},
	{
		request: `BatchWriteItem .*`,
		engine:  `.*contains duplicates`,
		judge:   anything,
		because: "a batch names an item once: BatchWriteItem API reference",
	},
	{
		request: `.* (=|<>|[<>]=?|BETWEEN) :v.*`,
		engine:  `(ok|ConditionalCheckFailed|TransactionCanceled|ValidationException).*`,
		judge:   `(ok|ConditionalCheckFailed|TransactionCanceled|ValidationException).*`,
		because: "moto takes a boolean for the number 0 or 1; values of two types are unequal and have no order",
	},
	{
		request: `TransactWriteItems.*`,
		engine:  `TransactionCanceledException .*ValidationError.*`,
		judge:   `(ValidationException|ok).*`,
		because: "an update that does not fit its item cancels the transaction: TransactWriteItems API reference, Errors",
	},
	{
		request: `TransactWriteItems.*`,
		engine:  anything,
		judge:   `TransactionCanceledException .*(TypeError|ValueError).*`,
		because: "moto reports errors of its own as reasons",
	},
	{
		request: `.*( IN \(.*null|null.* IN \().*`,
		engine:  anything,
		judge:   anything,
		because: "a missing attribute does not equal NULL",
	},
}

package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

// listening keeps what is sent in expressions.
type listening struct {
	ddbe.DynamoDBAPI
	sent []ddbe.Item
}

func (l *listening) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	l.sent = append(l.sent, in.ExpressionAttributeValues)
	return &dynamodb.QueryOutput{}, nil
}

func (l *listening) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	l.sent = append(l.sent, in.ExpressionAttributeValues)
	return &dynamodb.ScanOutput{}, nil
}

func (l *listening) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	l.sent = append(l.sent, in.ExpressionAttributeValues, in.Item)
	return &dynamodb.PutItemOutput{}, nil
}

func (l *listening) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	l.sent = append(l.sent, in.ExpressionAttributeValues)
	return &dynamodb.UpdateItemOutput{}, nil
}

// TestClientSendsNoPlaintext draws conditions in which secret values meet
// encrypted attributes and beacons in every position that the grammar has. The
// client refuses them, or what it sends holds no secret.
func TestClientSendsNoPlaintext(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
		for i := range config.Search.Beacons.Standard {
			config.Search.Beacons.Standard[i].Length = 40
		}
	})
	db := &listening{}
	client, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{people: e.config}, ddbe.WithoutTableDescription())
	if err != nil {
		t.Fatal(err)
	}
	const secret = "s3cr3t"
	names := map[string]string{"#e": "email", "#n": "note", "#a": "address", "#z": "zip", "#b": "aws_dbe_b_email", "#le": "levelEmail"}
	// What can be sent is sent: the listener hears something.
	if _, err := client.Scan(t.Context(), &dynamodb.ScanInput{
		TableName: aws.String(people), FilterExpression: aws.String("email = :s"), ExpressionAttributeValues: ddbe.Item{":s": s(secret)},
	}); err != nil {
		t.Fatal(err)
	}
	if len(db.sent) == 0 || strings.Contains(show(db.sent[0]), secret) {
		t.Fatalf("a query by a beacon sent %v", db.sent)
	}
	rapid.Check(t, func(r *rapid.T) {
		values := ddbe.Item{
			":s": s(secret), ":x": s(secret + "2"), ":set": ss(secret, secret+"2"), ":c": s("E-" + secret), ":m": m(ddbe.Item{"k": s(secret)}),
			":b": &types.AttributeValueMemberB{Value: []byte(secret)}, ":t": s("S"),
		}
		name := func() string {
			return rapid.SampledFrom([]string{
				"email", "#e", "city", "tags", "note", "#n", "address", "address.zip", "#a.zip", "#a.#z", "address[0]", "zip", "#z", "cityInitial",
				"levelEmail", "#le", "aws_dbe_b_email", "#b", "aws_dbe_b_nosuch", "aws_dbe_head", "email.x", "levelEmail.x",
			}).Draw(r, "name")
		}
		value := func() string {
			return rapid.SampledFrom([]string{":s", ":x", ":set", ":c", ":m", ":b"}).Draw(r, "value")
		}
		either := func() string {
			if rapid.Bool().Draw(r, "is a name") {
				return name()
			}
			return value()
		}
		comparator := func() string {
			return rapid.SampledFrom([]string{" = ", " <> ", " < ", " <= ", " > ", " >= "}).Draw(r, "comparator")
		}
		predicate := func() string {
			switch rapid.IntRange(0, 12).Draw(r, "form") {
			case 0:
				return name() + comparator() + value()
			case 1:
				return value() + comparator() + name()
			case 2:
				return name() + comparator() + name()
			case 3:
				return name() + " BETWEEN " + either() + " AND " + either()
			case 4:
				return value() + " BETWEEN " + name() + " AND " + either()
			case 5:
				return value() + " BETWEEN " + either() + " AND " + name()
			case 6:
				return name() + " IN (" + either() + ", " + either() + ")"
			case 7:
				return value() + " IN (" + name() + ")"
			case 8:
				return "contains(" + name() + ", " + either() + ")"
			case 9:
				return "contains(" + value() + ", " + name() + ")"
			case 10:
				return "begins_with(" + name() + ", " + either() + ")"
			case 11:
				return "begins_with(" + value() + ", " + name() + ")"
			default:
				return "attribute_exists(" + name() + ")"
			}
		}
		condition := predicate()
		for range rapid.IntRange(0, 2).Draw(r, "more") {
			condition += rapid.SampledFrom([]string{" AND ", " OR ", " AND NOT "}).Draw(r, "join") + predicate()
		}
		db.sent = nil
		// Whether they are refused is for other tests.
		_, _ = client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
		_, _ = client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(people), KeyConditionExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
		for _, sent := range db.sent {
			if strings.Contains(show(sent), secret) || strings.Contains(show(sent), "115 51 99 114 51 116") {
				r.Fatalf("%s sent %s", condition, show(sent))
			}
		}
		db.sent = nil
		_, _ = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
		// What passes the condition test sends its values as they are, but then they
		// are compared with nothing that is encrypted.
		if len(db.sent) > 0 && strings.Contains(condition, ":") {
			r.Fatalf("PutItem was sent with the condition %s", condition)
		}
	})
}

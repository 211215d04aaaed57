package judges_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/ddbegen/ddbegen/internal/judges"
)

func TestJudgesStartAndEnd(t *testing.T) {
	for _, judge := range []*judges.Judge{judges.Moto, judges.Dynalite} {
		t.Run(judge.Name, func(t *testing.T) {
			server := judge.Start(t)
			get := func() error {
				response, err := http.Get(server.URL)
				if err == nil {
					err = response.Body.Close()
				}
				return err
			}
			if err := get(); err != nil {
				t.Fatalf("a started judge does not answer: %v", err)
			}
			if judge == judges.Moto {
				if err := server.Reset(context.Background()); err != nil {
					t.Error(err)
				}
			}
			t.Cleanup(func() {
				server.Stop()
				if get() == nil {
					t.Error("the judge answers after its end")
				}
			})
		})
	}
}

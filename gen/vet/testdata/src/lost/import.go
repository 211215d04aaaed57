package lost

import (
	"context"
	"net/http"
)

func lastUse(w http.ResponseWriter, r *http.Request) {
	_ = customers.Put(context.Background(), nil) // want `lost-context`
}

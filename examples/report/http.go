package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// server answers requests with JSON.
type server struct {
	Backend
	size int         // of a page, where the request names none
	log  func(error) // of what is nobody's business outside
}

// errRequest is a request that makes no sense; its text is the answer.
type errRequest struct{ text string }

func (e errRequest) Error() string { return e.text }

func badRequest(format string, args ...any) error { return errRequest{fmt.Sprintf(format, args...)} }

// action answers a request of a tenant, whose rows alone ctx sees.
type action func(ctx context.Context, r *http.Request) (any, error)

// handler is the routes. In the place of the path's tenant a real back end has that
// of the session.
func (s server) handler() http.Handler {
	mux := http.NewServeMux()
	for route, do := range map[string]action{
		"GET /{tenant}/orders":                 s.listOrders,
		"GET /{tenant}/orders/{id}":            withID(s.showOrder),
		"PATCH /{tenant}/orders/{id}":          withID(s.editOrder),
		"DELETE /{tenant}/orders/{id}":         withID(done(s.orders.Remove)),
		"GET /{tenant}/trash":                  s.listTrash,
		"POST /{tenant}/trash/{id}/restore":    withID(done(s.orders.Restore)),
		"DELETE /{tenant}/trash/{id}":          withID(done(s.orders.Purge)),
		"DELETE /{tenant}/customers/{id}":      withID(done(s.customers.Remove)),
		"POST /{tenant}/customers/{id}/undo":   withID(done(s.customers.Restore)),
		"DELETE /{tenant}/customers/{id}/gone": withID(done(s.customers.Purge)),
		"GET /{tenant}/reports/{report}":       s.report,
	} {
		mux.Handle(route, s.answer(do))
	}
	return mux
}

// answer runs an action for the tenant of the path and writes what came of it.
func (s server) answer(do action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
		ctx, _, err := s.Enter(r.Context(), r.PathValue("tenant"))
		var v any
		if err == nil {
			v, err = do(ctx, r)
		}
		status, text := http.StatusOK, ""
		if err != nil {
			if status, text = fault(err); status == http.StatusInternalServerError {
				s.log(fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err))
			}
			v = map[string]string{"error": text}
		}
		w.Header().Set("Content-Type", "application/json")
		if v == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(v); err != nil {
			s.log(err)
		}
	})
}

// fault is the status of an error, and what the client is told. Messages of the
// database tell of tables and columns, and stay inside.
func fault(err error) (int, string) {
	var (
		request errRequest
		stale   *uow.StaleError
		sort    *repo.SortError
	)
	switch {
	case errors.As(err, &request):
		return http.StatusBadRequest, request.text
	case errors.As(err, &sort):
		return http.StatusBadRequest, sort.Error()
	case errors.Is(err, repo.ErrCursor):
		return http.StatusBadRequest, "the cursor was not made by this list in this order: begin again without one"
	case errors.Is(err, ErrBadEdit):
		return http.StatusBadRequest, ErrBadEdit.Error()
	case errors.Is(err, repo.ErrNotFound):
		return http.StatusNotFound, "not found"
	case errors.As(err, &stale):
		return http.StatusConflict, "somebody else has changed it: load it again"
	case errors.Is(err, dialect.ErrUnique):
		return http.StatusConflict, "another one has taken its place"
	case errors.Is(err, dialect.ErrForeignKey):
		return http.StatusConflict, "others refer to it"
	}
	return http.StatusInternalServerError, "internal error"
}

// withID takes the key from the path.
func withID(do func(ctx context.Context, r *http.Request, id int64) (any, error)) action {
	return func(ctx context.Context, r *http.Request) (any, error) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return nil, repo.ErrNotFound // no row has such a key
		}
		return do(ctx, r, id)
	}
}

// done is an action with nothing to show.
func done(do func(ctx context.Context, id int64) error) func(context.Context, *http.Request, int64) (any, error) {
	return func(ctx context.Context, _ *http.Request, id int64) (any, error) { return nil, do(ctx, id) }
}

func (s server) editOrder(ctx context.Context, r *http.Request, id int64) (any, error) {
	var edit OrderEdit
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&edit); err != nil {
		return nil, badRequest("the body is no edit of an order: %v", err)
	}
	o, err := s.orders.Edit(ctx, id, edit)
	if err != nil {
		return nil, err
	}
	return viewOf(o), nil
}

func (s server) showOrder(ctx context.Context, _ *http.Request, id int64) (any, error) {
	o, err := s.orders.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	return viewOf(o), nil
}

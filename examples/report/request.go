package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/dormer-orm/dormer/repo"
)

// maxPage is the most rows that a request gets at once.
const maxPage = 200

// values reads a request's parameters and keeps the first fault.
type values struct {
	url.Values
	err error
}

// parameters are those of a request, each at most once but for the repeated ones,
// and none but those known.
func parameters(r *http.Request, repeated string, known ...string) (*values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("the parameters cannot be read")
	}
	for name, list := range q {
		switch {
		case name != repeated && !slices.Contains(known, name):
			return nil, badRequest("there is no parameter %.40q", name)
		case name != repeated && len(list) > 1:
			return nil, badRequest("the parameter %s stands twice", name)
		}
	}
	return &values{Values: q}, nil
}

// optional parses a parameter, nil where it is not there.
func optional[V any](q *values, name, what string, parse func(string) (V, error)) *V {
	text := q.Get(name)
	if text == "" {
		return nil
	}
	v, err := parse(text)
	if err != nil && q.err == nil {
		q.err = badRequest("the parameter %s is no %s", name, what)
	}
	return &v
}

func whole(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }

func date(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }

// size is the size of the page asked for.
func (q *values) size(otherwise int) int {
	n := optional(q, "size", "number", strconv.Atoi)
	switch {
	case n == nil:
		return otherwise
	case q.err == nil && (*n < 1 || *n > maxPage):
		q.err = badRequest("a page has 1 to %d rows", maxPage)
	}
	return *n
}

// filterOf is the filter that a request names.
func (q *values) filter() OrderFilter {
	f := OrderFilter{
		Customer: optional(q, "customer", "number", whole),
		Least:    optional(q, "least", "number", whole),
		Most:     optional(q, "most", "number", whole),
		From:     optional(q, "from", "date", date),
		To:       optional(q, "to", "date", date),
		Refunded: optional(q, "refunded", "true or false", strconv.ParseBool),
		Text:     q.Get("text"),
		Product:  q.Get("product"),
	}
	for _, text := range q.Values["status"] {
		status := Status(text)
		if status != Open && status != Shipped && status != Cancelled && q.err == nil {
			q.err = badRequest("there is no status %.40q", text)
		}
		f.Statuses = append(f.Statuses, status)
	}
	return f
}

// pageView is a page as the client sees it.
type pageView struct {
	Orders []orderView `json:"orders"`
	Next   repo.Cursor `json:"next,omitempty"`
}

func (s server) listOrders(ctx context.Context, r *http.Request) (any, error) {
	q, err := parameters(r, "status", "customer", "least", "most", "from", "to", "refunded", "text", "product", "sort", "size", "after")
	if err != nil {
		return nil, err
	}
	f, size := q.filter(), q.size(s.size)
	if q.err != nil {
		return nil, q.err
	}
	return pageOf(s.orders.List(ctx, f, q.Get("sort"), size, repo.Cursor(q.Get("after"))))
}

func (s server) listTrash(ctx context.Context, r *http.Request) (any, error) {
	q, err := parameters(r, "", "size", "after")
	if err != nil {
		return nil, err
	}
	size := q.size(s.size)
	if q.err != nil {
		return nil, q.err
	}
	return pageOf(s.orders.Trash(ctx, size, repo.Cursor(q.Get("after"))))
}

func pageOf(p repo.Page[Order], err error) (any, error) {
	v := pageView{Orders: []orderView{}, Next: p.Next}
	for _, o := range p.Items {
		v.Orders = append(v.Orders, viewOf(o))
	}
	return v, err
}

// report is one of the reports, by name.
func (s server) report(ctx context.Context, r *http.Request) (any, error) {
	q, err := parameters(r, "", "least", "top", "below")
	if err != nil {
		return nil, err
	}
	least, below := optional(q, "least", "number", whole), optional(q, "below", "number", whole)
	top := optional(q, "top", "number", strconv.Atoi)
	switch {
	case q.err != nil:
		return nil, q.err
	case top == nil:
		top = new(10)
	case *top < 1 || *top > maxPage:
		return nil, badRequest("top is 1 to %d", maxPage)
	}
	switch r.PathValue("report") {
	case "revenue":
		return answerOf(s.reports.RevenueByMonth(ctx, or(least, 0)))
	case "totals":
		return answerOf(s.reports.RevenueWithTotals(ctx))
	case "customers":
		return answerOf(s.reports.TopCustomers(ctx, *top))
	case "trend":
		return answerOf(s.reports.Trend(ctx))
	case "sellers":
		return answerOf(s.reports.BestSellers(ctx, *top))
	case "cohorts":
		return answerOf(s.reports.Cohorts(ctx))
	case "categories":
		return answerOf(s.reports.CategoryTree(ctx))
	case "colours":
		return answerOf(s.reports.Colours(ctx, or(below, 1<<40)))
	case "medians":
		return answerOf(s.reports.Medians(ctx))
	case "loyalty":
		return answerOf(s.reports.Loyalty(ctx, began, began.AddDate(0, 6, 0), began.AddDate(1, 0, 0)))
	case "never":
		return answerOf(s.reports.NeverBought(ctx))
	case "trash":
		return answerOf(s.reports.Discarded(ctx))
	}
	return nil, repo.ErrNotFound
}

func answerOf[V any](v V, err error) (any, error) { return v, err }

func or[V any](p *V, v V) V {
	if p != nil {
		return *p
	}
	return v
}

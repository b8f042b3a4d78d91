package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/repo"
)

// client sends requests to a handler.
type client struct {
	t *testing.T
	h http.Handler
	b Backend
	// logged are the faults that clients are not told.
	logged func() []error
}

func newClient(t *testing.T, b Backend) client {
	var mu sync.Mutex
	var list []error
	s := server{Backend: b, size: 20, log: func(err error) { mu.Lock(); list = append(list, err); mu.Unlock() }}
	return client{t, s.handler(), b, func() []error { mu.Lock(); defer mu.Unlock(); return list }}
}

// send returns the status and what was answered.
func (c client) send(method, path, body string) (int, string) {
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// want sends a request that is to be answered like that, and decodes it into dst
// unless that is nil.
func (c client) want(status int, dst any, method, path, body string) string {
	c.t.Helper()
	got, text := c.send(method, path, body)
	if got != status {
		c.t.Errorf("%s %s: %d %s", method, path, got, text)
	}
	if dst != nil {
		if err := json.Unmarshal([]byte(text), dst); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return text
}

// walk goes through all pages of a list.
func (c client) walk(path string) (all []orderView) {
	c.t.Helper()
	for after := repo.Cursor(""); ; {
		var p pageView
		c.want(200, &p, "GET", path+"&after="+url.QueryEscape(string(after)), "")
		all = append(all, p.Orders...)
		if after = p.Next; after == "" {
			return all
		}
		if len(p.Orders) == 0 {
			c.t.Fatal("an empty page that has another one after it")
		}
	}
}

func TestOrderList(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		c, l := newClient(t, b), all[0]
		count := func(fits func(s *sale) bool) (n int) {
			for _, s := range l.sales {
				if fits(s) {
					n++
				}
			}
			return n
		}
		hasProduct := func(s *sale, sku string) bool {
			for _, line := range s.lines {
				if l.product(line.ProductID).SKU == sku {
					return true
				}
			}
			return false
		}
		for query, want := range map[string]int{
			"":                                              ordersOf,
			"status=open":                                   count(func(s *sale) bool { return s.order.Status == Open }),
			"status=open&status=shipped":                    count(func(s *sale) bool { return s.order.Status != Cancelled }),
			"least=20000&most=50000":                        count(func(s *sale) bool { return s.order.Total >= 20000 && s.order.Total <= 50000 }),
			"from=2025-03-01&to=2025-04-01":                 count(func(s *sale) bool { return s.order.PlacedAt.Month() == 3 }),
			"refunded=true":                                 count(func(s *sale) bool { return s.refund != nil }),
			"refunded=false":                                count(func(s *sale) bool { return s.refund == nil }),
			"product=P-007":                                 count(func(s *sale) bool { return hasProduct(s, "P-007") }),
			"text=CUSTOMER+003":                             count(func(s *sale) bool { return s.buyer.Name == "Customer 003" }),
			"text=" + url.QueryEscape("%"):                  0,
			"text=" + url.QueryEscape("' OR 1=1 --"):        0,
			"text=" + url.QueryEscape("_"):                  0,
			fmt.Sprint("customer=", l.customers[4].ID):      count(func(s *sale) bool { return s.buyer == l.customers[4] }),
			fmt.Sprint("customer=", all[1].customers[4].ID): 0, // another tenant's
		} {
			for _, sort := range []string{"", "-total,placed_at"} {
				got := c.walk("/north/orders?size=180&sort=" + sort + "&" + query)
				seen := map[int64]bool{}
				for i, o := range got {
					if seen[o.ID] {
						t.Fatalf("%s by %s: order %d twice", query, sort, o.ID)
					}
					seen[o.ID] = true
					if o.Customer == "" {
						t.Errorf("%s: order %d has no customer", query, o.ID)
					}
					if sort != "" && sort[0] == '-' && i > 0 && got[i-1].Total < o.Total {
						t.Errorf("%s: order %d is out of order", query, o.ID)
					}
				}
				if len(got) != want {
					t.Errorf("%s by %q: %d orders, want %d", query, sort, len(got), want)
				}
			}
		}
	})
}

func TestHostileRequests(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		c := newClient(t, b)
		var first pageView
		c.want(200, &first, "GET", "/north/orders?size=5&sort=-total", "")
		next := string(first.Next)
		flipped := []byte(next)
		flipped[len(flipped)/2] ^= 1
		id := first.Orders[0].ID
		for _, r := range []struct {
			status             int
			says, method, path string
			body               string
		}{
			{400, "tenant_id", "GET", "/north/orders?sort=tenant_id", ""},
			{400, "not a column", "GET", "/north/orders?sort=" + url.QueryEscape("total; DROP TABLE orders"), ""},
			{400, "empty part", "GET", "/north/orders?sort=,", ""},
			{400, "twice", "GET", "/north/orders?sort=total,-total", ""},
			{400, "cursor", "GET", "/north/orders?sort=-total&after=forged", ""},
			{400, "cursor", "GET", "/north/orders?sort=-total&after=" + url.QueryEscape(string(flipped)), ""},
			{400, "cursor", "GET", "/north/orders?sort=-total&after=" + url.QueryEscape(next[:len(next)-3]), ""},
			{400, "cursor", "GET", "/north/orders?sort=total&after=" + url.QueryEscape(next), ""},
			{400, "cursor", "GET", "/north/trash?after=" + url.QueryEscape(next), ""},
			{400, "1 to 200", "GET", "/north/orders?size=0", ""},
			{400, "1 to 200", "GET", "/north/orders?size=201", ""},
			{400, "no number", "GET", "/north/orders?size=99999999999999999999", ""},
			{400, "no number", "GET", "/north/orders?least=1e9", ""},
			{400, "no date", "GET", "/north/orders?from=2025-02-30", ""},
			{400, "no status", "GET", "/north/orders?status=open'--", ""},
			{400, "no parameter", "GET", "/north/orders?tenant=2", ""},
			{400, "twice", "GET", "/north/orders?size=1&size=2", ""},
			{400, "cannot be read", "GET", "/north/orders?size=%zz;", ""},
			{400, "top is", "GET", "/north/reports/sellers?top=-1", ""},
			{404, "not found", "GET", "/nobody/orders", ""},
			{404, "not found", "GET", "/" + url.PathEscape("north' OR '1'='1") + "/orders", ""},
			{404, "not found", "GET", "/north/orders/0", ""},
			{404, "not found", "GET", "/north/orders/1%20OR%201=1", ""},
			{404, "not found", "GET", "/north/orders/99999999999999999999", ""},
			{404, "not found", "GET", "/north/reports/secrets", ""},
			{404, "not found", "POST", fmt.Sprintf("/north/trash/%d/restore", id), ""}, // not in the trash
			{404, "not found", "DELETE", fmt.Sprintf("/north/trash/%d", id), ""},
			{400, "no edit", "PATCH", fmt.Sprintf("/north/orders/%d", id), `{"version": 1, "total": 0}`},
			{400, "no edit", "PATCH", fmt.Sprintf("/north/orders/%d", id), `{"note": "` + strings.Repeat("x", 1<<17) + `"}`},
			{400, "at most 500", "PATCH", fmt.Sprintf("/north/orders/%d", id), `{"version": 1, "note": "` + strings.Repeat("x", 501) + `"}`},
			{400, "status is", "PATCH", fmt.Sprintf("/north/orders/%d", id), `{"version": 1, "status": "paid"}`},
			{409, "somebody else", "PATCH", fmt.Sprintf("/north/orders/%d", id), `{"note": "without a version"}`},
			// An order of another tenant is none.
			{404, "not found", "GET", fmt.Sprintf("/south/orders/%d", id), ""},
			{404, "not found", "PATCH", fmt.Sprintf("/south/orders/%d", id), `{"version": 1, "note": "mine"}`},
			{404, "not found", "DELETE", fmt.Sprintf("/south/orders/%d", id), ""},
		} {
			var answer struct{ Error string }
			c.want(r.status, &answer, r.method, r.path, r.body)
			if !strings.Contains(answer.Error, r.says) {
				t.Errorf("%s %s: %q does not say %q", r.method, r.path, answer.Error, r.says)
			}
		}
		if got := c.walk("/north/orders?size=200"); len(got) != ordersOf {
			t.Errorf("%d orders are left", len(got))
		}
		if list := c.logged(); len(list) > 0 {
			t.Errorf("faults of the program: %v", list)
		}
	})
}

func TestEditsAndTrash(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		c, l := newClient(t, b), all[0]
		var s *sale
		for _, s = range l.sales {
			if s.refund != nil {
				break
			}
		}
		order := fmt.Sprintf("/north/orders/%d", s.order.ID)
		trash := fmt.Sprintf("/north/trash/%d", s.order.ID)
		var was, is orderView
		c.want(200, &was, "GET", order, "")
		if was.Number != s.order.Number || len(was.Lines) != len(s.lines) || was.Refunded != s.refund.Amount || was.Customer != s.buyer.Name {
			t.Errorf("%+v", was)
		}
		edit := fmt.Sprintf(`{"version": %d, "note": "it's <b>\"late\"</b>", "status": "open"}`, was.Version)
		c.want(200, &is, "PATCH", order, edit)
		if is.Version != was.Version+1 || is.Note != `it's <b>"late"</b>` || is.Status != Open {
			t.Errorf("%+v", is)
		}
		c.want(409, nil, "PATCH", order, edit) // the version that the form was made of
		c.want(204, nil, "DELETE", order, "")
		c.want(404, nil, "GET", order, "")
		c.want(404, nil, "DELETE", order, "")
		var bin pageView
		c.want(200, &bin, "GET", "/north/trash", "")
		if len(bin.Orders) != 1 || bin.Orders[0].ID != s.order.ID || bin.Orders[0].DeletedAt == nil {
			t.Errorf("%+v", bin)
		}
		var gone []Discarded
		c.want(200, &gone, "GET", "/north/reports/trash", "")
		if len(gone) != 1 || gone[0].Total != s.order.Total {
			t.Errorf("%+v", gone)
		}
		c.want(404, nil, "POST", strings.Replace(trash, "north", "south", 1)+"/restore", "")
		c.want(204, nil, "POST", trash+"/restore", "")
		c.want(200, &is, "GET", order, "")
		if len(is.Lines) != len(s.lines) || is.DeletedAt != nil {
			t.Errorf("restored: %+v", is)
		}
		c.want(204, nil, "DELETE", order, "")
		c.want(204, nil, "DELETE", trash, "")
		c.want(404, nil, "POST", trash+"/restore", "")
		ctx, _, err := b.Enter(t.Context(), "north")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := repo.New[Line](b.db).Untracked().Count(ctx, Lines.OrderID.Eq(s.order.ID)); err != nil || n != 0 {
			t.Errorf("%d lines of an order that is gone, %v", n, err)
		}
		// A customer with orders goes to the trash, and no further.
		customer := fmt.Sprintf("/north/customers/%d", s.buyer.ID)
		c.want(204, nil, "DELETE", customer, "")
		c.want(409, nil, "DELETE", customer+"/gone", "")
		var other orderView
		c.want(200, &other, "GET", fmt.Sprintf("/north/orders/%d", l.bought(s.buyer, s).order.ID), "")
		if other.Customer != s.buyer.Name {
			t.Errorf("the customer in the trash is not shown: %+v", other)
		}
		// Who comes back may find that the address is another's meanwhile.
		if err := repo.New[Customer](b.db, repo.OwnUnit()).Add(ctx, &Customer{Name: "Other", Email: s.buyer.Email, Country: "AT"}); err != nil {
			t.Fatal(err)
		}
		c.want(409, nil, "POST", customer+"/undo", "")
		if list := c.logged(); len(list) > 0 {
			t.Errorf("faults of the program: %v", list)
		}
	})
}

// bought is another order of a customer.
func (l *ledger) bought(c *Customer, but *sale) *sale {
	for _, s := range l.sales {
		if s.buyer == c && s != but {
			return s
		}
	}
	return but
}

package main

import "time"

// orderView is an order as the client sees it: nothing of whose it is, and what
// belongs to it where it was loaded.
type orderView struct {
	ID        int64      `json:"id"`
	Number    string     `json:"number"`
	Status    Status     `json:"status"`
	Total     int64      `json:"total"`
	Note      string     `json:"note,omitempty"`
	PlacedAt  time.Time  `json:"placedAt"`
	Version   int64      `json:"version"`
	DeletedAt *time.Time `json:"deletedAt,omitempty"`
	Customer  string     `json:"customer,omitempty"`
	Lines     []lineView `json:"lines,omitempty"`
	Refunded  int64      `json:"refunded,omitempty"`
}

type lineView struct {
	Product string `json:"product"`
	Pieces  int64  `json:"pieces"`
	Price   int64  `json:"price"`
}

func viewOf(o *Order) orderView {
	v := orderView{ID: o.ID, Number: o.Number, Status: o.Status, Total: o.Total, Note: o.Note, PlacedAt: o.PlacedAt, Version: o.Version, DeletedAt: o.DeletedAt}
	if c, _ := o.Customer.Loaded(); c != nil {
		v.Customer = c.Name
	}
	list, _ := o.Lines.Loaded()
	for _, l := range list {
		p, _ := l.Product.Loaded()
		v.Lines = append(v.Lines, lineView{Product: p.Name, Pieces: l.Pieces, Price: l.Price})
	}
	back, _ := o.Refunds.Loaded()
	for _, r := range back {
		v.Refunded += r.Amount
	}
	return v
}
